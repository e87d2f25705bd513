"""WebSockets: what may be sent, and how much."""

from __future__ import annotations

import time
from urllib.parse import quote

from exchange import Connection, Cut
from faulty import Faulty
from frames import BINARY, CLOSE, CONTINUATION, PING, TEXT, closed, frame, handshake, received
from processes import memory

from attacks import bounds, page

ECHO = "/attacked/socket/echo"
# What a message may have by default.
LIMIT = 64 << 10


def opened(server: Faulty, path: str) -> Connection:
    connection = Connection(server.port, 20)
    answer = handshake(connection, path)
    assert answer.status == 101, answer
    return connection


@bounds("asgi")
def case_93_reasons_that_are_too_long(server: Faulty) -> None:
    """A control frame has 125 bytes, and ends between two characters."""
    for character in ("x", "\u00e9", "\u20ac", "\U0001f600"):
        path = f"/attacked/socket/close/4000?times=200&reason={quote(character)}"
        with opened(server, path) as connection:
            found = closed(connection)
        assert found is not None and found.code == 4000
        assert 115 < len(found.data) <= 125
        assert set(found.data[2:].decode()) == {character}
        with opened(server, f"/attacked/socket/error?reason={quote(character)}") as connection:
            connection.send(frame(TEXT, b"go"))
            found = closed(connection)
        assert found is not None and found.code == 1007
        assert set(found.data[2:].decode()) == {character}


@bounds("asgi")
def case_93_codes_that_may_not_be_sent(server: Faulty) -> None:
    for code in (0, 999, 1004, 1005, 1006, 1015, 1100, 2999, 5000, 70000):
        with opened(server, f"/attacked/socket/close/{code}") as connection:
            found = closed(connection)
        assert found is not None and found.code == 1011, (code, found)
    for code in (1000, 1001, 1011, 3000, 4999):
        with opened(server, f"/attacked/socket/close/{code}") as connection:
            found = closed(connection)
        assert found is not None and found.code == code


def sent_until_closed(connection: Connection, piece: bytes, most: int) -> int:
    """How many bytes the server took before it ended the connection."""
    sent = 0
    try:
        while sent < most:
            connection.send(piece)
            sent += len(piece)
    except ConnectionError:
        pass
    return sent


@bounds("asgi", seconds=60, megabytes=40)
def case_94_fragments_without_an_end(server: Faulty) -> None:
    """A message that is never finished takes no memory beyond the limit."""
    before = memory(server.worker)
    with opened(server, ECHO) as connection:
        connection.send(frame(TEXT, b"x" * 1000, is_last=False))
        piece = frame(CONTINUATION, b"x" * (16 << 10), is_last=False)
        sent = sent_until_closed(connection, piece, 256 << 20)
        assert sent < 256 << 20, "the server took all of it"
        assert memory(server.worker) - before < 100
    page(server)


@bounds("asgi", seconds=60, megabytes=40)
def case_94_one_frame_without_an_end(server: Faulty) -> None:
    before = memory(server.worker)
    with opened(server, ECHO) as connection:
        head = frame(BINARY, b"x" * (1 << 16))[:2] + (1 << 40).to_bytes(8) + b"\0" * 4
        connection.send(head)
        sent = sent_until_closed(connection, b"x" * (1 << 16), 256 << 20)
        assert sent < 256 << 20, "the server took all of it"
        assert memory(server.worker) - before < 100
    page(server)


@bounds("asgi")
def case_94_a_message_over_the_limit(server: Faulty) -> None:
    for opcode in (TEXT, BINARY):
        with opened(server, ECHO) as connection:
            connection.send(frame(opcode, b"x" * LIMIT))
            assert received(connection).data == b"x" * LIMIT
            connection.send(frame(opcode, b"x" * (LIMIT + 1)))
            found = closed(connection)
            assert found is not None and found.code == 1009, found


@bounds("asgi", seconds=20)
def case_94_frames_that_are_none(server: Faulty) -> None:
    """Each ends the connection, and none ends the worker."""
    for sent in (
        frame(TEXT, b"\xff\xfe"),
        frame(TEXT, b"hi", is_masked=False),
        frame(3, b"hi"),
        frame(11, b"hi"),
        frame(CONTINUATION, b"hi"),
        frame(PING, b"x" * 126),
        frame(PING, b"x", is_last=False),
        bytes([0xF1]) + frame(TEXT, b"hi")[1:],
        frame(CLOSE, b"\x03"),
        frame(CLOSE, (1005).to_bytes(2)),
        frame(CLOSE, (1000).to_bytes(2) + b"\xff"),
        frame(TEXT, b"a", is_last=False) + frame(TEXT, b"b"),
    ):
        with opened(server, ECHO) as connection:
            connection.send(sent)
            began = time.monotonic()
            try:
                while received(connection).opcode != CLOSE:
                    raise AssertionError(f"{sent[:8]!r} was taken for a message")
            except (Cut, ConnectionError):
                pass
            assert time.monotonic() - began < 5, sent[:8]
    page(server)


@bounds("asgi")
def case_93_errors_before_it_is_accepted(server: Faulty) -> None:
    for what, status in (
        ("error", 500), ("handled", 418), ("401", 401), ("404", 404), ("interim", 500),
    ):  # fmt: skip
        with Connection(server.port) as connection:
            answer = handshake(connection, f"/attacked/socket/before/{what}")
            assert answer.status == status, (what, answer)
            assert answer.complete


def case_72_a_page_of_another_site(server: Faulty) -> None:
    if server.name == "wsgi":
        # Where there are no sockets, the answer says that.
        with Connection(server.port) as connection:
            assert handshake(connection, ECHO).status == 426
        return
    with Connection(server.port) as connection:
        assert handshake(connection, ECHO, Origin="https://evil.test").status == 403
    with Connection(server.port) as connection:
        assert handshake(connection, ECHO, Origin="https://example.test").status == 101
