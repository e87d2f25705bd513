"""A request that code pushes, or the test client, inside of a context of the same application joins
it: the same application context, the same ``g``, torn down when the outer one is popped."""

from __future__ import annotations

import asyncio
import contextvars
from concurrent.futures import ThreadPoolExecutor

import pytest

from erlen import (
    Erlen,
    after_this_request,
    copy_current_request_context,
    current_app,
    g,
    has_app_context,
    has_request_context,
    request,
    session,
)


@pytest.fixture
def app_ctx(flask_name):
    return flask_name("flask.globals.app_ctx")


@pytest.fixture
def app(way, app_ctx):
    app = Erlen("joined")
    app.secret_key = "test"
    app.extensions["calls"] = calls = []

    @app.route("/")
    @way.colour
    def index():
        calls.append((app_ctx._get_current_object(), g._get_current_object(), g.get("x")))
        g.y = "set by the view"
        return "index"

    app.teardown_request(lambda error: calls.append("request"))
    app.teardown_appcontext(lambda error: calls.append("app"))
    return app


@pytest.fixture
def client(app, way, monkeypatch):
    monkeypatch.setenv("ERLEN_TEST_INTERFACE", way.interface)
    return app.test_client()


def test_the_test_client_joins(app, client, app_ctx):
    calls = app.extensions["calls"]
    with app.app_context():
        outer, namespace = app_ctx._get_current_object(), g._get_current_object()
        g.x = 1
        for _ in range(2):
            calls.clear()
            assert client.get("/").text == "index"
            # Its application context ends with the outer one.
            assert calls == [(outer, namespace, 1), "request"]
            assert g.y == "set by the view"
            assert app_ctx._get_current_object() is outer
            assert not has_request_context()
    assert calls[2:] == ["app"]


def test_the_test_client_does_not_join_another_application(app, client, app_ctx):
    other = Erlen("other")
    calls = app.extensions["calls"]
    with other.app_context():
        outer = app_ctx._get_current_object()
        g.x = 1
        client.get("/")
        assert calls[0][0] is not outer and calls[0][2] is None
        assert calls[1:] == ["request", "app"]
        assert current_app.name == "other" and g.x == 1


def test_outside_of_a_context_the_test_client_has_its_own(app, client):
    client.get("/")
    client.get("/")
    calls = app.extensions["calls"]
    assert calls[1:3] == ["request", "app"] and calls[4:] == ["request", "app"]
    assert calls[0][1] is not calls[3][1]


def test_a_pushed_request_joins_an_application_context(app, app_ctx):
    calls = app.extensions["calls"]
    with app.app_context():
        outer = app_ctx._get_current_object()
        g.x = 1
        with app.test_request_context("/a"):
            assert app_ctx._get_current_object() is outer
            assert g.x == 1 and request.path == "/a"
            g.z = 2
        assert calls == ["request"]
        assert g.z == 2
        assert not has_request_context()
    assert calls == ["request", "app"]


def test_a_pushed_request_joins_a_request(app, app_ctx):
    calls = app.extensions["calls"]
    with app.test_request_context("/a"):
        outer = app_ctx._get_current_object()
        g.x = 1
        with app.test_request_context("/b"):
            assert app_ctx._get_current_object() is outer
            assert g.x == 1 and request.path == "/b"
        assert calls == ["request"]
        assert request.path == "/a" and g.x == 1
    assert calls == ["request", "request", "app"]


def test_a_request_inside_of_a_request_inside_of_an_application_context(app, client, app_ctx):
    with app.app_context():
        outer = app_ctx._get_current_object()
        g.x = 1
        client.get("/")
        assert app.extensions["calls"][0][0] is outer
        with app.test_request_context("/a"):
            inner = app_ctx._get_current_object()
            with app.test_request_context("/b"):
                assert g.get("x") == 1
                assert app_ctx._get_current_object() is inner is outer


def test_a_pushed_request_does_not_join_another_application(app):
    other = Erlen("other")
    with app.app_context():
        g.x = 1
        with other.test_request_context("/"):
            assert current_app.name == "other" and "x" not in g
        assert current_app.name == "joined" and g.x == 1


def test_an_application_context_inside_is_its_own(app, app_ctx):
    """Only requests join: ``with app.app_context()`` pushes another one."""
    with app.app_context():
        outer = app_ctx._get_current_object()
        g.x = 1
        with app.app_context():
            assert app_ctx._get_current_object() is not outer
            assert "x" not in g
        assert g.x == 1
    with app.test_request_context("/a"):
        g.x = 1
        with app.app_context():
            assert "x" not in g
            assert request.path == "/a"
        assert g.x == 1
    assert app.extensions["calls"] == ["app", "app", "app", "request", "app"]


# -- either is popped first ------------------------------------------------------------------


def test_the_application_context_is_popped_first(app, clean):
    calls = app.extensions["calls"]
    a, r = app.app_context(), app.test_request_context("/r")
    a.push()
    r.push()
    g.x = 1
    a.pop()
    assert calls == ["app"]
    assert not has_app_context()
    r.pop()
    assert calls == ["app", "request"]
    clean()


def test_the_request_is_popped_first(app, clean):
    calls = app.extensions["calls"]
    a, r = app.app_context(), app.test_request_context("/r")
    a.push()
    r.push()
    r.pop()
    assert calls == ["request"]
    assert has_app_context() and not has_request_context()
    a.pop()
    assert calls == ["request", "app"]
    clean()


def test_a_request_without_a_context_around_owns_one(app, clean):
    r = app.test_request_context("/r")
    r.push()
    assert has_app_context()
    r.pop()
    assert app.extensions["calls"] == ["request", "app"]
    clean()


def test_a_client_that_keeps_its_context_across_an_application_context(app, client, clean):
    """The outer context ends before the request's."""
    with client:
        with app.app_context():
            client.get("/")
            assert request.path == "/"
        assert has_request_context()
        assert request.path == "/"
    clean()
    calls = app.extensions["calls"]
    # Flask tears a request down that is kept twice, Erlen once.
    assert set(calls[1:]) == {"app", "request"} and calls.count("app") == 1


def test_a_client_that_keeps_its_context_inside_of_an_application_context(app, client):
    calls = app.extensions["calls"]
    with app.app_context():
        g.x = 1
        with client:
            client.get("/")
            assert request.path == "/" and g.y == "set by the view"
            client.get("/")
        assert has_app_context() and not has_request_context()
        assert g.x == 1
        assert [call for call in calls if call == "app"] == []
    assert calls.count("request") >= 2 and calls.count("app") == 1


def test_set_up_and_tear_down_of_a_test_case(app, client, clean):
    """What ``unittest`` code does: both are pushed in set-up and popped in the same order."""
    for _ in range(2):
        a, r = app.app_context(), app.test_request_context("/r")
        a.push()
        r.push()
        session["a"] = 1
        client.get("/")
        assert (request.path, session["a"], g.y) == ("/r", 1, "set by the view")
        a.pop()
        r.pop()
        clean()


def test_one_context_pushed_twice(app, clean):
    calls = app.extensions["calls"]
    a = app.app_context()
    a.push()
    a.push()
    a.pop()
    assert calls == [] and has_app_context()
    a.pop()
    assert calls == ["app"]
    r = app.test_request_context("/r")
    r.push()
    r.push()
    r.pop()
    assert calls == ["app"] and has_request_context()
    r.pop()
    assert calls == ["app", "request", "app"]
    clean()


# -- teardown --------------------------------------------------------------------------------


def test_the_outer_context_is_torn_down_once_with_its_own_error(app, client):
    told = []
    app.teardown_appcontext(told.append)
    app.teardown_request(told.append)
    with pytest.raises(KeyError), app.app_context():
        client.get("/")
        assert told == [None]
        raise KeyError("outer")
    assert [type(error) for error in told] == [type(None), KeyError]


@pytest.mark.parametrize("is_testing", [False, True])
def test_an_error_of_a_joined_request_leaves_the_outer_context(way, monkeypatch, is_testing):
    monkeypatch.setenv("ERLEN_TEST_INTERFACE", way.interface)
    app = Erlen("x")
    app.testing = is_testing
    app.logger.disabled = True
    told = []
    app.teardown_appcontext(told.append)
    app.add_url_rule("/fail", "fail", way.colour(lambda: 1 / 0))
    with app.app_context():
        g.x = 1
        if is_testing:
            with pytest.raises(ZeroDivisionError):
                app.test_client().get("/fail")
        else:
            assert app.test_client().get("/fail").status_code == 500
        assert has_app_context() and not has_request_context() and g.x == 1
        assert told == []
    assert told == [None]


def test_signals_of_a_joined_request(app, client):
    import erlen

    order = []

    def receiver_of(name):
        def receiver(sender, **values):
            order.append(name)

        return receiver

    names = ["appcontext_pushed", "request_tearing_down", "appcontext_tearing_down"]
    names.append("appcontext_popped")
    receivers = {name: receiver_of(name) for name in names}
    for name, receiver in receivers.items():
        getattr(erlen, name).connect(receiver, app)
    with app.app_context():
        client.get("/")
        assert order == ["appcontext_pushed", "request_tearing_down"]
    assert order[2:] == ["appcontext_tearing_down", "appcontext_popped"]


def test_the_session_of_flask_sqlalchemy_is_shared(program):
    found = program("shared_session.py", needs=["flask_sqlalchemy"])
    assert found == {
        "client sees what was added": 1,
        "same session": True,
        "pushed request sees it": 1,
        "after the context": 0,
        "gateway has its own": 0,
    }


def test_a_copied_request_joins_the_context_that_its_thread_inherited(way):
    """As in ``asyncio.to_thread``: the same ``g``. A thread without one has a ``g`` of its own."""
    app = Erlen("copied")
    torn = []
    app.teardown_request(lambda error: torn.append("request"))
    app.teardown_appcontext(lambda error: torn.append("app"))

    def work():
        g.count = g.get("count", 0) + 1
        return f"{request.path} {g.count}"

    if way.is_async:

        @app.route("/")
        async def index():
            g.count = 1
            inherits = await asyncio.to_thread(copy_current_request_context(work))
            alone = await asyncio.get_running_loop().run_in_executor(
                None, copy_current_request_context(work)
            )
            return [inherits, alone, g.count]

    else:

        @app.route("/")
        def index():
            g.count = 1
            with ThreadPoolExecutor(1) as pool:
                inherit = contextvars.copy_context().run
                inherits = pool.submit(inherit, copy_current_request_context(work)).result()
                alone = pool.submit(copy_current_request_context(work)).result()
            return [inherits, alone, g.count]

    assert way.ask(app).json == ["/ 2", "/ 1", 2]
    assert torn == ["request", "request", "app", "request", "app"]


def test_functions_behind_the_view_by_their_private_name(way, flask_name):
    """Extensions append to the list of Flask's request context."""
    app = Erlen("private")
    request_ctx = flask_name("flask.globals.request_ctx")

    def behind(name):
        def run(response):
            response.headers.add("X-Behind", name)
            return response

        return way.colour(run)

    @app.route("/")
    @way.colour
    def index():
        assert request_ctx._after_request_functions == []
        request_ctx._after_request_functions.append(behind("appended"))
        after_this_request(behind("this"))
        request_ctx._after_request_functions += [behind("added")]
        return "text"

    assert way.ask(app).all("X-Behind") == ["appended", "this", "added"]
