"""HTTP/1.1 on a socket, byte by byte: what is sent may be malformed, and what comes is kept."""

from __future__ import annotations

import contextlib
import json
import select
import socket
import struct
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

HOST = "example.test"
# Longer than anything takes on a machine that does ten other things.
_SECONDS = 60
_PIECE = 1 << 16


class Cut(Exception):
    """The connection ended before the answer did."""


@dataclass
class Answer:
    """One response.

    :param complete: whether it came to the end that its framing announces
    :param interim: the status codes of the 1xx answers before it
    """

    status: int
    reason: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    complete: bool = True
    interim: list[int] = field(default_factory=list)

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def get(self, name: str) -> str | None:
        return ", ".join(self.all(name)) if self.all(name) else None

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def request(
    path: str | bytes = "/",
    method: str = "GET",
    headers: Mapping[str, str | bytes] | Iterable[tuple[str, str | bytes]] = (),
    body: bytes | Iterable[bytes] | None = None,
    version: str = "HTTP/1.1",
    host: str | None = HOST,
) -> bytes:
    """The bytes of a request.

    :param body: with a length if it is bytes, chunked if it is several of them
    """
    pairs: list[tuple[str, str | bytes]] = [] if host is None else [("Host", host)]
    pairs += headers.items() if isinstance(headers, Mapping) else headers
    content = b""
    if isinstance(body, bytes):
        pairs.append(("Content-Length", str(len(body))))
        content = body
    elif body is not None:
        pairs.append(("Transfer-Encoding", "chunked"))
        content = b"".join([b"%x\r\n%b\r\n" % (len(c), c) for c in body if c]) + b"0\r\n\r\n"
    lines = [b"%b %b %b" % (method.encode(), _bytes(path), version.encode())]
    lines += [b"%b: %b" % (name.encode(), _bytes(value)) for name, value in pairs]
    return b"\r\n".join(lines) + b"\r\n\r\n" + content


def _bytes(value: str | bytes) -> bytes:
    return value.encode() if isinstance(value, str) else value


class Connection:
    """A client's end of a connection to a port of this machine."""

    def __init__(self, port: int, seconds: float = _SECONDS) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), seconds)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._left = b""

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def send_until_answered(self, data: bytes) -> None:
        """Send what the server takes before it answers or hangs up."""
        view = memoryview(data)
        limit = time.monotonic() + _SECONDS
        self.socket.setblocking(False)
        try:
            while view and time.monotonic() < limit:
                readable, writable, _ = select.select([self.socket], [self.socket], [], 1)
                if readable:
                    return
                if writable:
                    view = view[self.socket.send(view[: 4 * _PIECE]) :]
        except OSError:
            return
        finally:
            self.socket.settimeout(_SECONDS)

    def reset(self) -> None:
        """End the connection with a TCP reset."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def is_ended(self, seconds: float = _SECONDS) -> bool:
        """Whether the server ends the connection within this time without another byte."""
        self.socket.settimeout(seconds)
        try:
            return not self._left and not self.socket.recv(1)
        except TimeoutError:
            return False
        except OSError:
            return True

    def answer(self, method: str = "GET") -> Answer:
        """The next answer.

        :param method: what it answers; an answer to HEAD has no body
        :raises Cut: if the connection ends before its header does
        """
        answer = self._head_behind_interim(200)
        return self._with_body(answer, method)

    def _head_behind_interim(self, least: int) -> Answer:
        interim = []
        while True:
            answer = self._head()
            if answer.status >= least:
                answer.interim = interim
                return answer
            interim.append(answer.status)

    def _with_body(self, answer: Answer, method: str) -> Answer:
        if method == "HEAD" or answer.status in (204, 304):
            return answer
        length = answer.get("Content-Length")
        pieces: list[bytes] = []
        try:
            if "chunked" in (answer.get("Transfer-Encoding") or ""):
                self._take_chunks(pieces)
            elif length is not None:
                self._take(int(length), pieces)
            else:
                self._take_all(pieces)
        except Cut:
            answer.complete = False
        answer.body = b"".join(pieces)
        return answer

    def answer_or_switch(self) -> Answer:
        """As :meth:`answer`; 101 is one, and what comes behind it is no HTTP."""
        answer = self._head_behind_interim(101)
        if answer.status == 101:
            return answer
        return self._with_body(answer, "GET")

    def exactly(self, size: int) -> bytes:
        """So many bytes, unframed.

        :raises Cut: if the connection ends before
        """
        pieces: list[bytes] = []
        self._take(size, pieces)
        return b"".join(pieces)

    def half_close(self) -> None:
        """Say that nothing more will be sent, and go on reading."""
        self.socket.shutdown(socket.SHUT_WR)

    def head(self) -> Answer:
        """The next header alone; the body is left to be taken with :meth:`some`."""
        return self._head()

    def some(self, size: int = _PIECE) -> bytes:
        """What comes next, unframed; ``b""`` at the end."""
        if self._left:
            data, self._left = self._left[:size], self._left[size:]
            return data
        return self.socket.recv(size)

    def _head(self) -> Answer:
        lines = []
        while line := self._line():
            lines.append(line.decode("latin-1"))
        if not lines:
            raise Cut()
        _, status, reason = f"{lines[0]} ".split(" ", 2)
        pairs = [line.split(":", 1) for line in lines[1:]]
        return Answer(int(status), reason.strip(), [(key, value.strip()) for key, value in pairs])

    def _more(self) -> None:
        try:
            data = self.socket.recv(_PIECE)
        except ConnectionError as error:
            raise Cut() from error
        if not data:
            raise Cut()
        self._left += data

    def _line(self) -> bytes:
        while b"\r\n" not in self._left:
            self._more()
        line, _, self._left = self._left.partition(b"\r\n")
        return line

    def _take(self, size: int, pieces: list[bytes]) -> None:
        """Move so many bytes to ``pieces``, which has what came even if they do not all come."""
        while size:
            if not self._left:
                self._more()
            piece, self._left = self._left[:size], self._left[size:]
            size -= len(piece)
            pieces.append(piece)

    def _take_chunks(self, pieces: list[bytes]) -> None:
        while size := int(self._line().partition(b";")[0], 16):
            self._take(size, pieces)
            self._line()
        while self._line():
            pass

    def _take_all(self, pieces: list[bytes]) -> None:
        with contextlib.suppress(Cut):
            while True:
                if not self._left:
                    self._more()
                pieces.append(self._left)
                self._left = b""


def exchange(port: int, data: bytes, method: str | None = None) -> Answer:
    """Send a request on a connection of its own, and take the answer.

    :param method: read from the request if it is not given
    :raises Cut: if there is none
    """
    with Connection(port) as connection:
        connection.send_until_answered(data)
        return connection.answer(method or data.partition(b" ")[0].decode("latin-1"))
