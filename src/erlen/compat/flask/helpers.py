"""``flask.helpers``."""

from ...app.current import abort, make_response, redirect, url_for
from ...app.files import send_file, send_from_directory
from ...app.locations import get_root_path
from ...app.scaffold import _endpoint_from_view_func
from ...debugflag import get_debug_flag, get_load_dotenv
from ...flashing import flash, get_flashed_messages
from ...http.properties import cached_property
from ...streaming import stream_with_context
from ...templating import get_template_attribute

__all__ = [
    "_endpoint_from_view_func",
    "abort",
    "cached_property",
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
