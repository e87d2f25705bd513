"""Case 117: a client that sends all of its body before it reads gets the answer to it."""

from __future__ import annotations

import asyncio

import pytest

from erlen import Erlen, request, stream_request_body
from erlen.http.exceptions import RequestEntityTooLarge

MEGABYTE = 1024 * 1024
# What is taken for nobody: twice the limit, and far less than a client could send.
BODY, HUGE = 2 * MEGABYTE, 64 * MEGABYTE


def case(name, *values):
    return pytest.param(*values, id=f"case-117-{name}")


@pytest.fixture
def app(interface):
    app = Erlen("x")
    # A form's own limit would come first.
    app.config.update(MAX_CONTENT_LENGTH=MEGABYTE, MAX_FORM_MEMORY_SIZE=None)

    @app.post("/sync")
    def sync():
        return str(len(request.get_data()))

    @app.post("/async")
    async def coroutine():
        return str(len(request.get_data()))

    @app.post("/form")
    def form():
        return str(len(request.form))

    @app.post("/stream")
    @stream_request_body
    async def stream():
        return str(sum([len(piece) async for piece in request.stream]))

    @app.post("/caught")
    def caught():
        refused = 0
        for _ in range(2):
            try:
                request.stream.read()
            except RequestEntityTooLarge:
                refused += 1
        return f"refused {refused} times", 413

    return app


VIEWS = ["/sync", "/async", "/form", "/stream", "/caught"]
TYPE = "application/x-www-form-urlencoded"


@pytest.mark.parametrize("path", VIEWS)
@pytest.mark.parametrize(
    ("announced", "size"),
    [case("announced", BODY, BODY), case("counted", None, BODY)],
)
def test_the_rest_of_a_body_that_is_too_large_is_taken(
    app, interface, send_path, pieces, path, announced, size
):
    body = pieces(b"x" * 65_536 for _ in range(size // 65_536))
    answer = send_path(app, path, body, announced)
    assert answer.status_code == 413
    if path != "/caught" or interface == "asgi":
        assert body.sent == size
    if path == "/caught":
        assert answer.text == "refused 2 times", "a part of a body was taken for the whole"


@pytest.mark.parametrize("path", VIEWS)
@pytest.mark.parametrize(
    ("announced", "most"),
    [case("far-too-large", HUGE, 0), case("never-ending", None, 18 * MEGABYTE)],
)
def test_no_more_than_a_bounded_amount(app, send_path, pieces, path, announced, most):
    body = pieces(b"x" * 65_536 for _ in range(HUGE // 65_536))
    assert send_path(app, path, body, announced).status_code == 413
    assert body.sent <= most


@pytest.mark.parametrize("path", VIEWS)
@pytest.mark.parametrize("announced", [case("expects", BODY)])
def test_who_waits_to_be_asked_is_not(app, send_path, pieces, path, announced):
    body = pieces([b"x" * announced])
    answer = send_path(app, path, body, announced, HTTP_EXPECT="100-continue")
    assert answer.status_code == 413
    assert body.sent == 0


@pytest.fixture
def send_path():
    def send(app, path, body, length, **more):
        told = {"CONTENT_TYPE": TYPE, "wsgi.input": body, **more}
        if length is None:
            told |= {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
        else:
            told["CONTENT_LENGTH"] = str(length)
        return app.test_client().post(path, environ_overrides=told)

    return send


# -- on ASGI, whatever the error is ----------------------------------------------------------


async def answer_of(app, path, messages, *headers):
    """What is sent, and how many messages of the server were taken before."""
    waiting, sent = iter(messages), []
    taken = 0

    async def receive():
        nonlocal taken
        message = next(waiting, None)
        if message is None:
            # A client that says no more.
            await asyncio.sleep(60)
        taken += 1
        return {"type": "http.request", "body": message, "more_body": True}

    async def send(message):
        sent.append((taken, message))

    scope = {
        "type": "http", "method": "POST", "path": path, "query_string": b"", "http_version": "1.1",
        "headers": [(b"host", b"localhost"), *headers], "scheme": "http",
        "server": ("localhost", 80),
    }  # fmt: skip
    await app(scope, receive, send)
    taken_before, start = sent[0]
    return start["status"], taken_before


def guarded():
    app = Erlen("x")

    @app.before_request
    def guard():
        if request.path.endswith("guarded"):
            return "log in first", 401
        return None

    @app.post("/sync/guarded")
    def sync():
        raise AssertionError("the guard answers")

    @app.post("/stream/guarded")
    @stream_request_body
    async def stream():
        raise AssertionError("the guard answers")

    @app.post("/fine")
    @stream_request_body
    async def fine():
        return "fine"

    return app


LENGTH = (b"content-length", b"%d" % BODY)


@pytest.mark.parametrize(
    ("path", "status"),
    [("/nowhere", 404), ("/sync/guarded", 401), ("/stream/guarded", 401)],
)
def test_an_error_comes_behind_the_body(path, status):
    pieces = [b"x" * 65_536] * 3
    assert asyncio.run(answer_of(guarded(), path, pieces, LENGTH)) == (status, 3)


def test_another_answer_does_not_wait_for_the_body():
    assert asyncio.run(answer_of(guarded(), "/fine", [b"x"], LENGTH)) == (200, 0)
