"""Cases 62 and 66 to 68: session ids, rows that nobody asked for, and stores that are shared or
poisoned."""

from __future__ import annotations

import pickle
import re
import threading

import itsdangerous
import pytest

from erlen import Erlen, get_flashed_messages, request, session
from erlen.sessions.server_side import ServerSideSessionInterface
from erlen.sessions.stores import MemoryStore, SQLiteStore


def case(name, *values):
    return pytest.param(*values, id=f"case-{name}")


each_store = pytest.mark.parametrize("store", ["memory", "sqlite"], indirect=True)


@pytest.fixture
def store(request, tmp_path):
    if request.param == "memory":
        yield MemoryStore()
    else:
        store = SQLiteStore(str(tmp_path / "sessions.db"))
        yield store
        store.close()


# -- 62: ids that look like paths --------------------------------------------------------


class Recorder:
    """A store that remembers the ids that it was asked for."""

    def __init__(self, store):
        self.store = store
        self.asked = set()

    def __getattr__(self, name):
        def call(session_id, *args):
            self.asked.add(session_id)
            return getattr(self.store, name)(session_id, *args)

        return call


PLANTED = {
    "path": "../x",
    "absolute-path": "/etc/passwd",
    "encoded-path": "..%2f..%2fx",
    "path-of-the-right-length": ("../" * 15)[:43],
    "dots": "." * 43,
    "nul": "a\0" + "b" * 41,
    "line-end": "a" * 42 + "\n",
    "line-end-behind": "a" * 43 + "\n",
    "unknown": "a" * 43,
    "empty": "",
    "short": "a" * 42,
    "long": "a" * 10_000,
    "letters-of-other-scripts": "ä" * 43,
    "digits-of-other-scripts": "\u0661" * 43,
    "sql": "' OR 1=1 --",
    "star": "*",
    "redis-command": "x\r\nFLUSHALL\r\n",
    "separator": "a" * 20 + ":" + "b" * 22,
    "signed": "eyJ1c2VyIjoiYWRhIn0.Z0000A.abcdefghijklmnopqrst",
}


@pytest.mark.parametrize("store", ["memory", "sqlite"], indirect=True)
@pytest.mark.parametrize("planted", [case(f"62-{n}", text) for n, text in PLANTED.items()])
def test_a_session_id_of_the_clients_choice_is_never_used(store, planted):
    recorder = Recorder(store)
    app = Erlen("shop")
    app.session_interface = ServerSideSessionInterface(recorder)
    app.add_url_rule("/get", "get", lambda: dict(session))
    app.add_url_rule("/set", "set", lambda: session.update(user="ada") or "")
    client = app.test_client()
    client.set_cookie("session", planted)
    assert client.get("/get").json == {}
    client.get("/set")
    given = client.get_cookie("session").value
    assert given != planted
    # Nothing but ids of Erlen's own form reaches the store.
    assert all(key.startswith("shop:") and len(key) == 5 + 43 for key in recorder.asked)
    assert client.get("/get").json == {"user": "ada"}


# -- 66: rows that nobody asked for ------------------------------------------------------


class Counter:
    """A store that counts what is written to it."""

    def __init__(self, store):
        self.store = store
        self.writes = 0

    def get(self, key, lifetime=None):
        return self.store.get(key, lifetime)

    def set(self, key, data, lifetime):
        self.writes += 1
        self.store.set(key, data, lifetime)

    def swap(self, key, seen, data, lifetime):
        changed = self.store.swap(key, seen, data, lifetime)
        self.writes += changed and data is not None
        return changed

    def delete(self, key):
        return self.store.delete(key)


@pytest.fixture
def counted(store):
    app = Erlen("counted")
    app.config["PERMANENT_SESSION_LIFETIME"] = 3600
    app.session_interface = ServerSideSessionInterface(Counter(store))
    app.add_url_rule("/plain", "plain", lambda: "")
    app.add_url_rule("/read", "read", lambda: dict(session))
    app.add_url_rule("/in", "in", lambda: str("a" in session))
    app.add_url_rule("/pop", "pop", lambda: session.pop("a", ""))
    app.add_url_rule("/clear", "clear", lambda: session.clear() or "")
    app.add_url_rule("/logout", "logout", lambda: session.clear() or session.regenerate() or "")
    app.add_url_rule("/regenerate", "regenerate", lambda: session.regenerate() or "")
    app.add_url_rule("/flashes", "flashes", lambda: str(get_flashed_messages()))
    app.add_url_rule("/set", "set", lambda: session.update(a=1) or "")
    return app


@each_store
@pytest.mark.parametrize(
    "path",
    ["/plain", "/read", "/in", "/pop", "/clear", "/logout", "/regenerate", "/flashes", "/missing"],
)
@pytest.mark.parametrize(
    "cookie",
    [
        case("66-no-cookie", None),
        case("66-unknown-id", "a" * 43),
        case("66-empty-id", ""),
        case("66-malformed-id", "../x"),
    ],
)
def test_no_row_is_made_for_an_empty_session(counted, cookie, path):
    for _ in range(3):
        client = counted.test_client()
        if cookie is not None:
            client.set_cookie("session", cookie)
        response = client.get(path)
        # Neither a row nor an id that would be unknown the next time.
        assert not re.search("session=[^;]", response.headers.get("Set-Cookie", ""))
    assert counted.session_interface.store.writes == 0


@each_store
@pytest.mark.parametrize("path", [case("66-clear", "/clear"), case("66-logout", "/logout")])
def test_after_log_out_there_is_no_row(counted, store, path):
    client = counted.test_client()
    client.get("/set")
    session_id = client.get_cookie("session").value
    assert counted.session_interface.store.writes == 1
    response = client.get(path)
    assert "Max-Age=0" in response.headers["Set-Cookie"]
    assert client.get_cookie("session") is None
    assert store.get(f"counted:{session_id}") is None
    # The old id is worth nothing, and is not taken over.
    client.set_cookie("session", session_id)
    assert client.get("/read").json == {}
    client.get("/set")
    assert client.get_cookie("session").value != session_id
    assert counted.session_interface.store.writes == 2


@each_store
@pytest.mark.parametrize("end", [case("66-logout-meanwhile", "/logout")])
def test_a_log_out_lasts_when_another_request_still_runs(counted, store, end):
    read_it, go_on = threading.Event(), threading.Event()

    @counted.route("/slow")
    def slow():
        session["a"] = session["a"] + 1
        read_it.set()
        assert go_on.wait(10)
        return ""

    client, other = counted.test_client(), counted.test_client()
    client.get("/set")
    session_id = client.get_cookie("session").value
    other.set_cookie("session", session_id)
    responses = []
    thread = threading.Thread(target=lambda: responses.append(other.get("/slow")))
    thread.start()
    assert read_it.wait(10)
    client.get(end)
    go_on.set()
    thread.join(10)
    # Nor does the late answer touch the cookie, which may be another session's by now.
    assert "Set-Cookie" not in responses[0].headers
    assert store.get(f"counted:{session_id}") is None


# -- 67: applications that share a store -------------------------------------------------


def keeper(name, store, namespace=None):
    app = Erlen(name)
    app.session_interface = ServerSideSessionInterface(store, namespace)
    app.add_url_rule("/get", "get", lambda: dict(session))
    app.add_url_rule("/set", "set", lambda: session.update(request.args) or "")
    app.add_url_rule("/clear", "clear", lambda: session.clear() or "")
    return app


@each_store
@pytest.mark.parametrize(
    ("first", "second", "shared"),
    [
        case("67-two-applications", ("shop", None), ("admin", None), False),
        case("67-two-namespaces", ("app", "shop"), ("app", "admin"), False),
        case("67-prefix", ("shop", None), ("shop2", None), False),
        case("67-separator", ("app", "shop"), ("app", "shop:"), False),
        case("67-empty-namespace", ("app", ""), ("app", None), False),
        case("67-same-name", ("shop", None), ("shop", None), True),
        case("67-same-namespace", ("shop", "both"), ("admin", "both"), True),
    ],
)
def test_applications_that_share_a_store_are_kept_apart(store, first, second, shared):
    one = keeper(first[0], store, first[1])
    two = keeper(second[0], store, second[1])
    client = one.test_client()
    client.get("/set?user=ada")
    session_id = client.get_cookie("session").value
    other = two.test_client()
    other.set_cookie("session", session_id)
    assert other.get("/get").json == ({"user": "ada"} if shared else {})
    # Nor does one end the other's.
    other.set_cookie("session", session_id)
    other.get("/clear")
    assert client.get("/get").json == ({} if shared else {"user": "ada"})


# -- 68: a store that somebody else has written to ---------------------------------------


class Bomb:
    exploded = False

    def __reduce__(self):
        return setattr, (Bomb, "exploded", True)


POISON = {
    "pickle": pickle.dumps(Bomb()),
    "pickle-0": pickle.dumps(Bomb(), protocol=0),
    "pickle-of-a-dict": pickle.dumps({"user": Bomb()}),
    "pickle-in-json": b'{"user": "'
    + pickle.dumps(Bomb(), protocol=0).replace(b"\n", b"\\n")
    + b'"}',
    "python": b"__import__('os').abort()",
    "yaml": b"!!python/object/apply:os.abort []",
    "marshal": b"\xe3\x00\x00\x00",
    "empty": b"",
    "cut": b'{"user": "a',
    "not-utf-8": b"\xff\xfe\x00",
    "list": b'["user", "admin"]',
    "number": b"1",
    "null": b"null",
    "deep": b"[" * 100_000,
    "unknown-tag": b'{" p": "x"}',
    "bad-tag": b'{" u": "no uuid"}',
    "bad-date": b'{" d": "yesterday"}',
    "bad-bytes": b'{"a": {" b": "\xc3\xa9"}}',
}


@each_store
@pytest.mark.parametrize("poison", [case(f"68-{n}", data) for n, data in POISON.items()])
def test_a_poisoned_row_is_never_unpickled(store, poison, caplog):
    app = keeper("shop", store)
    app.add_url_rule("/plain", "plain", lambda: "plain")
    client = app.test_client()
    client.get("/set?user=ada")
    key = f"shop:{client.get_cookie('session').value}"
    store.set(key, poison, 60)
    response = client.get("/get")
    assert Bomb.exploded is False
    # An error or an object that is only data, and never somebody's session.
    assert response.status_code == 500 or "admin" not in str(response.json)
    assert client.get("/plain").status_code == 200


@pytest.mark.parametrize("poison", [case(f"68-cookie-{n}", data) for n, data in POISON.items()])
def test_a_signed_cookie_is_never_unpickled(poison):
    app = Erlen("signed")
    app.secret_key = "key"
    app.add_url_rule("/get", "get", lambda: dict(session))
    signer = app.session_interface.get_signing_serializer(app).make_signer("cookie-session")
    payload = itsdangerous.base64_encode(poison)
    client = app.test_client()
    client.set_cookie("session", signer.sign(payload).decode())
    response = client.get("/get")
    assert Bomb.exploded is False
    assert response.status_code in (200, 500)
