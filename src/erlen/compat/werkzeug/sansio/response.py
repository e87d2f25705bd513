"""The names of ``werkzeug.sansio.response``."""

from __future__ import annotations

from erlen.http.response import Response

__all__ = [
    "Response",
]
