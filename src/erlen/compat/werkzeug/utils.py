"""``werkzeug.utils``."""

from markupsafe import Markup, escape

from ...http.files import secure_filename
from ...http.properties import cached_property, environ_property, header_property
from ...http.redirects import append_slash_redirect, redirect
from ...http.response_fields import content_type_for
from ...http.sending import send_file, send_from_directory
from ...importing import ImportStringError, find_modules, import_string


def get_content_type(mimetype: str, charset: str) -> str:
    """The ``Content-Type`` value of a media type, with a charset where it is text."""
    value = content_type_for(mimetype)
    return value.replace("charset=utf-8", f"charset={charset}") if value != mimetype else mimetype


__all__ = [
    "ImportStringError",
    "Markup",
    "append_slash_redirect",
    "cached_property",
    "environ_property",
    "escape",
    "find_modules",
    "get_content_type",
    "header_property",
    "import_string",
    "redirect",
    "secure_filename",
    "send_file",
    "send_from_directory",
]
