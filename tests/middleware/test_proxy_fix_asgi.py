"""``ProxyFix`` on ASGI: the same headers, the same answers."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erlen import Erlen, request, websocket
from erlen.middleware.proxy_fix import ProxyFix

FORWARDED = [
    (b"host", b"inner:8000"),
    (b"x-forwarded-for", b"6.6.6.6, 9.9.9.9"),
    (b"x-forwarded-proto", b"https"),
    (b"x-forwarded-host", b"outer.example"),
    (b"x-forwarded-port", b"8443"),
    (b"x-forwarded-prefix", b"/app"),
]


def scope_of(headers: list[tuple[bytes, bytes]], kind: str = "http") -> dict[str, Any]:
    return {
        "type": kind,
        "scheme": "http" if kind == "http" else "ws",
        "client": ("10.0.0.1", 4242),
        "server": ("inner", 8000),
        "root_path": "",
        "path": "/",
        "headers": headers,
    }


def seen(scope: dict[str, Any], **trust: int) -> dict[str, Any]:
    scopes: list[dict[str, Any]] = []

    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        scopes.append(scope)

    asyncio.run(ProxyFix(app, **trust)(scope, None, lambda message: None))
    return scopes[0]


def test_by_default_one_proxy_tells_address_and_scheme() -> None:
    scope = seen(scope_of(FORWARDED))
    assert (scope["client"], scope["scheme"]) == (("9.9.9.9", 0), "https")
    assert (scope["server"], scope["root_path"]) == (("inner", 8000), "")
    assert scope["headers"] == FORWARDED


def test_everything_on_request_and_what_was_there_before() -> None:
    given = scope_of(FORWARDED)
    before = {**given, "headers": list(FORWARDED)}
    scope = seen(given, x_host=1, x_port=1, x_prefix=1)
    assert scope["server"] == ("outer.example", 8443)
    assert scope["headers"] == [(b"host", b"outer.example:8443"), *FORWARDED[1:]]
    assert scope["root_path"] == "/app"
    assert scope["erlen.proxy_fix.original"] == {
        key: before[key] for key in ("client", "scheme", "server", "root_path", "headers")
    }
    # The server's own scope is as it was.
    assert given == before


def test_websockets_have_schemes_of_their_own() -> None:
    assert seen(scope_of(FORWARDED, "websocket"))["scheme"] == "wss"


def test_the_start_of_the_server_passes() -> None:
    scope = {"type": "lifespan"}
    assert seen(scope) is scope


@pytest.mark.parametrize(
    ("count", "address"), [(0, "10.0.0.1"), (1, "9.9.9.9"), (2, "6.6.6.6"), (3, "10.0.0.1")]
)
def test_only_the_trusted_hops_count(count: int, address: str) -> None:
    assert seen(scope_of(FORWARDED), x_for=count)["client"][0] == address


def test_lines_of_one_name_are_one_list_and_underscores_are_another_name() -> None:
    headers = [
        (b"x-forwarded-for", b"6.6.6.6"),
        (b"x_forwarded_for", b"7.7.7.7"),
        (b"x-forwarded-for", b"9.9.9.9"),
    ]
    assert seen(scope_of(headers), x_for=1)["client"][0] == "9.9.9.9"
    assert seen(scope_of(headers), x_for=2)["client"][0] == "6.6.6.6"
    assert seen(scope_of(headers), x_for=3)["client"][0] == "10.0.0.1"


@pytest.mark.parametrize("port", [b"x", b"\xb2", b"99999999", b"-1", b"9" * 5000])
def test_a_port_that_is_none_leaves_the_servers(port: bytes) -> None:
    headers = [(b"host", b"inner"), (b"x-forwarded-port", port)]
    assert seen(scope_of(headers), x_port=1)["server"] == ("inner", 8000)


ENTRIES = st.lists(
    st.sampled_from(
        ["", " ", "1.1.1.1", '"', "http", "https", "a.example:81", "[::1]", "/p", "82"]
    ),
    max_size=4,
).map(",".join)
NAMES = ["for", "proto", "host", "port", "prefix"]


@given(
    st.fixed_dictionaries(dict.fromkeys(NAMES, ENTRIES)),
    st.lists(st.integers(0, 3), min_size=5, max_size=5),
)
def test_both_interfaces_agree(values: dict[str, str], counts: list[int]) -> None:
    trust = {f"x_{name}": count for name, count in zip(NAMES, counts, strict=True)}
    scope = scope_of(
        [(b"host", b"inner:8000")]
        + [(b"x-forwarded-" + name.encode(), value.encode()) for name, value in values.items()]
    )
    environ: dict[str, Any] = {
        "REMOTE_ADDR": "10.0.0.1",
        "wsgi.url_scheme": "http",
        "HTTP_HOST": "inner:8000",
        "SERVER_NAME": "inner",
        "SERVER_PORT": "8000",
        "SCRIPT_NAME": "",
        **{f"HTTP_X_FORWARDED_{name.upper()}": value for name, value in values.items()},
    }
    ProxyFix(lambda environ, start_response: [], **trust)(environ, None)
    fixed = seen(scope, **trust)
    assert fixed["client"][0] == environ["REMOTE_ADDR"]
    assert fixed["scheme"] == environ["wsgi.url_scheme"]
    assert dict(fixed["headers"])[b"host"].decode() == environ["HTTP_HOST"]
    assert fixed["root_path"] == environ["SCRIPT_NAME"]
    assert fixed["server"][0] == environ["SERVER_NAME"]
    if environ["SERVER_PORT"].isdigit():
        assert str(fixed["server"][1]) == environ["SERVER_PORT"]


def test_an_application_behind_a_proxy() -> None:
    app = Erlen(__name__)
    app.add_url_rule("/", "index", lambda: [request.remote_addr, request.url])

    @app.websocket("/socket")
    async def socket() -> None:
        await websocket.send(websocket.url)

    app.asgi_app = ProxyFix(app.asgi_app, x_host=1, x_prefix=1)  # type: ignore[method-assign]
    headers = [(key.decode(), value.decode()) for key, value in FORWARDED[1:]]

    async def ask() -> None:
        client = app.async_test_client()
        answer = await client.get("/", headers=headers)
        assert answer.json == ["9.9.9.9", "https://outer.example/app/"]
        async with client.websocket("/socket", headers=headers) as connection:
            assert await connection.receive() == "wss://outer.example/app/socket"

    asyncio.run(ask())


@pytest.mark.parametrize("wrapped", [["wsgi_app"], ["asgi_app"], ["wsgi_app", "asgi_app"]])
def test_what_wraps_either_interface_counts_once_on_asgi(wrapped: list[str]) -> None:
    app = Erlen(__name__)
    app.add_url_rule("/", "index", lambda: [request.remote_addr, request.url])
    for name in wrapped:
        setattr(app, name, ProxyFix(getattr(app, name), x_for=2, x_host=1, x_prefix=1))
    headers = [(key.decode(), value.decode()) for key, value in FORWARDED[1:]]

    async def ask() -> Any:
        client = app.async_test_client()
        return (await client.get("/", headers=headers)).json

    assert asyncio.run(ask()) == ["6.6.6.6", "https://outer.example/app/"]


def test_the_environment_says_what_was_before():
    """By the key that it has on WSGI, which others ask for."""
    app = Erlen("x")
    app.wsgi_app = ProxyFix(app.wsgi_app)

    @app.route("/")
    def index():
        return request.environ["werkzeug.proxy_fix.orig"]

    headers = {"X-Forwarded-For": "198.51.100.7", "X-Forwarded-Proto": "https"}
    ways = [
        app.test_client(interface=interface).get("/", headers=headers).json
        for interface in ("wsgi", "asgi")
    ]
    assert ways[0] == ways[1]
    assert ways[0]["REMOTE_ADDR"] == "127.0.0.1"
    assert ways[0]["wsgi.url_scheme"] == "http"
