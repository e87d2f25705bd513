"""FEATURES A5: contexts and hooks."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from erlen import (
    Blueprint,
    Erlen,
    Response,
    after_this_request,
    copy_current_request_context,
    current_app,
    g,
    has_app_context,
    has_request_context,
    request,
    session,
    signals,
)


@pytest.fixture
def app():
    app = Erlen(__name__)
    app.secret_key = "test"
    return app


@pytest.mark.parametrize(
    ("read", "hint"),
    [
        (lambda: current_app.name, r"with app.app_context\(\)"),
        (lambda: g.x, r"with app.app_context\(\)"),
        (lambda: request.path, r"with app.test_request_context"),
        (lambda: session.get("x"), r"with app.test_request_context"),
    ],
)
def test_outside_of_a_context_the_error_says_what_to_write(read, hint):
    with pytest.raises(RuntimeError, match=hint):
        read()


def test_proxies_are_false_outside():
    assert not current_app
    assert not request
    assert not has_app_context()
    assert not has_request_context()


def test_app_context(app):
    with app.app_context():
        assert current_app == app
        assert current_app._get_current_object() is app
        assert has_app_context()
        assert not has_request_context()
        g.x = 1
        assert g.get("x") == 1
        assert "x" in g
    with app.app_context():
        assert "x" not in g


def test_g_names_the_missing_attribute(app):
    with app.app_context(), pytest.raises(AttributeError, match=r"g.get\('user'\)"):
        g.user  # noqa: B018


def test_a_request_joins_the_application_context_around_it(app):
    with app.app_context():
        g.x = 1
        with app.test_request_context("/p"):
            assert g.x == 1
            assert request.path == "/p"
        assert not request


def test_an_application_context_inside_of_a_request_sees_the_request(app):
    other = Erlen("other")
    with app.test_request_context("/p"), other.app_context():
        assert current_app.name == "other"
        assert request.path == "/p"
        assert "x" not in g


def test_hooks_run_in_order(app):
    calls = []
    part = Blueprint("part", __name__)

    @app.before_request
    def app_before():
        calls.append("app before")

    @part.before_request
    def part_before():
        calls.append("part before")

    @app.after_request
    def app_after_1(response):
        calls.append("app after 1")
        return response

    @app.after_request
    def app_after_2(response):
        calls.append("app after 2")
        return response

    @part.after_request
    def part_after(response):
        calls.append("part after")
        return response

    @app.teardown_request
    def app_teardown(error):
        calls.append(f"app teardown {error}")

    @part.teardown_request
    def part_teardown(error):
        calls.append(f"part teardown {error}")

    @app.teardown_appcontext
    def teardown(error):
        calls.append(f"appcontext {error}")

    @part.route("/")
    def view():
        calls.append("view")

        @after_this_request
        def once(response):
            calls.append("this request")
            return response

        return ""

    app.register_blueprint(part)
    app.test_client().get("/")
    assert calls == [
        "app before",
        "part before",
        "view",
        "this request",
        "part after",
        "app after 2",
        "app after 1",
        "part teardown None",
        "app teardown None",
        "appcontext None",
    ]


def test_a_before_hook_can_answer(app):
    app.add_url_rule("/", "index", lambda: "view")
    app.before_request(lambda: ("stop", 418))
    response = app.test_client().get("/")
    assert (response.status_code, response.text) == (418, "stop")


def test_before_first_request_runs_once(app):
    calls = []
    app.before_first_request(lambda: calls.append(1))
    app.add_url_rule("/", "index", lambda: "")
    client = app.test_client()
    client.get("/")
    client.get("/")
    assert calls == [1]


def test_hooks_changed_in_place_are_seen_at_once(app):
    app.add_url_rule("/", "index", lambda: "view")
    client = app.test_client()
    assert client.get("/").text == "view"
    app.before_request_funcs.setdefault(None, []).append(lambda: "hook")
    assert client.get("/").text == "hook"
    app.before_request_funcs[None].clear()
    assert client.get("/").text == "view"
    app.before_request_funcs = {None: [lambda: "replaced"]}
    assert client.get("/").text == "replaced"


def test_a_view_replaced_in_place_is_seen_at_once(app):
    app.add_url_rule("/", "index", lambda: "old")
    client = app.test_client()
    assert client.get("/").text == "old"
    app.view_functions["index"] = lambda: "new"
    assert client.get("/").text == "new"


def test_teardown_gets_the_exception_and_all_of_them_run(app, caplog):
    app.testing = False
    seen = []

    @app.teardown_request
    def first(error):
        seen.append(("first", type(error)))

    @app.teardown_request
    def failing(error):
        raise OSError("teardown")

    @app.teardown_appcontext
    def last(error):
        seen.append(("appcontext", type(error)))

    @app.route("/")
    def index():
        raise ZeroDivisionError

    # The answer stands, and the log has both errors.
    assert app.test_client().get("/").status_code == 500
    assert [str(record.exc_info[1]) for record in caplog.records] == ["", "teardown"]
    assert seen == [("first", ZeroDivisionError), ("appcontext", ZeroDivisionError)]
    assert not has_app_context()


def test_copy_current_request_context(app):
    results = []

    @app.route("/")
    def index():
        session["who"] = "ann"

        @copy_current_request_context
        def work():
            results.append((request.path, session["who"], current_app.name))

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        return ""

    app.test_client().get("/")
    assert results == [("/", "ann", app.name)]


def test_copy_current_request_context_in_an_async_view(app):
    @app.route("/")
    async def index():
        session["who"] = "ann"

        @copy_current_request_context
        def work():
            return f"{request.path} {session['who']} {current_app.name}"

        with ThreadPoolExecutor(1) as pool:
            return pool.submit(work).result()

    assert app.test_client().get("/").text == f"/ ann {app.name}"


def test_after_this_request_outside_says_where_to_call_it(app):
    with pytest.raises(RuntimeError, match="inside a view or a hook"):
        after_this_request(lambda response: response)


def test_threads_never_see_each_other(app):
    barrier = threading.Barrier(8)
    wrong = []

    @app.route("/<int:n>")
    def view(n):
        g.n = n
        barrier.wait(10)
        if (g.n, request.view_args) != (n, {"n": n}):
            wrong.append(n)
        return str(n)

    def call(n):
        for _ in range(20):
            if app.test_client().get(f"/{n}").text != str(n):
                wrong.append(n)

    threads = [threading.Thread(target=call, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_signals(app):
    seen = []
    app.add_url_rule("/", "index", lambda: "x")
    names = [
        "appcontext_pushed",
        "request_started",
        "request_finished",
        "request_tearing_down",
        "appcontext_tearing_down",
        "appcontext_popped",
    ]
    receivers = []
    for name in names:

        def receive(sender, name=name, **kwargs):
            seen.append(name)

        receivers.append(receive)
        getattr(signals, name).connect(receive, app)
    app.test_client().get("/")
    assert seen == names


def test_every_request_has_its_own_answer_object(app):
    kept = []

    @app.route("/")
    def index():
        return "same text"

    @app.after_request
    def mark(response):
        kept.append(response)
        response.headers["X-Count"] = str(len(kept))
        return response

    client = app.test_client()
    assert client.get("/").headers["X-Count"] == "1"
    assert client.get("/").headers["X-Count"] == "2"
    assert isinstance(kept[0], Response)
    assert kept[0] is not kept[1]
