"""SECURITY 99 and 108 to 112: keys, addresses, methods and clocks that would lift a rate limit."""

from __future__ import annotations

import gc
import time
import tracemalloc
from dataclasses import dataclass
from secrets import token_hex
from uuid import UUID

import pytest

import erlen.protection.counters as counters_module
from erlen import Blueprint, Erlen, request, websocket
from erlen.middleware.proxy_fix import ProxyFix
from erlen.protection.counters import MemoryCounters, RedisCounters
from erlen.protection.preset import secure
from erlen.protection.rate_limits import RateLimits, client_address
from erlen.protection.rates import Rate
from erlen.testing.websocket import WebsocketRefused


@pytest.fixture
def app(interface):
    app = Erlen("limits")
    app.limits = RateLimits(app)
    app.add_url_rule("/", "index", lambda: "", methods=["GET", "POST"])
    return app


def statuses(client, times, path="/", address="198.51.100.1", method="GET", **headers):
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return [
        client.open(
            path,
            method=method,
            headers=headers,
            environ_overrides={"REMOTE_ADDR": address},
        ).status_code
        for _ in range(times)
    ]


# -- 99: keys of any length ----------------------------------------------------------------------


@pytest.mark.parametrize("source", ["by", "address"])
def test_99_long_keys_leave_memory_flat(app, source):
    if source == "by":
        limit = app.limits.limit("1 per day", by=lambda: request.headers["X-Key"])
    else:
        limit = app.limits.limit("1 per day")
    app.add_url_rule("/limited", "limited", limit(lambda: ""))
    client = app.test_client()

    def ask(number):
        text = f"{number}x" * (490_000 // len(f"{number}x"))
        if source == "by":
            return statuses(client, 1, "/limited", X_Key=text)
        return statuses(client, 1, "/limited", address=text)

    ask(0)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for number in range(1, 400):
            assert ask(number) == [200]
        gc.collect()
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    # 400 of them are 196 MB.
    assert grown < 2_000_000
    # And each is counted, to its last character.
    assert ask(7) == [429]


# -- 108: addresses ------------------------------------------------------------------------------

ONE_CLIENT = [
    ["203.0.113.9", "203.0.113.9:1001", "203.0.113.9:65535", "::ffff:203.0.113.9",
     "[::ffff:203.0.113.9]:80", " 203.0.113.9 "],
    ["2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:443", "2001:DB8:0:0::1", "2001:db8::ffff",
     "[2001:db8::1%25eth0]:443"],
    ["fe80::1", "fe80::1%eth0", "fe80::1%2", "[fe80::1%eth0]", "[fe80::1%eth0]:8080"],
]  # fmt: skip


@pytest.mark.parametrize("writings", ONE_CLIENT)
@pytest.mark.parametrize("way", ["server", "proxy"])
def test_108_one_client_has_one_limit_however_its_address_is_written(app, writings, way):
    app.config["RATE_LIMIT_DEFAULT"] = "1 per day"
    if way == "proxy":
        app.wsgi_app = ProxyFix(app.wsgi_app)
    client = app.test_client()
    found = []
    for text in writings:
        if way == "proxy":
            found += statuses(client, 1, address="10.0.0.1", X_Forwarded_For=f"1.1.1.1, {text}")
        else:
            found += statuses(client, 1, address=text)
    assert found == [200] + [429] * (len(writings) - 1)
    assert statuses(client, 1, address="203.0.113.10:1001") == [200]


@pytest.mark.parametrize(
    "text", ["", "unix:", "unknown", "[", "[]", "::", ":", "1.2.3.4.5:1", "[::1", "%", "x" * 10_000]
)
def test_108_what_is_no_address_is_a_client_all_the_same(app, text):
    app.config["RATE_LIMIT_DEFAULT"] = "1 per day"
    assert statuses(app.test_client(), 2, address=text) == [200, 429]
    with app.test_request_context(environ_overrides={"REMOTE_ADDR": text}):
        assert isinstance(client_address(), str)


# -- 109: methods, endpoints, keys ---------------------------------------------------------------


@pytest.mark.parametrize("methods", [None, ["GET"], ["get", "POST"], ["HEAD"]])
def test_109_head_counts_as_get(app, methods):
    app.add_url_rule("/a", "a", app.limits.limit("2 per day", methods=methods)(lambda: ""))
    client = app.test_client()
    asked = [statuses(client, 1, "/a", method=method)[0] for method in ("HEAD", "HEAD", "HEAD")]
    assert asked == [200, 200, 429]
    if methods != ["HEAD"]:
        assert statuses(client, 1, "/a") == [429]


def test_109_an_endpoint_that_is_called_static_is_counted(app):
    app.config["RATE_LIMIT_DEFAULT"] = "1 per day"
    app.add_url_rule("/x", "x.static", lambda: "")
    app.add_url_rule("/y", "astatic", lambda: "")
    blueprint = Blueprint("b", __name__, url_prefix="/b")
    blueprint.add_url_rule("/z", "static", lambda: "")
    app.register_blueprint(blueprint)
    client = app.test_client()
    for number, path in enumerate(("/x", "/y", "/b/z")):
        assert statuses(client, 2, path, address=f"198.51.100.{number}") == [200, 429]
    # Files that are served from a folder are not.
    assert statuses(client, 3, "/static/missing") == [404] * 3


def test_109_an_application_without_static_files_may_call_a_page_so(interface):
    app = Erlen("limits", static_folder=None)
    RateLimits(app)
    app.config["RATE_LIMIT_DEFAULT"] = "1 per day"
    app.add_url_rule("/", "static", lambda: "")
    assert statuses(app.test_client(), 2) == [200, 429]


@dataclass(frozen=True)
class Tenant:
    number: int


KEYS = [
    1, 1.5, True, "1", "True", "", b"1", (1, "a"), ("1", "a"), UUID(int=1), Tenant(1), Tenant(2),
    frozenset({1}), "int1", "\ud800", "\udc80", 0, -1,
]  # fmt: skip


def test_109_keys_of_any_type_work_and_differ(app):
    key = None
    app.add_url_rule("/a", "a", app.limits.limit("1 per day", by=lambda: key)(lambda: ""))
    client = app.test_client()
    for one in KEYS:
        key = one
        assert statuses(client, 2, "/a") == [200, 429], one
    key = None
    assert statuses(client, 3, "/a") == [200] * 3


def test_109_a_key_that_is_another_one_each_time_is_an_error(app):
    app.testing = True
    app.add_url_rule("/a", "a", app.limits.limit("1 per day", by=lambda: object())(lambda: ""))
    with pytest.raises(TypeError, match="such as the id of a user"):
        app.test_client().get("/a")


# -- 110: headers --------------------------------------------------------------------------------

HEADERS = {
    "X-Forwarded-For": ["198.51.100.7", "", "x"],
    "Forwarded": ["for=198.51.100.7"],
    "X-Real-IP": ["198.51.100.7"],
    "X-HTTP-Method-Override": ["OPTIONS"],
    "Origin": ["https://a.example"],
    "X-Forwarded-Host": ["static"],
}


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "192.168.1.7", "::1", "fd00::1",
                                     "10.0.0.1:99", "", "unix:", "8.8.8.8"])  # fmt: skip
def test_110_no_header_lifts_the_limit_of_a_near_client(app, address):
    app.config["RATE_LIMIT_DEFAULT"] = "1 per day"
    client = app.test_client()
    assert statuses(client, 1, address=address) == [200]
    for name, values in HEADERS.items():
        for value in values:
            assert statuses(client, 1, address=address, **{name: value}) == [429], name


# -- 111: WebSockets -----------------------------------------------------------------------------


@pytest.fixture
def sockets():
    app = Erlen("sockets")
    app.seen = []
    app.limits = RateLimits(app)

    @app.websocket("/ws")
    async def ws():
        app.seen.append(1)
        await websocket.accept()
        await websocket.send("hello")

    app.add_url_rule("/", "index", lambda: "")
    return app


def shake_hands(app, path="/ws"):
    """The first message, or the answer that refused the handshake."""
    try:
        with app.test_client(interface="asgi").websocket(path) as one:
            return one.receive()
    except WebsocketRefused as refused:
        return refused


@pytest.mark.parametrize("counts_in", ["memory", "redis"])
def test_111_handshakes_count_and_the_one_too_many_is_429_before_accept(
    sockets, counts_in, request
):
    if counts_in == "redis":
        client = request.getfixturevalue("redis_client")
        sockets.limits._given = RedisCounters(client=client, prefix=f"erlen-test-{token_hex(8)}")
    sockets.config["RATE_LIMIT_DEFAULT"] = "3 per day"
    assert [shake_hands(sockets) for _ in range(2)] == ["hello", "hello"]
    # Pages and sockets share it.
    assert sockets.test_client().get("/").status_code == 200
    refused = shake_hands(sockets)
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    assert refused.headers["RateLimit-Policy"] == '"rate";q=3;w=86400'
    assert len(sockets.seen) == 2
    assert sockets.test_client().get("/").status_code == 429
    if counts_in == "redis":
        sockets.limits._given._script.registered_client.close()


def test_111_a_socket_has_limits_of_its_own(sockets):
    view = sockets.view_functions["ws"]
    sockets.limits.limit("1 per day", methods=["GET"])(view)
    sockets.limits.limit("5 per day", by=lambda: websocket.args.get("user"))(view)
    assert shake_hands(sockets) == "hello"
    assert shake_hands(sockets).status_code == 429


def test_111_a_socket_can_be_exempt_and_the_preset_counts_it(sockets):
    sockets.config["RATE_LIMIT_DEFAULT"] = "1 per day"
    sockets.limits.exempt("ws")
    assert [shake_hands(sockets) for _ in range(3)] == ["hello"] * 3
    app = Erlen("preset")
    secure(app)
    app.config["RATE_LIMIT_DEFAULT"] = "1 per day"

    @app.websocket("/ws")
    async def ws():
        await websocket.send("hello")

    assert shake_hands(app) == "hello"
    assert shake_hands(app).status_code == 429


def test_111_unknown_sockets_count_too(sockets):
    sockets.config["RATE_LIMIT_DEFAULT"] = "1 per day"
    assert shake_hands(sockets, "/nowhere").status_code == 404
    assert shake_hands(sockets, "/nowhere").status_code == 429


# -- 112: clocks ---------------------------------------------------------------------------------


@pytest.mark.parametrize("jump", [-3_600, 3_600, -10 * 86_400])
def test_112_a_wall_clock_that_jumps_changes_nothing(monkeypatch, jump):
    counters, rate = MemoryCounters(), Rate(5, 60)
    assert [counters.count("a", rate).is_allowed for _ in range(5)] == [True] * 5
    wall = time.time
    monkeypatch.setattr(time, "time", lambda: wall() + jump)
    monkeypatch.setattr(counters_module, "time", lambda: wall() + jump, raising=False)
    verdict = counters.count("a", rate)
    assert not verdict.is_allowed
    assert verdict.wait <= 120


def test_112_a_redis_whose_clock_was_set_back_keeps_what_it_counted(redis_client):
    prefix = f"erlen-test-{token_hex(8)}"
    counters, rate = RedisCounters(client=redis_client, prefix=prefix), Rate(5, 3_600)
    assert [counters.count("a", rate).remaining for _ in range(3)] == [4, 3, 2]
    # As if it had been counted before the clock went back by some hours.
    name = f"{prefix}:a:5/3600"
    redis_client.hincrby(name, "w", 3)
    assert [counters.count("a", rate).is_allowed for _ in range(3)] == [True, True, False]
    verdict = counters.count("a", rate)
    assert (verdict.is_allowed, verdict.wait <= 7_200) == (False, True)
    redis_client.delete(name)
    counters._script.registered_client.close()


def test_112_sessions_in_memory_do_not_look_at_the_wall_either(monkeypatch):
    from erlen.sessions.stores import MemoryStore

    store = MemoryStore()
    store.set("a", b"1", 60)
    wall = time.time
    for jump in (-3_600, 3_600):
        monkeypatch.setattr("erlen.sessions.stores.time", lambda jump=jump: wall() + jump)
        assert store.get("a") == b"1"
