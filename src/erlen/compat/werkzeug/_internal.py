"""The one name of ``werkzeug._internal`` that extensions import."""

from __future__ import annotations

from typing import Any


def _log(type: str, message: str, *args: Any, **kwargs: Any) -> None:
    """Log to the logger ``werkzeug``, which shows INFO on stderr if nothing is configured.

    :param type: the name of the level: ``"info"``, ``"warning"`` …
    """
    import logging

    logger = logging.getLogger("werkzeug")
    if logger.level == logging.NOTSET:
        logger.setLevel(logging.INFO)
    if not logger.hasHandlers():
        logger.addHandler(logging.StreamHandler())
    getattr(logger, type)(message.rstrip(), *args, **kwargs)


__all__ = ["_log"]
