"""The contract under ``erlen serve``, with sockets: a guard, an agent of two arguments, and a
context that was pushed while the module loads, all in one application."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest
from exchange import Connection, exchange, request
from processes import eventually
from servers import Server

APPLICATION = Path(__file__).parent / "served" / "application.py"


@pytest.fixture(scope="module", params=["asgi", "wsgi"])
def server(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("served")
    shutil.copy(APPLICATION, folder)
    with Server(request.param, folder, "--workers", "1") as server:
        yield server


def ask(server, path, method="GET", **headers):
    headers = {"X-Token": "right", **{k.replace("_", "-"): v for k, v in headers.items()}}
    return exchange(server.port, request(path, method, headers))


def counts(server):
    return exchange(server.port, request("/counts")).json


PATHS = ["/sync", "/async", "/static/a.txt", "/nowhere", "/login/ann", "/teardown-fails"]


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST"])
@pytest.mark.parametrize("path", PATHS)
def test_a_guard_and_an_agent_see_every_request(server, path, method):
    before = counts(server)
    refused = exchange(server.port, request(path, method))
    assert refused.status == 403
    admitted = ask(server, path, method)
    assert admitted.status in (200, 404, 405)
    after = counts(server)
    # These two, and the second question for the counts.
    assert after["middleware"] - before["middleware"] == 3
    assert after["agent"] - before["agent"] == 3


def test_a_late_start_response_and_write(server):
    if server.interface == "asgi":
        # On WSGI this is between the middleware and the server, and Granian does not wait for it.
        answer = ask(server, "/late")
        assert (answer.status, answer.body) == (202, b"late")
    answer = ask(server, "/writes")
    assert (answer.status, answer.body) == (200, b"written body")


def test_a_visitor_without_a_cookie_is_nobody(server):
    login = ask(server, "/login/ann")
    assert login.text.startswith("ann ")
    [cookie] = login.all("Set-Cookie")
    for path in ("/sync", "/async"):
        assert ask(server, path).text == "nobody none None"
        assert ask(server, path, Cookie=cookie.partition(";")[0]).text == "ann none None"
        assert ask(server, path).text == "nobody none None"


def test_two_hundred_requests_are_not_mixed(server):
    found = {}

    def client(k):
        for n in range(k, 200, 8):
            path = ("/sync", "/async")[n % 2]
            found[n] = ask(server, path, X_N=str(n)).text

    clients = [threading.Thread(target=client, args=(k,)) for k in range(8)]
    for one in clients:
        one.start()
    for one in clients:
        one.join(60)
    assert found == {n: f"nobody {n} None" for n in range(200)}


def test_every_token_was_reset_and_every_teardown_ran(server):
    for path in ("/sync", "/async", "/nowhere", "/teardown-fails"):
        ask(server, path)
    now = counts(server)
    assert now["unreset"] == 0
    # The question itself has not ended when it is answered, and on a thread others may not have.
    now = eventually(
        lambda: counts(server), lambda now: now["ended"] == now["app ended"] > 0, seconds=5
    )
    assert now["ended"] == now["app ended"]


def test_a_teardown_that_fails_leaves_the_answer(server):
    answer = ask(server, "/teardown-fails")
    assert (answer.status, answer.body) == (200, b"answered")
    assert "ZeroDivisionError: teardown" in server.log()


@pytest.mark.parametrize("kind", ["async", "sync"])
def test_streams_leave_room_for_pages_and_are_closed_once(server, kind):
    """More than there are threads for."""
    if server.interface == "wsgi":
        pytest.skip("a WSGI server has a thread for each stream")
    before = counts(server)["closed"]
    connections = [Connection(server.port) for _ in range(16)]
    try:
        for connection in connections:
            connection.send(request(f"/stream/{kind}", headers={"X-Token": "right"}))
        # One that is there has begun.
        assert connections[0].head().status in (200, 503)
        for _ in range(4):
            for path in ("/sync", "/async"):
                assert ask(server, path).text == "nobody none None"
    finally:
        for connection in connections:
            connection.reset()
    # Each that began is closed, once.
    last = eventually(
        lambda: counts(server)["closed"], lambda closed: closed - before >= 4, seconds=10
    )
    assert 4 <= last - before <= 16
    assert ask(server, "/sync").text == "nobody none None"
