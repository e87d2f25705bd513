from __future__ import annotations

import pytest

from erlen import Erlen, current_app, g, request, session
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
