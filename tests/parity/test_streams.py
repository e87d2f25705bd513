"""Bodies that are made while they are sent."""

from __future__ import annotations

import pytest
from cases import Case, Difference, Expected, compare, each
from exchange import exchange, request

THREE = b"chunk 0\nchunk 1\nchunk 2\n"
CONTEXT = b"".join(b"%d q /VIEW/%%b before None\n" % n for n in range(3))


LOOKS_COMPLETE = "A body that fails half-way ends like a complete one."


def get(name, path, method="GET", differs=(), **expected):
    data = request(f"/VIEW/{path}", method)
    return Case(name, data, Expected(complete=True, **expected), dict(differs))


def failing(name, path, body):
    expected = Expected(body=body, complete=False)
    ends = Difference(body=body, complete=True, reason=LOOKS_COMPLETE)
    return Case(name, request(f"/VIEW/{path}"), expected, {"granian-wsgi": ends})


STREAMS = [
    get("generator", "stream/3", body=THREE, headers={"Content-Type": "text/plain"}),
    get("async generator", "astream/3", body=THREE, headers={"Content-Type": "text/plain"}),
    get("with a length", "stream/sized", body=THREE, headers={"Content-Length": "24"}),
    get("empty", "stream/0", body=b""),
    get("empty async", "astream/0", body=b""),
    get("long", "stream/2000"),
    get("large", "stream/large", body=b"".join(bytes([i]) * 100_000 for i in range(30))),
    get("head", "stream/3", "HEAD", body=b""),
    get("head of async", "astream/3", "HEAD", body=b""),
    get("with context", "stream/context?q=q", body=CONTEXT % ((b"stream/context",) * 3)),
    get("async with context", "astream/context?q=q", body=CONTEXT % ((b"astream/context",) * 3)),
    failing("failing", "stream/failing/3", THREE),
    failing("failing async", "astream/failing/3", THREE),
]


@each(STREAMS)
def test_stream(case, view, server, reference, record_property):
    compare(case, view, server, reference, record_property)


@pytest.mark.parametrize("path", ["/sync/stream", "/async/stream", "/async/astream"])
def test_the_client_can_tell_that_a_body_failed_at_once(server, path, record_property):
    answer = exchange(server.port, request(f"{path}/failing/0"))
    # Servers that wait for the first piece of the body answer 500 themselves.
    can_tell = answer.status == 500 or not answer.complete
    if server.name == "granian-wsgi":
        record_property("difference", LOOKS_COMPLETE)
        assert not can_tell
    else:
        assert can_tell
