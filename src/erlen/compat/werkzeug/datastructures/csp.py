"""The names of ``werkzeug.datastructures.csp``."""

from __future__ import annotations

from erlen.http.csp import ContentSecurityPolicy

__all__ = [
    "ContentSecurityPolicy",
]
