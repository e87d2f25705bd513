"""The names of ``werkzeug._internal`` that extensions and tests import."""

from __future__ import annotations

from erlen.logging import log_server as _log


def _wsgi_encoding_dance(s: str) -> str:
    """Text as a WSGI environment has it: each byte of its UTF-8 a character (PEP 3333)."""
    return s.encode().decode("latin-1")


__all__ = ["_log", "_wsgi_encoding_dance"]
