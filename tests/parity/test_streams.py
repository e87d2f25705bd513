"""Bodies that are made while they are sent."""

from __future__ import annotations

import pytest
from cases import Case, Expected, compare, each
from exchange import Cut, exchange, request
from processes import eventually

THREE = b"chunk 0\nchunk 1\nchunk 2\n"
CONTEXT = b"".join(b"%d q /VIEW/%%b before None\n" % n for n in range(3))


def get(name, path, method="GET", differs=(), **expected):
    data = request(f"/VIEW/{path}", method)
    return Case(name, data, Expected(complete=True, **expected), dict(differs))


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
]


@each(STREAMS)
def test_stream(case, view, server, reference, record_property):
    compare(case, view, server, reference, record_property)


@pytest.mark.parametrize("view", ["sync", "async"])
@pytest.mark.parametrize("path", ["stream", "astream"])
def test_a_body_that_fails_half_way_is_cut(server, view, path):
    try:
        answer = exchange(server.port, request(f"/{view}/{path}/failing/3"))
    except Cut:
        # Granian on WSGI may drop what it has not sent yet.
        assert server.name == "granian-wsgi"
        return
    assert answer.status == 200
    assert not answer.complete
    if server.name == "granian-wsgi":
        assert THREE.startswith(answer.body)
    else:
        assert answer.body == THREE


@pytest.mark.parametrize("path", ["/sync/stream", "/async/stream", "/async/astream"])
def test_the_client_can_tell_that_a_body_failed_at_once(server, path):
    try:
        answer = exchange(server.port, request(f"{path}/failing/0"))
    except Cut:
        return
    # Servers that wait for the first piece of the body answer 500 themselves.
    assert answer.status == 500 or not answer.complete


@pytest.mark.parametrize("view", ["sync", "async"])
@pytest.mark.parametrize("path", ["stream", "astream"])
def test_case_123_a_piece_that_is_no_bytes_or_text_is_cut(server, view, path):
    logged = server.log().count("A piece of the body is 5")
    try:
        answer = exchange(server.port, request(f"/{view}/{path}/odd"))
    except Cut:
        assert server.name == "granian-wsgi"
    else:
        assert (answer.status, answer.complete) == (200, False)
        assert THREE.startswith(answer.body)
    told = "A piece of the body is 5"
    assert eventually(lambda: server.log().count(told), lambda now: now > logged, 10) == logged + 1
