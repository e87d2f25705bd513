"""The names of ``werkzeug.sansio.utils``."""

from __future__ import annotations

from erlen.http.hosts import get_host, host_is_trusted

from ...environment import get_content_length, get_current_url

__all__ = [
    "get_content_length",
    "get_current_url",
    "get_host",
    "host_is_trusted",
]
