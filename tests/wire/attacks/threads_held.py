"""Clients that send slowly, or nothing, or have gone, and views that wait for each other, do not
hold the threads of the others."""

from __future__ import annotations

import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from exchange import Connection, exchange, request
from faulty import Faulty
from processes import eventually, threads

from attacks import PATIENCE, SECONDS, THREADS, WAITING, bounds, page


def head(path: str, length: int, *more: tuple[str, str]) -> bytes:
    """The head of a request with a body that is still to come."""
    return request(path, "POST", headers=[("Content-Length", str(length)), *more])


def slow_bodies(server: Faulty, timeout: float, size: int) -> None:
    """
    :param timeout: how long the server waits for a body
    :param size: how many threads it has
    """
    # The server starts threads of its own for the first requests.
    for path in ("/", "/async"):
        page(server, path)
    before = threads(server.worker)
    with ExitStack() as stack:
        clients = [stack.enter_context(Connection(server.port)) for _ in range(40)]
        for client in clients:
            client.send(head("/store", 100_000) + b"x")
        time.sleep(0.5)
        for _ in range(5):
            page(server, "/")
        began = time.monotonic()
        statuses = {client.answer().status for client in clients}
        # In time: nobody waits longer than the client may.
        assert time.monotonic() - began < 3 * timeout
    assert 408 in statuses and statuses <= {408, 503}
    # Those that took the place of others have gone, but for what the pool has.
    most = before + size + 2
    now = eventually(lambda: threads(server.worker), lambda now: now <= most, 10)
    assert now <= most


def body_that_never_comes(server: Faulty, timeout: float, path: str) -> None:
    began = time.monotonic()
    with Connection(server.port) as client:
        client.send(head(path, 100))
        assert client.answer().status == 408
    assert timeout * 0.9 < time.monotonic() - began < 3 * timeout


EXPECTED = [("/nowhere", 404), ("/index-only", 404), ("/", 405), ("/attacked/sync/short", 413)]


def expects_to_be_asked(server: Faulty, path: str, status: int) -> None:
    began = time.monotonic()
    with Connection(server.port) as client:
        client.send(head(path, 8_000_000, ("Expect", "100-continue")))
        answer = client.answer()
        assert (answer.status, answer.interim) == (status, [])
    assert time.monotonic() - began < SECONDS


@bounds("asgi", seconds=30)
def case_81_one_byte_of_each_of_forty_bodies(server: Faulty) -> None:
    slow_bodies(server, PATIENCE, THREADS)


@bounds("asgi", seconds=30)
def case_82_a_small_body_that_never_comes(server: Faulty) -> None:
    for path in ("/store", "/async/store"):
        body_that_never_comes(server, PATIENCE, path)


def case_82_who_expects_to_be_asked_is_answered_at_once(server: Faulty) -> None:
    for path, status in EXPECTED:
        expects_to_be_asked(server, path, status)


@bounds("asgi", seconds=30)
def case_83_requests_of_clients_that_have_gone(server: Faulty) -> None:
    before = server.counts()
    with ExitStack() as stack:
        # As many as may wait.
        clients = [stack.enter_context(Connection(server.port)) for _ in range(THREADS + WAITING)]
        for client in clients:
            client.send(request("/slow/1.0"))
        time.sleep(0.5)
        for client in clients:
            client.reset()
    # They are noticed one after the other.
    end = time.monotonic() + 3
    while exchange(server.port, request("/")).status == 503:
        assert time.monotonic() < end, "a page waits for clients that have gone"
        time.sleep(0.1)
    time.sleep(1)
    counts = server.settled_counts()
    # Those that were on a thread, and a page.
    assert counts["requests"] - before["requests"] < THREADS + 4


@bounds("asgi", seconds=30)
def case_84_a_full_pool_refuses_new_requests_alone(server: Faulty) -> None:
    """What has begun goes on: asynchronous views with synchronous teardown, streams that are made
    by threads, and their ends."""
    before = server.counts()
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())

        def connect() -> Connection:
            return stack.enter_context(Connection(server.port))

        streams = [connect() for _ in range(3)]
        for stream in streams:
            stream.send(request("/attacked/trickle/100"))
            assert stream.head().status == 200
        blocked = [connect() for _ in range(THREADS + WAITING)]
        for client in blocked:
            client.send(request(f"/gate{folder}/open"))
        # Its hooks and its teardown are synchronous: it waits for a thread, and gets one.
        asynchronous = connect()
        asynchronous.send(request("/async"))

        def status() -> int:
            with Connection(server.port, 0.3) as other:
                other.send(request("/probe"))
                try:
                    return other.answer().status
                except TimeoutError:
                    return 0

        assert eventually(status, lambda status: status == 503, 10) == 503
        refused = exchange(server.port, request("/probe"))
        assert (refused.status, refused.get("Retry-After")) == (503, "1")
        Path(folder, "open").touch()
        assert asynchronous.answer().text == "ok"
        assert {client.answer().status for client in blocked} <= {200, 503}
        for stream in streams:
            rest = b""
            while b"99;" not in rest:
                rest += (piece := stream.some())
                assert piece, "a stream was cut off"
    counts = server.settled_counts()
    assert counts["closed"] - before["closed"] == len(streams)


@bounds("asgi", seconds=40)
def case_85_threads_that_wait_for_what_needs_a_thread(server: Faulty) -> None:
    with ExitStack() as stack:
        clients = [stack.enter_context(Connection(server.port, 30)) for _ in range(2 * THREADS)]
        for client in clients:
            client.send(request("/attacked/waits-for-async"))
        assert [client.answer().text for client in clients] == ["0;1;2;"] * len(clients)
