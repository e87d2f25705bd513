"""Cookies (RFC 6265bis): the ``Cookie`` and ``Set-Cookie`` headers."""

from __future__ import annotations

import re
import warnings
from datetime import timedelta
from functools import lru_cache
from string import ascii_letters, digits
from time import time
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from .dates import http_date
from .multidict import MultiDict

if TYPE_CHECKING:
    from datetime import datetime

# RFC 6265bis, 4.1.1: cookie-octet, with the few more that browsers take unquoted.
_PLAIN_OCTETS = (ascii_letters + digits + "_!#$%&'()*+-./:<=>?@[]^`{|}~").encode()
_MUST_QUOTE = re.compile(rb"[\x00-\x1f\",;\\\x7f-\xff]")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"\Z', re.DOTALL)
# The escapes of a quoted value: octal, or a backslash before a character.
_UNQUOTE = re.compile(rb"\\(?:([0-3][0-7]{2})|(.))", re.DOTALL)
_OCTAL = {b"%03o" % code: bytes([code]) for code in range(256)}
_ESCAPES = {
    **{bytes([code]): b"\\%03o" % code for code in (*range(0x20), *b",;", *range(0x7F, 256))},
    b'"': b'\\"',
    b"\\": b"\\\\",
}
# What would end the attribute, or the header.
_ATTRIBUTE_BREAKERS = re.compile(r"[\x00-\x1f\x7f;]")
# RFC 9110, 5.6.2.
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+\Z")


def parse_cookie(
    cookie: str | None, cls: type[MultiDict[str, str]] = MultiDict
) -> MultiDict[str, str]:
    """The cookies of a ``Cookie`` header; one without a proper name is dropped.

    A ``;`` ends a cookie, also behind a quote, if a name and ``=`` follow: otherwise one cookie
    could take in the others.

    :param cookie: the header as WSGI has it: bytes as Latin-1
    :param cls: the class of the result
    """
    if not cookie:
        return cls()
    if not cookie.isascii():
        cookie = cookie.encode("latin-1", "replace").decode("utf-8", "replace")
    if '"' not in cookie and "\t" not in cookie and cookie.count(" ") == cookie.count("; "):
        # PERF: as browsers write it, no name and no value has a blank around it or inside.
        values: dict[str, list[str]] = {}
        for part in cookie.replace("; ", ";").split(";"):
            key, _, value = part.partition("=")
            if key in values:
                values[key].append(value)
            elif key:
                values[key] = [value]
        if cls.__init__ is MultiDict.__init__:
            return cls._adopt(values)
        # Of a class of the application's, a plain dictionary too.
        return cls([(key, value) for key, found in values.items() for value in found])
    pairs = []
    is_quoted = '"' in cookie
    for part in _split_quoted(cookie) if is_quoted else cookie.split(";"):
        key, _, value = part.partition("=")
        # RFC 6265, 4.2.1, has spaces alone. A browser takes any other blank for a part of the name,
        # and so does not see the prefix "__Host-" behind it.
        key = key.strip(" \t")
        # "=__Host-x=bad" has no name: it must not be read as __Host-x. Servers that take quotes off
        # would read a name with them as another one.
        if not key or " " in key or "\t" in key or (is_quoted and '"' in key):
            continue
        value = value.strip(" \t")
        if is_quoted and value[:1] == '"' and _QUOTED.match(value) is not None:
            value = _unquote(value[1:-1])
        pairs.append((key, value))
    return cls(pairs)


def find_cookie(cookie: str | None, name: str) -> str | None:
    """The value of one cookie of a ``Cookie`` header, and ``None`` without it: what
    ``parse_cookie(cookie).get(name)`` is."""
    if not cookie:
        return None
    if '"' in cookie or not cookie.isascii():
        value: str | None = parse_cookie(cookie).get(name)
        return value
    # PERF: without quotes and escapes a part of the header is a cookie, and the others are not
    # looked into.
    for part in cookie.split(";"):
        if name in part:
            key, _, text = part.partition("=")
            if key.strip(" \t") == name:
                return None if not name or " " in name or "\t" in name else text.strip(" \t")
    return None


class SentCookies:
    """The cookies of a request that nobody has made yet, to one who asks for few of them.

    :param environ: the WSGI environment
    """

    __slots__ = ("environ",)

    def __init__(self, environ: dict[str, Any]) -> None:
        self.environ: dict[str, Any] = environ

    @property
    def cookies(self) -> SentCookies:
        """What ``Request.cookies`` is, to whoever calls nothing but ``get``."""
        return self

    def get(self, name: str, default: Any = None) -> Any:
        """The first cookie of the name, or ``default``."""
        value = find_cookie(self.environ.get("HTTP_COOKIE"), name)
        return default if value is None else value


def _split_quoted(cookie: str) -> list[str]:
    """The header at each ``;`` but those within quotes that no other cookie follows."""
    parts: list[str] = []
    # Where in parts a quoted value begins that is still open.
    start = -1
    for part in cookie.split(";"):
        name, equals, value = part.partition("=")
        if equals:
            value = value.lstrip(" \t")
            start = len(parts) if value[:1] == '"' and not _closes(value[1:]) else -1
        elif start >= 0 and _closes(name):
            whole = ";".join([*parts[start:], part])
            if _QUOTED.match(whole.partition("=")[2].strip(" \t")) is not None:
                parts[start:] = [whole]
                start = -1
                continue
            start = -1
        parts.append(part)
    return parts


def _closes(text: str) -> bool:
    """Whether the text ends in a quote that no backslash takes its meaning from."""
    text = text.rstrip(" \t")
    return text[-1:] == '"' and (len(text) - 1 - len(text[:-1].rstrip("\\"))) % 2 == 0


def _unquote(value: str) -> str:
    if "\\" not in value:
        return value
    raw = _UNQUOTE.sub(lambda match: match[2] or _OCTAL[match[1]], value.encode())
    return raw.decode("utf-8", "replace")


def _attribute(name: str, value: str) -> str:
    if _ATTRIBUTE_BREAKERS.search(value) is not None:
        raise ValueError(
            f"The {name} of a cookie must not contain ';' or control characters: {value!r}."
        )
    return value


def dump_cookie(
    key: str,
    value: str = "",
    max_age: timedelta | int | None = None,
    expires: str | datetime | int | float | None = None,
    path: str | None = "/",
    domain: str | None = None,
    secure: bool = False,
    httponly: bool = False,
    sync_expires: bool = True,
    max_size: int = 4093,
    samesite: str | None = None,
    partitioned: bool = False,
) -> str:
    """The value of a ``Set-Cookie`` header.

    :param max_age: seconds, or a duration
    :param expires: a date; set from ``max_age`` too, for old browsers, with ``sync_expires``
    :param max_size: warn about a longer header; 0 never
    :param partitioned: implies ``secure``
    :raises ValueError: for a part that would break the header
    """
    # PERF: the parts that are the same for each value of a cookie are put together once.
    name, scope, flags = _frame(key, path, domain, secure, httponly, samesite, partitioned)
    dates = ""
    if isinstance(max_age, timedelta):
        max_age = int(max_age.total_seconds())
    if expires is not None:
        if not isinstance(expires, str):
            expires = http_date(expires)
        _attribute("expiry", expires)
    elif max_age is not None and sync_expires:
        expires = http_date(time() + max_age)
    if expires is not None:
        dates = f"; Expires={expires}"
    if max_age is not None:
        dates = f"{dates}; Max-Age={int(max_age)}"
    raw = value.encode()
    if raw.translate(None, _PLAIN_OCTETS):
        raw = _MUST_QUOTE.sub(lambda m: _ESCAPES[m.group()], raw)
        value = f'"{raw.decode("ascii")}"'
    header = f"{name}{value}{scope}{dates}{flags}"
    size = len(header)
    if max_size and size > max_size:
        warnings.warn(
            f"The {key!r} cookie is too large: the value was {len(value)} bytes but the header"
            f" required {size - len(value)} extra bytes. The final size was {size} bytes but the"
            f" limit is {max_size} bytes. Browsers may silently ignore cookies larger than this.",
            stacklevel=2,
        )
    return header


# An application sets few cookies; one that makes up their names pays for the attributes each time.
@lru_cache(maxsize=128)
def _frame(
    key: str,
    path: str | None,
    domain: str | None,
    secure: bool,
    httponly: bool,
    samesite: str | None,
    partitioned: bool,
) -> tuple[str, str, str]:
    """What stands before the value of a cookie, behind it, and behind its dates.

    :raises ValueError: for a part that would break the header
    """
    if _TOKEN.match(key) is None:
        # Browsers take more, but never what ends the name or the header.
        if not key or re.search(r"[\x00-\x20=;,\x7f]", key):
            raise ValueError(
                f"{key!r} cannot be the name of a cookie: use letters, digits, - and _."
            )
        key = key.encode().decode("latin-1")
    if path is not None and path != "/":
        # A path may hold what WSGI servers cannot carry, so it is quoted as a URL is.
        path = quote(_attribute("path", path), safe="%!$&'()*+,/:=@")
    if domain:
        domain = domain.partition(":")[0].lstrip(".").encode("idna").decode("ascii")
        _attribute("domain", domain)
    if samesite is not None:
        samesite = samesite.title()
        if samesite not in {"Strict", "Lax", "None"}:
            raise ValueError("SameSite must be 'Strict', 'Lax', or 'None'.")
    flags = ""
    if secure or partitioned:
        flags = "; Secure"
    if httponly:
        flags += "; HttpOnly"
    if path is not None:
        flags += f"; Path={path}"
    if samesite is not None:
        flags += f"; SameSite={samesite}"
    if partitioned:
        flags += "; Partitioned"
    return f"{key}=", f"; Domain={domain}" if domain else "", flags
