"""One client, and a view that never waits, do not stop the others (SECURITY 78 to 80)."""

from __future__ import annotations

import threading
import time

import pytest
from exchange import Connection, request
from processes import eventually, memory

pytestmark = pytest.mark.parametrize("interface", ["asgi"], scope="module")
# A machine that does other things besides may take so long.
SECONDS = 1
UPGRADE = (
    b"GET /restless/socket HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
    b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
# A masked text frame with "hi" (RFC 6455); the mask is zero.
HI = b"\x81\x82\0\0\0\0hi"


def longest(server, times=20):
    """The longest that a page took, of so many."""
    taken = []
    for _ in range(times):
        began = time.monotonic()
        server.counts()
        taken.append(time.monotonic() - began)
        time.sleep(0.01)
    return max(taken)


@pytest.mark.parametrize("path", ["endless", "with-context"])
def test_case_78_an_endless_body_whose_client_resets(server, path):
    before = server.counts()
    with Connection(server.port) as connection:
        connection.send(request(f"/restless/{path}"))
        connection.some(100)
        assert longest(server) < SECONDS
        connection.reset()
    counts = server.counts_since(before, closed=1, teardowns=1)
    assert (counts["opened"], counts["closed"], counts["teardowns"]) == (1, 1, 1)
    assert longest(server, 3) < SECONDS


def test_case_79_three_million_pieces(server):
    with Connection(server.port) as connection:
        connection.send(request("/restless/finite"))

        def read():
            for _ in range(300):
                connection.some(1 << 16)

        reader = threading.Thread(target=read)
        reader.start()
        assert longest(server) < SECONDS
        reader.join(60)
        connection.reset()
    counts = server.settled_counts()
    assert counts["opened"] == counts["closed"]


@pytest.mark.parametrize("said", [0, 40], ids=["silent", "with messages"])
def test_case_80_a_socket_that_only_sends_and_whose_client_resets(server, said):
    before, megabytes = server.settled_counts(), memory(server.worker)
    with Connection(server.port) as connection:
        connection.send(UPGRADE + HI * said)
        connection.some(100_000)
        time.sleep(0.3)
        assert longest(server, 3) < SECONDS
        connection.reset()
    began = time.monotonic()
    counts = server.counts_since(before, closed=1)
    assert (counts["opened"], counts["closed"]) == (1, 1)
    assert time.monotonic() - began < 10 * SECONDS
    now = eventually(lambda: memory(server.worker), lambda now: now < megabytes + 40, 10)
    assert now < megabytes + 40
