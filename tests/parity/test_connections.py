"""Several requests on one connection, and requests that wait for a word of the server."""

from __future__ import annotations

import time

import pytest
from exchange import Connection, Cut, request

VIEWS = pytest.mark.parametrize("view", ["sync", "async"])
BODY = b"x" * 20_000


@VIEWS
def test_keep_alive(server, view):
    with Connection(server.port) as connection:
        for n in range(3):
            connection.send(request(f"/{view}/number/{n}"))
            assert connection.answer().json == {"n": n}
        connection.send(request(f"/{view}/", "HEAD"))
        assert connection.answer("HEAD").status == 200
        connection.send(request(f"/{view}/data", "POST", body=BODY))
        assert connection.answer().json["announced"] == len(BODY)
        connection.send(request(f"/{view}/number/9", headers={"Connection": "close"}))
        assert connection.answer().json == {"n": 9}
        assert connection.is_ended()


@VIEWS
def test_pipelined_requests_are_answered_in_order(server, view, record_property):
    # The first takes longer than the others.
    paths = [f"/{view}/astream/5", *[f"/{view}/number/{n}" for n in range(4)]]
    with Connection(server.port) as connection:
        connection.send(b"".join(request(path) for path in paths))
        if server.name == "waitress":
            record_property("difference", "A connection is ended behind a chunked answer.")
            assert connection.answer().status == 200
            assert connection.is_ended()
            return
        assert connection.answer().body.count(b"\n") == 5
        assert [connection.answer().json["n"] for _ in range(4)] == [0, 1, 2, 3]


@VIEWS
@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_a_body_that_is_not_read_is_not_the_next_request(server, view, framing):
    smuggled = request(f"/{view}/number/666")
    body = smuggled if framing == "length" else [smuggled]
    with Connection(server.port) as connection:
        connection.send(request(f"/{view}/unread", "POST", body=body))
        assert connection.answer().text == "not read"
        try:
            connection.send(request(f"/{view}/number/1"))
            answer = connection.answer()
        except (Cut, OSError):
            return  # It ended the connection, which is as good.
        assert answer.json == {"n": 1}


@VIEWS
@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_expect_continue(server, view, framing):
    """The server says 100 when the application reads (or before), and then the body comes."""
    whole = request(
        f"/{view}/data",
        "POST",
        {"Expect": "100-continue"},
        BODY if framing == "length" else [BODY],
    )
    head, _, body = whole.partition(b"\r\n\r\n")
    with Connection(server.port) as connection:
        connection.send(head + b"\r\n\r\n")
        assert connection.head().status == 100
        connection.send(body)
        answer = connection.answer()
        assert answer.status == 200
        assert answer.json["data"][0] == len(BODY)
        connection.send(request(f"/{view}/number/1"))
        assert connection.answer().json == {"n": 1}


@VIEWS
def test_expect_continue_of_a_body_that_is_too_large(server, view, record_property):
    length = {"Content-Length": str(13 * 1024 * 1024), "Expect": "100-continue"}
    with Connection(server.port) as connection:
        connection.send(request(f"/{view}/data", "POST", length))
        if server.name == "waitress":
            reason = "100 is said before the application is asked, and all of the body taken."
            record_property("difference", reason)
            assert connection.head().status == 100
            return
        answer = connection.answer()
        assert answer.status == 413


@VIEWS
def test_a_body_that_comes_slowly(server, view):
    whole = request(f"/{view}/form", "POST", {"Content-Type": FORM}, b"a=1&b=2")
    with Connection(server.port) as connection:
        for piece in (whole[:30], whole[30:-7], whole[-7:-3], whole[-3:]):
            connection.send(piece)
            time.sleep(0.02)
        assert connection.answer().json["form"] == [["a", "1"], ["b", "2"]]


FORM = "application/x-www-form-urlencoded"


def test_start_up_ran_before_the_first_request(server):
    with Connection(server.port) as connection:
        connection.send(request("/sync/started"))
        assert connection.answer().json == ["started"]


def test_sync_views_between_async_hooks(server):
    with Connection(server.port) as connection:
        connection.send(request("/hooked/"))
        answer = connection.answer()
    assert answer.text == "hooked"
    assert answer.get("X-Trace") == "before,async before,view,async after,after"
