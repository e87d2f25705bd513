"""The names of ``werkzeug.datastructures.etag``."""

from __future__ import annotations

from erlen.http.etags import ETags

__all__ = [
    "ETags",
]
