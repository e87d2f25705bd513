"""The error page for development."""

from __future__ import annotations

from .application import DebuggedApplication

__all__ = ["DebuggedApplication"]
