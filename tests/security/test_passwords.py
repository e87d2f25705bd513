"""Comparisons that tell nothing by their time, and passwords that nobody types."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from erlen import Erlen, request, session
from erlen.security import check_password_hash, generate_password_hash

METHOD = "scrypt:1024:8:1"
PBKDF2 = "pbkdf2:sha256:1000"


def case(name, *values):
    return pytest.param(*values, id=f"case-also-{name}")


def given():
    return request.get_json()["password"]


@pytest.fixture
def app(request):
    """Registers one user, and lets them log in."""
    app = Erlen("passwords")
    app.secret_key = "key"
    app.config["METHOD"] = getattr(request, "param", METHOD)
    users = {}

    def register():
        try:
            users["ada"] = generate_password_hash(given(), app.config["METHOD"])
        except ValueError as error:
            return str(error), 400
        return ""

    def log_in():
        if not check_password_hash(users["ada"], given()):
            return "no", 403
        session["user"] = "ada"
        return "yes"

    app.add_url_rule("/register", "register", register, methods=["POST"])
    app.add_url_rule("/login", "log_in", log_in, methods=["POST"])
    app.add_url_rule("/who", "who", lambda: session.get("user", "nobody"))
    return app


def status(app, path, password):
    return app.test_client().post(path, json={"password": password}).status_code


class Spy:
    """Stands in for ``hmac.compare_digest``, and remembers what it was asked."""

    def __init__(self, answer=None):
        self.answer = answer
        self.compared = []
        self.real = hmac.compare_digest

    def __call__(self, a, b):
        self.compared.append((a, b))
        return self.real(a, b) if self.answer is None else self.answer


@pytest.mark.parametrize(
    ("password", "fits"),
    [("correct horse", True), ("Correct horse", False), ("correct horsf", False), ("", False)],
    ids=["right", "first-letter", "last-letter", "empty"],
)
@pytest.mark.parametrize("app", [case("scrypt", METHOD), case("pbkdf2", PBKDF2)], indirect=True)
def test_a_password_is_compared_in_constant_time(app, password, fits, monkeypatch):
    assert status(app, "/register", "correct horse") == 200
    spy = Spy()
    monkeypatch.setattr(hmac, "compare_digest", spy)
    assert status(app, "/login", password) == (200 if fits else 403)
    # Once, and of the whole hashes, wherever they differ.
    [(computed, stored)] = [pair for pair in spy.compared if len(pair[0]) >= 64]
    assert len(computed) == len(stored)


@pytest.mark.parametrize(
    ("password", "answer", "expected"),
    [("wrong", True, 200), ("right", False, 403)],
    ids=["nothing-before-it", "nothing-after-it"],
)
@pytest.mark.parametrize(
    "app", [case("decides-scrypt", METHOD), case("decides-pbkdf2", PBKDF2)], indirect=True
)
def test_that_comparison_alone_decides(app, password, answer, expected, monkeypatch):
    assert status(app, "/register", "right") == 200
    monkeypatch.setattr(hmac, "compare_digest", Spy(answer))
    assert status(app, "/login", password) == expected


def session_token(app):
    client = app.test_client()
    client.post("/register", json={"password": "right"})
    client.post("/login", json={"password": "right"})
    return client.get_cookie("session").value


def who(app, token):
    client = app.test_client()
    client.set_cookie("session", token)
    return client.get("/who").text


def other(letter):
    return "A" if letter != "A" else "B"


@pytest.mark.parametrize(
    ("spoil", "answer", "user"),
    [
        case("token-first-letter", lambda t: t[:-27] + other(t[-27]) + t[-26:], True, "ada"),
        case("token-middle-letter", lambda t: t[:-9] + other(t[-9]) + t[-8:], True, "ada"),
        case("token-right", lambda t: t, False, "nobody"),
        case("token-spoilt", lambda t: t[:-9] + other(t[-9]) + t[-8:], None, "nobody"),
        case("token-of-another", lambda t: "eyJ1c2VyIjoicm9vdCJ9" + t[20:], None, "nobody"),
    ],
)
def test_a_session_token_is_compared_in_constant_time(app, spoil, answer, user, monkeypatch):
    token = session_token(app)
    assert who(app, token) == "ada"
    spy = Spy(answer)
    monkeypatch.setattr(hmac, "compare_digest", spy)
    assert who(app, spoil(token)) == user
    assert spy.compared
    for computed, given in spy.compared:
        assert len(computed) == len(given)


@pytest.fixture
def hashed(monkeypatch):
    """The lengths of the passwords that were hashed."""
    lengths = []
    for name in ("scrypt", "pbkdf2_hmac"):
        real = getattr(hashlib, name)

        def spy(*args, _real=real, **kwargs):
            lengths.append(max(len(a) for a in args if isinstance(a, bytes)))
            return _real(*args, **kwargs)

        monkeypatch.setattr(hashlib, name, spy)
    return lengths


TOO_LONG = {
    "one-byte-more": "x" * (64 * 1024 + 1),
    "megabyte": "x" * 1_000_000,
    "ten-megabytes": "x" * 10_000_000,
    "more-bytes-than-letters": "ä" * 40_000,
    "four-byte-letters": "😀" * 17_000,
    "nul": "\0" * 100_000,
}


@pytest.mark.parametrize(
    ("app", "password"),
    [
        case(f"long-{name}-{method.partition(':')[0]}", method, password)
        for name, password in TOO_LONG.items()
        for method in (METHOD, PBKDF2)
    ],
    indirect=["app"],
)
def test_a_very_long_password_is_refused_unhashed(app, password, hashed):
    assert status(app, "/register", password) == 400
    assert hashed == []
    assert status(app, "/register", "right") == 200
    hashed.clear()
    assert status(app, "/login", password) == 403
    assert hashed == []


@pytest.mark.parametrize(
    ("password", "near"),
    [
        case("whole-longest", "x" * (64 * 1024), "x" * (64 * 1024 - 1) + "y"),
        case("whole-longest-but-one", "x" * (64 * 1024), "x" * (64 * 1024 - 1)),
        case("whole-72-bytes", "x" * 73, "x" * 72),
        case("whole-behind-nul", "a\0b", "a\0c"),
        case("whole-space-at-end", "a", "a "),
        case("whole-case", "a", "A"),
        case("whole-composed", "\u00e9", "e\u0301"),
    ],
)
def test_every_byte_of_a_password_counts(app, password, near):
    assert status(app, "/register", password) == 200
    assert status(app, "/login", password) == 200
    assert status(app, "/login", near) == 403


@pytest.mark.parametrize("password", [case("surrogate", "\ud800"), case("surrogates", "a\udfffb")])
def test_a_password_that_is_no_text_is_refused(app, password):
    assert status(app, "/register", password) == 400
    assert status(app, "/register", "right") == 200
    assert status(app, "/login", password) == 403
