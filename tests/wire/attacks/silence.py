"""Connections that say nothing are closed at the time limit of headers."""

from __future__ import annotations

import time
from contextlib import ExitStack

from exchange import Connection
from faulty import Faulty

from attacks import PATIENCE, bounds

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
SAID = [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: a", PREFACE[:10], PREFACE]


@bounds(seconds=30)
def case_86_silent_connections(server: Faulty) -> None:
    with ExitStack() as stack:
        began = time.monotonic()
        clients = [stack.enter_context(Connection(server.port, 30)) for _ in SAID]
        for client, said in zip(clients, SAID, strict=True):
            client.send(said)
        for client, said in zip(clients, SAID, strict=True):
            try:
                while client.some():
                    pass
            except ConnectionError:
                pass
            assert time.monotonic() - began < 3 * PATIENCE + 3, said


@bounds(seconds=30)
def case_86_headers_that_drip(server: Faulty) -> None:
    with Connection(server.port, 30) as client:
        client.send(b"GET / HTTP/1.1\r\n")
        began = time.monotonic()
        try:
            while time.monotonic() - began < 20:
                client.send(b"X: y\r\n")
                time.sleep(0.2)
        except ConnectionError:
            pass
        assert time.monotonic() - began < 3 * PATIENCE + 3
