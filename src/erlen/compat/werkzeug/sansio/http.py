"""The names of ``werkzeug.sansio.http``."""

from __future__ import annotations

from erlen.http.cookies import parse_cookie

from ...environment import is_resource_modified

__all__ = [
    "is_resource_modified",
    "parse_cookie",
]
