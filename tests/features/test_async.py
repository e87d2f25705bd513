"""Async views, hooks and error handlers on WSGI."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar

import pytest

from erlen import Blueprint, Erlen, g, request

colour: ContextVar[str] = ContextVar("colour")


@pytest.fixture
def app():
    return Erlen(__name__)


def test_mixed_chains(app):
    calls = []
    part = Blueprint("part", __name__)

    @app.before_request
    async def before():
        await asyncio.sleep(0)
        g.user = "ada"
        calls.append("async before")

    @app.before_request
    def sync_before():
        calls.append("sync before")

    @app.after_request
    async def after(response):
        calls.append("async after")
        return response

    @app.teardown_request
    async def teardown(error):
        calls.append(f"async teardown {error}")

    @part.route("/<name>")
    async def view(name):
        await asyncio.sleep(0)
        return f"{name} {g.user} {request.path}"

    app.register_blueprint(part)
    assert app.test_client().get("/x").text == "x ada /x"
    assert calls == ["async before", "sync before", "async after", "async teardown None"]


def test_an_async_error_handler_for_a_sync_view_and_the_reverse(app):
    @app.errorhandler(KeyError)
    async def key(error):
        await asyncio.sleep(0)
        return "async handled", 409

    @app.errorhandler(LookupError)
    def lookup(error):
        return "sync handled", 410

    @app.route("/key")
    def key_view():
        raise KeyError

    @app.route("/lookup")
    async def lookup_view():
        raise LookupError

    client = app.test_client()
    assert client.get("/key").text == "async handled"
    assert client.get("/lookup").text == "sync handled"


def test_one_loop_for_the_process(app):
    @app.route("/")
    async def loop():
        return str(id(asyncio.get_running_loop()))

    client = app.test_client()
    assert client.get("/").text == client.get("/").text


def test_context_variables_go_in_and_come_out(app):
    @app.before_request
    def sync():
        colour.set("green")

    @app.route("/")
    async def view():
        seen = colour.get()
        colour.set("red")
        return seen

    @app.after_request
    def after(response):
        response.headers["X-Colour"] = colour.get()
        return response

    response = app.test_client().get("/")
    assert response.text == "green"
    assert response.headers["X-Colour"] == "red"


def test_waiting_for_the_loop_on_the_loop_is_an_error(app):
    app.testing = True

    async def inner():
        return "inner"

    @app.route("/")
    async def view():
        return app.ensure_sync(inner)()

    with pytest.raises(RuntimeError, match="Await it instead"):
        app.test_client().get("/")


def test_a_coroutine_that_nobody_awaits_is_named(app):
    app.testing = True

    async def inner():
        return "inner"

    made = []

    @app.route("/")
    def view():
        made.append(inner())
        return made[0]

    with pytest.raises(TypeError, match="'await' missing"):
        app.test_client().get("/")
    made[0].close()
