"""The headers of an answer, which are checked where code sets them (RFC 9110, section 5)."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any

from .headers import Headers, _check, _put

if TYPE_CHECKING:
    from collections.abc import Iterable

# RFC 9110, section 5.6.2: token.
_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+\Z")
# RFC 9110, section 5.5: visible characters, spaces and tabs; Latin-1 as its obs-text.
_FIELD = re.compile(r"[\t -~\x80-\xff]*\Z")
_WITHOUT_CONTROLS = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f]*\Z")
# They become URIs when they are sent (RFC 3987).
_TAKE_IRIS = frozenset({"location", "content-location"})
# RFC 9110, section 7.6.1: the server alone knows them. A 426 has Upgrade, which is the answer's.
_OF_CONNECTION = frozenset({"connection", "keep-alive", "proxy-connection", "te", "trailer"})
# Names that were found well-formed, and may be sent; PERF: there are few.
_names: set[str] = set()
#: Those that are sent as they were set, whatever stands beside them; ``Content-Length`` is one if
#: it is there once, and ``Location`` becomes a URI.
ordinary_names: set[str] = {
    "Accept-Ranges",
    "Cache-Control",
    "Content-Disposition",
    "Content-Length",
    "Content-Range",
    "Content-Type",
    "Date",
    "ETag",
    "Expires",
    "Last-Modified",
    "Location",
    "Set-Cookie",
    "Vary",
}
_MOST_NAMES = 1024
# Where headers were dropped, each told once.
_told: set[tuple[str, str]] = set()
_MOST_TOLD = 256


class ResponseHeaders(Headers):
    """:class:`~.headers.Headers` that a server can send as they are.

    A header of the connection is dropped with one line in the log for each place that sets it:
    many recipes have ``Connection: keep-alive``, which is the server's to say.

    :raises ValueError: from whatever sets a header: for a name or value that none may have, and for
        ``Transfer-Encoding``
    """

    @staticmethod
    def _check(key: Any, value: Any) -> tuple[str, str] | None:
        pair = _check(key, value)
        return pair if pair[0] in _names and is_plain(pair[1]) else _examine(*pair)

    def __setitem__(self, key: Any, value: Any) -> None:
        # PERF: set(), for plain text.
        if value.__class__ is str and key in _names and value.isascii() and value.isprintable():
            _put(self._list, (key, value))
        else:
            super().__setitem__(key, value)

    def __repr__(self) -> str:
        return f"Headers({self._list!r})"


def is_plain(value: str) -> bool:
    """Whether a header may have the value, as most are; the rest is looked at closely."""
    return value.isascii() and value.isprintable()


def _examine(key: str, value: str) -> tuple[str, str] | None:
    """The pair; ``None`` if it is dropped.

    :raises ValueError: if it cannot be sent
    """
    name = key.lower()
    if _NAME.match(key) is None:
        raise ValueError(
            f"{key[:80]!r} is no name of a header: one is made of ASCII letters, digits and '-',"
            " such as 'X-Request-Id'."
        )
    if name == "transfer-encoding":
        raise ValueError(
            "Transfer-Encoding cannot be set: the server chooses it for the connection. To send a"
            " body in pieces, return a generator; for a compressed one, set Content-Encoding:"
            ' response.headers["Content-Encoding"] = "gzip".'
        )
    if (_WITHOUT_CONTROLS if name in _TAKE_IRIS else _FIELD).match(value) is None:
        raise ValueError(
            "Header values must not contain control characters, nor text beyond Latin-1:"
            f" {key[:80]!r} would be {value[:80]!r}. Strip what comes from outside, or encode it:"
            " urllib.parse.quote(value)."
        )
    if name in _OF_CONNECTION:
        _tell_dropped(key)
        return None
    if len(_names) < _MOST_NAMES:
        _names.add(key)
        if name not in _TAKE_IRIS and name != "content-length":
            ordinary_names.add(key)
    return key, value


def sendable(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Headers that came past the checks: from WSGI middleware, or an object that is no
    :class:`ResponseHeaders`.

    :raises ValueError: if one of them cannot be sent
    """
    checked = ResponseHeaders._check
    return [pair for key, value in pairs if (pair := checked(key, value)) is not None]


def _tell_dropped(key: str) -> None:
    place = _place()
    if (place, key) in _told or len(_told) >= _MOST_TOLD:
        return
    _told.add((place, key))
    import logging

    logging.getLogger("erlen.http").warning(
        "%s: the header %s belongs to the server, which sends its own: it is dropped. Take it out"
        " there.",
        place,
        key,
    )


def _place() -> str:
    """Where the application sets a header."""
    frame: Any = sys._getframe(1)
    while frame is not None:
        name = frame.f_globals.get("__name__", "")
        if not name.startswith("erlen."):
            return f"{frame.f_code.co_filename}:{frame.f_lineno}"
        if name == "erlen.walk.respond":
            break
        frame = frame.f_back
    return "Headers that a view returns"
