"""What servers, adapters and mounts ask of an object to know that it is an ASGI 3 application."""

from __future__ import annotations

import asyncio
import functools
import inspect

import pytest
from asgiref.compatibility import is_double_callable
from asking import is_async

from erlen import Erlen


def uvicorn(app):
    if inspect.isclass(app):
        return hasattr(app, "__await__")
    return is_async(app if inspect.isfunction(app) else app.__call__)


def starlette(app):
    while isinstance(app, functools.partial):
        app = app.func
    return is_async(app) or (callable(app) and is_async(app.__call__))


def asgiref(app):
    return not is_double_callable(app)


def hypercorn(app):
    return inspect.iscoroutinefunction(app) or inspect.iscoroutinefunction(app.__call__)


def the_object_itself(app):
    return inspect.iscoroutinefunction(app)


def its_call_alone(app):
    return inspect.iscoroutinefunction(app.__call__)


def the_parameters(app):
    return list(inspect.signature(app).parameters) == ["scope", "receive", "send"]


DETECTORS = [uvicorn, starlette, asgiref, hypercorn, the_object_itself, its_call_alone]


@pytest.mark.parametrize("detects", [*DETECTORS, the_parameters], ids=lambda f: f.__name__)
@pytest.mark.parametrize("cls", [Erlen, type("Own", (Erlen,), {})])
def test_every_detector_takes_app_asgi_for_asgi_3(detects, cls):
    assert detects(cls("entry").asgi)


@pytest.mark.parametrize("detects", [uvicorn, starlette, asgiref], ids=lambda f: f.__name__)
def test_the_application_itself_is_seen_by_those_that_ask_for_marks(detects):
    assert detects(Erlen("entry"))


@pytest.mark.parametrize("detects", [starlette, asgiref], ids=lambda f: f.__name__)
def test_middleware_that_asks_takes_asgi_app_for_asgi_3(detects):
    """As OpenTelemetry's does of what it wraps."""
    app = Erlen("entry")
    assert detects(app.asgi_app)
    app.test_client(interface="asgi").get("/")
    assert detects(app.asgi_app)
    assert detects(Erlen("another").asgi_app)


def test_both_of_its_calls_serve_and_take_keywords():
    app = Erlen("entry")

    @app.get("/")
    async def index():
        return "index"

    async def ask(call):
        sent = []

        async def receive():
            return {"type": "http.request"}

        async def send(message):
            sent.append(message)

        scope = {"type": "http", "method": "GET", "path": "/", "headers": [(b"host", b"a")]}
        await call(scope=scope, receive=receive, send=send)
        return sent[0]["status"], sent[1]["body"]

    for call in (app.asgi, app.asgi.__call__):
        assert asyncio.run(ask(call)) == (200, b"index")


def test_an_entry_keeps_no_application_that_is_gone():
    import gc
    import weakref

    app = Erlen("entry")
    entry = app.asgi
    seen = weakref.ref(entry)
    gc.disable()
    try:
        del entry
        assert seen() is None
    finally:
        gc.enable()
