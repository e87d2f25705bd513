"""``app.asgi_app = M(app.asgi_app)``: it sees every connection on ASGI; on WSGI a warning at start
says that it does not."""

from __future__ import annotations

import asyncio

import pytest

from erlen import Erlen, request


def guard(inner, seen):
    async def guarded(scope, receive, send):
        seen.append(scope["type"])
        if scope["type"] == "http" and (b"x-token", b"right") not in scope["headers"]:
            await send({"type": "http.response.start", "status": 403, "headers": []})
            await send({"type": "http.response.body", "body": b"refused"})
            return
        await inner(scope, receive, send)

    return guarded


@pytest.fixture
def app(way):
    app = Erlen("x")
    app.add_url_rule("/", "index", way.colour(lambda: "index"))

    @app.websocket("/ws")
    async def echo():
        pass

    return app


@pytest.mark.parametrize("way", ["asgi", "asgi-async"], indirect=True)
@pytest.mark.parametrize("is_warm", [False, True], ids=["first", "later"])
def test_it_sees_every_connection(way, app, is_warm, talk):
    if is_warm:
        way.ask(app)
    seen = []
    app.asgi_app = guard(app.asgi_app, seen)
    for path, method in (("/", "GET"), ("/", "OPTIONS"), ("/nowhere", "GET"), ("/", "POST")):
        assert way.ask(app, path, method).status == 403
    assert way.ask(app, headers={"X-Token": "right"}).text == "index"
    assert way.ask(app.asgi, headers={"X-Token": "right"}).text == "index"
    assert seen == ["http"] * 6

    asyncio.run(talk(app))
    assert seen[-1] == "websocket"


@pytest.mark.parametrize("way", ["wsgi", "wsgi-async"], indirect=True)
def test_on_wsgi_a_warning_at_start_says_that_it_is_not_called(way, app, warned):
    seen = []
    app.asgi_app = guard(app.asgi_app, seen)
    with warned() as texts:
        assert way.ask(app).text == "index"
        assert way.ask(app).text == "index"
    assert seen == []
    assert len([text for text in texts if "asgi_app" in text]) == 1, texts


def test_without_one_nothing_is_said(way, app, warned):
    with warned() as texts:
        way.ask(app)
        way.ask(app)
    assert texts == []


def test_one_on_each_interface_is_not_warned_of(way, app, warned):
    """Whoever wraps both has seen to both."""
    app.asgi_app = guard(app.asgi_app, [])
    app.wsgi_app = (lambda inner: lambda environ, start: inner(environ, start))(app.wsgi_app)
    with warned() as texts:
        way.ask(app, headers={"X-Token": "right"})
    assert [text for text in texts if "asgi_app" in text] == []


@pytest.mark.parametrize("way", ["asgi", "asgi-async"], indirect=True)
def test_it_stands_outside_of_wsgi_middleware(way):
    app = Erlen("x")
    order = []

    @app.route("/")
    @way.colour
    def index():
        order.append("view")
        return request.headers["X-Added"]

    inner_asgi, inner_wsgi = app.asgi_app, app.wsgi_app

    async def outside(scope, receive, send):
        order.append("asgi")
        scope = {**scope, "headers": [*scope["headers"], (b"x-added", b"yes")]}
        await inner_asgi(scope, receive, send)

    def inside(environ, start_response):
        order.append("wsgi")
        return inner_wsgi(environ, start_response)

    app.asgi_app, app.wsgi_app = outside, inside
    assert way.ask(app).text == "yes"
    assert order == ["asgi", "wsgi", "view"]
