"""The log of the development server."""

from __future__ import annotations

import logging
from typing import Any

_logger: logging.Logger | None = None


def log(kind: str, message: str, *args: Any) -> None:
    """Log a line of the server; the logger writes to ``sys.stderr`` if nobody configured it.

    :param kind: the name of the level: ``"info"``, ``"error"`` …
    """
    global _logger
    if _logger is None:
        from .logging import has_level_handler

        # The name that existing configurations know.
        _logger = logging.getLogger("werkzeug")
        if _logger.level == logging.NOTSET:
            _logger.setLevel(logging.INFO)
        if not has_level_handler(_logger):
            _logger.addHandler(logging.StreamHandler())
    getattr(_logger, kind)(message.rstrip(), *args)
