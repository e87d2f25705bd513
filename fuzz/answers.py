"""Targets that run a whole application: whatever a view returns, what goes out is one answer, and
whatever a WebSocket gets and does, what goes out is what ASGI allows.

A server is stood in for by a few lines that frame an answer as RFC 9112 says, and the parser of the
standard library reads it.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from http.client import HTTPResponse
from io import BytesIO
from typing import Any

from erlen import Erlen, Response, websocket

_NEXT = b"HTTP/1.1 204 NEXT\r\n\r\n"
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+\Z")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*\Z")
_WITHOUT_BODY = (204, 304)
_CODES = frozenset({*range(1000, 1004), *range(1007, 1015), *range(3000, 5000)})

_app = Erlen("fuzzed")
_app.config["PROPAGATE_EXCEPTIONS"] = False
_wanted: Any = None
_loop = asyncio.new_event_loop()


@_app.get("/sync")
def _view() -> Any:
    return _wanted()


@_app.get("/async")
async def _coroutine() -> Any:
    return _wanted()


def _pieces(lines: list[bytes]) -> Iterator[bytes]:
    yield from lines


async def _async_pieces(lines: list[bytes]) -> AsyncIterator[bytes]:
    for line in lines:
        yield line


def _status_of(text: str) -> str | int:
    digits = text.removeprefix("-")
    return int(text) if digits.isdecimal() and digits.isascii() and len(text) < 9 else text


def _returned(way: int, status: str | int, pairs: list[tuple[str, str]], lines: list[bytes]) -> Any:
    """What a view returns: the way is of three digits, for body, headers and status."""
    body: Any = (b"\n".join(lines), lines, _pieces(lines), _async_pieces(lines))[way % 4]
    way //= 4
    if way % 3 == 0:
        return (Response(body) if isinstance(body, list) else body), status, dict(pairs)
    if way % 3 == 1:
        return Response(body, status, pairs)
    response = Response(body)
    for name, value in pairs:
        response.headers.add(name, value)
    if isinstance(status, int):
        response.status_code = status
    else:
        response.status = status
    return response


def _framed(
    method: str, status: str, pairs: list[tuple[str, str]], pieces: list[bytes], is_cut: bool
) -> None:
    """Send an answer as a server does, and read it.

    :param is_cut: whether the body failed, so that the connection ends
    :raises AssertionError: if it is not exactly one answer
    """
    code = int(status[:3])
    assert 200 <= code <= 999 and status[3:4] in ("", " "), status
    assert _VALUE.match(status), status
    names = [name.lower() for name, _ in pairs]
    for name, value in pairs:
        assert _TOKEN.match(name) and _VALUE.match(value), (name, value)
    assert not {"transfer-encoding", "connection"} & set(names)
    assert names.count("content-length") <= 1
    head = f"HTTP/1.1 {status}\r\n" + "".join([f"{name}: {value}\r\n" for name, value in pairs])
    has_body = method != "HEAD" and code not in _WITHOUT_BODY
    body = b"".join(pieces)
    if not has_body:
        assert not body
        sent = ""
    elif "content-length" in names:
        length = int(pairs[names.index("content-length")][1])
        assert len(body) <= length and (is_cut or len(body) == length), (length, body)
        sent = body.decode("latin-1")
    else:
        head += "Transfer-Encoding: chunked\r\n"
        chunks = [f"{len(p):x}\r\n{p.decode('latin-1')}\r\n" for p in pieces if p]
        sent = "".join(chunks) + ("" if is_cut else "0\r\n\r\n")
    if is_cut:
        # Whatever was read of it, nothing comes behind.
        return
    wire = BytesIO(f"{head}\r\n{sent}".encode("latin-1") + _NEXT)
    read = HTTPResponse(_Socket(wire), method=method)  # type: ignore[arg-type]
    read.begin()
    assert (read.status, read.read()) == (code, body if has_body else b"")
    assert wire.read() == _NEXT


class _Socket:
    """What the parser asks of a socket."""

    def __init__(self, file: BytesIO) -> None:
        self._file = file

    def makefile(self, mode: str) -> BytesIO:
        # A parser that closes it must not close what is behind.
        self._file.close = lambda: None  # type: ignore[method-assign]
        return self._file


def _by_wsgi(method: str, path: str) -> None:
    started: list[Any] = []
    environ = {
        "REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": "", "SERVER_NAME": "localhost",
        "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "localhost",
        "wsgi.input": BytesIO(), "wsgi.url_scheme": "http", "wsgi.errors": None,
    }  # fmt: skip

    def start(status: str, pairs: list[tuple[str, str]], exc_info: Any = None) -> Any:
        if exc_info is not None and any(pieces):
            raise exc_info[1]
        started[:] = status, pairs

    pieces: list[bytes] = []
    is_cut = False
    body: Any = _app.wsgi_app(environ, start)
    try:
        for piece in body:
            pieces.append(piece)
    except Exception:
        is_cut = True
    finally:
        if hasattr(body, "close"):
            body.close()
    assert started
    _framed(method, *started, pieces, is_cut)


async def _sent_by_asgi(method: str, path: str) -> tuple[list[Any], bool]:
    sent: list[Any] = []

    async def receive() -> Any:
        await asyncio.sleep(60)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": method, "path": path, "query_string": b"", "http_version": "1.1",
        "headers": [(b"host", b"localhost")], "scheme": "http", "server": ("localhost", 80),
    }  # fmt: skip
    try:
        await _app(scope, receive, send)
    except Exception:
        return sent, True
    return sent, False


def _by_asgi(method: str, path: str) -> None:
    sent, is_cut = _loop.run_until_complete(_sent_by_asgi(method, path))
    start, *rest = sent
    assert start["type"] == "http.response.start"
    assert all(message["type"] == "http.response.body" for message in rest)
    ends = [not message.get("more_body") for message in rest]
    assert is_cut or (ends and ends[-1] and not any(ends[:-1])), rest
    pairs = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in start["headers"]]
    pieces = [message.get("body", b"") for message in rest]
    _framed(method, str(start["status"]), pairs, pieces, is_cut)


def framing(data: bytes) -> None:
    """An answer of any status, headers and body, made in any way: what goes out is one answer.

    The first byte chooses the way; then come a line with the status, one with a name, one with a
    value, and the body.
    """
    global _wanted
    way = data[0] if data else 0
    status, name, value, *lines = [
        *data[1:].decode("latin-1").split("\n", 3), "200", "X-A", "b",
    ][:4]  # fmt: skip
    body = [line.encode("latin-1") for line in "".join(lines).split("\n")]
    pairs = [(name, value), ("X-B", "b")]
    _wanted = lambda: _returned(way // 4, _status_of(status), pairs, body)  # noqa: E731
    method = "HEAD" if way & 1 else "GET"
    if way & 2:
        # What is asynchronous may be sent from the loop.
        _by_asgi(method, "/async")
    else:
        _by_wsgi(method, "/sync")


# -- WebSockets ----------------------------------------------------------------------------------

_steps: list[tuple[str, str]] = []


@_app.websocket("/socket")
async def _socket() -> Any:
    for step, text in _steps:
        if step == "s":
            await websocket.send(text)
        elif step == "b":
            await websocket.send(text.encode())
        elif step == "j":
            await websocket.send_json(text)
        elif step == "r":
            await websocket.receive()
        elif step == "d":
            await websocket.receive_json()
        elif step == "a":
            await websocket.accept(headers={"X-A": text})
        elif step == "c":
            code, _, reason = text.partition(" ")
            await websocket.close(int(code) if code.isdecimal() else 1000, reason)
        elif step == "h":
            return text, 400
        elif step == "e":
            raise ZeroDivisionError(text)
    return None


def _message(kind: str, text: str) -> dict[str, Any]:
    if kind == "t":
        return {"type": "websocket.receive", "text": text, "bytes": None}
    if kind == "y":
        return {"type": "websocket.receive", "bytes": text.encode()}
    return {"type": "websocket.disconnect", "code": 1005}


async def _connected(messages: list[dict[str, Any]]) -> list[Any]:
    sent: list[Any] = []
    waiting = [{"type": "websocket.connect"}, *messages]

    async def receive() -> Any:
        if waiting:
            return waiting.pop(0)
        return {"type": "websocket.disconnect", "code": 1006}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "websocket", "path": "/socket", "query_string": b"", "http_version": "1.1",
        "headers": [(b"host", b"localhost")], "scheme": "ws", "server": ("localhost", 80),
        "subprotocols": [], "extensions": {"websocket.http.response": {}},
    }  # fmt: skip
    await asyncio.wait_for(_app(scope, receive, send), 5)
    return sent


def sockets(data: bytes) -> None:
    """What a client sends and a view does, a line each: what goes out is what ASGI allows.

    A line begins with ``t`` (text), ``y`` (bytes) or ``x`` (gone) for the client, and with another
    letter for the view.
    """
    lines = [(line[:1], line[1:]) for line in data.decode("latin-1").split("\n")[:40]]
    messages = [_message(kind, text) for kind, text in lines if kind in "tyx" and kind]
    _steps[:] = [(kind, text) for kind, text in lines if kind and kind not in "tyx"]
    kinds: list[str] = []
    sent = _loop.run_until_complete(_connected(messages))
    for message in sent:
        kind = message["type"].removeprefix("websocket.")
        if kind == "send":
            text, content = message.get("text"), message.get("bytes")
            assert (text is None) != (content is None)
            if text is not None:
                text.encode()
        elif kind == "close":
            assert message["code"] in _CODES, message
            reason = message.get("reason", "").encode()
            # A control frame has 125 bytes.
            assert len(reason) <= 123
        elif kind == "http.response.start":
            assert 200 <= message["status"] <= 999
        kinds.append(kind)
    order = " ".join(kinds)
    assert re.fullmatch(
        r"(accept( send)*( close)?|close|http\.response\.start( http\.response\.body)+|)", order
    ), order
