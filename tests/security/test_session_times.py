"""SECURITY 101: sessions end a time after they were last used, and a time after they began."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest

from erlen import Erlen, request, session
from erlen.protection.preset import secure
from erlen.sessions.server_side import ServerSideSessionInterface
from erlen.sessions.stores import MemoryStore


def make_app(store, **config):
    app = Erlen("times")
    app.config.update(config)
    app.session_interface = ServerSideSessionInterface(store)
    app.add_url_rule("/set", "set", lambda: session.update(request.args) or "")
    app.add_url_rule("/get", "get", lambda: dict(session))

    @app.route("/async-get")
    async def async_get():
        return dict(session)

    @app.route("/login")
    def login():
        session.regenerate()
        return ""

    return app


def use(client, path, seconds):
    """Ask again and again, and tell whether the session was always there."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(0.3)
        client.get(path)
        if client.get_cookie("session") is None or client.get("/get").json.get("user") != "ada":
            return False
    return True


@pytest.mark.parametrize(
    ("way", "path", "more"),
    [("wsgi", "/get", ""), ("asgi", "/async-get", "&_permanent=1"), ("wsgi", "/set?user=ada", "")],
)
def test_101_a_session_that_is_used_lasts_and_one_that_is_not_ends(store, way, path, more):
    app = make_app(store, SESSION_IDLE_TIMEOUT=timedelta(seconds=1))
    client = app.test_client(interface=way)
    client.get(f"/set?user=ada{more}")
    assert use(client, path, 1.6)
    time.sleep(1.2)
    assert client.get("/get").json == {}


@pytest.mark.parametrize(("path", "idle"), [("/get", 60), ("/set?user=ada", None)])
def test_101_no_use_makes_it_last_longer_than_the_absolute_time(store, path, idle):
    app = make_app(store, SESSION_IDLE_TIMEOUT=idle, SESSION_ABSOLUTE_TIMEOUT=2)
    client = app.test_client()
    client.get("/set?user=ada")
    assert use(client, path, 1.2)
    time.sleep(0.8)
    assert client.get("/get").json == {}
    # The next one begins anew.
    client.get("/set?user=ada")
    assert client.get("/get").json == {"user": "ada"}


def test_101_the_absolute_time_begins_at_the_log_in(interface):
    app = make_app(MemoryStore(), SESSION_ABSOLUTE_TIMEOUT=1)
    client = app.test_client()
    client.get("/set?user=ada")
    time.sleep(0.7)
    client.get("/login")
    time.sleep(0.7)
    assert client.get("/get").json == {"user": "ada"}
    time.sleep(0.5)
    assert client.get("/get").json == {}


def test_101_it_holds_for_sessions_that_began_before_it_was_set(interface):
    app = make_app(MemoryStore())
    client = app.test_client()
    client.get("/set?user=ada")
    time.sleep(0.2)
    app.config["SESSION_ABSOLUTE_TIMEOUT"] = 0.1
    assert client.get("/get").json == {}


def test_101_nothing_of_it_is_seen_in_the_session(interface):
    client = make_app(MemoryStore(), SESSION_ABSOLUTE_TIMEOUT=60).test_client()
    client.get("/set?user=ada")
    assert client.get("/get").json == {"user": "ada"}


@pytest.fixture
def pass_days(monkeypatch):
    """Sets the clocks of sessions so many days after the beginning of the test."""
    import erlen.sessions.server_side as server_side
    import erlen.sessions.stores as stores

    now, began = time.time(), time.monotonic()

    def pass_days(days):
        monkeypatch.setattr(server_side, "time", lambda: now + days * 86_400)
        monkeypatch.setattr(stores, "monotonic", lambda: began + days * 86_400)

    return pass_days


def test_101_the_preset_has_both(interface, pass_days):
    app = make_app(MemoryStore())
    secure(app, https=False, session_store=MemoryStore())
    assert app.config["SESSION_IDLE_TIMEOUT"] == timedelta(days=1)
    assert app.config["SESSION_ABSOLUTE_TIMEOUT"] == timedelta(days=30)
    client = app.test_client()
    client.get("/set?user=ada")
    for days in (0.9, 1.8, 2.7):
        pass_days(days)
        assert client.get("/get").json == {"user": "ada"}
    pass_days(3.8)
    assert client.get("/get").json == {}
    client.get("/set?user=ada")
    for half_days in range(8, 67):
        pass_days(half_days / 2)
        assert client.get("/get").json == {"user": "ada"}
    pass_days(33.9)
    assert client.get("/get").json == {}


@pytest.mark.parametrize("before", [True, False])
def test_101_the_preset_leaves_alone_what_the_application_has_set(before):
    app = make_app(MemoryStore())
    own = {"SESSION_IDLE_TIMEOUT": 60, "SESSION_ABSOLUTE_TIMEOUT": None}
    if before:
        app.config.update(own)
    secure(app, session_store=MemoryStore())
    app.config.update(own)
    assert {key: app.config[key] for key in own} == own
