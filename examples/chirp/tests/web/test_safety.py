"""Forged forms, headers, error pages, and a database that is away."""

from __future__ import annotations

import time

import pytest

PAGES = ["/", "/everyone", "/login", "/register", "/@Ada", "/settings/", "/chirps/1"]


@pytest.fixture
def ada(person):
    ada = person("Ada")
    ada.chirp("Hello")
    return ada


@pytest.mark.parametrize(
    "token",
    [None, "", "x", "A" * 200, "é"],
    ids=["none", "empty", "short", "wrong", "not ASCII"],
)
def test_every_form_needs_a_token(ada, token):
    data = {"text": "forged"} if token is None else {"text": "forged", "csrf_token": token}
    for path in ("/chirps", "/logout", "/@Ada/follow", "/settings/", "/settings/delete", "/login"):
        response = ada.client.post(path, data=data)
        assert response.status_code == 400, path
        assert "CSRF token" in response.text
    assert "forged" not in ada.get("/everyone").text


def test_a_token_of_another_person_is_worth_nothing(ada, person):
    eve = person("Eve")
    response = ada.client.post("/chirps", data={"text": "forged", "csrf_token": eve.token()})
    assert response.status_code == 400


def test_a_stale_token(app, ada, monkeypatch):
    form = ada.form("/", "/chirps")
    later = time.time() + app.config["CSRF_TIME_LIMIT"] + 1
    with monkeypatch.context() as patch:
        patch.setattr("erlen.protection.csrf.time.time", lambda: later)
        response = ada.client.post("/chirps", data={**form.fields, "text": "late"})
    assert response.status_code == 400
    assert "expired" in response.text


def test_a_page_of_another_site_sends_nothing_even_with_a_token(ada):
    form = ada.form("/", "/chirps")
    headers = {"Origin": "https://evil.test", "Sec-Fetch-Site": "cross-site"}
    response = ada.client.post("/chirps", data={**form.fields, "text": "x"}, headers=headers)
    assert response.status_code == 400
    assert "another site" in response.text


def test_headers(ada):
    for path in (*PAGES, "/nowhere", "/static/chirp.css", "/avatars/Ada.svg"):
        headers = ada.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "script-src 'self'" in policy
        assert "unsafe" not in policy and "*" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "same-origin"
        assert "Strict-Transport-Security" not in headers


def test_pages_are_not_kept_and_have_nothing_inline(ada):
    for path in PAGES:
        response = ada.get(path, follow_redirects=True)
        assert response.headers["Cache-Control"] == "no-store"
        for forbidden in (" style=", "<style", " onclick", " onload", " onerror", "javascript:"):
            assert forbidden not in response.text
        # Each script has an address.
        assert response.text.count("<script") == response.text.count("<script ")


def test_behind_https(app):
    from chirp import create_app

    app = create_app(
        {
            "CHIRP_DATABASE_URL": app.config["CHIRP_DATABASE_URL"],
            "SECRET_KEY": "x",
            "CHIRP_HTTPS": "1",
            "CHIRP_HOSTS": "chirp.test",
        }
    )
    response = app.test_client().get("/login", base_url="https://chirp.test")
    assert "max-age" in response.headers["Strict-Transport-Security"]
    [cookie] = response.headers.getlist("Set-Cookie")
    assert cookie.startswith("__Host-chirp=")
    assert all(part in cookie for part in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"))
    assert app.test_client().get("/login", base_url="https://evil.test").status_code == 400
    app.extensions["chirp.database"].close()


@pytest.mark.parametrize(
    ("proxies", "address", "scheme"),
    [(0, "127.0.0.1", "http"), (1, "203.0.113.7", "https"), (2, "198.51.100.1", "http")],
)
def test_whose_address_a_request_has_behind_proxies(app, proxies, address, scheme):
    """The client writes the first entry itself; each proxy appends what it sees."""
    from chirp import create_app

    from erlen import request

    behind = create_app(
        {
            "CHIRP_DATABASE_URL": app.config["CHIRP_DATABASE_URL"],
            "SECRET_KEY": "x",
            "CHIRP_PROXIES": proxies,
        }
    )
    behind.add_url_rule("/who", "who", lambda: f"{request.remote_addr} {request.scheme}")
    headers = {
        "X-Forwarded-For": "1.2.3.4, 198.51.100.1, 203.0.113.7",
        "X-Forwarded-Proto": "http, https",
    }
    assert behind.test_client().get("/who", headers=headers).text == f"{address} {scheme}"
    behind.extensions["chirp.database"].close()


def test_404(visitor):
    for path in ("/nowhere", "/@nobody", "/static/nothing.css", "/chirps/99"):
        response = visitor.get(path)
        assert response.status_code == 404
        assert "Nothing here" in response.text and 'href="/"' in response.text


def test_405_says_which_methods_there_are(visitor):
    response = visitor.get("/logout")
    assert response.status_code == 405
    assert "POST" in response.headers["Allow"] and "Not in this way" in response.text


def test_413(ada):
    response = ada.post("/chirps", text="x" * 300_000)
    assert response.status_code == 413
    assert "Too much at once" in response.text


def test_500_tells_nothing_of_the_inside(app, visitor):
    app.config.update(TESTING=False, PROPAGATE_EXCEPTIONS=False)

    @app.get("/broken")
    def broken():
        raise RuntimeError("a secret of the inside")

    response = visitor.get("/broken")
    assert response.status_code == 500
    assert "Something broke" in response.text and "secret" not in response.text


def test_503_while_the_database_is_away_and_by_itself_back_again(ada, visitor, app, monkeypatch):
    from sqlalchemy import event

    engine = app.extensions["chirp.database"].engine
    away = True

    def refuse(dialect, record, arguments, options):
        if away:
            error = dialect.dbapi.OperationalError("connection refused")
            # What SQLite says of a file that it cannot open.
            error.sqlite_errorcode = 14
            raise error

    event.listen(engine, "do_connect", refuse)
    engine.dispose()
    for path in ("/", "/everyone", "/@Ada"):
        response = visitor.get(path)
        assert response.status_code == 503
        assert "Back in a moment" in response.text
        assert int(response.headers["Retry-After"]) > 0
    # What needs no data is there.
    assert visitor.get("/static/chirp.css").status_code == 200
    assert visitor.get("/login").status_code == 200
    away = False
    assert visitor.get("/everyone").status_code == 200
    assert ada.send("/", "/chirps", text="again").status_code == 303


def test_503_while_the_sessions_are_away(app, visitor):
    from erlen.sessions.redis_store import RedisStore
    from erlen.sessions.server_side import ServerSideSessionInterface

    class Away:
        def __getattr__(self, name):
            raise ConnectionError("refused")

    app.session_interface = ServerSideSessionInterface(RedisStore(Away()))
    visitor.client.set_cookie("chirp", "x" * 43)
    response = visitor.get("/")
    assert response.status_code == 503
    assert "Back in a moment" in response.text


def test_methods_that_no_page_has(visitor):
    for method in ("PUT", "DELETE", "PATCH", "TRACE"):
        assert visitor.client.open("/", method=method).status_code == 405
