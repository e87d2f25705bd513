"""The names of ``werkzeug.utils``."""

from __future__ import annotations

from erlen.app.importing import ImportStringError, find_modules, import_string
from erlen.http.files import secure_filename
from erlen.http.properties import cached_property, environ_property, header_property
from erlen.http.redirects import append_slash_redirect, redirect
from erlen.http.sending import send_file, send_from_directory
from erlen.security import safe_join

from ..environment import get_content_type

__all__ = [
    "ImportStringError",
    "append_slash_redirect",
    "cached_property",
    "environ_property",
    "find_modules",
    "get_content_type",
    "header_property",
    "import_string",
    "redirect",
    "safe_join",
    "secure_filename",
    "send_file",
    "send_from_directory",
]
