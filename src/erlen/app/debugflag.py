"""The switches that the environment sets."""

from __future__ import annotations

import os

_FALSE = {"0", "false", "no"}


def _read(name: str) -> str | None:
    """``ERLEN_name``, or ``FLASK_name``."""
    return os.environ.get(f"ERLEN_{name}") or os.environ.get(f"FLASK_{name}")


def get_debug_flag() -> bool:
    """Whether ``ERLEN_DEBUG`` or ``FLASK_DEBUG`` switches debug mode on."""
    value = _read("DEBUG")
    return bool(value and value.lower() not in _FALSE)


def get_load_dotenv(default: bool = True) -> bool:
    """Whether to read ``.env`` files; ``ERLEN_SKIP_DOTENV`` or ``FLASK_SKIP_DOTENV`` says no."""
    value = _read("SKIP_DOTENV")
    return default if not value else value.lower() in _FALSE
