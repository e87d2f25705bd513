"""The names of ``werkzeug.wsgi``."""

from __future__ import annotations

from erlen.http.conditional_response import RangeIterator as _RangeWrapper
from erlen.http.hosts import get_current_url, host_is_trusted
from erlen.http.hosts import get_environ_host as get_host
from erlen.http.streams import (
    ClosingIterator,
    FileWrapper,
    LimitedStream,
    get_content_length,
    get_input_stream,
    responder,
    wrap_file,
)

from ..environment import get_path_info

__all__ = [
    "ClosingIterator",
    "FileWrapper",
    "LimitedStream",
    "_RangeWrapper",
    "get_content_length",
    "get_current_url",
    "get_host",
    "get_input_stream",
    "get_path_info",
    "host_is_trusted",
    "responder",
    "wrap_file",
]
