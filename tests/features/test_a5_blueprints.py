"""FEATURES A5: the hooks of blueprints, and where hooks stop."""

from __future__ import annotations

import pytest

from erlen import Blueprint, Erlen, abort, after_this_request, g, request


@pytest.fixture
def calls():
    return []


@pytest.fixture
def app(calls):
    """An application with hooks of every kind, and a blueprint that hooks into all requests."""
    app = Erlen(__name__)
    outer, inner = Blueprint("outer", __name__), Blueprint("inner", __name__)
    app.url_value_preprocessor(lambda endpoint, values: calls.append("values app"))
    for part in (outer, inner):
        name = part.name
        part.url_value_preprocessor(lambda e, v, name=name: calls.append(f"values {name}"))
        part.before_request(lambda name=name: calls.append(f"before {name}"))
        part.after_request(note(calls, f"after {name}"))
        part.teardown_request(lambda error, name=name: calls.append(f"teardown {name}"))
    outer.before_app_request(lambda: calls.append("before all"))
    outer.after_app_request(note(calls, "after all"))
    outer.teardown_app_request(lambda error: calls.append("teardown all"))
    app.before_request(lambda: calls.append("before app"))
    app.after_request(note(calls, "after app"))
    app.teardown_request(lambda error: calls.append("teardown app"))
    app.teardown_appcontext(lambda error: calls.append("context"))
    outer.add_url_rule("/outer", "view", lambda: calls.append("view") or "")
    inner.add_url_rule("/inner", "view", lambda: calls.append("view") or "")
    app.add_url_rule("/app", "view", lambda: calls.append("view") or "")
    outer.register_blueprint(inner)
    app.register_blueprint(outer)
    return app


def note(calls, text):
    def hook(response):
        calls.append(text)
        return response

    return hook


def test_hooks_of_the_application(app, calls):
    app.test_client().get("/app")
    assert calls == [
        "values app", "before app", "before all", "view", "after all", "after app",
        "teardown all", "teardown app", "context",
    ]  # fmt: skip


def test_hooks_of_a_nested_blueprint_go_in_and_come_out(app, calls):
    app.test_client().get("/inner")
    assert calls == [
        "values app", "values outer", "values inner",
        "before app", "before all", "before outer", "before inner",
        "view",
        "after inner", "after outer", "after all", "after app",
        "teardown inner", "teardown outer", "teardown all", "teardown app",
        "context",
    ]  # fmt: skip


def test_a_request_that_matches_nothing_has_the_hooks_of_the_application(app, calls):
    assert app.test_client().get("/nowhere").status_code == 404
    assert "view" not in calls
    assert calls[0] == "values app"
    assert "before app" in calls and "before outer" not in calls
    assert calls[-3:] == ["teardown all", "teardown app", "context"]


def test_an_answer_of_a_hook_skips_the_other_ones_and_the_view(app, calls):
    app.before_request_funcs["outer"].insert(0, lambda: "stopped")
    assert app.test_client().get("/inner").text == "stopped"
    assert "before outer" not in calls and "before inner" not in calls and "view" not in calls
    assert "after inner" in calls and "teardown inner" in calls


def test_an_error_of_the_view_reaches_after_hooks_by_its_answer(app, calls):
    app.view_functions["view"] = lambda: abort(403)
    assert app.test_client().get("/app").status_code == 403
    assert "after app" in calls


def test_an_error_of_a_before_hook_is_handled(app, calls):
    @app.errorhandler(KeyError)
    def handled(error):
        return "handled", 409

    def fail():
        raise KeyError

    app.before_request_funcs[None].append(fail)
    response = app.test_client().get("/app")
    assert (response.status_code, response.text) == (409, "handled")
    assert "view" not in calls


def test_an_error_of_an_after_hook_is_500(app, calls):
    def fail(response):
        raise KeyError

    app.after_request_funcs[None].insert(0, fail)
    assert app.test_client().get("/app").status_code == 500
    assert calls[-1] == "context"


def test_hooks_may_change_the_answer(app):
    @app.after_request
    def add(response):
        response.headers["X-Path"] = request.path
        return response

    @app.route("/replaced")
    def replaced():
        @after_this_request
        def other(response):
            return app.make_response("another")

        return "first"

    response = app.test_client().get("/replaced")
    assert (response.text, response.headers["X-Path"]) == ("another", "/replaced")


def test_what_a_hook_puts_into_g_is_there_for_all(app):
    @app.before_request
    def load():
        g.user = "ada"

    @app.after_request
    def tell(response):
        response.headers["X-User"] = g.user
        return response

    app.add_url_rule("/user", "user", lambda: g.user)
    response = app.test_client().get("/user")
    assert (response.text, response.headers["X-User"]) == ("ada", "ada")


def test_before_the_first_request_by_a_blueprint():
    app = Erlen("first")
    calls = []
    part = Blueprint("part", __name__)
    part.before_app_first_request(lambda: calls.append("part"))
    app.before_first_request(lambda: calls.append("app"))
    app.register_blueprint(part)
    app.add_url_rule("/", "index", lambda: str(calls))
    client = app.test_client()
    assert client.get("/").text == "['app', 'part']"
    client.get("/")
    assert calls == ["app", "part"]
