from __future__ import annotations

import copy
import inspect
import operator

import pytest

from erlen import Erlen, current_app, g, request, session
from erlen.context.local import LocalProxy
from erlen.context.proxies import _cv_app, _cv_request, app_ctx, request_ctx


@pytest.fixture
def app():
    app = Erlen("globals_app")
    app.secret_key = "test"
    return app


def test_the_proxies_lead_to_the_parts_of_the_context(app):
    with app.test_request_context("/p?a=1") as ctx:
        assert request_ctx._get_current_object() is ctx
        assert request._get_current_object() is ctx.request
        assert current_app._get_current_object() is app
        assert app_ctx.app is app
        session["a"] = 1
        assert ctx.session["a"] == 1
        g.a = 1
        assert app_ctx.g.a == 1


def test_only_the_application_is_there_in_its_context(app):
    with app.app_context() as ctx:
        assert app_ctx._get_current_object() is ctx
        assert current_app.name == "globals_app"
        assert not request
        assert not request_ctx
        with pytest.raises(RuntimeError, match="outside of request context"):
            session["a"] = 1


def test_the_proxies_can_be_shown_outside_of_a_context():
    for proxy in (current_app, g, request, session, app_ctx, request_ctx):
        assert repr(proxy) == "<LocalProxy unbound>"
        assert not proxy


def test_extensions_ask_for_the_current_context(app):
    assert _cv_app.get(None) is None
    assert _cv_request.get(None) is None
    with pytest.raises(LookupError):
        _cv_app.get()
    with app.app_context() as outer:
        assert _cv_app.get() is outer
        assert _cv_request.get(None) is None
        with pytest.raises(LookupError):
            _cv_request.get()
        with app.test_request_context() as inner:
            assert _cv_request.get() is inner
            assert _cv_app.get().app is app


def test_g_is_a_namespace(app):
    with app.app_context():
        g.a = 1
        assert g.get("a") == 1
        assert g.get("b") is None
        assert g.get("b", 2) == 2
        assert g.setdefault("a", 3) == 1
        assert g.setdefault("c", 3) == 3
        assert g.setdefault("d") is None
        assert list(g) == ["a", "c", "d"]
        assert "a" in g
        assert g.pop("a") == 1
        assert g.pop("a", 4) == 4
        with pytest.raises(KeyError):
            g.pop("a")
        del g.c
        assert "c" not in g
        with pytest.raises(AttributeError):
            del g.c
        assert not hasattr(g, "c")


def test_g_tells_its_application(app):
    with app.app_context():
        assert repr(g).endswith("g of 'globals_app'>")


def test_g_may_be_of_another_class():
    class Own:
        def __init__(self):
            self.made = True

    class App(Erlen):
        app_ctx_globals_class = Own

    with App("own").app_context():
        assert g.made is True


def test_outside_of_a_websocket_the_error_says_where_there_is_one(app):
    from erlen import websocket

    with app.test_request_context(), pytest.raises(RuntimeError, match=r"@app\.websocket"):
        websocket.path  # noqa: B018


def _outcome(function, *args):
    """What a function gives, or how it fails."""
    try:
        return function(*args)
    except Exception as error:
        return type(error), str(error)


def _deleted(proxy):
    proxy.x = 1
    del proxy.x
    return proxy.x


USES = {
    "attribute": lambda p: p.name,
    "missing": lambda p: p.nothing_of_this_name,
    "set": lambda p: (setattr(p, "x", 1), p.x),
    "delete": _deleted,
    "get": lambda p: str(p.get("x"))[:9],
    "item": lambda p: p["x"],
    "set item": lambda p: (operator.setitem(p, "x", 2), p["x"]),
    "in": lambda p: ("x" in p, "y" in p),
    "iter": lambda p: sorted(p),
    "class": lambda p: p.__class__.__name__,
    "is one": lambda p: isinstance(p, LocalProxy),
    "words": lambda p: p.__doc__,
    "dict": lambda p: p.__dict__,
    "dir": dir,
    "repr": repr,
    "bool": bool,
    "copy": lambda p: type(copy.copy(p)),
    "wrapped": lambda p: p.__wrapped__ is p._get_current_object,
    "module": lambda p: p.__module__,
    "kind": lambda p: (type(p).__name__, type(p).__module__, type(p).__doc__),
    "is callable": callable,
    "inspected": lambda p: (inspect.isfunction(p), inspect.iscoroutinefunction(p), hash(p)),
    "object": lambda p: p._get_current_object(),
}


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("where", ["outside", "application", "request"])
def test_the_quick_proxies_do_what_every_proxy_does(app, where, use):
    for quick in (current_app, g, request, session):
        plain = LocalProxy(quick._get_current_object)
        assert type(plain) is not type(quick)
        if where == "outside":
            seen = [_outcome(USES[use], proxy) for proxy in (quick, plain)]
        else:
            with app.app_context() if where == "application" else app.test_request_context():
                seen = [_outcome(USES[use], proxy) for proxy in (quick, plain)]
        assert seen[0] == seen[1]


def test_g_that_is_empty_is_itself():
    class Own(dict):
        pass

    class App(Erlen):
        app_ctx_globals_class = Own

    with App("own").app_context() as ctx:
        assert "x" not in g
        g.x = 1
        assert ctx.g.x == 1
        assert g._get_current_object() is ctx.g


def test_reading_the_session_by_its_proxy_marks_it(app):
    for read in (lambda: session.get("a"), lambda: "a" in session, lambda: bool(session)):
        with app.test_request_context() as ctx:
            assert not ctx._session.accessed
            read()
            assert ctx._session.accessed
