"""SECURITY 102, 103, 106 and 107: stores that are shared, poisoned, black-holed or locked."""

from __future__ import annotations

import json
import logging
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from secrets import token_hex

import pytest
from exchange import exchange
from exchange import request as http_request
from servers import Server

from erlen import Erlen, request, session, websocket
from erlen.protection.counters import MemoryCounters
from erlen.protection.rate_limits import RateLimits
from erlen.sessions.redis_client import limited
from erlen.sessions.redis_store import RedisStore
from erlen.sessions.server_side import ServerSideSessionInterface
from erlen.sessions.stores import MemoryStore, SessionsUnavailable, SQLiteStore


def make_app(store, name="shop", key=None, fallbacks=None, namespace=None):
    app = Erlen(name)
    app.secret_key = key
    app.config["SECRET_KEY_FALLBACKS"] = fallbacks
    app.session_interface = ServerSideSessionInterface(store, namespace)
    app.add_url_rule("/plain", "plain", lambda: "plain")
    app.add_url_rule("/get", "get", lambda: dict(session))
    app.add_url_rule("/set", "set", lambda: session.update(request.args) or "")
    app.add_url_rule("/clear", "clear", lambda: session.clear() or "")

    @app.route("/async-plain")
    async def async_plain():
        return "plain"

    @app.route("/async-get")
    async def async_get():
        return dict(session)

    @app.post("/keep")
    def keep():
        session["kept"] = request.get_json()
        return ""

    return app


# -- 102: applications of one name -------------------------------------------------------------


def test_102_applications_of_one_name_with_different_keys_never_share(interface, store):
    one, two = make_app(store, key="one"), make_app(store, key="two")
    client, other = one.test_client(), two.test_client()
    client.get("/set?user=ada")
    cookie = client.get_cookie("session").value
    for path in ("/get", "/set?user=eve", "/clear"):
        other.set_cookie("session", cookie)
        answer = other.get(path)
        assert "ada" not in answer.text
    assert client.get("/get").json == {"user": "ada"}


def test_102_a_new_key_takes_the_sessions_of_the_older_ones_along(interface, store):
    client = make_app(store, key="old").test_client()
    client.get("/set?user=ada")
    cookie = client.get_cookie("session").value
    app = make_app(store, key="new", fallbacks=["older", "", None, "old"])
    later = app.test_client()
    later.set_cookie("session", cookie)
    later.get("/set?b=2")
    assert later.get("/get").json == {"user": "ada", "b": "2"}
    later.get("/clear")
    assert client.get("/get").json == {}
    without = make_app(store, key="new").test_client()
    without.set_cookie("session", cookie)
    assert without.get("/get").json == {}


def test_102_processes_of_one_application_share(interface, store):
    client = make_app(store, key="one").test_client()
    client.get("/set?user=ada")
    other = make_app(store, key=b"one").test_client()
    other.set_cookie("session", client.get_cookie("session").value)
    assert other.get("/get").json == {"user": "ada"}


def test_102_the_key_is_not_in_the_store(store):
    class Recorder:
        asked = ""

        def __getattr__(self, name):
            def call(*args):
                Recorder.asked += repr(args)
                return getattr(store, name)(*args)

            return call

    client = make_app(Recorder(), key="a secret key").test_client()
    client.get("/set?user=ada")
    client.get("/get")
    assert "shop:" in Recorder.asked and "a secret key" not in Recorder.asked


def test_102_nor_do_their_rate_limits_share(interface):
    counters = MemoryCounters()
    for key in ("one", "two"):
        app = make_app(MemoryStore(), key=key)
        app.config["RATE_LIMIT_DEFAULT"] = "1 per day"
        RateLimits(app, counters)
        client = app.test_client()
        assert [client.get("/plain").status_code for _ in range(2)] == [200, 429]


# -- 103: what cannot be decoded, and what is too deep -------------------------------------------

ROWS = {
    "nothing of ours": b"\x80\x04K\x01.",
    "cut": b'{"user": "a',
    "no UTF-8": b"\xff\xfe\x00",
    "a list": b'["user"]',
    "a number": b"1",
    "no beginning": b'{"user": "ada"}',
    "another beginning": b'{"user": "ada", "_began": "yesterday"}',
    "deep": b'{"a":' * 100_000,
    "bad tag": b'{"a": {" u": "no uuid"}, "_began": 1}',
}


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_103_a_row_that_cannot_be_decoded_is_an_empty_session(interface, store, row, caplog):
    caplog.set_level(logging.WARNING)
    app = make_app(store)
    client = app.test_client()
    client.get("/set?user=ada")
    session_id = client.get_cookie("session").value
    store.set(f"shop:{session_id}", row, 60)
    for path in ("/get", "/async-get", "/get"):
        answer = client.get(path)
        assert (answer.status_code, answer.json) == (200, {})
    assert caplog.text.count("A stored session cannot be read") == 1
    # What is written begins a session with an id of its own.
    client.get("/set?user=bob")
    assert client.get_cookie("session").value != session_id
    assert client.get("/get").json == {"user": "bob"}


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_103_one_can_log_out_of_it(interface, store, row):
    app = make_app(store)
    client = app.test_client()
    client.get("/set?user=ada")
    session_id = client.get_cookie("session").value
    store.set(f"shop:{session_id}", row, 60)
    assert "Max-Age=0" in client.get("/clear").headers["Set-Cookie"]
    assert store.get(f"shop:{session_id}") is None


def test_103_nor_is_one_that_is_text(interface, tmp_path):
    path = str(tmp_path / "sessions.db")
    store = SQLiteStore(path)
    client = make_app(store).test_client()
    client.get("/set?user=ada")
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("UPDATE sessions SET data = 'text'")
    connection.close()
    assert client.get("/get").json == {}
    client.get("/set?user=bob")
    assert client.get("/get").json == {"user": "bob"}
    store.close()


def deep(kind, depth):
    opening, closing = {"list": ("[", "]"), "object": ('{"a":', "}"), "both": ('[{"a":', "}]")}[
        kind
    ]
    return opening * depth + "1" + closing * depth


@pytest.mark.parametrize("kind", ["list", "object", "both"])
@pytest.mark.parametrize("where", ["signed", "stored"])
def test_103_deep_json_in_a_session_is_400(interface, where, kind):
    app = make_app(MemoryStore(), key="key")
    if where == "signed":
        app.session_interface = Erlen.session_interface
    client = app.test_client()
    client.get("/set?user=ada")

    def keep(depth):
        return client.post(
            "/keep", data=deep(kind, depth), content_type="application/json"
        ).status_code

    most = 50 if kind == "both" else 100
    assert keep(most - 1) == 200
    # What was kept can be read.
    assert client.get("/get").json["user"] == "ada"
    assert json.dumps(client.get("/get").json["kept"]).replace(" ", "") == deep(kind, most - 1)
    for depth in (most + 1, 150, 200, 300, 400, 600, 900, 100_000):
        assert keep(depth) == 400
        assert client.get("/get").json["user"] == "ada"


def test_103_an_object_that_is_in_itself_is_400(interface):
    app = make_app(MemoryStore())

    @app.route("/cycle")
    def cycle():
        items = session["items"] = []
        items.append(items)
        return ""

    assert app.test_client().get("/cycle").status_code == 400


def test_103_a_cookie_that_cannot_be_decoded_is_an_empty_session(interface):
    app = make_app(MemoryStore(), key="key")
    app.session_interface = Erlen.session_interface
    signer = app.session_interface.get_signing_serializer(app)
    client = app.test_client()
    for content in (["a"], 1, None, "text"):
        client.set_cookie("session", signer.dumps(content))
        answer = client.get("/get")
        assert (answer.status_code, answer.json) == (200, {})


# -- 106: a Redis that never answers -------------------------------------------------------------

HOLE = """
import os, redis
from erlen import Erlen, session
from erlen.sessions.redis_client import limited
from erlen.sessions.redis_store import RedisStore
from erlen.sessions.server_side import ServerSideSessionInterface
port = int(os.environ["HOLE"])
client = {
    "port": lambda: redis.Redis(host="127.0.0.1", port=port),
    "url": lambda: redis.Redis.from_url(f"redis://127.0.0.1:{port}/0"),
    "patient": lambda: redis.Redis(host="127.0.0.1", port=port, socket_timeout=60),
    "pool": lambda: redis.Redis(
        connection_pool=redis.BlockingConnectionPool(host="127.0.0.1", port=port, max_connections=2)
    ),
}[os.environ["MADE"]]()
app = Erlen("hole")
app.session_interface = ServerSideSessionInterface(RedisStore(client))
app.add_url_rule("/get", "get", lambda: dict(session))
app.add_url_rule("/plain", "plain", lambda: "plain")

@app.route("/set")
def set_it():
    session["user"] = "ada"
    return "done"

@app.route("/async-get")
async def async_get():
    return dict(session)

@app.route("/async-plain")
async def async_plain():
    return "plain"
"""


@pytest.fixture
def hole():
    """A socket that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=512) as hole:
        yield hole.getsockname()[1]


def timed(port, path, cookie=True):
    began = time.monotonic()
    headers = {"Cookie": f"session={'a' * 43}"} if cookie else {}
    answer = exchange(port, http_request(path, headers=headers))
    return answer.status, time.monotonic() - began


def all_at_once(port, calls):
    """Send requests at once; their statuses and seconds."""
    found = [None] * len(calls)
    together = threading.Barrier(len(calls))

    def ask(number, call):
        together.wait()
        found[number] = timed(port, *call)

    threads = [threading.Thread(target=ask, args=one) for one in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


@pytest.mark.parametrize("way", ["asgi", "wsgi"])
@pytest.mark.parametrize("made", ["port", "url", "patient", "pool"])
def test_106_a_black_holed_redis_costs_only_those_who_need_a_session(way, made, hole, tmp_path):
    pytest.importorskip("redis")
    (tmp_path / "application.py").write_text(HOLE)
    environ = {"HOLE": str(hole), "MADE": made}
    with Server(way, tmp_path, "--workers", "1", environ=environ) as server:
        timed(server.port, "/plain", False)
        paths = ["/get", "/set", "/async-get"]
        for _ in range(2):
            found = all_at_once(server.port, [(paths[n % 3], n % 3 != 1) for n in range(64)])
            assert {status for status, _ in found} == {503}
            assert max(seconds for _, seconds in found) < 1
        # Beside them, pages that need no session, whatever cookie comes with them.
        plain = [("/plain", True), ("/async-plain", True), ("/plain", False)]
        found = all_at_once(server.port, [("/get", True)] * 20 + plain * 4)
        assert {status for status, _ in found[20:]} == {200}
        assert max(seconds for _, seconds in found[20:]) < 0.6
        assert "The Redis of the sessions failed" in server.log()


class Noting(MemoryStore):
    """Knows on which threads it was asked."""

    def __init__(self):
        super().__init__()
        self.threads = []

    def get(self, key, lifetime=None):
        self.threads.append(threading.current_thread().name)
        return super().get(key, lifetime)


def test_106_the_loop_does_not_wait_for_a_store():
    store = Noting()
    app = make_app(store)
    loops = set()

    @app.websocket("/ws")
    async def ws():
        loops.add(threading.current_thread().name)
        await websocket.send(session.get("user", "nobody"))

    @app.websocket("/ws-plain")
    async def ws_plain():
        await websocket.send("plain")

    @app.get("/on-loop")
    async def on_loop():
        loops.add(threading.current_thread().name)
        return session["user"]

    client = app.test_client(interface="asgi")
    client.get("/set?user=ada")

    def hear(path):
        with client.websocket(path) as one:
            return one.receive()

    # Whether a page uses its session is known when it has done so.
    assert client.get("/on-loop").text == hear("/ws") == "ada"
    store.threads.clear()
    for _ in range(3):
        assert client.get("/on-loop").text == hear("/ws") == "ada"
    assert len(store.threads) == 6
    assert loops.isdisjoint(store.threads)
    # Those that do not use it never ask for it.
    store.threads.clear()
    for _ in range(3):
        assert client.get("/async-plain").text == hear("/ws-plain") == "plain"
    assert store.threads == []


def test_106_it_recovers_unaided(redis_client):
    import redis

    store = RedisStore(redis_client, f"erlen-test-{token_hex(8)}:")
    store.set("a", b"1", 5)
    working = store._client
    with socket.create_server(("127.0.0.1", 0)) as hole:
        away = limited(redis.Redis(host="127.0.0.1", port=hole.getsockname()[1]), 0.1)
        store._client = away
        for _ in range(3):
            with pytest.raises(SessionsUnavailable):
                store.get("a")
        away.close()
    store._client = working
    # It is left alone for a moment, and then one asks for all.
    with pytest.raises(SessionsUnavailable):
        store.get("a")
    time.sleep(1.1)
    assert store.get("a") == b"1"
    assert store.get("a") == b"1"
    # A connection that was lost while nobody used it is made anew.
    for connection in working.connection_pool._available_connections:
        connection._sock.shutdown(socket.SHUT_RDWR)
    assert store.get("a") == b"1"
    store.delete("a")


def test_106_a_redis_that_refuses_is_not_away(redis_client):
    prefix = f"erlen-test-{token_hex(8)}:"
    store = RedisStore(redis_client, prefix)
    redis_client.rpush(f"{prefix}list", "x")
    redis_client.expire(f"{prefix}list", 5)
    with pytest.raises(SessionsUnavailable):
        store.get("list")
    assert store.get("a") is None


# -- 107: SQLite that another process has locked --------------------------------------------------

LOCK = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def locked(tmp_path):
    """Begins to hold the file of a store in another process."""
    holders = []

    def lock(path):
        holder = subprocess.Popen(
            [sys.executable, "-c", LOCK, path],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        holders.append(holder)
        assert holder.stdout.readline() == "locked\n"
        return holder

    yield lock
    for holder in holders:
        holder.kill()
        holder.communicate()


def test_107_writes_to_a_locked_file_are_503_and_reading_goes_on(interface, tmp_path, locked):
    path = str(tmp_path / "sessions.db")
    store = SQLiteStore(path)
    app = make_app(store)
    app.config["SESSION_IDLE_TIMEOUT"] = 3600
    client = app.test_client()
    client.get("/set?user=ada")
    cookie = client.get_cookie("session").value
    holder = locked(path)
    slowest, found = [], []
    stop = threading.Event()

    def read():
        one = app.test_client()
        one.set_cookie("session", cookie)
        while not stop.is_set():
            began = time.monotonic()
            found.append(one.get("/get").json)
            slowest.append(time.monotonic() - began)

    reader = threading.Thread(target=read)
    reader.start()
    writers = []

    def write():
        one = app.test_client()
        one.set_cookie("session", cookie)
        began = time.monotonic()
        writers.append((one.get("/set?b=2").status_code, time.monotonic() - began))

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # Those that come now do not wait at all.
    began = time.monotonic()
    answer = client.get("/set?b=2")
    assert (answer.status_code, "Set-Cookie" in answer.headers) == (503, False)
    assert time.monotonic() - began < 0.4
    stop.set()
    reader.join()
    assert {status for status, _ in writers} == {503}
    assert max(seconds for _, seconds in writers) < 1.5
    assert {"user": "ada"} in found and all(one == {"user": "ada"} for one in found)
    assert max(slowest) < 0.5
    holder.communicate("")
    time.sleep(1.1)
    assert client.get("/set?b=2").status_code == 200
    assert client.get("/get").json == {"user": "ada", "b": "2"}
    store.close()


def test_107_reading_starts_while_it_is_locked(tmp_path, locked):
    path = str(tmp_path / "sessions.db")
    first = SQLiteStore(path)
    first.set("a", b"1", 60)
    locked(path)
    # As in a worker that has just been started.
    second = SQLiteStore(path)
    assert second.get("a") == b"1"
    first.close()
    second.close()


def test_107_connections_are_few_and_closed(tmp_path):
    path = str(tmp_path / "sessions.db")
    store = SQLiteStore(path)

    def use():
        for number in range(50):
            store.set(f"{number}", b"1", 60)
            assert store.get(f"{number}") == b"1"

    threads = [threading.Thread(target=use) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 1 <= len(store._free) <= 6
    store.close()
    assert store.get("1") == b"1"
    store.close()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
