"""SECURITY 101, in signed cookies: sessions end a time after they were last used, and a time after
they began."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from itsdangerous import URLSafeTimedSerializer

from erlen import Erlen, request, session
from erlen.protection.preset import secure
from erlen.sessions.secure_cookie import SecureCookieSessionInterface

HOUR = 3600


@pytest.fixture
def clock(monkeypatch):
    """Sets the clock of sessions so many seconds after the beginning of the test."""
    began = time.time()

    def set_clock(seconds):
        monkeypatch.setattr(time, "time", lambda: began + seconds)

    set_clock(0)
    return set_clock


class PlainInterface(SecureCookieSessionInterface):
    """Reads by ItsDangerous alone."""

    def get_signing_serializer(self, app):
        return URLSafeTimedSerializer(app.secret_key, salt=self.salt, serializer=self.serializer)


def make_app(plain=False, **config):
    app = Erlen("times")
    app.secret_key = "key" * 10
    app.config.update(config)
    if plain:
        app.session_interface = PlainInterface()
    app.add_url_rule("/set", "set", lambda: session.update(request.args) or "")
    app.add_url_rule("/get", "get", lambda: dict(session))
    app.add_url_rule("/other", "other", lambda: "")

    @app.route("/async-get")
    async def async_get():
        return dict(session)

    @app.route("/permanent")
    def permanent():
        session.permanent = True
        return ""

    @app.route("/login")
    def login():
        session.regenerate()
        return ""

    @app.route("/clear")
    def clear():
        session.clear()
        session["user"] = "bob"
        return ""

    @app.route("/logout")
    def logout():
        session.clear()
        return ""

    return app


@pytest.fixture(params=[False, True], ids=["own", "plain"])
def plain(request):
    return request.param


@pytest.mark.parametrize("path", ["/get", "/async-get", "/set?user=ada"])
@pytest.mark.parametrize("is_permanent", [False, True])
@pytest.mark.parametrize("refresh", [False, True])
def test_101_a_session_that_is_used_lasts_and_one_that_is_not_ends(
    interface, clock, plain, path, is_permanent, refresh
):
    app = make_app(plain, SESSION_IDLE_TIMEOUT=HOUR, SESSION_REFRESH_EACH_REQUEST=refresh)
    client = app.test_client()
    client.get("/set?user=ada")
    if is_permanent:
        client.get("/permanent")
    now = 0
    for wait in (1, 50, 3000, 3400, 59, 3500):
        now += wait
        clock(now)
        client.get(path)
        assert client.get("/get").json["user"] == "ada"
    clock(now + HOUR + 2)
    assert client.get("/get").json == {}


def test_101_at_most_a_minute_is_missing(interface, clock):
    client = make_app(SESSION_IDLE_TIMEOUT=HOUR).test_client()
    client.get("/set?user=ada")
    # Used again, and too soon to be signed anew.
    clock(55)
    assert "Set-Cookie" not in client.get("/get").headers
    clock(55 + HOUR - 60)
    assert "Set-Cookie" in client.get("/get").headers
    clock(55 + HOUR - 60 + HOUR - 60)
    assert client.get("/get").json == {"user": "ada"}


def test_101_pages_that_do_not_use_the_session_do_not_prolong_it(interface, clock):
    client = make_app(SESSION_IDLE_TIMEOUT=HOUR).test_client()
    client.get("/set?user=ada")
    clock(HOUR - 10)
    response = client.get("/other")
    assert "Set-Cookie" not in response.headers
    clock(HOUR + 10)
    assert client.get("/get").json == {}


@pytest.mark.parametrize("path", ["/get", "/set?user=ada", "/permanent"])
@pytest.mark.parametrize("idle", [None, HOUR])
def test_101_no_use_makes_it_last_longer_than_the_absolute_time(
    interface, clock, plain, path, idle
):
    app = make_app(plain, SESSION_IDLE_TIMEOUT=idle, SESSION_ABSOLUTE_TIMEOUT=timedelta(hours=5))
    client = app.test_client()
    client.get("/set?user=ada")
    for halves in range(1, 10):
        clock(halves * HOUR / 2)
        client.get(path)
        assert client.get("/get").json["user"] == "ada"
    clock(5 * HOUR + 1)
    assert client.get("/get").json == {}
    client.get("/set?user=ada")
    clock(9 * HOUR if idle is None else 5.5 * HOUR)
    assert client.get("/get").json["user"] == "ada"


@pytest.mark.parametrize("path", ["/login", "/clear"])
def test_101_the_absolute_time_begins_at_the_log_in(interface, clock, path):
    client = make_app(SESSION_ABSOLUTE_TIMEOUT=HOUR).test_client()
    client.get("/set?user=ada")
    clock(HOUR - 100)
    client.get(path)
    clock(2 * HOUR - 200)
    assert client.get("/get").json["user"]
    clock(2 * HOUR - 50)
    assert client.get("/get").json == {}


def test_101_it_holds_for_sessions_that_began_before_it_was_set(interface, clock, plain):
    app = make_app(plain)
    client = app.test_client()
    client.get("/set?user=ada")
    clock(HOUR)
    app.config["SESSION_ABSOLUTE_TIMEOUT"] = 3 * HOUR
    client.get("/set?user=ada")
    clock(3 * HOUR + 1)
    assert client.get("/get").json == {}
    app.config["SESSION_ABSOLUTE_TIMEOUT"] = None
    client.get("/set?user=ada")
    clock(5 * HOUR)
    app.config["SESSION_IDLE_TIMEOUT"] = HOUR
    assert client.get("/get").json == {}


@pytest.mark.parametrize(
    "setting", [{"SESSION_IDLE_TIMEOUT": HOUR}, {"SESSION_ABSOLUTE_TIMEOUT": HOUR}]
)
def test_101_nothing_of_it_is_seen_in_the_session(interface, clock, setting):
    app = make_app(**setting)
    client = app.test_client()
    client.get("/set?user=ada")
    client.get("/logout")
    client.get("/set?user=ada")
    assert client.get("/get").json == {"user": "ada"}
    # Nor if the limit is lifted again.
    app.config.update(dict.fromkeys(setting))
    assert client.get("/get").json == {"user": "ada"}


@pytest.mark.parametrize("way", ["reads", "writes"])
def test_101_prolonging_brings_nothing_back_after_a_log_out(interface, clock, way):
    app = make_app(SESSION_IDLE_TIMEOUT=HOUR)
    client = app.test_client()
    client.get("/set?user=ada")
    cookie = client.get_cookie("session").value
    clock(600)
    # Two requests with the same cookie, of which the log-out is answered first.
    late = app.test_client()
    late.set_cookie("session", cookie)
    answer = late.get("/get" if way == "reads" else "/set?seen=1")
    assert "session=" in answer.headers["Set-Cookie"]
    client.get("/logout")
    client.set_cookie("session", late.get_cookie("session").value)
    assert client.get("/get").json == {}
    client.get("/set?user=bob")
    clock(1200)
    client.get("/get")
    assert client.get("/get").json == {"user": "bob"}


def test_101_what_says_when_cookies_are_set_says_it_here_too(interface, clock):
    class Never(SecureCookieSessionInterface):
        def should_set_cookie(self, app, session):
            return session.modified

    app = make_app(SESSION_IDLE_TIMEOUT=HOUR)
    app.session_interface = Never()
    client = app.test_client()
    client.get("/set?user=ada")
    clock(1800)
    assert "Set-Cookie" not in client.get("/get").headers


def test_101_the_preset_has_both(interface, clock):
    app = make_app()
    secure(app, https=False)
    assert app.config["SESSION_IDLE_TIMEOUT"] == timedelta(days=1)
    assert app.config["SESSION_ABSOLUTE_TIMEOUT"] == timedelta(days=30)
    client = app.test_client()
    client.get("/set?user=ada")
    for half_days in range(1, 60):
        clock(half_days * 12 * HOUR)
        assert client.get("/get").json == {"user": "ada"}
    clock(30 * 24 * HOUR + 1)
    assert client.get("/get").json == {}
    client.get("/set?user=ada")
    clock(31 * 24 * HOUR + 100)
    assert client.get("/get").json == {}


def test_101_itsdangerous_reads_what_is_written(clock):
    app = make_app(SESSION_IDLE_TIMEOUT=HOUR, SESSION_ABSOLUTE_TIMEOUT=HOUR)
    client = app.test_client()
    client.get("/set?user=ada")
    token = client.get_cookie("session").value
    read = SecureCookieSessionInterface().get_signing_serializer(app).loads(token)
    assert read.pop("_began") <= time.time()
    assert read == {"user": "ada"}
