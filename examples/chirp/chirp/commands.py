"""What an operator runs: ``erlen --app chirp ...``."""

from __future__ import annotations

from erlen import Erlen


def init_app(app: Erlen) -> None:
    """Add the commands."""
