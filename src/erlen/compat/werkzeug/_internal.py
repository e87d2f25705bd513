"""The names of ``werkzeug._internal`` that extensions and tests import."""

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


def _wsgi_encoding_dance(s: str) -> str:
    """Text as a WSGI environment has it: each byte of its UTF-8 a character (PEP 3333)."""
    return s.encode().decode("latin-1")


__all__ = ["_log", "_wsgi_encoding_dance"]
