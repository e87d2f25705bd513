"""Cases 122 and 123: bodies that fail before anything was sent, and pieces that are none."""

from __future__ import annotations

import asyncio

import pytest

import erlen.context.asgi_send as asgi_send
from erlen import Erlen, Response, abort, g, request, stream_with_context


class Broken(Exception):
    pass


def fail():
    raise Broken


def generator(failing=fail):
    failing()
    yield "text"


async def async_generator(failing=fail):
    failing()
    yield "text"


def behind_empty_pieces():
    yield ""
    yield b""
    fail()


class Iterator:
    def __iter__(self):
        return self

    def __next__(self):
        fail()


BODIES = {
    "generator": generator,
    "async-generator": async_generator,
    "with-context": lambda: stream_with_context(generator()),
    "async-with-context": lambda: stream_with_context(async_generator()),
    "behind-empty-pieces": behind_empty_pieces,
    "iterator": Iterator,
    "response": lambda: Response(generator(), 201, {"X-Of": "the view"}),
}


@pytest.fixture(params=["sync", "async"])
def colour(request):
    return request.param


@pytest.fixture
def app(interface, monkeypatch):
    # However busy the machine is.
    monkeypatch.setattr(asgi_send, "_PATIENCE", 60)
    app = Erlen("x")
    app.config.update(PROPAGATE_EXCEPTIONS=False, SECRET_KEY="k")
    app.opened = app.closed = 0

    @app.before_request
    def before():
        g.mine = request.path
        app.opened += 1

    @app.teardown_request
    def teardown(error):
        app.closed += 1

    return app


def ask(app, body, colour, method="GET"):
    def view():
        return body()

    async def async_view():
        return body()

    view = view if colour == "sync" else async_view
    app.add_url_rule("/", "x", view, methods=["GET", "POST"])
    response = app.test_client().open("/", method=method, data=b"x" if method == "POST" else None)
    response.get_data()
    response.close()
    return response


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("handler", ["handled", "async", "unhandled", "internal"])
@pytest.mark.parametrize(
    "body", [pytest.param(b, id=f"case-122-{name}") for name, b in BODIES.items()]
)
def test_an_error_of_the_first_piece_is_the_handlers(app, body, handler, method, colour, caplog):
    if handler == "handled":
        app.register_error_handler(Broken, lambda error: (f"handled {request.path}", 418))
    elif handler == "internal":
        app.register_error_handler(500, lambda error: ("internal", 500))
    elif handler == "async":

        @app.errorhandler(Broken)
        async def handle(error):
            await asyncio.sleep(0)
            return f"handled {request.path}", 418

    response = ask(app, body, colour, method)
    if handler in ("handled", "async"):
        assert (response.status_code, response.text) == (418, "handled /")
    else:
        assert response.status_code == 500
        assert ("internal" in response.text) == (handler == "internal")
        assert "Broken" in caplog.text
    assert "X-Of" not in response.headers
    # That of the request, and that of what answers the error.
    assert app.closed == 2


def test_after_hooks_see_the_other_answer(app, colour):
    app.register_error_handler(Broken, lambda error: ("handled", 418))

    @app.after_request
    def after(response):
        response.headers["X-Status"] = str(response.status_code)
        return response

    assert ask(app, generator, colour).headers["X-Status"] == "418"


def test_an_http_error_of_the_first_piece(app, colour):
    assert ask(app, lambda: generator(lambda: abort(403)), colour).status_code == 403


def test_errors_propagate_in_tests(app, colour):
    app.config["PROPAGATE_EXCEPTIONS"] = True
    with pytest.raises(Broken):
        ask(app, generator, colour)


def later():
    yield "text"
    fail()


async def later_async():
    yield "text"
    fail()


@pytest.mark.parametrize("body", [later, later_async])
def test_behind_the_first_piece_it_is_too_late(app, body, colour):
    app.register_error_handler(Broken, lambda error: ("handled", 418))
    with pytest.raises(Broken):
        ask(app, body, colour)
    assert app.closed == 1


ODD = {"int": 5, "zero": 0, "none": None, "list": ["text"], "dict": {}, "false": False}


@pytest.mark.parametrize("first", [True, False], ids=["first", "later"])
@pytest.mark.parametrize("kind", ["generator", "async", "list"])
@pytest.mark.parametrize("odd", [pytest.param(v, id=f"case-123-{n}") for n, v in ODD.items()])
def test_a_piece_that_is_no_bytes_or_text(app, odd, kind, first, colour):
    pieces = [odd] if first else ["text", odd]

    async def async_pieces():
        for piece in pieces:
            yield piece

    def body():
        if kind == "async":
            return async_pieces()
        return Response(pieces) if kind == "list" else (piece for piece in pieces)

    if first or kind == "list":
        assert ask(app, body, colour).status_code == 500
    else:
        with pytest.raises(TypeError, match="yield bytes or text"):
            ask(app, body, colour)


def test_bytes_of_other_kinds_are_sent(app, colour):
    body = lambda: (piece for piece in [bytearray(b"a"), memoryview(b"b"), "c", b"d"])  # noqa: E731
    assert ask(app, body, colour).data == b"abcd"


def test_the_head_does_not_wait_for_long(monkeypatch):
    """Who waits for events is told that they will come."""
    monkeypatch.setattr(asgi_send, "_PATIENCE", 0.01)
    app = Erlen("x")
    app.config.update(PROPAGATE_EXCEPTIONS=False)
    app.register_error_handler(Broken, lambda error: ("handled", 418))
    sent = []

    @app.get("/")
    async def view():
        async def pieces():
            while not sent:
                await asyncio.sleep(0.01)
            fail()
            yield ""

        return pieces()

    with pytest.raises(Broken):
        asyncio.run(serve(app, sent))
    assert [message["type"] for message in sent] == ["http.response.start"]
    assert sent[0]["status"] == 200


async def serve(app, sent):
    scope = {
        "type": "http", "method": "GET", "path": "/", "query_string": b"", "http_version": "1.1",
        "headers": [(b"host", b"localhost")], "scheme": "http", "server": ("localhost", 80),
    }  # fmt: skip

    async def receive():
        await asyncio.sleep(60)

    async def send(message):
        sent.append(message)

    await app(scope, receive, send)
