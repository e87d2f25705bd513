"""The names of ``werkzeug.debug``."""

from __future__ import annotations

from erlen.debug import (
    DebuggedApplication,
    DebugTraceback,
    get_machine_id,
    get_pin_and_cookie_name,
)

__all__ = [
    "DebugTraceback",
    "DebuggedApplication",
    "get_machine_id",
    "get_pin_and_cookie_name",
]
