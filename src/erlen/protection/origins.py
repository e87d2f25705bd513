"""The origin of a page: scheme, host and port (RFC 6454)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

# RFC 6454, section 6.2, with a bound on each part. Browsers send IDNA names in ASCII.
_ORIGIN = re.compile(
    r"(?P<scheme>[a-z][a-z0-9+.\-]{0,30})://"
    r"(?P<host>[a-z0-9_.\-]{1,255}|\[[0-9a-f:.]{2,45}\])"
    r"(?::(?P<port>[0-9]{1,5}))?\Z",
    re.IGNORECASE | re.ASCII,
)
_DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}


@dataclass(frozen=True, slots=True)
class Origin:
    """Scheme and host in lower case, and the port, also where the scheme implies it."""

    scheme: str
    host: str
    port: int | None

    @classmethod
    def from_header(cls, text: str) -> Origin | None:
        """The origin that an ``Origin`` header names; ``None`` for ``null`` and what is none.

        >>> Origin.from_header("https://Example.org")
        Origin(scheme='https', host='example.org', port=443)
        """
        match = _ORIGIN.match(text)
        if match is None:
            return None
        scheme = match["scheme"].lower()
        port = int(match["port"]) if match["port"] else _DEFAULT_PORTS.get(scheme)
        return cls(scheme, match["host"].lower(), port)

    def to_header(self) -> str:
        """As browsers write it, without the port that the scheme implies."""
        if self.port is None or self.port == _DEFAULT_PORTS.get(self.scheme):
            return f"{self.scheme}://{self.host}"
        return f"{self.scheme}://{self.host}:{self.port}"

    def is_host_of(self, scheme: str, host: str) -> bool:
        """Whether a page of this origin is on the host that a request was sent to.

        A request that came over TLS is compared by scheme too; one that did not may have been
        handed on by a proxy that ended TLS.

        :param scheme: of the request
        :param host: its ``Host`` header
        """
        if scheme in ("https", "wss") and self.scheme not in ("https", "wss"):
            return False
        own = Origin.from_header(f"{self.scheme}://{host}")
        return own is not None and (own.host, own.port) == (self.host, self.port)


class OriginList:
    """A set of origins, in which ``https://*.example.org`` stands for all sub-domains.

    :param entries: origins; every other character stands for itself
    :param setting: how the list is called, for errors
    :raises ValueError: for what is no origin
    """

    def __init__(self, entries: str | Iterable[str], setting: str) -> None:
        self._exact: set[Origin] = set()
        # Scheme, the end of the host, port.
        self._below: list[tuple[str, str, int | None]] = []
        for entry in [entries] if isinstance(entries, str) else entries:
            scheme, mark, host = entry.removesuffix("/").partition("://")
            is_below = host.startswith("*.")
            if not host.isascii():
                try:
                    host = host.encode("idna").decode("ascii")
                except UnicodeError:
                    host = ""
            origin = Origin.from_header(scheme + mark + host.removeprefix("*."))
            if origin is None:
                raise ValueError(
                    f"{setting} has {entry!r}, which is no origin. Write the scheme and the host,"
                    " and the port unless it is the scheme's own: 'https://example.org', or"
                    " 'https://*.example.org' for all of its sub-domains."
                )
            if is_below:
                self._below.append((origin.scheme, f".{origin.host}", origin.port))
            else:
                self._exact.add(origin)

    def __bool__(self) -> bool:
        return bool(self._exact or self._below)

    def __contains__(self, origin: Origin | None) -> bool:
        if origin is None:
            return False
        return origin in self._exact or any(
            origin.scheme == scheme and origin.port == port and origin.host.endswith(end)
            for scheme, end, port in self._below
        )
