"""Calling an ASGI application in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote_from_bytes

from ..context.contexts import JOINS, PRESERVE
from ..http.headers import Headers
from .asgi_validation import validated

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    Application = Callable[[Any, Any, Any], Awaitable[None]]

_PIECE = 64 * 1024


def make_scope(environ: dict[str, Any], kind: str = "http") -> dict[str, Any]:
    """The ASGI scope of the request that a WSGI environment is for.

    :param kind: ``http`` or ``websocket``
    """

    def raw(key: str) -> bytes:
        return str(environ.get(key, "")).encode("latin-1")

    headers = []
    for key, value in environ.items():
        if key.startswith("HTTP_"):
            name = key[5:]
        elif key in ("CONTENT_TYPE", "CONTENT_LENGTH") and value not in ("", None):
            name = key
        else:
            continue
        headers.append((name.lower().replace("_", "-").encode("latin-1"), raw(key)))
    root = raw("SCRIPT_NAME").rstrip(b"/")
    path = root + raw("PATH_INFO")
    scheme = environ.get("wsgi.url_scheme", "http")
    if kind == "websocket":
        scheme = "wss" if scheme in ("https", "wss") else "ws"
    scope: dict[str, Any] = {
        "type": kind,
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": environ.get("SERVER_PROTOCOL", "HTTP/1.1").removeprefix("HTTP/"),
        "scheme": scheme,
        "path": path.decode("utf-8", "replace"),
        "raw_path": quote_from_bytes(path, safe="/!$&'()*+,;=:@%").encode("ascii"),
        "query_string": raw("QUERY_STRING"),
        "root_path": root.decode("utf-8", "replace"),
        "headers": headers,
        "server": (environ.get("SERVER_NAME", "localhost"), int(environ.get("SERVER_PORT") or 80)),
        "client": (environ.get("REMOTE_ADDR", "127.0.0.1"), 50000),
        "extensions": {},
    }
    if kind == "http":
        scope["method"] = environ["REQUEST_METHOD"].upper()
    for name in (PRESERVE, JOINS):
        if name in environ:
            scope[name] = environ[name]
    return scope


def decode_headers(pairs: Iterable[tuple[bytes, bytes]]) -> Headers:
    """Headers as WSGI has them, of those of an ASGI message."""
    return Headers([(k.decode("latin-1").title(), v.decode("latin-1")) for k, v in pairs])


async def call_asgi(
    application: Application, environ: dict[str, Any]
) -> tuple[list[bytes], str, Headers]:
    """Make a request; body, status line and headers of the answer.

    Every message is checked against the specification.

    :raises AssertionError: for a message that breaks it
    """
    from asyncio import Event

    stream = environ["wsgi.input"]
    length = environ.get("CONTENT_LENGTH")
    is_chunked = "HTTP_TRANSFER_ENCODING" in environ
    left = None if is_chunked else 0
    if length and length.isascii() and length.isdigit():
        left = int(length)
    finished = Event()
    is_sent = False

    async def receive() -> dict[str, Any]:
        nonlocal left, is_sent
        if is_sent:
            await finished.wait()
            return {"type": "http.disconnect"}
        piece = stream.read(_PIECE if left is None else min(_PIECE, left))
        if left is not None:
            left -= len(piece)
        is_sent = not piece or left == 0
        return {"type": "http.request", "body": piece, "more_body": not is_sent}

    status = 0
    headers = Headers()
    body: list[bytes] = []

    async def send(message: dict[str, Any]) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
            headers.extend(decode_headers(message.get("headers", ())))
        else:
            body.append(message.get("body", b""))
            if not message.get("more_body", False):
                finished.set()

    scope = make_scope(environ)
    try:
        await validated(application)(scope, receive, send)
    finally:
        finished.set()
    from ..http.status import STATUS_LINES

    return body, STATUS_LINES.get(status, f"{status} UNKNOWN"), headers
