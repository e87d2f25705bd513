"""The names of ``werkzeug.wrappers``."""

from __future__ import annotations

from erlen.http.request import Request
from erlen.http.response import Response
from erlen.http.response_stream import ResponseStream

__all__ = [
    "Request",
    "Response",
    "ResponseStream",
]
