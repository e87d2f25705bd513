from __future__ import annotations

from typing import Any

import pytest

from erlen.middleware.proxy_fix import ProxyFix

FORWARDED = {
    "REMOTE_ADDR": "10.0.0.1",
    "wsgi.url_scheme": "http",
    "HTTP_HOST": "inner:8000",
    "SERVER_NAME": "inner",
    "SERVER_PORT": "8000",
    "SCRIPT_NAME": "",
    "HTTP_X_FORWARDED_FOR": "6.6.6.6, 9.9.9.9",
    "HTTP_X_FORWARDED_PROTO": "https",
    "HTTP_X_FORWARDED_HOST": "outer.example",
    "HTTP_X_FORWARDED_PORT": "8443",
    "HTTP_X_FORWARDED_PREFIX": "/app",
}


def seen(environ: dict[str, Any], **trust: int) -> dict[str, Any]:
    environs: list[dict[str, Any]] = []

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        environs.append(environ)
        return []

    ProxyFix(app, **trust)(dict(environ), None)
    return environs[0]


def test_by_default_one_proxy_tells_address_and_scheme() -> None:
    environ = seen(FORWARDED)
    assert environ["REMOTE_ADDR"] == "9.9.9.9"
    assert environ["wsgi.url_scheme"] == "https"
    assert environ["HTTP_HOST"] == "inner:8000"
    assert environ["SCRIPT_NAME"] == ""


def test_everything_on_request() -> None:
    environ = seen(FORWARDED, x_for=1, x_proto=1, x_host=1, x_port=1, x_prefix=1)
    assert environ["HTTP_HOST"] == "outer.example:8443"
    assert (environ["SERVER_NAME"], environ["SERVER_PORT"]) == ("outer.example", "8443")
    assert environ["SCRIPT_NAME"] == "/app"
    assert environ["werkzeug.proxy_fix.orig"] == {
        "REMOTE_ADDR": "10.0.0.1",
        "wsgi.url_scheme": "http",
        "HTTP_HOST": "inner:8000",
        "SERVER_NAME": "inner",
        "SERVER_PORT": "8000",
        "SCRIPT_NAME": "",
    }


@pytest.mark.parametrize(
    ("count", "address"), [(0, "10.0.0.1"), (1, "9.9.9.9"), (2, "6.6.6.6"), (3, "10.0.0.1")]
)
def test_only_the_trusted_hops_count(count: int, address: str) -> None:
    assert seen(FORWARDED, x_for=count)["REMOTE_ADDR"] == address


@pytest.mark.parametrize(
    "forged", ["", ", ", "9.9.9.9", ", 9.9.9.9"], ids=["empty", "comma", "few", "empty entry"]
)
def test_what_is_empty_or_too_short_is_ignored(forged: str) -> None:
    environ = {**FORWARDED, "HTTP_X_FORWARDED_FOR": forged}
    assert seen(environ, x_for=2)["REMOTE_ADDR"] == "10.0.0.1"


@pytest.mark.parametrize(
    ("host", "port", "expected", "name"),
    [
        ("outer:81", None, "outer:81", "outer"),
        ("[2001:db8::a]", "82", "[2001:db8::a]:82", "[2001:db8::a]"),
        ("[2001:db8::a]:81", "82", "[2001:db8::a]:82", "[2001:db8::a]"),
    ],
)
def test_hosts_and_ports(host: str, port: str | None, expected: str, name: str) -> None:
    environ = {**FORWARDED, "HTTP_X_FORWARDED_HOST": host}
    if port is None:
        del environ["HTTP_X_FORWARDED_PORT"]
    else:
        environ["HTTP_X_FORWARDED_PORT"] = port
    fixed = seen(environ, x_host=1, x_port=1)
    assert (fixed["HTTP_HOST"], fixed["SERVER_NAME"]) == (expected, name)
    assert fixed["SERVER_PORT"] == expected.rpartition(":")[2]
