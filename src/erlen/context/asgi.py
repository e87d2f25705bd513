"""ASGI 3: how a request comes from the server, and how a response goes to it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from ..http.urls import mount_point
from .contexts import JOINS, PRESERVE

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..typing import Scope

#: The variables that ``ProxyFix`` sets anew.
SET_BY_PROXY_FIX = (
    "REMOTE_ADDR",
    "wsgi.url_scheme",
    "HTTP_HOST",
    "SERVER_NAME",
    "SERVER_PORT",
    "SCRIPT_NAME",
)
_MOST_VARIABLES = 512


class _Variables(dict[bytes, str | None]):
    """The variables of headers; ``None`` for a name with ``_``, which would be taken for one with
    ``-`` that a proxy has set.  Those that were seen are kept: clients cannot make it grow for
    ever."""

    def __missing__(self, name: bytes) -> str | None:
        if b"_" in name:
            return None
        variable = "HTTP_" + name.decode("latin-1").upper().replace("-", "_")
        if len(self) < _MOST_VARIABLES:
            self[name] = variable
        return variable


_variables = _Variables({b"content-type": "CONTENT_TYPE", b"content-length": "CONTENT_LENGTH"})


def listed_headers(scope: Scope) -> list[tuple[bytes, bytes]]:
    """The headers of a scope, from now on as a list: ASGI allows any iterable, and they are read
    more than once."""
    pairs: list[tuple[bytes, bytes]] = scope["headers"]
    if not isinstance(pairs, list):
        pairs = scope["headers"] = list(pairs)
    return pairs


def path_info(scope: Scope) -> str:
    """The path behind the mount point, in the form of WSGI's ``PATH_INFO``."""
    path: str = scope["path"]
    root = mount_point(scope.get("root_path") or "")
    # Servers differ on whether the path begins with the root.
    if root and path.startswith(root) and (len(path) == len(root) or path[len(root)] == "/"):
        path = path[len(root) :]
    return _as_latin(path)


def make_environ(scope: Scope, stream: Any) -> dict[str, Any]:
    """The WSGI environment of an HTTP or WebSocket scope.

    :param stream: the body
    """
    path: str = scope["path"]
    root: str = scope.get("root_path") or ""
    if root or not path.isascii():
        path, root = path_info(scope), _as_latin(mount_point(root))
    query: str = scope.get("query_string", b"").decode("latin-1")
    raw: bytes | None = scope.get("raw_path")
    target = _quoted(scope["path"]) if raw is None else raw.decode("latin-1")
    if query:
        target = f"{target}?{query}"
    version: str = scope.get("http_version", "1.1")
    default_scheme = "ws" if scope.get("type") == "websocket" else "http"
    host, port = scope.get("server") or ("localhost", 80)
    environ: dict[Any, Any] = {
        "wsgi.version": (1, 0),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.input": stream,
        "wsgi.url_scheme": scope.get("scheme", default_scheme),
        "asgi.scope": scope,
        "REQUEST_METHOD": scope.get("method", "GET"),
        "PATH_INFO": path,
        "SCRIPT_NAME": root,
        "QUERY_STRING": query,
        # By the names of gunicorn and of Apache: agents read the one or the other.
        "RAW_URI": target,
        "REQUEST_URI": target,
        "SERVER_PROTOCOL": "HTTP/1.1" if version == "1.1" else f"HTTP/{version}",
        "SERVER_NAME": host,
        # A Unix socket has no port.
        "SERVER_PORT": "" if port is None else str(port),
    }
    client = scope.get("client")
    if client:
        environ["REMOTE_ADDR"] = client[0]
        environ["REMOTE_PORT"] = str(client[1])
    pairs = listed_headers(scope)
    size, variable_of = len(environ), _variables.__getitem__
    for name, raw in pairs:
        environ[variable_of(name)] = raw.decode("latin-1")
    # PERF: each is there once, mostly.
    if len(environ) != size + len(pairs) or None in environ:
        _join_repeated(environ, pairs)
    for key in (PRESERVE, JOINS):
        if key in scope:
            environ[key] = scope[key]
    original = scope.get("erlen.proxy_fix.original")
    if original is not None:
        # What ProxyFix has set anew, as it says it on WSGI.
        before = make_environ({**scope, **original, "erlen.proxy_fix.original": None}, stream)
        environ["werkzeug.proxy_fix.orig"] = {name: before.get(name) for name in SET_BY_PROXY_FIX}
    return environ


def _join_repeated(environ: dict[Any, Any], pairs: list[tuple[bytes, bytes]]) -> None:
    """Put the values of headers that come more than once together."""
    environ.pop(None, None)
    values: dict[str | None, list[str]] = {}
    for name, raw in pairs:
        values.setdefault(_variables[name], []).append(raw.decode("latin-1"))
    values.pop(None, None)
    for variable, parts in values.items():
        # RFC 9110, 5.3; RFC 9113, 8.2.3 for cookies, which HTTP/2 may split.
        environ[variable] = ("; " if variable == "HTTP_COOKIE" else ",").join(parts)


def _quoted(path: str) -> str:
    """The path of a request target, where the server does not tell how it was sent."""
    from urllib.parse import quote

    # RFC 3986, section 3.3: what stands unquoted in a path.
    return quote(path, safe="!$&'()*+,/:;=@", errors="surrogateescape")


def _as_latin(text: str) -> str:
    return text if text.isascii() else text.encode("utf-8", "surrogateescape").decode("latin-1")


class Captured:
    """A ``start_response`` that keeps what it is called with."""

    __slots__ = ("pairs", "status")

    status: int
    pairs: list[tuple[str, str]]

    def __call__(
        self, status: str, headers: list[tuple[str, str]], exc_info: Any = None
    ) -> Callable[[bytes], Any]:
        self.status = int(status[:3])
        self.pairs = headers
        return _no_write


def _no_write(data: bytes) -> None:
    raise RuntimeError(
        "The write() callable of WSGI is not available on ASGI: return the body instead."
    )
