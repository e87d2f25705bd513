"""Cases 65 and 67: secret keys that change, are missing, or are shared."""

from __future__ import annotations

import itsdangerous
import pytest

from erlen import Erlen, request, session
from erlen.json.tag import TaggedJSONSerializer
from erlen.sessions import SecureCookieSessionInterface


def case(name, *values):
    return pytest.param(*values, id=f"case-{name}")


def serve(key, fallbacks=None):
    app = Erlen("keys")
    app.secret_key = key
    app.config["SECRET_KEY_FALLBACKS"] = fallbacks
    app.add_url_rule("/get", "get", lambda: dict(session))
    app.add_url_rule("/set", "set", lambda: session.update(request.args) or "")
    return app


def token_of(app, **values):
    client = app.test_client()
    client.get("/set", query_string=values or {"user": "ada"})
    return client.get_cookie("session").value


def read(app, token):
    client = app.test_client()
    client.set_cookie("session", token)
    return client.get("/get").json


@pytest.mark.parametrize(
    ("signed_with", "key", "fallbacks", "known"),
    [
        case("65-current", "new", "new", ["old"], True),
        case("65-fallback", "old", "new", ["old"], True),
        case("65-first-of-two", "oldest", "new", ["oldest", "old"], True),
        case("65-second-of-two", "old", "new", ["oldest", "old"], True),
        case("65-dropped", "oldest", "new", ["old"], False),
        case("65-no-fallbacks", "old", "new", None, False),
        case("65-bytes", "old", b"new", [b"old"], True),
        case("65-tuple", "old", "new", ("old",), True),
    ],
)
def test_all_keys_verify_and_the_newest_signs(signed_with, key, fallbacks, known):
    token = token_of(serve(signed_with))
    app = serve(key, fallbacks)
    assert read(app, token) == ({"user": "ada"} if known else {})
    # Only the newest key signs.
    fresh = token_of(app)
    assert read(serve(key), fresh) == {"user": "ada"}
    for old in fallbacks or ():
        assert read(serve(old), fresh) == {}


@pytest.mark.parametrize("change", [case("65-rotation-while-running", None)])
def test_a_rotation_takes_effect_at_once(change):
    app = serve("first")
    first = token_of(app)
    app.secret_key = "second"
    assert read(app, first) == {}
    app.config["SECRET_KEY_FALLBACKS"] = ["first"]
    assert read(app, first) == {"user": "ada"}
    app.config["SECRET_KEY_FALLBACKS"].remove("first")
    assert read(app, first) == {}
    assert read(app, token_of(app)) == {"user": "ada"}


@pytest.mark.parametrize("change", [case("65-signed-anew", None)])
def test_what_is_written_is_signed_anew(change):
    app = serve("new", ["old"])
    client = app.test_client()
    client.set_cookie("session", token_of(serve("old")))
    client.get("/set?b=2")
    assert read(serve("new"), client.get_cookie("session").value) == {"user": "ada", "b": "2"}


@pytest.mark.parametrize("key", [case("67-none", None), case("67-empty", ""), case("67-b", b"")])
def test_without_a_secret_key_nothing_can_be_written_or_read(key):
    app = serve(key)
    assert app.test_client().get("/get").json == {}
    assert app.test_client().get("/set?a=1").status_code == 500
    forged = itsdangerous.URLSafeTimedSerializer(
        "",
        salt="cookie-session",
        serializer=TaggedJSONSerializer(),
        signer_kwargs={"key_derivation": "hmac"},
    ).dumps({"user": "admin"})
    assert read(app, forged) == {}


@pytest.mark.parametrize(
    "fallbacks",
    [
        case("67-empty-fallback", [""]),
        case("67-empty-bytes-fallback", [b""]),
        case("67-missing-fallback", [None]),
        case("67-empty-among-others", ["old", "", None]),
    ],
)
def test_an_empty_fallback_verifies_nothing(fallbacks):
    forged = itsdangerous.URLSafeTimedSerializer(
        "",
        salt="cookie-session",
        serializer=TaggedJSONSerializer(),
        signer_kwargs={"key_derivation": "hmac"},
    ).dumps({"user": "admin"})
    app = serve("key", fallbacks)
    assert read(app, forged) == {}
    assert read(app, token_of(app)) == {"user": "ada"}


@pytest.mark.parametrize(
    ("salt", "shared"), [case("67-same-salt", None, True), case("67-other-salt", "admin", False)]
)
def test_a_salt_separates_applications_with_one_secret_key(salt, shared):
    app = serve("key")
    if salt is not None:
        app.session_interface = SecureCookieSessionInterface()
        app.session_interface.salt = salt
    assert read(app, token_of(serve("key"))) == ({"user": "ada"} if shared else {})
