"""Agents replace ``__call__``, ``wsgi_app`` and what is behind them, before or after the first
request, on the instance, the class or a subclass: each is called for each request."""

from __future__ import annotations

import abc
import asyncio
import typing

import pytest
from asking import is_async

from erlen import Erlen, request


def make(way, cls=Erlen):
    app = cls("agents")
    app.add_url_rule("/", "index", way.colour(lambda: f"index {request.headers.get('X-Agent')}"))
    app.add_url_rule("/fail", "fail", way.colour(lambda: 1 / 0))
    return app


def two_arguments(calls, name="agent"):
    """What agents put around a ``__call__`` that they know to be WSGI."""

    def around(original):
        def agent(self, environ, start_response):
            calls.append((name, environ["PATH_INFO"]))
            environ["HTTP_X_AGENT"] = environ.get("HTTP_X_AGENT", "") + name
            return original(self, environ, start_response)

        return agent

    return around


def any_arguments(calls, name="agent"):
    def around(original):
        def agent(self, *args, **kwargs):
            first = args[0]
            calls.append((name, first.get("PATH_INFO") or first.get("path")))
            return original(self, *args, **kwargs)

        return agent

    return around


def three_arguments(calls, name="agent"):
    def around(original):
        async def agent(self, scope, receive, send):
            calls.append((name, scope.get("path")))
            await original(self, scope, receive, send)

        return agent

    return around


AROUND = {"two": two_arguments, "any": any_arguments, "three": three_arguments}
KINDS = [
    (way, kind)
    for way in ("wsgi", "wsgi-async", "asgi", "asgi-async")
    for kind in AROUND
    # What takes only three arguments is no WSGI application.
    if not (kind == "three" and way.startswith("wsgi"))
]
by_kind = pytest.mark.parametrize(("way", "kind"), KINDS, indirect=["way"])
when = pytest.mark.parametrize("is_warm", [False, True], ids=["before", "after"])


def entries(way, app):
    """All that a server may call."""
    return [app, app.asgi if way.is_asgi else app.wsgi]


# -- __call__ --------------------------------------------------------------------------------


@when
@by_kind
def test_a_call_replaced_on_the_class(way, kind, is_warm):
    calls = []
    cls = type("App", (Erlen,), {})
    app = make(way, cls)
    if is_warm:
        way.ask(app)
    cls.__call__ = AROUND[kind](calls)(cls.__call__)
    for entry in entries(way, app):
        for path in ("/", "/nowhere"):
            assert way.ask(entry, path).status in (200, 404)
    assert calls == [("agent", "/"), ("agent", "/nowhere")] * 2


@when
@by_kind
def test_a_call_replaced_on_the_base_class(way, kind, is_warm, monkeypatch):
    calls = []
    app = make(way, type("App", (Erlen,), {}))
    plain = make(way)
    if is_warm:
        way.ask(app)
        way.ask(plain)
    monkeypatch.setattr(Erlen, "__call__", AROUND[kind](calls)(Erlen.__call__))
    for one in (app, plain):
        for entry in entries(way, one):
            assert way.ask(entry).status == 200
    assert len(calls) == 4
    monkeypatch.undo()
    assert way.ask(app).status == way.ask(plain).status == 200
    assert len(calls) == 4


@by_kind
def test_a_call_that_a_subclass_defines(way, kind):
    calls = []
    cls = type("App", (Erlen,), {"__call__": AROUND[kind](calls)(Erlen.__call__)})
    app = make(way, cls)
    for entry in entries(way, app):
        assert way.ask(entry).status == 200
    assert calls == [("agent", "/")] * 2


@when
@by_kind
def test_a_call_replaced_on_the_instance(way, kind, is_warm):
    calls = []
    app = make(way)
    if is_warm:
        way.ask(app)
    original = app.__call__
    # It has no self: nothing binds what stands on an instance.
    agent = AROUND[kind](calls)(lambda self, *args, **kwargs: original(*args, **kwargs))
    app.__call__ = agent.__get__(app)
    entry = app.asgi if way.is_asgi else app.wsgi
    for path in ("/", "/nowhere"):
        assert way.ask(entry, path).status in (200, 404)
    assert calls == [("agent", "/"), ("agent", "/nowhere")]
    del app.__call__
    assert way.ask(entry).status == 200
    assert len(calls) == 2


def test_agents_are_called_from_the_outside_each_once(way):
    calls = []
    cls = type("App", (Erlen,), {})
    app = make(way, cls)
    first = cls.__call__
    cls.__call__ = two_arguments(calls, "inner")(cls.__call__)
    second = cls.__call__
    cls.__call__ = two_arguments(calls, "outer")(cls.__call__)
    for _ in range(2):
        assert way.ask(app).text == "index outerinner"
    assert calls == [("outer", "/"), ("inner", "/")] * 2
    calls.clear()
    # They are taken off in the opposite order.
    cls.__call__ = second
    assert way.ask(app).text == "index inner"
    cls.__call__ = first
    assert way.ask(app).text == "index None"
    assert calls == [("inner", "/")]


def test_an_agent_and_a_middleware(way):
    calls = []
    cls = type("App", (Erlen,), {})
    app = make(way, cls)
    cls.__call__ = two_arguments(calls)(cls.__call__)
    inner = app.wsgi_app

    def middleware(environ, start_response):
        calls.append("middleware")
        return inner(environ, start_response)

    app.wsgi_app = middleware
    assert way.ask(app).text == "index agent"
    assert calls == [("agent", "/"), "middleware"]


def test_an_agent_sees_the_error_that_goes_to_the_server(way):
    seen = []
    cls = type("App", (Erlen,), {})
    app = make(way, cls)
    app.config["PROPAGATE_EXCEPTIONS"] = True
    original = cls.__call__

    def agent(self, environ, start_response):
        try:
            return original(self, environ, start_response)
        except ZeroDivisionError as error:
            seen.append(error)
            raise

    cls.__call__ = agent
    answer = way.serve(app, "/fail")
    assert isinstance(answer.error, ZeroDivisionError)
    assert len(seen) == 1


def test_an_agent_may_answer_by_itself(way):
    cls = type("App", (Erlen,), {})
    app = make(way, cls)

    def agent(self, environ, start_response):
        start_response("503 Blocked", [("Content-Type", "text/plain")])
        yield b"blocked"

    way.ask(app)
    cls.__call__ = agent
    answer = way.ask(app)
    assert (answer.status, answer.text) == (503, "blocked")


# -- what is not lost with two arguments -----------------------------------------------------


@pytest.mark.parametrize("way", ["asgi", "asgi-async"], indirect=True)
@pytest.mark.parametrize("where", ["class", "instance"])
def test_a_call_of_two_arguments_does_not_lose_asgi(way, where, talk):
    calls = []
    cls = type("App", (Erlen,), {})
    app = make(way, cls)
    began = []

    @app.before_serving
    async def before():
        began.append(asyncio.get_running_loop())

    @app.websocket("/ws")
    async def greet():
        from erlen import websocket

        await websocket.send("hello")

    if where == "class":
        cls.__call__ = two_arguments(calls)(cls.__call__)
        entry = app
    else:
        original = app.__call__
        app.__call__ = two_arguments(calls)(lambda self, *args: original(*args)).__get__(app)
        entry = app.asgi

    async def main():
        messages = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]
        sent = []

        async def receive():
            if len(messages) == 1:
                # In between.
                assert (await way.serve_here(entry)).text == "index agent"
                sent_back = await talk(entry)
                assert [m.get("text") for m in sent_back] == [None, "hello", None]
            return messages.pop(0)

        async def send(message):
            sent.append(message["type"])

        await entry({"type": "lifespan", "asgi": {"version": "3.0"}}, receive, send)
        return sent, asyncio.get_running_loop()

    sent, loop = asyncio.run(main())
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert began == [loop]
    assert calls == [("agent", "/")]


def test_servers_still_see_an_asgi_application(asgi):
    cls = type("App", (Erlen,), {})
    app = make(asgi, cls)
    assert is_async(app.__call__)
    cls.__call__ = two_arguments([])(cls.__call__)
    assert is_async(app.__call__)
    assert is_async(app.asgi)
    assert not is_async(app.wsgi)


def test_arguments_by_keyword(way, wsgi_server, asgi_client, scope_of, environ_of):
    app = make(way)
    if not way.is_asgi:
        assert way.ask(lambda e, s: app(environ=e, start_response=s)).status == 200
        return
    assert way.ask(lambda s, r, w: app(scope=s, receive=r, send=w)).status == 200
    assert way.ask(lambda s, r, w: app(s, receive=r, send=w)).status == 200


# -- wsgi_app and what is behind it ----------------------------------------------------------

STEPS = {
    # The name: how it is called, and the request that calls it.
    "wsgi_app": "/",
    "full_dispatch_request": "/",
    "preprocess_request": "/",
    "dispatch_request": "/",
    "finalize_request": "/",
    "process_response": "/",
    "handle_user_exception": "/fail",
    "handle_exception": "/fail",
    "log_exception": "/fail",
    "handle_http_exception": "/nowhere",
    "do_teardown_request": "/",
    "do_teardown_appcontext": "/",
}


@when
@pytest.mark.parametrize("where", ["instance", "class", "base"])
@pytest.mark.parametrize("name", STEPS)
def test_a_replaced_method_is_called_for_each_request(way, name, where, is_warm, monkeypatch):
    calls = []
    cls = type("App", (Erlen,), {})
    app = make(way, cls)
    app.logger.disabled = True
    path = STEPS[name]
    if is_warm:
        way.ask(app, path)
        way.ask(app)
    target = {"instance": app, "class": cls, "base": Erlen}[where]
    original = getattr(target, name)

    def agent(*args, **kwargs):
        calls.append(name)
        return original(*args, **kwargs)

    monkeypatch.setattr(target, name, agent)
    for _ in range(3):
        assert way.ask(app, path).status == {"/": 200, "/fail": 500, "/nowhere": 404}[path]
    assert calls == [name] * 3
    monkeypatch.undo()
    way.ask(app, path)
    assert len(calls) == 3


def test_wrapt_like_proxies_are_called(way):
    """An agent's wrapper is often no function, but an object that stands for one."""
    calls = []

    class FunctionWrapper:
        def __init__(self, wrapped, instance=None):
            self.__wrapped__ = wrapped
            self.instance = instance

        def __get__(self, instance, owner):
            return type(self)(self.__wrapped__.__get__(instance, owner), instance)

        def __getattr__(self, name):
            return getattr(self.__wrapped__, name)

        def __call__(self, *args, **kwargs):
            calls.append(len(args))
            return self.__wrapped__(*args, **kwargs)

    cls = type("App", (Erlen,), {})
    app = make(way, cls)
    way.ask(app)
    cls.wsgi_app = FunctionWrapper(cls.wsgi_app)
    cls.dispatch_request = FunctionWrapper(cls.dispatch_request)
    assert way.ask(app).status == 200
    assert calls == [2, 0]


def test_agents_of_one_application_do_not_see_another(way):
    calls = []
    first, second = type("First", (Erlen,), {}), type("Second", (Erlen,), {})
    a, b = make(way, first), make(way, second)
    way.ask(a)
    way.ask(b)
    first.__call__ = two_arguments(calls)(first.__call__)
    a.dispatch_request = (lambda inner: lambda: calls.append("own") or inner())(a.dispatch_request)
    assert way.ask(b).text == "index None"
    assert calls == []
    assert way.ask(a).text == "index agent"
    assert calls == [("agent", "/"), "own"]


# -- the class -------------------------------------------------------------------------------


def test_an_abstract_application(way):
    class App(Erlen, abc.ABC):
        @abc.abstractmethod
        def greeting(self): ...

    class Own(App):
        def greeting(self):
            return "hello"

    with pytest.raises(TypeError, match="abstract"):
        App("x")
    app = Own("x")
    app.add_url_rule("/", "index", way.colour(lambda: app.greeting()))
    assert way.ask(app).text == "hello"
    calls = []
    Own.__call__ = two_arguments(calls)(Own.__call__)
    assert way.ask(app).text == "hello"
    assert calls == [("agent", "/")]
    assert isinstance(app, Erlen) and issubclass(Own, App)


def test_a_generic_application(way):
    T = typing.TypeVar("T")

    class App(Erlen, typing.Generic[T]):
        pass

    assert way.ask(make(way, App[int])).status == 200


def test_an_application_that_keeps_a_protocol(way):
    """Flask's class has no metaclass, so that any other class with one can stand beside it."""

    class Greets(typing.Protocol):
        def greeting(self): ...

    class App(Erlen, Greets):
        def greeting(self):
            return "hello"

    assert way.ask(make(way, App)).status == 200


def test_a_mock_of_the_class_in_a_test(way):
    """What ``unittest.mock`` sets and takes back."""
    from unittest import mock

    app = make(way)
    way.ask(app)
    with mock.patch.object(Erlen, "dispatch_request", return_value="mocked"):
        assert way.ask(app).text == "mocked"
    assert way.ask(app).text == "index None"
    with mock.patch.object(app, "dispatch_request", return_value="mocked"):
        assert way.ask(app).text == "mocked"
    assert way.ask(app).text == "index None"


def test_an_application_is_no_factory():
    """Uvicorn calls what it loaded with nothing, to see."""
    with pytest.raises(TypeError, match="scope, receive, send"):
        Erlen("x")()
