from __future__ import annotations

import gc
import threading
import weakref

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
    url_for,
)
from erlen.context.contexts import AppContext, RequestContext
from erlen.sessions import SecureCookieSession


@pytest.fixture
def app():
    app = Erlen("contexts")
    app.secret_key = "test"

    @app.route("/<name>")
    def show(name):
        return f"{name} {request.args.get('q')}"

    return app


@pytest.fixture
def ends(app):
    """What the teardown functions were called with."""
    seen = []
    app.teardown_request(lambda error: seen.append(("request", error)))
    app.teardown_appcontext(lambda error: seen.append(("app", error)))
    return seen


# -- application contexts ----------------------------------------------------------------


def test_push_and_pop(app, ends):
    context = app.app_context()
    assert type(context) is AppContext
    assert not has_app_context()
    context.push()
    assert has_app_context()
    assert current_app._get_current_object() is app
    context.pop()
    assert not has_app_context()
    assert ends == [("app", None)]


def test_the_last_pop_of_a_context_ends_it(app, ends):
    context = app.app_context()
    with context:
        g.a = 1
        with context:
            assert g.a == 1
        assert g.a == 1
        assert ends == []
    assert ends == [("app", None)]


def test_an_inner_context_has_its_own_g(app):
    with app.app_context():
        g.a = "outer"
        with app.app_context():
            assert "a" not in g
        assert g.a == "outer"


def test_teardown_gets_the_exception_of_the_block(app, ends):
    with pytest.raises(KeyError), app.app_context():
        raise KeyError("x")
    assert [type(error) for _, error in ends] == [KeyError]


def test_teardown_gets_the_exception_that_is_being_handled(app, ends):
    try:
        raise KeyError("x")
    except KeyError:
        with app.app_context():
            pass
        context = app.app_context()
        context.push()
        context.pop()
    assert [type(error) for _, error in ends] == [type(None), KeyError]


def test_teardown_functions_may_use_the_context(app):
    seen = []
    app.teardown_appcontext(lambda error: seen.append((current_app.name, g.pop("db"))))
    with app.app_context():
        g.db = "connection"
    assert seen == [("contexts", "connection")]


def test_a_context_is_popped_even_if_its_teardown_fails(app):
    @app.teardown_appcontext
    def fail(error):
        raise OSError("teardown")

    with pytest.raises(OSError, match="teardown"), app.app_context():
        pass
    assert not has_app_context()


def test_contexts_are_popped_in_the_opposite_order(app):
    outer, inner = app.app_context(), app.app_context()
    outer.push()
    inner.push()
    try:
        with pytest.raises(AssertionError, match="Popped the wrong context"):
            outer.pop()
    finally:
        inner.pop()
        outer.pop()
    assert not has_app_context()


def test_url_for_in_an_application_context(app):
    app.config.update(SERVER_NAME="example.org:81", PREFERRED_URL_SCHEME="https")
    with app.app_context():
        assert url_for("show", name="a") == "https://example.org:81/a"
        assert url_for("show", name="a", _external=False) == "/a"


# -- request contexts --------------------------------------------------------------------


def test_a_request_context_matches_and_opens_the_session(app, ends):
    context = app.test_request_context("/ada?q=1")
    assert type(context) is RequestContext
    assert not has_request_context()
    with context:
        assert has_request_context()
        assert has_app_context()
        assert request.endpoint == "show"
        assert request.view_args == {"name": "ada"}
        session["a"] = 1
        assert app.full_dispatch_request().get_data() == b"ada 1"
    assert ends == [("request", None), ("app", None)]
    assert not has_request_context()


def test_a_request_context_by_an_environment(app):
    environ = app.test_request_context("/ada").request.environ
    with app.request_context(environ):
        assert request.path == "/ada"
        assert request.environ is environ


def test_before_hooks_run_when_they_are_asked_to(app):
    @app.before_request
    def load():
        g.user = "ada"

    with app.test_request_context("/x"):
        assert "user" not in g
        assert app.preprocess_request() is None
        assert g.user == "ada"


def test_a_request_that_matches_nothing_keeps_the_error(app):
    with app.test_request_context("/a/b"):
        assert request.url_rule is None
        assert request.endpoint is None
        assert request.routing_exception.code == 404


def test_requests_nest(app):
    with app.test_request_context("/outer"):
        g.a = 1
        with app.test_request_context("/inner"):
            assert request.path == "/inner"
        assert request.path == "/outer"
        assert g.a == 1
    assert not has_request_context()


def test_a_request_of_another_application_has_its_own_g(app):
    other = Erlen("other")
    with app.app_context():
        g.a = 1
        with other.test_request_context("/"):
            assert current_app._get_current_object() is other
            assert "a" not in g
        assert current_app._get_current_object() is app


def test_the_exception_of_the_block_reaches_both_teardowns(app, ends):
    with pytest.raises(ZeroDivisionError), app.test_request_context("/x"):
        raise ZeroDivisionError
    assert [(what, type(error)) for what, error in ends] == [
        ("request", ZeroDivisionError),
        ("app", ZeroDivisionError),
    ]


def test_an_explicit_exception_of_pop_is_told(app, ends):
    context = app.test_request_context("/x")
    context.push()
    error = KeyError()
    context.pop(error)
    assert ends == [("request", error), ("app", error)]


def test_a_dropped_context_frees_its_request(app):
    context = app.test_request_context("/x")
    reference = weakref.ref(context.request)
    with context:
        assert request.path == "/x"
    del context
    gc.collect()
    assert reference() is None


def test_a_context_shows_its_request(app):
    context = app.test_request_context("/ada", method="POST")
    assert repr(context) == "<RequestContext 'http://localhost/ada' [POST] of contexts>"


# -- functions ---------------------------------------------------------------------------


def test_after_this_request_runs_for_this_request_alone(app):
    @app.route("/mark/<value>")
    def mark(value):
        if value == "yes":

            @after_this_request
            def add(response):
                response.headers["X-Mark"] = value
                return response

        return ""

    client = app.test_client()
    assert client.get("/mark/yes").headers["X-Mark"] == "yes"
    assert "X-Mark" not in client.get("/mark/no").headers


def test_after_this_request_runs_in_the_order_of_its_calls(app):
    calls = []

    @app.route("/order/")
    def order():
        for n in range(3):

            @after_this_request
            def record(response, n=n):
                calls.append(n)
                return response

        return ""

    app.test_client().get("/order/")
    assert calls == [0, 1, 2]


def test_a_copied_context_outlives_the_request(app):
    started, go = threading.Event(), threading.Event()
    results, threads = [], []

    @app.route("/work/")
    def work():
        session["who"] = "ada"

        @copy_current_request_context
        def later(number):
            """The docstring of the function."""
            started.set()
            go.wait(10)
            results.append((number, request.path, session["who"], current_app.name))

        assert later.__name__ == "later"
        assert later.__doc__ == "The docstring of the function."
        threads.append(threading.Thread(target=later, args=(7,)))
        threads[0].start()
        started.wait(10)
        return "answered"

    assert app.test_client().get("/work/").text == "answered"
    go.set()
    threads[0].join()
    assert results == [(7, "/work/", "ada", "contexts")]


def test_a_copied_context_works_for_a_greenlet(app):
    greenlet = pytest.importorskip("greenlet").greenlet
    found = []

    @app.route("/green/")
    def green():
        @copy_current_request_context
        def work():
            found.append(request.args["q"])
            return "done"

        found.append(greenlet(work))
        return ""

    app.test_client().get("/green/?q=1")
    assert found[0].run() == "done"
    assert found[1:] == ["1"]


def test_the_original_context_is_left_as_it_was(app):
    with app.test_request_context("/a"):

        @copy_current_request_context
        def work():
            g.inner = 1
            return request.path

        assert work() == "/a"
        assert request.path == "/a"


def test_the_parts_of_a_context_can_be_replaced(app):
    class Own:
        name = "own"

    with app.test_request_context("/ada") as context:
        context.g = Own()
        context.session = SecureCookieSession({"replaced": True})
        context.request = app.request_class(context.request.environ)
        assert g.name == "own"
        assert session["replaced"]
        assert request.path == "/ada"
        assert request.endpoint is None
        context.match_request()
        assert request.endpoint == "show"
        context.url_adapter = None
        with pytest.raises(RuntimeError, match="SERVER_NAME"):
            url_for("show", name="x")


def test_a_session_under_the_private_name_of_flask_takes_the_place_of_the_requests(app):
    # Flask-SocketIO does so with the session of a connection.
    with app.test_request_context("/ada") as context:
        assert "own" not in session
        context._session = SecureCookieSession({"own": True})
        assert session["own"]
        assert context.copy().session["own"]


def test_a_context_is_popped_once_for_each_push(app):
    context = app.app_context()
    with context:
        pass
    with pytest.raises(RuntimeError, match=r"pop\(\) was called more often than push\(\)"):
        context.pop()


@pytest.mark.parametrize("host", ["exa mple.org", "a/b", "evil.example"])
def test_a_host_that_is_refused_is_the_error_of_the_request(app, host):
    app.config["TRUSTED_HOSTS"] = ["example.org"]
    with app.test_request_context("/ada", headers={"Host": host}):
        assert request.routing_exception.code == 400
        assert request.endpoint is None
