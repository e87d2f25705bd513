"""What a trusted proxy says of the client (``X-Forwarded-*``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ..context.asgi import SET_BY_PROXY_FIX
from ..gateways.detection import mark_as_asgi
from ..http.urls import mount_point

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, MutableMapping

    Scope = MutableMapping[str, Any]

# What is set anew, and kept as it was under these keys.
_ORIGINAL = "werkzeug.proxy_fix.orig"
_ORIGINAL_OF_SCOPE = "erlen.proxy_fix.original"
_CHANGED_IN_SCOPE = ("client", "scheme", "server", "root_path", "headers")
_OF_WEBSOCKETS = {"http": "ws", "https": "wss"}
_OF_PAGES = {"ws": "http", "wss": "https"}


class Forwarded(NamedTuple):
    """What the proxies that count say; ``None`` where they say nothing."""

    address: str | None
    scheme: str | None
    host: str | None
    port: str | None
    prefix: str | None


class ProxyFix:
    """Sets address, scheme, host, port and prefix of a request from the headers of the proxies in
    front of the application.

    Clients can send these headers as well.  Each number says how many proxies, counted from the
    application, append to the header: that entry from the right is believed and nothing else.

    >>> app.wsgi_app = ProxyFix(app.wsgi_app)
    >>> app.asgi_app = ProxyFix(app.asgi_app)

    Called with two arguments it is a WSGI application, with three an ASGI application, as what it
    wraps has to be. ``takes_asgi`` says so: around ``wsgi_app`` it leaves requests on the loop.

    :param app: the application
    :param x_for: of ``X-Forwarded-For``, for ``REMOTE_ADDR``
    :param x_proto: of ``X-Forwarded-Proto``, for ``wsgi.url_scheme``
    :param x_host: of ``X-Forwarded-Host``, for ``HTTP_HOST`` and ``SERVER_NAME``
    :param x_port: of ``X-Forwarded-Port``, for the port of ``HTTP_HOST`` and ``SERVER_PORT``
    :param x_prefix: of ``X-Forwarded-Prefix``, for ``SCRIPT_NAME``
    """

    takes_asgi = True

    def __init__(
        self,
        app: Any,
        x_for: int = 1,
        x_proto: int = 1,
        x_host: int = 0,
        x_port: int = 0,
        x_prefix: int = 0,
    ) -> None:
        mark_as_asgi(ProxyFix.__call__)
        self.app = app
        self.x_for = x_for
        self.x_proto = x_proto
        self.x_host = x_host
        self.x_port = x_port
        self.x_prefix = x_prefix

    def __call__(self, environ: Any, start_response: Any, send: Any = None) -> Any:
        if send is None:
            return self._answer(environ, start_response)
        return self._serve(environ, start_response, send)

    def _forwarded(self, header: Callable[[str], str | None]) -> Forwarded:
        """:param header: gives the value behind ``X-Forwarded-``"""
        return Forwarded(
            _trusted(header("For"), self.x_for),
            _scheme(_trusted(header("Proto"), self.x_proto)),
            _trusted(header("Host"), self.x_host),
            _trusted(header("Port"), self.x_port),
            mount_point(prefix) if (prefix := _trusted(header("Prefix"), self.x_prefix)) else None,
        )

    def _answer(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        environ[_ORIGINAL] = {key: environ.get(key) for key in SET_BY_PROXY_FIX}
        said = self._forwarded(lambda name: environ.get(f"HTTP_X_FORWARDED_{name.upper()}"))
        if said.address:
            environ["REMOTE_ADDR"] = said.address
        if said.scheme:
            # A WebSocket is told by its handshake.
            environ["wsgi.url_scheme"] = _OF_PAGES.get(said.scheme, said.scheme)
        if said.host:
            name, port = _split_host(said.host)
            environ["HTTP_HOST"] = said.host
            environ["SERVER_NAME"] = name
            if port:
                environ["SERVER_PORT"] = port
        if said.port:
            if environ.get("HTTP_HOST"):
                environ["HTTP_HOST"] = f"{_split_host(environ['HTTP_HOST'])[0]}:{said.port}"
            environ["SERVER_PORT"] = said.port
        if said.prefix is not None:
            environ["SCRIPT_NAME"] = said.prefix
        answer: Iterable[bytes] = self.app(environ, start_response)
        return answer

    def _serve(self, scope: Scope, receive: Any, send: Any) -> Awaitable[None]:
        # A server's start and stop come from no client.
        if scope["type"] in ("http", "websocket"):
            scope = self._fixed(scope)
        served: Awaitable[None] = self.app(scope, receive, send)
        return served

    def _fixed(self, scope: Scope) -> Scope:
        """A copy of a scope: the server's own is not ours to change."""
        pairs: list[tuple[bytes, bytes]] = list(scope["headers"])

        def header(name: str) -> str | None:
            # RFC 9110, 5.3: lines of one name are one list. A name with "_" is another name.
            wanted = b"x-forwarded-" + name.lower().encode()
            return b",".join([value for key, value in pairs if key == wanted]).decode("latin-1")

        said = self._forwarded(header)
        fixed = {**scope, _ORIGINAL_OF_SCOPE: {key: scope.get(key) for key in _CHANGED_IN_SCOPE}}
        if said.address:
            # The proxies do not tell the port.
            fixed["client"] = (said.address, 0)
        if said.scheme:
            known = _OF_PAGES if scope["type"] == "http" else _OF_WEBSOCKETS
            fixed["scheme"] = known.get(said.scheme, said.scheme)
        host = said.host or next((v.decode("latin-1") for k, v in pairs if k == b"host"), "")
        if said.host or said.port:
            name, port = _split_host(host)
            server, inner_port = scope.get("server") or ("localhost", 80)
            if said.port:
                host = f"{name}:{said.port}" if host else host
                port = said.port
            fixed["server"] = (
                name if said.host else server,
                int(port) if port.isascii() and port.isdigit() and len(port) <= 5 else inner_port,
            )
            if host:
                # In front, where servers have it.
                others = [pair for pair in pairs if pair[0] != b"host"]
                fixed["headers"] = [(b"host", host.encode("latin-1", "replace")), *others]
        if said.prefix is not None:
            # ASGI has the text, WSGI the bytes of it.
            fixed["root_path"] = said.prefix.encode("latin-1").decode("utf-8", "replace")
        return fixed


def _trusted(value: str | None, count: int) -> str | None:
    """The entry that ``count`` proxies vouch for, ``None`` if there are fewer entries."""
    if not count or not value:
        return None
    # Only the entries from the right are read: what a client has put in front of them, be it a lone
    # quote or more than a chain of proxies has, must not change which one counts.
    entries = value.rstrip(", \t").rsplit(",", count)[-count:]
    return entries[0].strip(' \t"') if len(entries) == count else None


def _scheme(value: str | None) -> str | None:
    """A scheme that pages and WebSockets have; ``None`` for any other text."""
    scheme = (value or "").lower()
    return scheme if scheme in ("http", "https", "ws", "wss") else None


def _split_host(host: str) -> tuple[str, str]:
    """Name and port of a host; the colons of an IPv6 address are no port (RFC 3986, 3.2.2).

    >>> _split_host("[::1]:80")
    ('[::1]', '80')
    """
    name, colon, port = host.rpartition(":")
    return (name, port) if colon and not host.endswith("]") else (host, "")
