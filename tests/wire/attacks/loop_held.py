"""One client, and a view that never waits, do not stop the others."""

from __future__ import annotations

import threading
import time

from exchange import Connection, request
from faulty import Faulty
from frames import TEXT, frame, handshake
from processes import eventually, memory

from attacks import SECONDS, bounds


def longest(server: Faulty, times: int = 20) -> float:
    """The longest that a page took, of so many."""
    taken = []
    for _ in range(times):
        began = time.monotonic()
        server.counts()
        taken.append(time.monotonic() - began)
        time.sleep(0.01)
    return max(taken)


def endless(server: Faulty, path: str) -> None:
    before = server.counts()
    with Connection(server.port) as connection:
        connection.send(request(f"/restless/{path}"))
        connection.some(100)
        assert longest(server) < SECONDS
        connection.reset()
    counts = server.counts_since(before, closed=1, teardowns=1)
    assert (counts["opened"], counts["closed"], counts["teardowns"]) == (1, 1, 1)
    assert longest(server, 3) < SECONDS


@bounds("asgi", seconds=30)
def case_78_an_endless_body_whose_client_resets(server: Faulty) -> None:
    endless(server, "endless")
    endless(server, "with-context")


@bounds("asgi", seconds=60)
def case_79_three_million_pieces(server: Faulty) -> None:
    with Connection(server.port) as connection:
        connection.send(request("/restless/finite"))

        def read() -> None:
            for _ in range(300):
                connection.some(1 << 16)

        reader = threading.Thread(target=read)
        reader.start()
        assert longest(server) < SECONDS
        reader.join(60)
        connection.reset()
    counts = server.settled_counts()
    assert counts["opened"] == counts["closed"]


def only_sends(server: Faulty, said: int) -> None:
    """
    :param said: how many messages the client sends, which nobody receives
    """
    before, megabytes = server.settled_counts(), memory(server.worker)
    with Connection(server.port) as connection:
        assert handshake(connection, "/restless/socket").status == 101
        connection.send(frame(TEXT, b"hi") * said)
        connection.some(100_000)
        time.sleep(0.3)
        assert longest(server, 3) < SECONDS
        connection.reset()
    began = time.monotonic()
    counts = server.counts_since(before, closed=1)
    assert (counts["opened"], counts["closed"]) == (1, 1)
    assert time.monotonic() - began < 10
    now = eventually(lambda: memory(server.worker), lambda now: now < megabytes + 40, 10)
    assert now < megabytes + 40


@bounds("asgi", seconds=30, megabytes=40)
def case_80_a_socket_that_only_sends(server: Faulty) -> None:
    only_sends(server, 0)
    only_sends(server, 40)
