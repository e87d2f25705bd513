from __future__ import annotations

import asyncio

import pytest

from erlen.testing.asgi_validation import validated

START = {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"a/b")]}
BODY = {"type": "http.response.body", "body": b"x"}
MORE = {**BODY, "more_body": True}
ACCEPT = {"type": "websocket.accept"}
SEND = {"type": "websocket.send", "text": "x"}
CLOSE = {"type": "websocket.close"}


def start(**values):
    return {**START, **values}


def headers(*pairs):
    return start(headers=list(pairs))


def run(messages, scope):
    """Let an application send messages; returns those that reach the server."""
    reached = []

    async def application(scope, receive, send):
        for message in messages:
            await send(message)

    async def server(message):
        reached.append(message)

    asyncio.run(validated(application)(scope, None, server))
    return reached


def http(method="GET"):
    return {"type": "http", "method": method}


@pytest.mark.parametrize(
    ("messages", "scope"),
    [
        ([START, BODY], http()),
        ([START, MORE, MORE, BODY], http()),
        ([START, {"type": "http.response.body"}], http()),
        ([headers((b"content-length", b"1")), BODY], http()),
        ([headers((b"content-length", b"5")), {"type": "http.response.body"}], http("HEAD")),
        ([start(status=204, headers=[]), {"type": "http.response.body"}], http()),
        ([START, {"type": "http.response.pathsend", "path": "/a"}], http()),
        ([ACCEPT, SEND, {"type": "websocket.send", "bytes": b"x"}, CLOSE], {"type": "websocket"}),
        ([{**ACCEPT, "subprotocol": "chat"}], {"type": "websocket"}),
        ([{**CLOSE, "code": 4000}], {"type": "websocket"}),
        (
            [
                {"type": "websocket.http.response.start", "status": 403, "headers": []},
                {"type": "websocket.http.response.body", "body": b"no"},
            ],
            {"type": "websocket"},
        ),
        (
            [{"type": "lifespan.startup.complete"}, {"type": "lifespan.shutdown.complete"}],
            {"type": "lifespan"},
        ),
        ([{"type": "lifespan.startup.failed", "message": "x"}], {"type": "lifespan"}),
    ],
)
def test_what_the_specification_allows(messages, scope):
    assert run(messages, scope) == messages


@pytest.mark.parametrize(
    ("messages", "words"),
    [
        ([BODY], "a body when the response is new"),
        ([START, START], "sent twice"),
        ([START, BODY, BODY], "a body when the response is complete"),
        ([], "the response is new"),
        ([START], "the response is started"),
        ([START, MORE], "the response is started"),
        ([start(status="200 OK"), BODY], "status '200 OK'"),
        ([headers((b"Content-Type", b"a/b")), BODY], "lower case"),
        ([headers(("content-type", "a/b")), BODY], "headers are bytes"),
        ([headers((b"a", b"b", b"c")), BODY], "a header is a pair"),
        ([headers((b"x", b"a\r\nb")), BODY], "control character"),
        ([headers((b":status", b"200")), BODY], "no header name"),
        ([headers((b"", b"x")), BODY], "no header name"),
        ([headers((b"content-length", b"1"), (b"content-length", b"1")), BODY], "two Content"),
        ([headers((b"content-length", b"5")), BODY], "1 bytes, announced were 5"),
        ([START, {**BODY, "body": "text"}], "a body is bytes, not str"),
        ([START, {**BODY, "more_body": 1}], "more_body is a bool"),
        ([start(status=304), BODY], "a body where there may be none"),
        ([START, {"type": "http.response.pathsend", "path": b"/a"}], "a path is text"),
        ([{"type": "websocket.accept"}], "no message of an HTTP response"),
    ],
)
def test_what_an_http_answer_must_not_be(messages, words):
    with pytest.raises(AssertionError, match=words):
        run(messages, http())


def test_head_has_no_body():
    with pytest.raises(AssertionError, match="a body where there may be none"):
        run([START, BODY], http("HEAD"))


@pytest.mark.parametrize(
    ("messages", "words"),
    [
        ([SEND], "data when the WebSocket is new"),
        ([ACCEPT, ACCEPT], "sent twice"),
        ([ACCEPT, CLOSE, SEND], "data when the WebSocket is closed"),
        ([ACCEPT, CLOSE, CLOSE], "closed when the WebSocket is closed"),
        ([ACCEPT, {"type": "websocket.send"}], "either bytes or text"),
        ([ACCEPT, {**SEND, "bytes": b"x"}], "either bytes or text"),
        ([ACCEPT, {"type": "websocket.send", "bytes": "x"}], "bytes are bytes"),
        ([ACCEPT, {"type": "websocket.send", "text": b"x"}], "text is text"),
        ([{**ACCEPT, "subprotocol": b"x"}], "a sub-protocol is text"),
        ([{**ACCEPT, "headers": [(b"X", b"y")]}], "lower case"),
        ([ACCEPT, {**CLOSE, "code": 99}], "close code 99"),
        ([ACCEPT, {"type": "websocket.http.response.start"}], "an answer when"),
        ([{"type": "websocket.http.response.body"}], "a body when"),
        ([START], "no message of a WebSocket"),
    ],
)
def test_what_a_websocket_must_not_be(messages, words):
    with pytest.raises(AssertionError, match=words):
        run(messages, {"type": "websocket"})


@pytest.mark.parametrize(
    ("messages", "words"),
    [
        ([{"type": "lifespan.startup"}], "no message of the lifespan"),
        ([{"type": "lifespan.startup.complete"}] * 2, "sent twice"),
    ],
)
def test_what_a_lifespan_must_not_be(messages, words):
    with pytest.raises(AssertionError, match=words):
        run(messages, {"type": "lifespan"})


def test_a_message_that_is_refused_does_not_reach_the_server():
    reached = []

    async def application(scope, receive, send):
        with pytest.raises(AssertionError):
            await send(BODY)
        await send(START)
        await send(BODY)

    async def server(message):
        reached.append(message)

    asyncio.run(validated(application)(http(), None, server))
    assert reached == [START, BODY]
