"""Clients that read slowly, or go away in the middle of an answer; bodies that fail."""

from __future__ import annotations

import time

import pytest
from exchange import Connection, Cut, exchange, request
from processes import descriptors, eventually, memory, peak_memory, threads

GIGABYTE = 1 << 30
STREAMS = ["generator", "async generator", "context", "async context"]
VIEWS = pytest.mark.parametrize("view", ["sync", "async"])


def path(view, name):
    return f"/endless/{view}/{name}".replace(" ", "%20")


# -- fault 9 ---------------------------------------------------------------------------------


@pytest.mark.parametrize("prefix", ["", "/async"], ids=["sync", "async"])
def test_fault_9_a_slow_reader_of_a_gigabyte(interface, start, prefix, record_property):
    with start(interface) as server:
        exchange(server.port, request(f"{prefix}/huge/{8 << 20}"))
        before = memory(server.worker)
        with Connection(server.port, 30) as connection:
            connection.send(request(f"{prefix}/huge/{GIGABYTE}"))
            assert connection.head().status == 200
            # Time in which a server that does not wait would make all of it.
            time.sleep(1)
            taken, tail = 0, b""
            while tail != b"\r\n0\r\n\r\n":
                if taken < 4 << 20:
                    time.sleep(0.02)
                data = connection.some(1 << 20)
                assert data, "the answer was cut off"
                taken += len(data)
                tail = (tail + data)[-7:]
        assert taken > GIGABYTE
        growth = peak_memory(server.worker) - before
        assert growth < 20
        record_property("outcome", "less than 20 MB more")


# -- fault 10 --------------------------------------------------------------------------------


@VIEWS
@pytest.mark.parametrize("name", STREAMS)
def test_fault_10_clients_reset_in_the_middle(server, view, name, record_property):
    """The generator is closed and the teardown run, each time."""
    times = 500 if name == "generator" else 100

    def leave():
        with Connection(server.port) as connection:
            connection.send(request(path(view, name)))
            assert connection.head().status == 200
            connection.some(100)
            connection.reset()

    for _ in range(5):
        leave()
    before, files = server.settled_counts(), descriptors(server.worker)
    for _ in range(times):
        leave()
    counts = server.counts_since(before, closed=times, teardowns=times)
    assert (counts["opened"], counts["closed"], counts["teardowns"]) == (times,) * 3
    assert eventually(lambda: descriptors(server.worker), lambda now: now <= files + 5) <= files + 5
    record_property("outcome", "closed and torn down each time")


@pytest.mark.parametrize("how", ["reset", "closed"])
def test_fault_10_a_view_that_waits_is_cancelled(start, how):
    """Before there is an answer at all; WSGI has no way to tell the application."""
    with start("asgi") as server:
        before = server.counts()
        for n in range(50):
            with Connection(server.port) as connection:
                connection.send(request("/waiting"))
                server.counts_since(before, opened=n + 1)
                if how == "reset":
                    connection.reset()
        counts = server.counts_since(before, closed=50, teardowns=50)
        assert (counts["closed"], counts["teardowns"]) == (50, 50)
        assert "Exception" not in server.log()


def test_fault_10_nothing_is_left(interface, start):
    """Memory, descriptors and threads, behind clients that have all gone away."""
    # One thread for views: a larger pool would grow while it is measured.
    with start(interface, "--threads", "1") as server:

        def leave(times):
            before = server.settled_counts()
            for n in range(times):
                with Connection(server.port) as connection:
                    connection.send(request(path("async" if n % 2 else "sync", STREAMS[n % 4])))
                    connection.head()
                    connection.reset()
            server.counts_since(before, closed=times, teardowns=times)

        leave(200)
        before = memory(server.worker), descriptors(server.worker), threads(server.worker)
        leave(400)
        after = memory(server.worker), descriptors(server.worker), threads(server.worker)
        assert after[0] <= before[0] * 1.05 + 1
        assert after[1] <= before[1] + 2
        assert after[2] <= before[2] + 1


# -- fault 11 --------------------------------------------------------------------------------


@VIEWS
@pytest.mark.parametrize("name", ["context", "async context"])
def test_fault_11_the_next_request_on_the_thread_finds_no_context(interface, start, view, name):
    with start(interface, "--threads", "1", environ={"FAULTS_LOOK": "1"}) as server:
        for _ in range(10):
            before = server.settled_counts()
            with Connection(server.port) as connection:
                connection.send(request(path(view, name)))
                assert connection.head().status == 200
                connection.some(100)
                connection.reset()
            # The only thread takes it when it is done with the one before.
            assert exchange(server.port, request("/outer")).json == {"current before": []}
            counts = server.counts_since(before, teardowns=2)
            assert (counts["closed"], counts["teardowns"]) == (1, 2)


# -- fault 13 --------------------------------------------------------------------------------


@VIEWS
@pytest.mark.parametrize("name", ["generator", "async generator"])
def test_fault_13_a_body_that_fails_is_no_complete_one(
    server, interface, view, name, record_property
):
    before = server.settled_counts()
    whole = b"chunk 0\nchunk 1\nchunk 2\n"
    try:
        answer = exchange(server.port, request(f"/failing/{view}/{name}".replace(" ", "%20")))
    except Cut:
        # On WSGI, Granian may drop what it has not sent yet.
        assert interface == "wsgi"
    else:
        assert answer.status == 200
        assert answer.body == whole or (interface == "wsgi" and whole.startswith(answer.body))
        assert not answer.complete
    record_property("outcome", "the client can tell")
    assert server.counts_since(before, teardowns=1)["teardowns"] == 1
    assert "ZeroDivisionError" in server.log()
