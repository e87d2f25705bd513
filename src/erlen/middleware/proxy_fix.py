"""What a trusted proxy says of the client (``X-Forwarded-*``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

# What is set anew, and kept as it was under this key.
_ORIGINAL = "werkzeug.proxy_fix.orig"
_CHANGED = (
    "REMOTE_ADDR",
    "wsgi.url_scheme",
    "HTTP_HOST",
    "SERVER_NAME",
    "SERVER_PORT",
    "SCRIPT_NAME",
)


class ProxyFix:
    """Sets address, scheme, host, port and prefix of a request from the headers of the proxies in
    front of the application.

    Clients can send these headers as well.  Each number says how many proxies, counted from the
    application, append to the header: that entry from the right is believed and nothing else.

    :param app: the WSGI application
    :param x_for: of ``X-Forwarded-For``, for ``REMOTE_ADDR``
    :param x_proto: of ``X-Forwarded-Proto``, for ``wsgi.url_scheme``
    :param x_host: of ``X-Forwarded-Host``, for ``HTTP_HOST`` and ``SERVER_NAME``
    :param x_port: of ``X-Forwarded-Port``, for the port of ``HTTP_HOST`` and ``SERVER_PORT``
    :param x_prefix: of ``X-Forwarded-Prefix``, for ``SCRIPT_NAME``
    """

    def __init__(
        self,
        app: Any,
        x_for: int = 1,
        x_proto: int = 1,
        x_host: int = 0,
        x_port: int = 0,
        x_prefix: int = 0,
    ) -> None:
        self.app = app
        self.x_for = x_for
        self.x_proto = x_proto
        self.x_host = x_host
        self.x_port = x_port
        self.x_prefix = x_prefix

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        environ[_ORIGINAL] = {key: environ.get(key) for key in _CHANGED}
        address = _trusted(environ.get("HTTP_X_FORWARDED_FOR"), self.x_for)
        if address:
            environ["REMOTE_ADDR"] = address
        scheme = _trusted(environ.get("HTTP_X_FORWARDED_PROTO"), self.x_proto)
        if scheme:
            environ["wsgi.url_scheme"] = scheme
        host = _trusted(environ.get("HTTP_X_FORWARDED_HOST"), self.x_host)
        if host:
            name, port = _split_host(host)
            environ["HTTP_HOST"] = host
            environ["SERVER_NAME"] = name
            if port:
                environ["SERVER_PORT"] = port
        outer_port = _trusted(environ.get("HTTP_X_FORWARDED_PORT"), self.x_port)
        if outer_port:
            if environ.get("HTTP_HOST"):
                environ["HTTP_HOST"] = f"{_split_host(environ['HTTP_HOST'])[0]}:{outer_port}"
            environ["SERVER_PORT"] = outer_port
        prefix = _trusted(environ.get("HTTP_X_FORWARDED_PREFIX"), self.x_prefix)
        if prefix:
            environ["SCRIPT_NAME"] = prefix
        answer: Iterable[bytes] = self.app(environ, start_response)
        return answer


def _trusted(value: str | None, count: int) -> str | None:
    """The entry that ``count`` proxies vouch for, ``None`` if there are fewer entries."""
    if not count or not value:
        return None
    # Only the entries from the right are read: what a client has put in front of them, be it a lone
    # quote or more than a chain of proxies has, must not change which one counts.
    entries = value.rstrip(", \t").rsplit(",", count)[-count:]
    return entries[0].strip(' \t"') if len(entries) == count else None


def _split_host(host: str) -> tuple[str, str]:
    """Name and port of a host; the colons of an IPv6 address are no port (RFC 3986, 3.2.2).

    >>> _split_host("[::1]:80")
    ('[::1]', '80')
    """
    name, colon, port = host.rpartition(":")
    return (name, port) if colon and not host.endswith("]") else (host, "")
