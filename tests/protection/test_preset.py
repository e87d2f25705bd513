"""The secure preset."""

from __future__ import annotations

import logging

import pytest

from erlen import Erlen, render_template_string, request, session, url_for
from erlen.protection.cors import CORS
from erlen.protection.csrf import CSRF
from erlen.protection.preset import secure
from erlen.protection.rate_limits import RateLimits
from erlen.protection.security_headers import SecurityHeaders
from erlen.sessions.server_side import ServerSideSessionInterface
from erlen.sessions.stores import MemoryStore


@pytest.fixture(params=["wsgi", "asgi"], autouse=True)
def interface(request, monkeypatch):
    monkeypatch.setenv("ERLEN_TEST_INTERFACE", request.param)
    return request.param


def make(**config):
    app = Erlen(__name__)
    app.config.update(SECRET_KEY="key", **config)

    @app.get("/form")
    def form():
        return render_template_string("{{ csrf_token() }}")

    @app.post("/act")
    def act():
        session["acted"] = True
        return "done"

    return app


def test_one_line_turns_all_of_it_on():
    app = make(CORS_ORIGINS=["https://a.example"])
    secure(app)
    client = app.test_client()
    response = client.get("/form", headers={"Origin": "https://a.example"})
    headers = response.headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Access-Control-Allow-Origin"] == "https://a.example"
    assert headers["RateLimit-Policy"] == '"rate";q=600;w=60'
    cookie = headers["Set-Cookie"]
    assert cookie.startswith("__Host-session=")
    for attribute in ("Secure", "HttpOnly", "Path=/", "SameSite=Lax"):
        assert attribute in cookie.split("; ")
    assert "Domain" not in cookie
    assert client.post("/act", data={"csrf_token": "x"}).status_code == 400
    assert client.post("/act", data={"csrf_token": response.text}).text == "done"
    assert client.get("/form", base_url="http://evil.com").status_code == 400


def test_the_limit_on_bodies():
    app = make()
    secure(app)
    assert app.config["MAX_CONTENT_LENGTH"] == 16 * 1024 * 1024
    client = app.test_client()
    headers = {"Sec-Fetch-Site": "same-origin"}

    @app.post("/read")
    def read():
        return str(len(request.get_data()))

    assert client.post("/read", data=b"x" * 1_000, headers=headers).text == "1000"
    assert client.post("/read", data=b"x" * 17_000_000, headers=headers).status_code == 413


def test_the_parts_can_be_loosened():
    app = make()
    secured = secure(app)
    secured.csrf.exempt("act")
    secured.limits.limit("1 per day")("act")
    client = app.test_client()
    assert [client.post("/act").status_code for _ in range(2)] == [200, 429]
    app.config.update(FRAME_ANCESTORS=None, RATE_LIMIT_DEFAULT=None, TRUSTED_HOSTS=None)
    response = client.get("/form", base_url="http://evil.com")
    assert response.status_code == 200
    assert "X-Frame-Options" not in response.headers
    assert "RateLimit" not in response.headers


def test_what_the_application_has_set_is_left_alone():
    own = {
        "SESSION_COOKIE_NAME": "own",
        "SESSION_COOKIE_SAMESITE": "Strict",
        "MAX_CONTENT_LENGTH": 5,
        "TRUSTED_HOSTS": ["a.example"],
        "RATE_LIMIT_DEFAULT": None,
        "PREFERRED_URL_SCHEME": "ws",
    }
    app = make(**own)
    secure(app)
    assert {key: app.config[key] for key in own} == own


def test_parts_that_are_there_are_taken():
    app = make()
    parts = CSRF(app), SecurityHeaders(app), CORS(app), RateLimits(app)
    secured = secure(app)
    assert (secured.csrf, secured.headers, secured.cors, secured.limits) == parts
    assert app.test_client().post("/act", data={}).status_code == 400


@pytest.mark.parametrize(
    ("config", "name"),
    [
        ({}, "__Host-session"),
        ({"SESSION_COOKIE_DOMAIN": "a.example"}, "session"),
        ({"SESSION_COOKIE_PATH": "/app"}, "session"),
        ({"APPLICATION_ROOT": "/app"}, "session"),
        ({"APPLICATION_ROOT": "/app", "SESSION_COOKIE_PATH": "/"}, "__Host-session"),
    ],
)
def test_the_name_of_the_cookie_fits_its_attributes(config, name):
    app = make(**config)
    secure(app)
    assert app.config["SESSION_COOKIE_NAME"] == name
    assert app.config["SESSION_COOKIE_SECURE"] is True


@pytest.mark.parametrize(
    ("debug", "https", "is_secure"),
    [(True, None, False), (True, True, True), (False, None, True), (False, False, False)],
)
def test_plain_http_is_for_debug_mode_or_said(debug, https, is_secure):
    app = make(DEBUG=debug)
    secure(app, https=https)
    assert app.config["SESSION_COOKIE_SECURE"] is is_secure
    assert app.config["SESSION_COOKIE_NAME"].startswith("__Host-") is is_secure
    app.config["SERVER_NAME"] = "a.example"
    with app.app_context():
        scheme = "https" if is_secure else "http"
        assert url_for("form") == f"{scheme}://a.example/form"


def test_sessions_can_be_kept_on_the_server():
    app = make()
    store = MemoryStore()
    secure(app, session_store=store)
    assert isinstance(app.session_interface, ServerSideSessionInterface)
    client = app.test_client()
    token = client.get("/form").text
    assert client.post("/act", data={"csrf_token": token}).text == "done"
    assert len(store._kept) == 1


# -- hosts -----------------------------------------------------------------------------------


def answers(app, host):
    return app.test_client().get("/form", base_url=f"http://{host}").status_code == 200


def test_this_machine_alone_is_trusted_until_hosts_are_named():
    app = make()
    secure(app)
    for host in ("localhost", "localhost:5000", "a.localhost", "127.0.0.1:8000", "[::1]:8000"):
        assert answers(app, host)
    for host in ("example.org", "localhost.evil.com", "127.0.0.2", "evillocalhost"):
        assert not answers(app, host)
    app.config["TRUSTED_HOSTS"] = ["example.org"]
    assert answers(app, "example.org")
    assert not answers(app, "localhost")


@pytest.mark.parametrize("hosts", ["example.org", ["example.org"], ("example.org",)])
def test_hosts_can_be_named(hosts):
    app = make()
    secure(app, trusted_hosts=hosts)
    assert answers(app, "example.org")
    assert not answers(app, "localhost")


def test_an_empty_list_is_an_error_that_helps():
    with pytest.raises(ValueError, match="would answer every host"):
        secure(make(), trusted_hosts=[])


def test_the_server_name_is_trusted():
    app = make(SERVER_NAME="example.org:8000")
    secure(app)
    assert answers(app, "example.org:8000")
    assert not answers(app, "evil.com")


@pytest.mark.parametrize(
    ("config", "later", "is_told"),
    [
        ({}, {}, True),
        ({"DEBUG": True}, {}, False),
        ({"TESTING": True}, {}, False),
        ({"TRUSTED_HOSTS": ["localhost"]}, {}, False),
        ({}, {"TRUSTED_HOSTS": ["localhost"]}, False),
        ({"SERVER_NAME": "localhost"}, {}, False),
    ],
)
def test_hosts_that_nobody_named_are_told_once(caplog, config, later, is_told):
    caplog.set_level(logging.WARNING)
    app = make(**config)
    secure(app)
    app.config.update(later)
    client = app.test_client()
    for _ in range(2):
        assert client.get("/form").status_code == 200
    assert caplog.text.count("TRUSTED_HOSTS is not set") == is_told
