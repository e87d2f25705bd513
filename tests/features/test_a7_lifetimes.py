"""FEATURES A7: how long sessions last, where they are kept, and what they keep."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from markupsafe import Markup

from erlen import Erlen, session
from erlen.sessions import SecureCookieSessionInterface, SessionInterface, SessionMixin


@pytest.fixture
def app():
    app = Erlen(__name__)
    app.secret_key = "secret"
    app.add_url_rule("/get", "get", lambda: dict(session))
    app.add_url_rule("/set/<value>", "set", put)
    return app


def put(value):
    session["value"] = value
    return ""


def test_a_session_that_is_too_old_is_empty(app, monkeypatch):
    client = app.test_client()
    client.get("/set/1")
    assert client.get("/get").json == {"value": "1"}
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + timedelta(days=32).total_seconds())
    assert client.get("/get").json == {}
    app.permanent_session_lifetime = timedelta(days=40)
    assert client.get("/get").json == {"value": "1"}


@pytest.mark.parametrize("lifetime", [3600, timedelta(hours=1)], ids=["seconds", "timedelta"])
def test_the_lifetime_is_that_of_the_cookie(app, lifetime):
    app.config["PERMANENT_SESSION_LIFETIME"] = lifetime

    @app.route("/stay")
    def stay():
        session.permanent = True
        return ""

    client = app.test_client()
    client.get("/stay")
    left = client.get_cookie("session").expires - datetime.now(UTC)
    assert timedelta(minutes=59) < left <= timedelta(hours=1)


def test_without_it_the_session_ends_with_the_browser(app):
    client = app.test_client()
    client.get("/set/1")
    assert client.get_cookie("session").expires is None


def test_the_defaults_of_the_cookie(app):
    header = app.test_client().get("/set/1").headers["Set-Cookie"]
    assert header.startswith("session=")
    assert header.split("; ")[1:] == ["HttpOnly", "Path=/"]


def test_the_cookie_may_be_read_by_scripts(app):
    app.config["SESSION_COOKIE_HTTPONLY"] = False
    assert "HttpOnly" not in app.test_client().get("/set/1").headers["Set-Cookie"]


def test_the_path_is_that_of_the_application(app):
    app.config["APPLICATION_ROOT"] = "/shop"
    assert "Path=/shop" in app.test_client().get("/set/1").headers["Set-Cookie"]


def test_what_a_session_keeps(app):
    values = {
        "tuple": (1, 2),
        "bytes": b"\xff",
        "markup": Markup("<b>"),
        "uuid": UUID(int=1),
        "date": datetime(2026, 11, 21, 8, tzinfo=UTC),
        "nested": {"list": [1, (2, "ä")]},
        "nothing": None,
    }
    app.add_url_rule("/keep", "keep", lambda: session.update(values) or "")
    app.add_url_rule("/kept", "kept", lambda: repr(dict(session) == values))
    client = app.test_client()
    client.get("/keep")
    assert client.get("/kept").text == "True"


def test_a_change_inside_of_an_object_has_to_be_told(app):
    @app.route("/add/<item>")
    def add(item):
        session.setdefault("items", []).append(item)
        return ""

    @app.route("/tell/<item>")
    def tell(item):
        session["items"].append(item)
        session.modified = True
        return ""

    client = app.test_client()
    client.get("/add/a")
    client.get("/tell/b")
    assert client.get("/get").json == {"items": ["a", "b"]}


def test_what_is_known_of_a_session(app):
    seen = []

    @app.route("/look")
    def look():
        seen.append((session.permanent, session.modified, bool(session)))
        session["a"] = 1
        seen.append((session.permanent, session.modified, bool(session)))
        return ""

    app.test_client().get("/look")
    assert seen == [(False, False, False), (False, True, True)]


def test_two_applications_read_no_sessions_of_each_other(app):
    other = Erlen("other")
    other.secret_key = "another secret"
    other.add_url_rule("/get", "get", lambda: dict(session))
    client, stranger = app.test_client(), other.test_client()
    client.get("/set/1")
    stranger.set_cookie("session", client.get_cookie("session").value)
    assert stranger.get("/get").json == {}


def test_an_own_salt_keeps_sessions_apart(app):
    client = app.test_client()
    client.get("/set/1")

    class Salted(SecureCookieSessionInterface):
        salt = "own"

    app.session_interface = Salted()
    assert client.get("/get").json == {}


def test_an_own_way_to_keep_sessions(app):
    class Kept(dict, SessionMixin):
        pass

    class Own(SessionInterface):
        kept = Kept()

        def open_session(self, app, request):
            return self.kept

        def save_session(self, app, session, response):
            response.headers["X-Saved"] = str(len(session))

    app.session_interface = Own()
    client = app.test_client(use_cookies=False)
    assert client.get("/set/1").headers["X-Saved"] == "1"
    assert client.get("/get").json == {"value": "1"}
