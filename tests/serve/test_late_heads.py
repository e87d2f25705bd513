"""A WSGI application for a server that takes the head before the body, and has no ``write()``."""

from __future__ import annotations

import sys

import pytest

from erlen.serve.production.late_heads import with_late_heads


def serve(wsgi):
    """What such a server is given."""
    heads = []
    body = with_late_heads(wsgi)({}, lambda status, headers: heads.append(status))
    # Before the first piece is asked for.
    [head] = heads
    pieces = list(body)
    if hasattr(body, "close"):
        body.close()
    return head, b"".join(pieces)


class Body:
    def __init__(self, *pieces):
        self.pieces, self.closed = pieces, 0

    def __iter__(self):
        return iter(self.pieces)

    def close(self):
        self.closed += 1


def test_a_usual_answer_is_passed_on():
    body = Body(b"body")

    def usual(environ, start_response):
        start_response("200 OK", [])
        return body

    assert with_late_heads(usual)({}, lambda status, headers: None) is body


def test_a_late_head():
    def late(environ, start_response):
        start_response("202 Accepted", [])
        yield b"late "
        yield b"body"

    assert serve(late) == ("202 Accepted", b"late body")


def test_what_is_written_comes_first():
    body = Body(b"body")

    def writes(environ, start_response):
        start_response("200 OK", [])(b"written ")
        return body

    assert serve(writes) == ("200 OK", b"written body")
    assert body.closed == 1


def test_a_head_may_be_replaced_until_something_is_written():
    def replaces(environ, start_response):
        start_response("200 OK", [])
        with pytest.raises(AssertionError):
            start_response("201 Created", [])
        try:
            raise KeyError("late")
        except KeyError:
            start_response("500 Oh", [], sys.exc_info())(b"written")
            with pytest.raises(KeyError):
                start_response("501 Oh", [], sys.exc_info())
        return []

    assert serve(replaces) == ("500 Oh", b"written")


def test_without_a_head_it_is_an_error():
    body = Body(b"body")
    with pytest.raises(AssertionError):
        serve(lambda environ, start_response: body)
    assert body.closed == 1
