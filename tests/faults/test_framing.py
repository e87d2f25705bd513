"""Requests whose end can be understood in two ways: what the bundled server makes of them.

An outcome is the statuses of the answers, and whether the connection is kept behind them or ended.
Where only the server can decide, the outcome is asserted all the same, and shown in the
documentation: the day it changes, the test says so.
"""

from __future__ import annotations

import contextlib
import select

import pytest
from attacks.framing import (
    CASES,
    CHUNKED,
    GET,
    UNDERSCORED,
    UPGRADES,
    body_of_an_upgrade,
    outcome,
    run,
    underscored,
)
from exchange import Connection, Cut


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"case-{case.name}")
def test_framing(case, server, interface, record_property):
    record_property("remark", case.remark)
    record_property("outcome", run(server, case))


def test_case_23_trailers_are_not_headers(server):
    """What a trailer says does not change what was said before the body."""
    trailers = (
        b"Host: evil.test\r\nX-Own: trailer\r\nContent-Length: 7\r\nX-Forwarded-For: evil\r\n"
    )
    answers, seen = outcome(server, CHUNKED + b"5\r\nhello\r\n0\r\n" + trailers + b"\r\n")
    assert seen == "200, kept"
    [answer] = answers
    assert answer.json["body"] == "hello"
    assert answer.json["host"] == "example.test"
    assert answer.json["forwarded"] is None
    assert answer.json["headers"] == [["Host", "example.test"], ["Transfer-Encoding", "chunked"]]


@pytest.mark.parametrize("path", ["/echo", "/async/echo", "/"])
@pytest.mark.parametrize("head", UPGRADES)
def test_case_27_the_body_of_an_upgrade_is_no_request(server, head, path):
    body_of_an_upgrade(server, head, path)


@pytest.mark.parametrize("position", UNDERSCORED)
@pytest.mark.parametrize("path", ["/echo", "/async/echo"])
def test_case_30_an_underscore_is_no_hyphen(server, path, position, record_property):
    if underscored(server, path, position):
        record_property("outcome", "as it should be")
    else:
        record_property("outcome", "taken for the other")
        record_property("remark", "WSGI variables have no hyphens: use ASGI behind a proxy.")


def test_case_31_a_header_in_pieces(server):
    """The limit holds for what came in many segments."""
    with Connection(server.port) as connection:
        connection.send(GET + b"X: ")
        # What the system keeps for a busy server is not what the server takes.
        for _ in range(6_400):
            readable, writable, _ = select.select([connection.socket], [connection.socket], [], 60)
            assert readable or writable, "the server neither reads nor answers"
            if readable:
                break
            try:
                connection.send(b"y" * 10_000)
            except ConnectionError:
                break
        else:
            pytest.fail("the server took 64 megabytes of header")
        # A reset may overtake the answer.
        with contextlib.suppress(Cut, ConnectionError):
            assert connection.answer().status == 431
