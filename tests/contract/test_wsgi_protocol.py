"""WSGI middleware on ASGI by PEP 3333 to the letter, as on WSGI."""

from __future__ import annotations

import asyncio
import sys
import threading

import pytest

from erlen import Erlen, Response, request

TEXT = [("Content-Type", "text/plain")]


class Body:
    """An iterable that counts how often it is closed.

    :param pieces: bytes, or exceptions to raise
    """

    def __init__(self, *pieces):
        self.pieces = list(pieces)
        self.closed = 0
        self.closed_event = threading.Event()

    def __iter__(self):
        for piece in self.pieces:
            if isinstance(piece, BaseException):
                raise piece
            yield piece

    def close(self):
        self.closed += 1
        self.closed_event.set()


@pytest.fixture
def app(way):
    app = Erlen("x")
    app.extensions["closed"] = closed = []

    @app.route("/")
    @way.colour
    def index():
        response = Response("index")
        response.call_on_close(lambda: closed.append("closed"))
        return response

    @app.route("/pieces")
    @way.colour
    def pieces():
        response = Response(piece.encode() for piece in ("one ", "", "two ", "three"))
        response.call_on_close(lambda: closed.append("closed"))
        return response

    @app.route("/fail")
    @way.colour
    def fail():
        raise ZeroDivisionError("view")

    return app


# -- start_response --------------------------------------------------------------------------


def test_start_response_may_come_with_the_first_piece(way, app):
    def late(environ, start_response):
        start_response("202 Accepted", TEXT)
        yield b"late "
        yield b"answer"

    app.wsgi_app = late
    answer = way.ask(app)
    assert (answer.status, answer.text, answer.get("Content-Type")) == (
        202,
        "late answer",
        "text/plain",
    )


@pytest.mark.parametrize("path", ["/", "/pieces", "/nowhere"])
def test_a_generator_middleware_calls_everything_late(way, app, path):
    wanted = way.ask(app, path)
    app.extensions["closed"].clear()
    inner = app.wsgi_app

    def late(environ, start_response):
        body = inner(environ, start_response)
        try:
            yield from body
        finally:
            if hasattr(body, "close"):
                body.close()

    app.wsgi_app = late
    answer = way.ask(app, path)
    assert (answer.status, answer.body) == (wanted.status, wanted.body)
    assert app.extensions["closed"] == ([] if path == "/nowhere" else ["closed"])


def test_start_response_may_come_behind_empty_pieces(way, app):
    def late(environ, start_response):
        start_response("200 OK", TEXT)
        yield b""
        yield b""
        yield b"text"

    app.wsgi_app = late
    assert way.ask(app).text == "text"


def test_a_body_without_a_piece_has_a_head(way, app):
    def late(environ, start_response):
        start_response("201 Created", TEXT)
        return
        yield

    app.wsgi_app = late
    answer = way.ask(app)
    assert (answer.status, answer.body) == (201, b"")


def test_a_middleware_that_never_calls_it_is_an_error(way, app):
    body = Body(b"text")
    app.wsgi_app = lambda environ, start_response: body
    answer = way.serve(app)
    assert answer.error is not None or answer.status == 500
    assert b"text" not in answer.body
    assert body.closed == 1


def test_it_is_not_called_twice_without_exc_info(way, app):
    raised = []

    def twice(environ, start_response):
        start_response("200 OK", TEXT)
        try:
            start_response("201 Created", TEXT)
        except Exception as error:
            raised.append(error)
        return [b"text"]

    app.wsgi_app = twice
    answer = way.ask(app)
    assert len(raised) == 1
    assert (answer.status, answer.text) == (200, "text")


def test_exc_info_replaces_a_head_that_was_not_sent(way, app):
    inner = app.wsgi_app

    def replaces(environ, start_response):
        body = inner(environ, start_response)
        if hasattr(body, "close"):
            body.close()
        try:
            raise KeyError("late")
        except KeyError:
            start_response("503 Service Unavailable", TEXT, sys.exc_info())
        return [b"replaced"]

    app.wsgi_app = replaces
    answer = way.ask(app)
    assert (answer.status, answer.text) == (503, "replaced")
    assert answer.get("Content-Length") is None


def test_exc_info_may_come_before_the_first_byte(way, app):
    def replaces(environ, start_response):
        start_response("200 OK", TEXT)
        yield b""
        try:
            raise KeyError("late")
        except KeyError:
            start_response("500 Oh", [("Content-Type", "text/html")], sys.exc_info())
        yield b"replaced"

    app.wsgi_app = replaces
    answer = way.ask(app)
    assert (answer.status, answer.text, answer.get("Content-Type")) == (
        500,
        "replaced",
        "text/html",
    )


def test_exc_info_behind_the_first_byte_raises_the_error_on(way, app, soon):
    raised = []

    def too_late(environ, start_response):
        start_response("200 OK", TEXT)
        yield b"sent"
        try:
            raise KeyError("late")
        except KeyError:
            try:
                start_response("500 Oh", TEXT, sys.exc_info())
            except KeyError as error:
                raised.append(error)
                raise

    app.wsgi_app = too_late
    answer = way.serve(app)
    assert [str(error) for error in raised] == ["'late'"]
    assert (answer.status, answer.body, answer.is_complete) == (200, b"sent", False)
    assert answer.starts == 1


def test_a_middleware_that_answers_for_an_error_of_the_view(way, app):
    app.config["PROPAGATE_EXCEPTIONS"] = True
    inner = app.wsgi_app

    def catches(environ, start_response):
        try:
            return inner(environ, start_response)
        except ZeroDivisionError:
            start_response("500 Caught", TEXT, sys.exc_info())
            return [b"caught"]

    app.wsgi_app = catches
    answer = way.ask(app, "/fail")
    assert (answer.status, answer.text) == (500, "caught")


def test_a_middleware_can_change_status_and_headers(way, app):
    inner = app.wsgi_app

    def changes(environ, start_response):
        def own(status, headers, exc_info=None):
            return start_response("418 Tea", [*headers, ("X-Own", "yes")], exc_info)

        return inner(environ, own)

    app.wsgi_app = changes
    for path in ("/", "/pieces", "/nowhere"):
        answer = way.ask(app, path)
        assert (answer.status, answer.get("X-Own")) == (418, "yes")


def test_the_context_is_there_when_start_response_is_called(way, app):
    """Agents read the request there."""
    seen = []
    inner = app.wsgi_app

    def looks(environ, start_response):
        def own(status, headers, exc_info=None):
            seen.append((request.path, request.endpoint))
            return start_response(status, headers)

        return inner(environ, own)

    app.wsgi_app = looks
    for path in ("/", "/pieces", "/fail"):
        app.logger.disabled = True
        way.ask(app, path)
    assert seen == [("/", "index"), ("/pieces", "pieces"), ("/fail", "fail")]


# -- write -----------------------------------------------------------------------------------


@pytest.mark.parametrize("fails", [False, True])
def test_the_request_is_there_when_start_response_is_called_for_plain_text(way, fails):
    """Where no hook is behind the view no response is made, and agents look all the same."""
    app = Erlen("plain")
    app.logger.disabled = True
    app.add_url_rule("/<n>", "index", way.colour(lambda n: n))
    inner, seen = app.wsgi_app, []

    def middleware(environ, start_response):
        def start(status, headers, exc_info=None):
            seen.append((request.view_args["n"], request.url_rule.rule, status))
            if fails and len(seen) == 1:
                raise LookupError("an agent's")
            return start_response(status, headers, exc_info)

        return inner(environ, start)

    app.wsgi_app = middleware
    ended = []
    app.teardown_request(lambda error: ended.append((len(seen), type(error))))
    answer = way.ask(app, "/7")
    if fails:
        assert answer.status == 500
        assert seen[1:] == [("7", "/<n>", "500 INTERNAL SERVER ERROR")]
        assert ended == [(2, LookupError)]
    else:
        assert (answer.status, answer.text) == (200, "7")
        assert seen == [("7", "/<n>", "200 OK")]
        assert ended == [(1, type(None))]


def test_write_comes_before_the_body(way, app):
    def writes(environ, start_response):
        write = start_response("200 OK", TEXT)
        for n in range(100):
            write(b"%d " % n)
        return [b"end"]

    app.wsgi_app = writes
    assert way.ask(app).text == "".join(f"{n} " for n in range(100)) + "end"


def test_write_without_a_body(way, app):
    def writes(environ, start_response):
        start_response("200 OK", TEXT)(b"written")
        return []

    app.wsgi_app = writes
    assert way.ask(app).text == "written"


def test_a_middleware_can_write_in_front_of_the_inner_answer(way, app):
    inner = app.wsgi_app

    def fronts(environ, start_response):
        def own(status, headers, exc_info=None):
            headers = [pair for pair in headers if pair[0] != "Content-Length"]
            write = start_response(status, headers, exc_info)
            write(b"front ")
            return write

        return inner(environ, own)

    app.wsgi_app = fronts
    assert way.ask(app).text == "front index"
    assert way.ask(app, "/pieces").text == "front one two three"


def test_write_behind_the_first_byte_makes_exc_info_raise(way, app):
    raised = []

    def too_late(environ, start_response):
        start_response("200 OK", TEXT)(b"sent")
        try:
            raise KeyError("late")
        except KeyError:
            try:
                start_response("500 Oh", TEXT, sys.exc_info())
            except KeyError as error:
                raised.append(error)
        return [b" anyway"]

    app.wsgi_app = too_late
    answer = way.ask(app)
    assert len(raised) == 1
    assert (answer.status, answer.text) == (200, "sent anyway")


# -- close -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "pieces",
    [[], [b"one"], [b"one", b"two"], [b"", b""], [KeyError("first")], [b"one", KeyError("later")]],
    ids=["none", "one", "two", "empty", "fails first", "fails later"],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_close_is_called_once(way, app, pieces, method, soon):
    body = Body(*pieces)

    def answers(environ, start_response):
        start_response("200 OK", TEXT)
        return body

    app.wsgi_app = answers
    answer = way.serve(app, method=method)
    fails = any(isinstance(piece, Exception) for piece in pieces)
    if method == "GET":
        assert answer.is_complete is not fails or answer.status == 500
    assert soon(lambda: body.closed)
    assert body.closed == 1


@pytest.mark.parametrize("path", ["/", "/pieces"])
@pytest.mark.parametrize("wraps", [False, True], ids=["passes on", "wraps"])
def test_the_application_sees_its_body_closed_once(way, app, path, wraps, soon, passing_on):
    app.wsgi_app = passing_on(app.wsgi_app, wraps)
    for method in ("GET", "HEAD"):
        assert way.ask(app, path, method).status == 200
        assert soon(lambda: app.extensions["closed"])
        assert app.extensions["closed"] == ["closed"]
        app.extensions["closed"].clear()


def test_close_is_called_once_if_the_client_goes_away_in_the_body(way, app, wsgi_server, soon):
    body = Body(*([b"piece"] * 1000))
    again = threading.Event()
    pieces = body.pieces

    class Waits(Body):
        def __iter__(self):
            yield b"first"
            again.wait(10)
            yield from pieces

    body = Waits()

    def answers(environ, start_response):
        start_response("200 OK", TEXT)
        return body

    app.wsgi_app = answers
    if not way.is_asgi:
        again.set()
        from erlen.testing.builder import create_environ

        wsgi_server(pieces=2).serve(app, create_environ("/"))
        assert body.closed == 1
        return

    async def main():
        leaves = asyncio.Event()

        async def gone():
            await leaves.wait()
            again.set()
            return {"type": "http.disconnect"}

        def seen(message):
            if message.get("body"):
                leaves.set()

        end = {"type": "http.request", "body": b"", "more_body": False}
        answer = await way.serve_here(app, messages=[end, gone], seen=seen)
        assert not answer.is_complete

    asyncio.run(main())
    assert soon(lambda: body.closed)
    assert body.closed == 1


@pytest.mark.parametrize("way", ["asgi", "asgi-async"], indirect=True)
def test_close_is_called_once_if_the_server_cannot_send(way, app, soon):
    body = Body(b"first", b"second", b"third")

    def answers(environ, start_response):
        start_response("200 OK", TEXT)
        return body

    app.wsgi_app = answers

    def seen(message):
        if message.get("body") == b"second":
            raise OSError("the client is gone")

    asyncio.run(way.serve_here(app, seen=seen))
    assert soon(lambda: body.closed)
    assert body.closed == 1


@pytest.mark.parametrize("way", ["asgi", "asgi-async"], indirect=True)
def test_close_is_called_once_if_nobody_waits_for_the_answer(way, app, soon):
    body = Body(b"piece")
    began, goes_on = threading.Event(), threading.Event()

    def answers(environ, start_response):
        began.set()
        goes_on.wait(10)
        start_response("200 OK", TEXT)
        return body

    app.wsgi_app = answers

    async def main():
        task = asyncio.ensure_future(way.serve_here(app))
        await asyncio.to_thread(began.wait, 10)
        task.cancel()
        goes_on.set()
        answer = await task
        assert isinstance(answer.error, asyncio.CancelledError)
        assert await asyncio.to_thread(body.closed_event.wait, 10)

    asyncio.run(main())
    assert body.closed == 1


def test_close_that_fails_leaves_the_answer(way, app, errors):
    class Failing(Body):
        def close(self):
            super().close()
            raise KeyError("close")

    body = Failing(b"text")

    def answers(environ, start_response):
        start_response("200 OK", TEXT)
        return body

    app.wsgi_app = answers
    answer = way.serve(app)
    assert (answer.status, answer.text, body.closed) == (200, "text", 1)


# -- the environment -------------------------------------------------------------------------


def test_the_environment_is_what_pep_3333_says(way, app):
    seen = {}

    def looks(environ, start_response):
        seen.update(environ)
        start_response("200 OK", TEXT)
        return [environ["wsgi.input"].read()]

    app.wsgi_app = looks
    assert way.ask(app, "/ä/b?q=1", "POST", b"body", {"X-Own": "1"}).body == b"body"
    assert seen["REQUEST_METHOD"] == "POST"
    assert seen["SCRIPT_NAME"] == ""
    assert seen["PATH_INFO"] == "/ä/b".encode().decode("latin-1")
    assert seen["QUERY_STRING"] == "q=1"
    assert seen["CONTENT_LENGTH"] == "4"
    assert seen["HTTP_X_OWN"] == "1"
    assert seen["wsgi.version"] == (1, 0)
    assert seen["wsgi.url_scheme"] == "http"
    assert type(seen) is dict
    for name in ("wsgi.input", "wsgi.errors"):
        assert seen[name] is not None
    for name in ("wsgi.multithread", "wsgi.multiprocess", "wsgi.run_once"):
        assert seen[name] in (True, False)
    if way.is_asgi:
        assert seen["wsgi.multithread"]


def test_a_middleware_passes_wsgirefs_validation(way, app):
    from wsgiref.validate import validator

    app.wsgi_app = validator(app.wsgi_app)
    for path in ("/", "/pieces", "/nowhere"):
        assert way.ask(app, path).status in (200, 404)


@pytest.mark.parametrize("wraps", [False, True])
def test_a_file_is_sent_by_the_servers_wrapper(way, tmp_path, wraps):
    (tmp_path / "a.bin").write_bytes(b"x" * 100_000)
    app = Erlen("x")

    @app.route("/")
    @way.colour
    def index():
        from erlen import send_file

        return send_file(tmp_path / "a.bin")

    inner = app.wsgi_app

    def wrapped(body):
        try:
            yield from body
        finally:
            body.close()

    def middleware(environ, start_response):
        body = inner(environ, start_response)
        return wrapped(body) if wraps else body

    app.wsgi_app = middleware
    assert way.ask(app).body == b"x" * 100_000
    answer = way.ask(app, headers={"Range": "bytes=1-3"})
    assert (answer.status, answer.body) == (206, b"xxx")
