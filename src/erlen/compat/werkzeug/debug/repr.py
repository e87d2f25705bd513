"""The names of ``werkzeug.debug.repr``."""

from __future__ import annotations

from erlen.debug.representation import DebugReprGenerator, debug_repr, dump, helper

__all__ = [
    "DebugReprGenerator",
    "debug_repr",
    "dump",
    "helper",
]
