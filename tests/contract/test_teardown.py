"""A teardown that raises: the others run, the answer stands, the error is logged and told."""

from __future__ import annotations

import asyncio

import pytest

import erlen
from erlen import Blueprint, Erlen, Response, g, has_app_context, request, stream_with_context

KINDS = ["request", "blueprint", "app", "request signal", "app signal"]


class Quit(BaseException):
    pass


def make(way, kind, error, fails_first):
    app = Erlen("teardown")
    calls = app.extensions["calls"] = []
    part = Blueprint("part", __name__)

    @part.route("/")
    @way.colour
    def index():
        g.x = 1
        return "index"

    @part.route("/fail")
    @way.colour
    def fail():
        raise KeyError("view")

    def note(name):
        def run(*args, **values):
            exc = values.get("exc") if "exc" in values else (args[0] if args else None)
            calls.append((name, type(exc).__name__))

        return run

    def failing(*args, **values):
        note("failing")(*args, **values)
        raise error

    def register(add, name, fails):
        functions = [way.colour(note(f"{name} 1")), way.colour(note(f"{name} 2"))]
        if fails:
            # They run in the opposite order.
            functions.insert(2 if fails_first else 0, way.colour(failing))
        for function in functions:
            add(function)

    register(part.teardown_request, "blueprint", kind == "blueprint")
    register(app.teardown_request, "request", kind == "request")
    register(app.teardown_appcontext, "app", kind == "app")
    app.register_blueprint(part)

    def on_request(sender, **values):
        (failing if kind == "request signal" else note("request signal"))(**values)

    def on_app(sender, **values):
        (failing if kind == "app signal" else note("app signal"))(**values)

    # Receivers are kept weakly.
    app.extensions["receivers"] = on_request, on_app
    erlen.request_tearing_down.connect(on_request, app)
    erlen.appcontext_tearing_down.connect(on_app, app)
    return app


ORDER = [
    "blueprint 2", "blueprint 1", "request 2", "request 1", "request signal",
    "app 2", "app 1", "app signal",
]  # fmt: skip


def others(calls):
    return [name for name, _ in calls if name != "failing"]


@pytest.mark.parametrize("fails_first", [True, False], ids=["first", "last"])
@pytest.mark.parametrize("kind", KINDS)
def test_the_others_run_and_the_answer_stands(way, kind, fails_first, errors):
    app = make(way, kind, ZeroDivisionError("teardown"), fails_first)
    calls = app.extensions["calls"]
    for _ in range(2):
        calls.clear()
        before = len(errors())
        answer = way.ask(app)
        assert (answer.status, answer.text) == (200, "index")
        wanted = [name for name in ORDER if name != kind]
        assert others(calls) == wanted
        assert [name for name, _ in calls].count("failing") == 1
        logged = errors()[before:]
        assert len(logged) == 1
        assert logged[0].exc_info[0] is ZeroDivisionError


@pytest.mark.parametrize("kind", KINDS)
def test_the_error_is_told_to_who_listens_for_exceptions(way, kind):
    """Agents hear of errors by this signal."""
    app = make(way, kind, ZeroDivisionError("teardown"), True)
    app.logger.disabled = True
    told = []

    def listen(sender, exception, **values):
        told.append((type(exception), has_app_context()))

    with erlen.got_request_exception.connected_to(listen, app):
        way.ask(app)
        way.ask(app)
    assert told == [(ZeroDivisionError, True)] * 2


@pytest.mark.parametrize("kind", KINDS)
def test_after_an_error_of_the_view_each_is_told_of_that(way, kind):
    app = make(way, kind, ZeroDivisionError("teardown"), True)
    app.logger.disabled = True
    calls = app.extensions["calls"]
    answer = way.ask(app, "/fail")
    assert answer.status == 500
    assert others(calls) == [name for name in ORDER if name != kind]
    assert {error for _, error in calls} == {"KeyError"}


def test_several_fail(way, errors):
    app = Erlen("x")
    calls = []

    def failing(name):
        def run(error):
            calls.append(name)
            raise ZeroDivisionError(name)

        return way.colour(run)

    for name in ("a", "b", "c"):
        app.teardown_request(failing(name))
        app.teardown_appcontext(failing(f"app {name}"))
    app.add_url_rule("/", "index", way.colour(lambda: "index"))
    assert way.ask(app).text == "index"
    assert calls == ["c", "b", "a", "app c", "app b", "app a"]
    # Each of them is logged, and none twice.
    logged = sorted(str(record.exc_info[1]) for record in errors())
    assert logged == ["a", "app a", "app b", "app c", "b", "c"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_base_exception_goes_to_the_server_behind_the_others(way, kind):
    app = make(way, kind, Quit(), True)
    app.logger.disabled = True
    calls = app.extensions["calls"]
    answer = way.serve(app)
    assert isinstance(answer.error, Quit)
    assert others(calls) == [name for name in ORDER if name != kind]


@pytest.mark.parametrize("kind", ["request", "app"])
def test_one_that_is_cancelled_by_itself_keeps_no_other_from_running(way, kind):
    """``CancelledError`` that nobody asked for: a task that it awaited was cancelled."""
    app = make(way, kind, asyncio.CancelledError(), True)
    app.logger.disabled = True
    calls = app.extensions["calls"]
    way.serve(app)
    assert others(calls) == [name for name in ORDER if name != kind]


def test_both_colours_run_in_order(way):
    app = Erlen("x")
    calls = []

    async def in_loop(error):
        await asyncio.sleep(0)
        calls.append("async")
        raise ZeroDivisionError

    def in_thread(error):
        calls.append("sync")
        raise ZeroDivisionError

    for function in (in_loop, in_thread, in_loop, in_thread, in_thread):
        app.teardown_request(function)
    app.logger.disabled = True
    app.add_url_rule("/", "index", way.colour(lambda: "index"))
    assert way.ask(app).text == "index"
    assert calls == ["sync", "sync", "async", "sync", "async"]


def test_the_request_is_there_in_each_and_the_session_is_saved_before(way):
    app = Erlen("x")
    app.secret_key = "test"
    seen = []

    @app.route("/<name>")
    @way.colour
    def index(name):
        g.name = erlen.session["name"] = name
        return name

    def look(error):
        seen.append((request.path, g.name, erlen.session["name"]))

    app.teardown_request(way.colour(look))
    app.teardown_appcontext(way.colour(lambda error: seen.append(g.name)))
    answer = way.ask(app, "/a")
    assert seen == [("/a", "a", "a"), "a"]
    assert answer.get("Set-Cookie")


def test_code_that_pops_by_itself_gets_the_error(way):
    """Outside of a gateway nobody else would hear of it."""
    app = make(way, "app", ZeroDivisionError("teardown"), True)
    ctx = app.app_context()
    ctx.push()
    with pytest.raises(ZeroDivisionError):
        ctx.pop()
    assert others(app.extensions["calls"]) == ["app 2", "app 1", "app signal"]
    assert not has_app_context()


def test_a_teardown_that_is_told_of_an_error_leaves_it_as_it_is(way):
    app = Erlen("x")
    app.logger.disabled = True
    app.config["PROPAGATE_EXCEPTIONS"] = True
    app.add_url_rule("/", "index", way.colour(lambda: 1 / 0))

    @app.teardown_request
    @way.colour
    def teardown(error):
        raise KeyError("teardown")

    # The error that the server is told is that of the view.
    assert isinstance(way.serve(app).error, ZeroDivisionError)


@pytest.mark.parametrize("is_async", [False, True])
@pytest.mark.parametrize("method, status", [("HEAD", 200), ("GET", 204), ("GET", 304)])
def test_a_held_body_that_is_not_sent_is_closed(interface, is_async, method, status):
    """The answer has no content, which for HEAD is no error."""
    way = interface
    app = Erlen("held")
    told, closed = [], []

    class Pieces:
        def __iter__(self):
            return self

        def __next__(self):
            raise AssertionError("asked for")

        def close(self):
            closed.append(True)

    class AsyncPieces:
        def __aiter__(self):
            return self

        async def __anext__(self):
            raise AssertionError("asked for")

        async def aclose(self):
            closed.append(True)

    @app.route("/")
    def index():
        body = AsyncPieces() if is_async else Pieces()
        return Response(stream_with_context(body), status)

    app.teardown_request(lambda error: told.append((request.path, type(error))))
    app.teardown_appcontext(lambda error: told.append(("app", type(error))))
    answer = way.ask(app, "/", method)
    assert (answer.status, answer.body) == (status, b"")
    # A generator that is closed before its end says so.
    error = type(None) if is_async or method == "HEAD" else GeneratorExit
    assert told == [("/", error), ("app", error)]
    assert closed == [True]
