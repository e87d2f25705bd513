"""WebSockets on a connection, frame by frame (RFC 6455): what is sent may be malformed."""

from __future__ import annotations

from typing import NamedTuple

from exchange import Answer, Connection, Cut, request

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
_HEADERS = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


class Frame(NamedTuple):
    """A frame that the server has sent."""

    opcode: int
    data: bytes
    is_last: bool

    @property
    def code(self) -> int:
        """The code of a closing frame; 1005 where it has none."""
        return int.from_bytes(self.data[:2]) if len(self.data) > 1 else 1005


def handshake(connection: Connection, path: str, **headers: str) -> Answer:
    """The answer to a client that wants a WebSocket: 101 opens it."""
    connection.send(request(path, headers={**_HEADERS, **headers}))
    return connection.answer_or_switch()


def frame(opcode: int, data: bytes = b"", is_last: bool = True, is_masked: bool = True) -> bytes:
    """A client's frame; the mask is zero, so that it leaves the data as they are."""
    size = len(data)
    mask = 0x80 if is_masked else 0
    if size < 126:
        length = bytes([mask | size])
    elif size < 1 << 16:
        length = bytes([mask | 126]) + size.to_bytes(2)
    else:
        length = bytes([mask | 127]) + size.to_bytes(8)
    return bytes([is_last << 7 | opcode]) + length + (b"\0" * 4 if is_masked else b"") + data


def received(connection: Connection) -> Frame:
    """The next frame of the server.

    :raises Cut: if the connection ends before its end
    """
    first, size = connection.exactly(2)
    if size == 126:
        size = int.from_bytes(connection.exactly(2))
    elif size == 127:
        size = int.from_bytes(connection.exactly(8))
    assert not size & 0x80, "a server masks nothing"
    return Frame(first & 15, connection.exactly(size), bool(first & 0x80))


def closed(connection: Connection) -> Frame | None:
    """The closing frame, whatever comes before it; ``None`` if the connection ends without one."""
    try:
        while (found := received(connection)).opcode != CLOSE:
            pass
    except (Cut, ConnectionError):
        return None
    return found
