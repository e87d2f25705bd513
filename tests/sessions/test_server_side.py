"""Server-side sessions."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from secrets import token_hex

import pytest

from erlen import Erlen, request, session
from erlen.sessions.redis_store import RedisStore
from erlen.sessions.server_side import ServerSideSessionInterface
from erlen.sessions.stores import MemoryStore, SQLiteStore

# A database of Redis that the tests may write to; each run has keys of its own.
REDIS = os.environ.get("ERLEN_TEST_REDIS", "redis://127.0.0.1:6379/9")


@pytest.fixture(params=["memory", "sqlite", "redis"])
def store(request, tmp_path, missing):
    if request.param == "memory":
        yield MemoryStore()
    elif request.param == "redis":
        try:
            import redis
        except ImportError:
            missing("The package redis is not installed")
        client = redis.Redis.from_url(REDIS, socket_timeout=5, socket_connect_timeout=1)
        try:
            client.ping()
        except redis.ConnectionError:
            missing(f"Redis does not answer at {REDIS} (ERLEN_TEST_REDIS names another)")
        prefix = f"erlen-test-{token_hex(8)}:"
        yield RedisStore(client, prefix)
        for key in client.scan_iter(f"{prefix}*"):
            client.delete(key)
        client.close()
    else:
        store = SQLiteStore(str(tmp_path / "sessions.db"))
        yield store
        store.close()


class Recorder:
    """A store that tells what it was asked."""

    def __init__(self, store):
        self.store = store
        self.calls = []

    def __getattr__(self, name):
        def call(*args):
            self.calls.append((name, args[0]))
            return getattr(self.store, name)(*args)

        return call


@pytest.fixture
def app(store):
    app = Erlen(__name__)
    app.session_interface = ServerSideSessionInterface(Recorder(store))

    @app.route("/set")
    def set_it():
        session.update(request.args)
        return ""

    @app.route("/get")
    def get_it():
        return dict(session)

    @app.route("/clear")
    def clear():
        session.clear()
        return ""

    @app.route("/login")
    def login():
        session.regenerate()
        session["user"] = "ada"
        return ""

    app.add_url_rule("/plain", "plain", lambda: "")
    return app


def test_the_client_keeps_an_id_alone(app):
    client = app.test_client()
    client.get("/set?user=ada")
    value = client.get_cookie("session").value
    assert len(value) == 43 and "ada" not in value
    assert client.get("/get").json == {"user": "ada"}


def test_typed_values_survive(app):
    @app.route("/typed")
    def typed():
        session["t"] = (1, b"x")
        return ""

    @app.route("/check")
    def check():
        return {"same": session["t"] == (1, b"x")}

    client = app.test_client()
    client.get("/typed")
    assert client.get("/check").json == {"same": True}


def test_nothing_is_stored_before_something_is_written(app):
    client = app.test_client()
    for path in ("/plain", "/get", "/clear"):
        client.get(path)
    assert [name for name, _ in app.session_interface.store.calls if name == "set"] == []


def test_log_in_gives_a_new_id_and_the_old_one_is_worthless(app):
    client = app.test_client()
    client.get("/set?cart=1")
    before = client.get_cookie("session").value
    client.get("/login")
    after = client.get_cookie("session").value
    assert before != after
    assert client.get("/get").json == {"cart": "1", "user": "ada"}
    thief = app.test_client()
    thief.set_cookie("session", before)
    assert thief.get("/get").json == {}


def test_log_out_deletes_the_row(app, store):
    client = app.test_client()
    client.get("/set?user=ada")
    key = f"{app.name}:{client.get_cookie('session').value}"
    assert store.get(key) is not None
    assert "Max-Age=0" in client.get("/clear").headers["Set-Cookie"]
    assert store.get(key) is None


def test_a_session_ends(app, store):
    app.permanent_session_lifetime = timedelta(seconds=0)
    client = app.test_client()
    client.get("/set?user=ada")
    assert client.get("/get").json == {}


def test_a_store_that_fails_is_an_error_and_not_an_anonymous_visitor(app):
    client = app.test_client()
    client.get("/set?user=ada")

    class Broken:
        def get(self, session_id, lifetime=None):
            raise OSError("the store is away")

    app.session_interface.store = Broken()
    assert client.get("/get").status_code == 500
    assert client.get("/plain").status_code == 200


def test_a_store_swaps_only_what_was_seen(store):
    assert store.swap("a", b"", b"1", 60) is False
    assert store.get("a") is None
    store.set("a", b"1", 60)
    assert store.swap("a", b"0", b"2", 60) is False
    assert store.get("a") == b"1"
    assert store.swap("a", b"1", b"2", 60) is True
    assert store.get("a") == b"2"
    assert store.swap("a", b"1", None, 60) is False
    assert store.swap("a", b"2", None, 60) is True
    assert store.get("a") is None
    store.set("a", b"", 60)
    assert store.get("a") == b""
    assert store.swap("a", b"", b"3", 60) is True
    store.set("a", b"3", 0)
    assert store.swap("a", b"3", b"4", 60) is False
    assert store.get("a") is None


def test_a_store_says_whether_it_forgot_something(store):
    assert store.delete("a") is False
    store.set("a", b"1", 60)
    assert store.delete("a") is True
    assert (store.delete("a"), store.get("a")) == (False, None)


def test_a_store_keeps_for_longer_what_is_asked_for(store):
    store.set("a", b"1", 1)
    store.set("b", b"1", 1)
    assert store.get("a", 60) == b"1"
    assert store.get("none", 60) is None
    time.sleep(1.1)
    assert (store.get("a"), store.get("b"), store.get("none")) == (b"1", None, None)


def test_the_memory_store_is_bounded():
    store = MemoryStore(most=2)
    for name in "abc":
        store.set(name, b"x", 60)
    assert store.get("a") is None
    assert store.get("c") == b"x"


class AwayFromRedis:
    """A client whose Redis is away."""

    def __getattr__(self, name):
        def call(*args, **options):
            raise ConnectionError("connection refused")

        return call


def test_without_redis_the_answer_is_503_and_pages_without_sessions_work(app):
    client = app.test_client()
    client.set_cookie("session", "x" * 43)
    app.session_interface.store = RedisStore(AwayFromRedis())
    assert client.get("/get").status_code == 503
    assert client.get("/clear").status_code == 503
    assert client.get("/plain").status_code == 200


def test_no_success_is_told_of_a_session_that_redis_did_not_take(app):
    app.session_interface.store = RedisStore(AwayFromRedis())
    response = app.test_client().get("/set?user=ada")
    assert response.status_code >= 500
    assert "Set-Cookie" not in response.headers
