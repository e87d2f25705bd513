from __future__ import annotations

import pytest

from erlen import Erlen, has_request_context, request, session, stream_with_context
from erlen.context.streaming import stream_request_body


@pytest.fixture
def app():
    app = Erlen(__name__)
    app.testing = True
    app.secret_key = "test"
    return app


def test_a_generator_reads_the_request(app):
    @app.route("/")
    def index():
        def generate():
            yield "Hello "
            yield request.args["name"]
            yield "!"

        return stream_with_context(generate())

    assert app.test_client().get("/?name=World").data == b"Hello World!"


def test_as_a_decorator(app):
    @app.route("/")
    def index():
        @stream_with_context
        def generate(hello):
            """The words of the function."""
            yield hello
            yield request.args["name"]

        assert generate.__name__ == "generate"
        assert generate.__doc__ == "The words of the function."
        return generate("Hello ")

    assert app.test_client().get("/?name=World").data == b"Hello World"


def test_without_it_the_request_is_gone(app):
    seen = []

    @app.route("/")
    def index():
        def generate():
            seen.append(has_request_context())
            yield "x"

        return generate()

    assert app.test_client().get("/").data == b"x"
    assert seen == [False]


def test_any_iterator_is_taken_and_closed(app):
    class Pieces:
        closed = False

        def __init__(self):
            self.left = 3

        def __iter__(self):
            return self

        def __next__(self):
            self.left -= 1
            if self.left < 0:
                raise StopIteration
            return request.path

        def close(self):
            Pieces.closed = True

    app.add_url_rule("/x", "x", lambda: stream_with_context(Pieces()))
    assert app.test_client().get("/x").data == b"/x/x/x"
    assert Pieces.closed


@pytest.mark.parametrize("buffered", [True, False])
def test_a_client_that_leaves_ends_it(app, buffered):
    events = []
    app.teardown_request(lambda error: events.append("teardown"))

    @app.route("/")
    def index():
        def generate():
            try:
                while True:
                    yield "x"
                    if len(events) or buffered:
                        return
            finally:
                events.append(f"closed with {request.path}")

        return stream_with_context(generate())

    response = app.test_client().get("/", buffered=buffered)
    if not buffered:
        assert next(response.iter_encoded()) == b"x"
        assert events == []
        response.close()
    assert events == ["closed with /", "teardown"]
    assert not has_request_context()


def test_the_context_ends_behind_the_last_piece(app):
    events = []
    app.teardown_appcontext(lambda error: events.append("teardown"))

    @app.route("/")
    def index():
        @stream_with_context
        def generate():
            yield "a"
            events.append("piece")

        return generate()

    app.test_client().get("/").get_data()
    assert events == ["piece", "teardown"]


def test_an_error_while_streaming_ends_the_context(app):
    events = []
    app.teardown_request(lambda error: events.append("teardown"))

    @app.route("/")
    def index():
        @stream_with_context
        def generate():
            yield "a"
            raise ZeroDivisionError

        return generate()

    response = app.test_client().get("/")
    with pytest.raises(ZeroDivisionError):
        response.get_data()
    assert events == ["teardown"]
    assert not has_request_context()


def test_the_session_is_readable(app):
    @app.route("/")
    def index():
        session["before"] = "stream"

        @stream_with_context
        def generate():
            yield session["before"]

        return generate()

    assert app.test_client().get("/").data == b"stream"


def test_in_an_async_view(app):
    @app.route("/")
    async def index():
        @stream_with_context
        def generate():
            yield request.path

        return generate()

    assert app.test_client().get("/").data == b"/"


@pytest.mark.parametrize(
    "make", [lambda: iter("x"), lambda: lambda: iter("x")], ids=["iterator", "function"]
)
def test_outside_of_a_request(app, make):
    with pytest.raises(RuntimeError, match="request context is active"):
        streamed = stream_with_context(make())
        list(streamed() if callable(streamed) else streamed)


def test_an_async_generator(app):
    events = []
    app.teardown_request(lambda error: events.append("teardown"))

    @app.route("/")
    async def index():
        async def generate():
            try:
                yield "a"
                yield request.path
            finally:
                events.append("closed")

        return stream_with_context(generate())

    assert app.test_client(interface="asgi").get("/").data == b"a/"
    assert events == ["closed", "teardown"]


def test_a_view_that_reads_its_body_as_it_comes(app):
    @app.put("/")
    @stream_request_body
    async def store():
        sizes = [len(chunk) async for chunk in request.stream]
        return {"size": sum(sizes), "pieces": len(sizes)}

    got = app.test_client(interface="asgi").put("/", data=b"x" * 200_000).json
    assert got["size"] == 200_000
    assert got["pieces"] > 1
