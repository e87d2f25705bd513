"""The address of the page that is asked for."""

from __future__ import annotations

from erlen import request


def here() -> str:
    """Path and query, to come back to."""
    return request.full_path.rstrip("?")
