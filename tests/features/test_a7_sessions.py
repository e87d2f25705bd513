"""FEATURES A7: sessions, cookies and flashed messages."""

from __future__ import annotations

from datetime import timedelta

import pytest

from erlen import Erlen, flash, get_flashed_messages, request, session


@pytest.fixture
def app():
    app = Erlen(__name__)
    app.secret_key = "secret"

    @app.route("/set")
    def set_it():
        session.update(request.args)
        return "set"

    @app.route("/get")
    def get_it():
        return dict(session)

    @app.route("/clear")
    def clear():
        session.clear()
        return "cleared"

    app.add_url_rule("/plain", "plain", lambda: "plain")
    return app


def test_a_session_lasts_from_request_to_request(app):
    client = app.test_client()
    client.get("/set?user=ada")
    assert client.get("/get").json == {"user": "ada"}
    assert "Max-Age=0" in client.get("/clear").headers["Set-Cookie"]
    assert client.get("/get").json == {}


def test_the_cookie_is_readable_and_not_modifiable(app):
    client = app.test_client()
    client.get("/set?user=ada")
    value = client.get_cookie("session").value
    import base64

    payload = value.split(".")[0]
    assert b'"user":"ada"' in base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    for tampered in (
        # Not the last letter: some of its bits are not used.
        value[:-2] + ("A" if value[-2] != "A" else "B") + value[-1],
        "x" + value,
        "",
        "a.b.c",
        "\xff",
    ):
        client.set_cookie("session", tampered)
        response = client.get("/get")
        assert (response.status_code, response.json) == (200, {})


def test_secret_key_fallbacks(app):
    client = app.test_client()
    client.get("/set?user=ada")
    app.config.update(SECRET_KEY="new", SECRET_KEY_FALLBACKS=["secret"])
    assert client.get("/get").json == {"user": "ada"}
    client.get("/set?more=1")
    app.config["SECRET_KEY_FALLBACKS"] = None
    assert client.get("/get").json == {"user": "ada", "more": "1"}


def test_without_a_secret_key_the_error_says_what_to_set(app):
    app.config.update(SECRET_KEY=None, TESTING=True)
    assert app.test_client().get("/get").json == {}
    with pytest.raises(RuntimeError, match="secret_key"):
        app.test_client().get("/set?a=1")


def test_the_attributes_of_the_cookie(app):
    app.config.update(
        SESSION_COOKIE_NAME="own",
        SESSION_COOKIE_DOMAIN="example.org",
        SESSION_COOKIE_PATH="/here",
        SESSION_COOKIE_SECURE=True,
        SESSION_COOKIE_SAMESITE="Strict",
        SESSION_COOKIE_PARTITIONED=True,
    )
    cookie = app.test_client().get("/set?a=1").headers["Set-Cookie"].split("; ")
    assert cookie[0].startswith("own=")
    wanted = {"Domain=example.org", "Path=/here", "Secure", "HttpOnly", "SameSite=Strict"}
    assert wanted | {"Partitioned"} <= set(cookie)


def test_permanent_sessions_are_prolonged(app):
    assert app.permanent_session_lifetime == timedelta(days=31)

    @app.route("/stay")
    def stay():
        session.permanent = True
        return ""

    client = app.test_client()
    assert "Expires=" in client.get("/stay").headers["Set-Cookie"]
    # A request that never touches the session prolongs it all the same.
    assert "Expires=" in client.get("/plain").headers["Set-Cookie"]
    app.config["SESSION_REFRESH_EACH_REQUEST"] = False
    assert "Set-Cookie" not in client.get("/plain").headers


@pytest.mark.parametrize(
    ("use", "varies"),
    [
        (lambda: session.get("a"), True),
        (lambda: "a" in session, True),
        (lambda: len(session), True),
        (lambda: session.__setitem__("a", 1), True),
        (lambda: None, False),
    ],
)
def test_an_answer_that_read_the_session_varies_by_cookie(app, use, varies):
    app.add_url_rule("/use", "use", lambda: str(use()))
    response = app.test_client().get("/use")
    assert ("Cookie" in response.vary) == varies


def test_session_transaction(app):
    client = app.test_client()
    with client.session_transaction() as values:
        values["user"] = "ada"
    assert client.get("/get").json == {"user": "ada"}


def test_messages_are_shown_once_on_the_next_request(app):
    @app.route("/flash")
    def flash_it():
        flash("plain")
        flash("bad", "error")
        return ""

    @app.route("/all")
    def all_of_them():
        again = get_flashed_messages()
        assert again == get_flashed_messages()
        return {
            "all": get_flashed_messages(with_categories=True),
            "errors": get_flashed_messages(category_filter=["error"]),
        }

    client = app.test_client()
    client.get("/flash")
    first = client.get("/all").json
    assert first == {"all": [["message", "plain"], ["error", "bad"]], "errors": ["bad"]}
    assert client.get("/all").json == {"all": [], "errors": []}
