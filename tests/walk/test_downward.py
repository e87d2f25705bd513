"""What a server hands over goes downward through the house: who is given the scope or the
environment of a request gives it on to a room below, from the entry to the last byte."""

from __future__ import annotations

import asyncio
import io
import runpy
import sys
import threading
from pathlib import Path

import pytest

from erlen import Erlen, request, session
from erlen.testing.builder import create_environ

_imports = runpy.run_path(str(Path(__file__).parents[1] / "test_imports.py"))
HEIGHT, room_of = _imports["HEIGHT"], _imports["room_of"]
WAYS = ["wsgi", "asgi", "asgi-async"]


def holds(value, thing):
    """Whether it is the thing, or a context of it."""
    own = getattr(value, "__dict__", None) or {}
    return value is thing or own.get("scope") is thing or own.get("environ") is thing


class following:
    """Collects the calls against the order of the rooms by which a thing is handed on."""

    def __init__(self, thing):
        self.thing = thing
        self.rooms = set()
        self.climbs = set()

    def __enter__(self):
        threading.setprofile(self._note)
        sys.setprofile(self._note)
        return self

    def __exit__(self, *error):
        sys.setprofile(None)
        threading.setprofile(None)

    def _note(self, frame, event, argument):
        callee = self._module(frame)
        if event != "call" or not callee:
            return
        code = frame.f_code
        names = code.co_varnames[: code.co_argcount]
        if not any(holds(frame.f_locals.get(name), self.thing) for name in names):
            return
        self.rooms.add(room_of(callee))
        caller = frame.f_back
        # A thread runs what somebody else has given to it.
        while caller is not None and room_of(self._module(caller)) in {"", "workers"}:
            caller = caller.f_back
        if caller is None:
            return
        by = self._module(caller)
        if HEIGHT[room_of(callee)] > HEIGHT[room_of(by)]:
            self.climbs.add((by, callee))

    def _module(self, frame):
        name = frame.f_globals.get("__name__", "")
        own = name == "erlen" or name.startswith("erlen.")
        return (name.removeprefix("erlen.") if "." in name else "erlen") if own else ""


def make(is_async):
    app = Erlen("downward")
    app.secret_key = "not secret"

    def hello():
        return "hello"

    def reads():
        session["path"] = request.path
        return request.args.get("a", "none")

    for view in (hello, reads):

        async def twin(view=view):
            return view()

        app.add_url_rule(f"/{view.__name__}", view.__name__, twin if is_async else view)
    return app


def follow(app, way, path):
    environ = create_environ(path)
    if way == "wsgi":
        with following(environ) as found:
            b"".join(app(environ, lambda *args: None))
        return found
    sent = []
    scope = {
        "type": "http", "method": "GET", "path": path, "query_string": b"",
        "headers": [(b"host", b"localhost")], "http_version": "1.1",
    }  # fmt: skip

    async def receive():
        await asyncio.Event().wait()

    async def send(message):
        sent.append(message)

    async def main():
        await app(scope, receive, send)

    with following(scope) as found:
        asyncio.run(main())
    assert sent[0]["status"] in (200, 404)
    return found


@pytest.mark.parametrize("path", ["/hello", "/reads", "/missing"])
@pytest.mark.parametrize("interface", WAYS)
def test_nothing_climbs(interface, path):
    app = make(interface == "asgi-async")
    for _ in range(2):
        # The first request begins the application.
        found = follow(app, interface, path)
    assert found.rooms >= {"gateways", "walk"}
    assert found.climbs == set()


def test_a_climb_is_found():
    namespaces = {name: {"__name__": name} for name in ("erlen.http.low", "erlen.walk.high")}
    exec("def take(environ): pass", namespaces["erlen.walk.high"])
    namespaces["erlen.http.low"]["take"] = namespaces["erlen.walk.high"]["take"]
    exec("def give(environ): take(environ)", namespaces["erlen.http.low"])
    environ = {"wsgi.input": io.BytesIO()}
    with following(environ) as found:
        namespaces["erlen.http.low"]["give"](environ)
    assert found.climbs == {("http.low", "walk.high")}
