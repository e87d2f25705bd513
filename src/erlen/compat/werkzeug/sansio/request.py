"""The names of ``werkzeug.sansio.request``."""

from __future__ import annotations

from erlen.http.request import Request

__all__ = [
    "Request",
]
