"""The names of ``werkzeug.datastructures.mixins``."""

from __future__ import annotations

from erlen.http.immutable import ImmutableDictMixin

__all__ = [
    "ImmutableDictMixin",
]
