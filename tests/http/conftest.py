"""How the property tests of this folder run: few examples, without a clock, and nothing kept."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("erlen", max_examples=100, deadline=None, database=None)
settings.load_profile("erlen")
