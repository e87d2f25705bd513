"""Clients that send slowly, or nothing, do not hold the threads of the others (SECURITY 81, 82)."""

from __future__ import annotations

import time
from contextlib import ExitStack

import pytest
from exchange import Connection, request
from processes import eventually, threads

TIMEOUT = 3


@pytest.fixture(scope="module")
def impatient(start):
    with start("asgi", "--threads", "8", "--request-timeout", str(TIMEOUT)) as server:
        yield server


def head(path, length, *more):
    return request(path, "POST", headers=[("Content-Length", str(length)), *more])


def test_case_81_one_byte_of_each_of_forty_bodies(impatient):
    before = threads(impatient.worker)
    with ExitStack() as stack:
        clients = [stack.enter_context(Connection(impatient.port)) for _ in range(40)]
        for client in clients:
            client.send(head("/store", 100_000) + b"x")
        time.sleep(0.5)
        for _ in range(5):
            began = time.monotonic()
            with Connection(impatient.port) as page:
                page.send(request("/"))
                assert page.answer().status == 200
            assert time.monotonic() - began < 1
        statuses = {client.answer().status for client in clients}
        # In time: nobody waits longer than the client may.
        assert time.monotonic() - began < 3 * TIMEOUT
    assert 408 in statuses and statuses <= {408, 503}
    # Those that took the place of others have gone, but for what the pool has.
    now = eventually(lambda: threads(impatient.worker), lambda now: now <= before + 8 + 1, 10)
    assert now <= before + 8 + 1


@pytest.mark.parametrize("path", ["/store", "/async/store"])
def test_case_82_a_small_body_that_never_comes(impatient, path):
    began = time.monotonic()
    with Connection(impatient.port) as client:
        client.send(head(path, 100))
        assert client.answer().status == 408
    assert TIMEOUT * 0.9 < time.monotonic() - began < 3 * TIMEOUT


@pytest.mark.parametrize(("path", "status"), [("/nowhere", 404), ("/index-only", 404), ("/", 405)])
def test_case_82_who_expects_to_be_asked_is_answered_at_once(impatient, path, status):
    began = time.monotonic()
    with Connection(impatient.port) as client:
        client.send(head(path, 100, ("Expect", "100-continue")))
        assert client.answer().status == status
    assert time.monotonic() - began < 1


@pytest.mark.parametrize("environ", [{}, {"FAULTS_LOOK": "1"}], ids=["plain", "wrapped"])
def test_case_83_requests_of_clients_that_have_gone(start, environ):
    with start("asgi", "--threads", "4", environ=environ) as server:
        before = server.counts()
        with ExitStack() as stack:
            clients = [stack.enter_context(Connection(server.port)) for _ in range(100)]
            for client in clients:
                client.send(request("/slow/1.0"))
            # The page that counts would wait for a thread itself.
            time.sleep(0.5)
            for client in clients:
                client.reset()
        time.sleep(0.5)
        began = time.monotonic()
        with Connection(server.port) as page:
            page.send(request("/"))
            assert page.answer().status == 200
        # One of the four that had begun is waited for.
        assert time.monotonic() - began < 3
        time.sleep(1.5)
        counts = server.settled_counts()
        # Those that were on a thread, and a page, and those whose turn came before they had gone.
        assert counts["requests"] - before["requests"] < 20
