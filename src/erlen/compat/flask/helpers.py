"""The names of ``flask.helpers``."""

from __future__ import annotations

from erlen.app.current import abort, make_response, redirect, url_for
from erlen.app.debugflag import get_debug_flag, get_load_dotenv
from erlen.app.files import send_file, send_from_directory
from erlen.app.locations import get_root_path
from erlen.app.scaffold import _endpoint_from_view_func
from erlen.context.streaming import stream_with_context
from erlen.sessions.flashing import flash, get_flashed_messages
from erlen.templating.render import get_template_attribute

__all__ = [
    "_endpoint_from_view_func",
    "abort",
    "flash",
    "get_debug_flag",
    "get_flashed_messages",
    "get_load_dotenv",
    "get_root_path",
    "get_template_attribute",
    "make_response",
    "redirect",
    "send_file",
    "send_from_directory",
    "stream_with_context",
    "url_for",
]
