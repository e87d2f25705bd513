"""Clients that send slowly, or nothing, do not hold the threads of the others (SECURITY 81, 82)."""

from __future__ import annotations

import time
from contextlib import ExitStack

import pytest
from attacks.threads_held import (
    EXPECTED,
    body_that_never_comes,
    expects_to_be_asked,
    slow_bodies,
)
from exchange import Connection, request

TIMEOUT = 3


@pytest.fixture(scope="module")
def impatient(start):
    with start("asgi", "--threads", "8", "--request-timeout", str(TIMEOUT)) as server:
        yield server


def test_case_81_one_byte_of_each_of_forty_bodies(impatient):
    slow_bodies(impatient, TIMEOUT, 8)


@pytest.mark.parametrize("path", ["/store", "/async/store"])
def test_case_82_a_small_body_that_never_comes(impatient, path):
    body_that_never_comes(impatient, TIMEOUT, path)


@pytest.mark.parametrize(("path", "status"), EXPECTED)
def test_case_82_who_expects_to_be_asked_is_answered_at_once(impatient, path, status):
    expects_to_be_asked(impatient, path, status)


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
