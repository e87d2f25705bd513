"""The names of ``flask.app``."""

from __future__ import annotations

from erlen.app.application import Erlen as Flask

__all__ = ["Flask"]
