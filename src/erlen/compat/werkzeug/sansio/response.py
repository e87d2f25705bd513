"""The names of ``werkzeug.sansio.response``."""

from __future__ import annotations

from ...sansio import Response

__all__ = [
    "Response",
]
