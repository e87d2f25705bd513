"""The names of ``werkzeug.datastructures.auth``."""

from __future__ import annotations

from erlen.http.auth import Authorization, WWWAuthenticate

__all__ = [
    "Authorization",
    "WWWAuthenticate",
]
