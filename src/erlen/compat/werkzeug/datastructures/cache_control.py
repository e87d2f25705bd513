"""The names of ``werkzeug.datastructures.cache_control``."""

from __future__ import annotations

from erlen.http.caching import RequestCacheControl, ResponseCacheControl

__all__ = [
    "RequestCacheControl",
    "ResponseCacheControl",
]
