"""The names of ``werkzeug._internal`` that extensions and tests import."""

from __future__ import annotations

import logging
import re
from datetime import UTC, datetime
from typing import Any, TypeVar

from erlen.http.properties import _KeyProperty as _DictAccessorProperty
from erlen.http.request import decode_wsgi as _wsgi_decoding_dance
from erlen.logging import ColouredLines, shows_colours
from erlen.logging import has_level_handler as _has_level_handler
from erlen.logging import log_server as _log

_logger = logging.getLogger("werkzeug")
_TAccessorValue = TypeVar("_TAccessorValue")
# What int() takes besides are spaces, underscores and the digits of other scripts.
_PLAIN_INT = re.compile(r"-?[0-9]+\Z")


class _Missing:
    """The type of what stands for "nothing was given", where ``None`` is a value."""

    def __repr__(self) -> str:
        return "no value"

    def __reduce__(self) -> str:
        return "_missing"


_missing = _Missing()


def _wsgi_encoding_dance(s: str) -> str:
    """Text as a WSGI environment has it: each byte of its UTF-8 a character (PEP 3333)."""
    return s.encode().decode("latin-1")


def _get_environ(obj: Any) -> dict[str, Any]:
    """The WSGI environment of a request; an environment is its own."""
    environ: dict[str, Any] = getattr(obj, "environ", obj)
    return environ


def _plain_int(value: str) -> int:
    """The integer that ``value`` is in ASCII digits.

    :raises ValueError: for anything else that ``int()`` would take
    """
    value = value.strip()
    if _PLAIN_INT.match(value) is None:
        raise ValueError(f"{value!r} is not an integer of ASCII digits")
    return int(value)


def _dt_as_utc(dt: datetime | None) -> datetime | None:
    """A date in UTC; one without a time zone is taken for UTC."""
    if dt is None or dt.tzinfo is None:
        return dt and dt.replace(tzinfo=UTC)
    return dt.astimezone(UTC)


class _ColorStreamHandler(logging.StreamHandler[Any]):
    """Writes the lines of the development server to ``sys.stderr``, coloured on a terminal."""

    def __init__(self) -> None:
        super().__init__()
        if shows_colours(self.stream):
            self.setFormatter(ColouredLines())


__all__ = [
    "_ColorStreamHandler",
    "_DictAccessorProperty",
    "_Missing",
    "_TAccessorValue",
    "_dt_as_utc",
    "_get_environ",
    "_has_level_handler",
    "_log",
    "_logger",
    "_missing",
    "_plain_int",
    "_wsgi_decoding_dance",
    "_wsgi_encoding_dance",
]
