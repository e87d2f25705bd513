"""What every session has."""

from __future__ import annotations

import pytest

from erlen import Erlen, session
from erlen.sessions import SessionInterface, SessionMixin
from erlen.sessions.server_side import ServerSideSessionInterface
from erlen.sessions.stores import MemoryStore


class OwnSession(dict, SessionMixin):
    """As those of extensions are: it says nothing of ids."""


class OwnSessions(SessionInterface):
    def open_session(self, app, request):
        return OwnSession()

    def save_session(self, app, session, response):
        pass


@pytest.fixture
def app():
    app = Erlen(__name__)
    app.testing = True

    @app.get("/login")
    def login():
        session.regenerate()
        session["user"] = "ada"
        return ""

    @app.get("/")
    def index():
        return session.get("user", "nobody")

    return app


@pytest.mark.parametrize("kind", ["cookie", "server"])
def test_a_session_is_regenerated_and_kept(app, kind):
    if kind == "cookie":
        app.secret_key = "secret"
    else:
        app.session_interface = ServerSideSessionInterface(MemoryStore())
    client = app.test_client()
    assert "session=" in client.get("/login").headers["Set-Cookie"]
    assert client.get("/").text == "ada"


def test_what_is_in_a_cookie_is_written_anew(app):
    app.secret_key = "secret"

    @app.get("/regenerate")
    def regenerate():
        session.regenerate()
        return ""

    client = app.test_client()
    client.get("/login")
    assert "session=" in client.get("/regenerate").headers["Set-Cookie"]
    assert client.get("/").text == "ada"


@pytest.mark.parametrize(
    ("interface", "error", "remedy"),
    [
        (None, RuntimeError, "Set the secret_key"),
        (
            OwnSessions(),
            NotImplementedError,
            r"Write OwnSession\.regenerate\(\), or set app\.session",
        ),
    ],
)
def test_a_session_that_cannot_be_regenerated_says_what_to_set(app, interface, error, remedy):
    if interface is not None:
        app.session_interface = interface
    with pytest.raises(error, match=remedy):
        app.test_client().get("/login")
