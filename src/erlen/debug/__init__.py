"""The error page for development: tracebacks in the browser, with a console at each frame."""

from __future__ import annotations

from .application import DebuggedApplication
from .pages import render_console_html
from .pin import get_machine_id, get_pin_and_cookie_name
from .tracebacks import DebugFrameSummary, DebugTraceback

__all__ = [
    "DebugFrameSummary",
    "DebugTraceback",
    "DebuggedApplication",
    "get_machine_id",
    "get_pin_and_cookie_name",
    "render_console_html",
]
