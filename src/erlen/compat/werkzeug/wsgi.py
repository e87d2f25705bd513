"""``werkzeug.wsgi``."""

from ...http.hosts import get_current_url, host_is_trusted
from ...http.hosts import get_environ_host as get_host
from ...http.streams import (
    ClosingIterator,
    FileWrapper,
    LimitedStream,
    get_content_length,
    get_input_stream,
    responder,
    wrap_file,
)
from ...http.conditional_response import RangeIterator as _RangeWrapper

__all__ = [
    "ClosingIterator",
    "FileWrapper",
    "LimitedStream",
    "_RangeWrapper",
    "get_content_length",
    "get_current_url",
    "get_host",
    "get_input_stream",
    "host_is_trusted",
    "responder",
    "wrap_file",
]
