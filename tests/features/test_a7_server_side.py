"""FEATURES A7: sessions on the server, as a user writes them."""

from __future__ import annotations

import pytest

from erlen import Erlen, session
from erlen.sessions.server_side import ServerSideSessionInterface
from erlen.sessions.stores import MemoryStore, SQLiteStore


@pytest.fixture(params=["memory", "sqlite"])
def store(request, tmp_path):
    if request.param == "memory":
        yield MemoryStore()
        return
    store = SQLiteStore(str(tmp_path / "sessions.db"))
    yield store
    store.close()


def test_sessions_on_the_server(store):
    app = Erlen(__name__)
    app.session_interface = ServerSideSessionInterface(store)

    @app.route("/set/<value>")
    def put(value):
        session["value"] = value
        return ""

    app.add_url_rule("/get", "get", lambda: dict(session))
    app.add_url_rule("/clear", "clear", lambda: session.clear() or "")
    ada, bob = app.test_client(), app.test_client()
    ada.get("/set/a")
    bob.get("/set/b")
    assert ada.get("/get").json == {"value": "a"}
    assert bob.get("/get").json == {"value": "b"}
    cookie = ada.get_cookie("session").value
    assert "value" not in cookie
    ada.get("/clear")
    assert ada.get("/get").json == {}
    # The old id is worth nothing, whoever has kept it.
    ada.set_cookie("session", cookie)
    assert ada.get("/get").json == {}
