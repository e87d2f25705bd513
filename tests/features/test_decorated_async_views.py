"""Async views behind decorators that are not async, as those of Flask-Login and many others are:
on ASGI the decorator runs on a thread, and the view on the server's loop."""

from __future__ import annotations

import asyncio
import functools
import threading

import pytest

from erlen import Erlen, current_app, request
from erlen.gateways.asgi_body import ThreadBody
from erlen.testing.asgi import make_scope
from erlen.testing.builder import create_environ


def decorated(view):
    """Call a view as ``flask_login.login_required`` does."""

    @functools.wraps(view)
    def call_view(*args, **kwargs):
        return current_app.ensure_sync(view)(*args, **kwargs)

    return call_view


@pytest.fixture
def app():
    return Erlen("decorated")


def run(test):
    """Run a test on a loop of its own; a loop that waits for itself does not hold up the suite."""
    outcome = []

    def work():
        try:
            outcome.append((asyncio.run(test), None))
        except BaseException as error:
            outcome.append((None, error))

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(20)
    assert outcome, "the loop waits for itself"
    [(value, error)] = outcome
    if error is not None:
        raise error
    return value


async def call(app, pieces, headers=()):
    """The status and the body that are answered to a body in pieces; one may be a number of seconds
    to wait before the next, and ``None`` is a client that goes away."""
    scope = make_scope(create_environ("/", method="POST"))
    scope["headers"] = [h for h in scope["headers"] if h[0] != b"content-length"] + list(headers)
    waiting, sent = list(pieces), []

    async def receive():
        if not waiting:
            await asyncio.sleep(60)
        piece = waiting.pop(0)
        if piece is None:
            return {"type": "http.disconnect"}
        if isinstance(piece, float):
            await asyncio.sleep(piece)
            piece = b"x"
        return {"type": "http.request", "body": piece, "more_body": bool(waiting)}

    async def send(message):
        sent.append(message)

    await app(scope, receive, send)
    status = sent[0]["status"] if sent else None
    return status, b"".join(message.get("body", b"") for message in sent[1:])


JSON = (b"content-type", b"application/json")
FORM = (b"content-type", b"application/x-www-form-urlencoded")


def test_it_reads_the_body(app):
    @app.post("/")
    @decorated
    async def view():
        await asyncio.sleep(0)
        return {"json": request.get_json(silent=True), "form": request.form.to_dict()}

    small = [b'{"a"', b": 1}"]
    assert run(call(app, small, [JSON])) == (200, b'{"form":{},"json":{"a":1}}\n')
    announced = [JSON, (b"content-length", b"8")]
    assert run(call(app, small, announced)) == (200, b'{"form":{},"json":{"a":1}}\n')
    assert run(call(app, [b"a=", b"1"], [FORM])) == (200, b'{"form":{"a":"1"},"json":null}\n')


@pytest.mark.parametrize("size", [100, 100_000, 20_000_000])
def test_it_reads_what_the_decorator_left(app, size):
    def half_read(view):
        @functools.wraps(view)
        def call_view():
            first = request.stream.read(10)
            return first[:0] + current_app.ensure_sync(view)()

        return call_view

    @app.post("/")
    @half_read
    async def view():
        return str(len(request.stream.read())).encode()

    piece = b"x" * 65536
    pieces = [piece[: min(65536, size - at)] for at in range(0, size, 65536)]
    assert run(call(app, pieces)) == (200, str(size - 10).encode())


@pytest.mark.parametrize("announced", [True, False])
def test_the_limit_holds(app, announced):
    app.config["MAX_CONTENT_LENGTH"] = 10

    @app.post("/")
    @decorated
    async def view():
        return request.get_data()

    headers = [(b"content-length", b"20")] if announced else []
    assert run(call(app, [b"x" * 6, b"y" * 6, b"z" * 8], headers))[0] == 413
    assert run(call(app, [b"x" * 6, b"y"])) == (200, b"xxxxxxy")


def test_a_slow_client_gets_408(app):
    app.config["BODY_TIMEOUT"] = 0.2
    called = []

    @app.post("/")
    @decorated
    async def view():
        called.append(True)
        return "done"

    assert run(call(app, [b"x", 0.5, b"y"]))[0] == 408
    assert not called


def test_a_client_that_leaves_ends_the_request(app):
    seen = []
    app.teardown_request(seen.append)

    @app.post("/")
    @decorated
    async def view():
        seen.append("called")
        return "done"

    run(call(app, [b"x", None]))
    assert "called" not in seen
    assert len(seen) == 1


def test_an_application_that_overrides_a_step(app):
    class Own(Erlen):
        def dispatch_request(self):
            return super().dispatch_request()

    app = Own("own")

    @app.post("/")
    async def view():
        return request.get_data()

    assert run(call(app, [b"one", b"two"])) == (200, b"onetwo")


def test_the_body_of_a_thread_is_not_waited_for_on_the_loop():
    async def receive():
        return {"type": "http.request", "body": b"rest", "more_body": False}

    async def test():
        loop = asyncio.get_running_loop()
        body = ThreadBody(receive, None, loop, b"first")
        assert body.read(5) == b"first"
        with pytest.raises(RuntimeError, match="would keep waiting"):
            body.read(1)
        assert await asyncio.to_thread(body.read, 10) == b"rest"

        # Once it was received, it is read anywhere.
        body = ThreadBody(receive, None, loop, b"first ")
        await asyncio.to_thread(body.receive_all, None)
        assert body.read() == b"first rest"
        assert body.read() == b""
        body.close()

    run(test())
