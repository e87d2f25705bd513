"""Whatever a view returns, what goes out is one answer: on WSGI and on ASGI.

The first two bytes choose how the view answers, and the method. Then come a line with the status,
lines with headers, an empty line, and the body, whose lines are its pieces.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from io import BytesIO
from typing import Any

from erlen import Erlen, Response

METHODS = ["GET", "GET", "HEAD", "POST"]
_TOKEN = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+\Z")
# RFC 9110, 5.5: what a field value is made of.
_VALUE = re.compile(rb"[\t\x20-\x7e\x80-\xff]*\Z")
_OF_THE_CONNECTION = {
    b"connection", b"keep-alive", b"transfer-encoding", b"te", b"trailer", b"upgrade",
    b"proxy-connection",
}  # fmt: skip
_MOST_HEADERS = 8


class Parts:
    """What a view is to answer."""

    def __init__(self, data: bytes) -> None:
        head, _, body = data.partition(b"\n\n")
        status, *lines = head.decode("utf-8", "replace").split("\n")
        self.status: Any = int(status) if re.fullmatch(r"-?[0-9]{1,9}", status) else status
        self.headers = [
            (name, value)
            for name, colon, value in (line.partition(":") for line in lines[:_MOST_HEADERS])
            if colon
        ]
        self.body = body
        self.pieces: list[Any] = [
            piece if number % 2 else piece.decode("latin-1")
            for number, piece in enumerate(body.split(b"\n")[:16])
        ]

    def as_tuple(self) -> Any:
        return self.body, self.status, self.headers

    def as_text(self) -> Any:
        return self.body.decode("utf-8", "replace"), self.status, dict(self.headers)

    def as_response(self) -> Any:
        return Response(self.body, self.status, self.headers)

    def as_list(self) -> Any:
        return Response(self.pieces, self.status, self.headers)

    def as_generator(self) -> Any:
        return Response(self._generate(), self.status, self.headers)

    def as_async_generator(self) -> Any:
        return Response(self._generate_async(), self.status, self.headers)

    def as_pieces_of_any_kind(self) -> Any:
        return Response([*self.pieces, len(self.pieces)], self.status, self.headers)

    def set_by_hand(self) -> Any:
        response = Response(self.pieces)
        response.status_code = self.status
        for name, value in self.headers:
            response.headers[name] = value
        response.headers["Content-Length"] = str(len(self.pieces))
        return response

    def as_application(self) -> Any:
        def application(environ: Any, start_response: Any) -> Any:
            start_response(str(self.status), self.headers)
            return [self.body]

        return application

    def _generate(self) -> Iterator[Any]:
        yield from self.pieces

    async def _generate_async(self) -> AsyncIterator[Any]:
        for piece in self.pieces:
            yield piece


WAYS: list[Callable[[Parts], Any]] = [
    Parts.as_tuple, Parts.as_text, Parts.as_response, Parts.as_list, Parts.as_generator,
    Parts.as_async_generator, Parts.as_pieces_of_any_kind, Parts.set_by_hand,
    Parts.as_application,
]  # fmt: skip

_app = Erlen("framing", static_folder=None)
_app.config["PROPAGATE_EXCEPTIONS"] = False
_app.logger.setLevel(logging.CRITICAL + 1)
_answers: list[Callable[[], Any]] = []


@_app.route("/sync", methods=["GET", "POST"])
def _sync() -> Any:
    return _answers[-1]()


@_app.route("/async", methods=["GET", "POST"])
async def _async() -> Any:
    return _answers[-1]()


def framing(data: bytes) -> None:
    """One view, asked on both interfaces."""
    way = WAYS[data[0] % len(WAYS)] if data else Parts.as_tuple
    method = METHODS[data[1] % len(METHODS)] if len(data) > 1 else "GET"
    parts = Parts(data[2:])
    _answers[:] = [lambda: way(parts)]
    check(method, *ask_wsgi(method))
    check(method, *asyncio.run(ask_asgi(method)))


def ask_wsgi(method: str) -> tuple[bytes, list[tuple[bytes, bytes]], bytes, bool]:
    """Status, headers, body, and whether it ended as it should."""
    heads: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        assert not heads or exc_info
        heads.append((status, headers))
        return None

    environ = {
        "REQUEST_METHOD": method, "PATH_INFO": "/sync", "SERVER_NAME": "localhost",
        "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "localhost",
        "wsgi.url_scheme": "http", "wsgi.input": BytesIO(),
    }  # fmt: skip
    body, is_whole = [], False
    iterable = _app(environ, start_response)
    try:
        with suppress(Exception):
            for piece in iterable:
                assert isinstance(piece, bytes)
                body.append(piece)
            is_whole = True
    finally:
        if hasattr(iterable, "close"):
            iterable.close()
    status, headers = heads[-1]
    pairs = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    return status.encode("latin-1"), pairs, b"".join(body), is_whole


async def ask_asgi(method: str) -> tuple[bytes, list[tuple[bytes, bytes]], bytes, bool]:
    """The same on ASGI."""
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method,
        "scheme": "http", "path": "/async", "root_path": "", "query_string": b"",
        "headers": [(b"host", b"localhost")],
    }  # fmt: skip
    with suppress(Exception):
        await _app(scope, receive, send)
    start, *bodies = sent
    assert start["type"] == "http.response.start"
    assert all(message["type"] == "http.response.body" for message in bodies)
    ends = [not message.get("more_body", False) for message in bodies]
    assert not any(ends[:-1]), "something comes behind the end"
    body = b"".join(message.get("body", b"") for message in bodies)
    return b"%d " % start["status"], start["headers"], body, ends[-1:] == [True]


def check(
    method: str, status: bytes, headers: list[tuple[bytes, bytes]], body: bytes, is_whole: bool
) -> None:
    """What a server writes of it is read as one answer (RFC 9112, section 6)."""
    assert re.match(rb"[1-9][0-9]{2} [\t\x20-\x7e\x80-\xff]*\Z", status), status
    code = int(status[:3])
    for name, value in headers:
        assert _TOKEN.match(name), name
        assert _VALUE.match(value), value
        assert name.lower() not in _OF_THE_CONNECTION, name
    # Blanks around a value are none of it.
    lengths = [value.strip(b" \t") for name, value in headers if name.lower() == b"content-length"]
    assert len(lengths) <= 1
    assert all(value.isdigit() for value in lengths)
    if method == "HEAD" or code < 200 or code in (204, 304):
        assert body == b""
        assert not lengths or (code >= 200 and code != 204)
    elif lengths:
        # Shorter ones are no complete answer: the server closes the connection.
        assert len(body) == int(lengths[0]) if is_whole else len(body) <= int(lengths[0])


SEEDS = [
    *(bytes([way, 0]) + b"200\nX-A: b\n\nab\ncd" for way in range(len(WAYS))),
    b"\0\x02" + b"204\nContent-Length: 5\n\nabcde",
    b"\2\0" + b"304 Not Modified\nTransfer-Encoding: chunked\n\nabc",
    b"\4\0" + b"200\nContent-Length: 2\nConnection: close\n\nabc\nd",
    b"\10\0" + b"99\nA\rb: c\n\n",
    b"\10\0" + b"200 OK\nContent-Length: 1\n\nabc",
]
