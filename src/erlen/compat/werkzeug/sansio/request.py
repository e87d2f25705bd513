"""The names of ``werkzeug.sansio.request``."""

from __future__ import annotations

from ...sansio import Request

__all__ = [
    "Request",
]
