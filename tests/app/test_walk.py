"""The walk is written twice, and the application's methods do it a third time: the same requests
give the same answers on each way."""

from __future__ import annotations

import gc

import pytest

import erlen.app.dispatch as dispatch
from erlen import Blueprint, Erlen, Response, abort, after_this_request, g, redirect, session
from erlen.app.plan import Plan, is_coroutine_function


class ByMethods(Erlen):
    """Takes the way of the named methods, as an application with an override does."""

    def dispatch_request(self):
        return super().dispatch_request()


class CoroutinePlan(Plan):
    """Says of every endpoint that something in it is async."""

    def __init__(self, app, endpoint):
        super().__init__(app, endpoint)
        self.is_plain = False


def make(cls):
    app = cls("walks")
    app.secret_key = "test"
    part = Blueprint("part", __name__, url_prefix="/part")
    calls = app.extensions["calls"] = []

    @app.before_request
    def before():
        calls.append("before")
        g.x = 1

    @app.after_request
    def after(response):
        calls.append("after")
        response.headers["X-After"] = "yes"
        return response

    @app.teardown_request
    def teardown(error):
        calls.append(f"teardown {type(error).__name__}")

    @app.url_value_preprocessor
    def values(endpoint, values):
        calls.append(f"values {endpoint} {values}")

    @app.route("/")
    def index():
        return f"hello {g.x}"

    @app.route("/user/<int:id>")
    def user(id):
        return {"id": id}

    @app.route("/folder/")
    def folder():
        return "folder"

    @app.route("/abort")
    def aborts():
        abort(403, "not you")

    @app.route("/fail")
    def fails():
        raise ZeroDivisionError

    @app.route("/none")
    def none():
        return None

    @app.route("/session")
    def writes():
        session["a"] = 1
        return "written", 201, {"X-Own": "1"}

    @app.route("/once")
    def once():
        @after_this_request
        def mark(response):
            response.headers["X-Once"] = "1"
            return response

        return Response("once", 202)

    @app.route("/redirect")
    def redirects():
        return redirect("/")

    @app.errorhandler(404)
    def missing(error):
        return f"nothing here: {error.code}", 404

    @part.route("/handled")
    def handled():
        raise KeyError("part")

    @part.errorhandler(KeyError)
    def key_error(error):
        return f"handled {error}", 409

    @part.before_request
    def part_before():
        calls.append("part before")

    app.register_blueprint(part)
    return app


REQUESTS = [
    ("GET", "/"),
    ("HEAD", "/"),
    ("POST", "/"),
    ("OPTIONS", "/"),
    ("GET", "/user/7"),
    ("GET", "/user/x"),
    ("GET", "/folder"),
    ("GET", "/folder/"),
    ("GET", "/abort"),
    ("GET", "/fail"),
    ("GET", "/none"),
    ("GET", "/session"),
    ("GET", "/once"),
    ("GET", "/redirect"),
    ("GET", "/nowhere"),
    ("GET", "//double"),
    ("GET", "/part/handled"),
]


def record(app, method, path):
    app.extensions["calls"].clear()
    response = app.test_client().open(path, method=method)
    headers = sorted(
        (key, value) for key, value in response.headers if key not in ("Set-Cookie", "Allow")
    )
    return (
        response.status,
        headers,
        sorted(response.allow),
        "Set-Cookie" in response.headers,
        response.data,
        list(app.extensions["calls"]),
    )


@pytest.mark.parametrize(("method", "path"), REQUESTS)
def test_three_ways_one_answer(monkeypatch, method, path):
    plain = record(make(Erlen), method, path)
    assert record(make(ByMethods), method, path) == plain
    monkeypatch.setattr(dispatch, "Plan", CoroutinePlan)
    assert record(make(Erlen), method, path) == plain


def test_which_way_is_taken(monkeypatch):
    taken = []
    for name in ("walk", "walk_plainly"):
        original = getattr(dispatch, name)

        def spy(*args, name=name, original=original):
            taken.append(name)
            return original(*args)

        monkeypatch.setattr(dispatch, name, spy)
    app = make(Erlen)
    app.test_client().get("/")
    make(ByMethods).test_client().get("/")
    async_app = Erlen("async")

    @async_app.route("/")
    async def index():
        return "async"

    async_app.test_client().get("/")
    assert taken == ["walk_plainly", "walk"]


@pytest.mark.parametrize("name", ["dispatch_request", "make_response", "preprocess_request"])
def test_a_method_set_on_the_instance_is_called(name):
    app = make(Erlen)
    client = app.test_client()
    assert client.get("/").status_code == 200
    seen = []
    original = getattr(app, name)

    def replacement(*args):
        seen.append(name)
        return original(*args)

    setattr(app, name, replacement)
    assert client.get("/").text == "hello 1"
    assert seen == [name]
    delattr(app, name)
    client.get("/")
    assert seen == [name]


def test_coroutine_functions_are_known():
    from functools import partial
    from unittest.mock import AsyncMock, Mock

    async def async_function():
        pass

    class View:
        async def method(self):
            pass

        def __call__(self):
            pass

    assert is_coroutine_function(async_function)
    assert is_coroutine_function(partial(async_function))
    assert is_coroutine_function(View().method)
    assert is_coroutine_function(AsyncMock())
    assert not is_coroutine_function(View())
    assert not is_coroutine_function(Mock())
    assert not is_coroutine_function(len)


@pytest.mark.parametrize(("method", "path"), REQUESTS)
def test_a_request_leaves_no_garbage(method, path):
    from erlen.testing.builder import create_environ

    app = make(Erlen)
    app.logger.disabled = True

    def call():
        body = app(create_environ(path, method=method), lambda *args: None)
        if hasattr(body, "close"):
            body.close()

    # The first request makes what is kept.
    call()
    call()
    gc.collect()
    gc.disable()
    try:
        for _ in range(5):
            call()
        found = gc.collect()
    finally:
        gc.enable()
        app.logger.disabled = False
    assert found == 0
