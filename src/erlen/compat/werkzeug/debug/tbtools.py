"""The names of ``werkzeug.debug.tbtools``."""

from __future__ import annotations

from erlen.debug.pages import render_console_html
from erlen.debug.tracebacks import DebugFrameSummary, DebugTraceback

__all__ = [
    "DebugFrameSummary",
    "DebugTraceback",
    "render_console_html",
]
