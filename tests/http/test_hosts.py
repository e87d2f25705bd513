from __future__ import annotations

import pytest

from erlen.http import hosts
from erlen.http.exceptions import SecurityError
from erlen.http.hosts import (
    check_host,
    get_current_url,
    get_environ_host,
    get_host,
    host_is_trusted,
)

GOOD = ["a", "a.test", "A.Test", "a-b", "a_b", "127.0.0.1", "[::1]", "[::ffff:1.2.3.4]", "a.test."]
MALFORMED = [
    "a/?x",
    "u@h",
    "a.test:80@b.test",
    "a b",
    " a",
    "a\\b",
    "a#b",
    "a?b",
    "a:b",
    "a:b:c",
    "a%20b",
    "a<b>",
    'a"b',
    "a,b",
    "a;b",
    "a\n",
    "a\r\nX: y",
    "a\0",
    "a\t",
    "a\x7f",
    "a\u2028b",
    "a\uff0fb",
    "::1",
    "[::1",
    "[::1]x",
    "[z]",
    "[]",
    "[z:443]:8080",
    "a.test:0",
    "a.test:65536",
    "a.test:0443",
    "a.test:1_0",
    "a" * 256,
    ".",
    "..",
    ".a.test",
    "a..test",
]
# As servers hand over bytes beyond ASCII, and a name that one has decoded.
NO_ASCII = ["\xe9", "caf\xc3\xa9.test", "föö.test"]


@pytest.mark.parametrize("host", GOOD)
def test_well_formed(host: str) -> None:
    assert check_host(host)
    assert check_host(host)
    assert check_host(f"{host}:65535")
    assert get_host("http", host) == host
    assert get_host("http", f"{host}:80") == host
    assert get_host("https", f"{host}:443") == host
    assert get_host("http", f"{host}:8080") == f"{host}:8080"


def test_a_host_that_a_server_has_decoded() -> None:
    assert check_host("ąж.test:80")
    assert not check_host("ą ж.test")
    assert not check_host("ą" * 70)


@pytest.mark.parametrize("host", NO_ASCII)
def test_other_scripts_come_as_idna(host: str) -> None:
    assert not check_host(host)
    assert get_host("http", host) == ""
    assert check_host(host.encode("idna").decode())


@pytest.mark.parametrize("host", MALFORMED)
def test_malformed(host: str) -> None:
    assert not check_host(host)
    assert get_host("http", host) == ""
    assert not host_is_trusted(host, [])
    with pytest.raises(SecurityError):
        get_host("http", host, trusted_hosts=["a", "h", "b.test", "a.test", ".test"])


def test_an_empty_port_is_allowed_but_not_shown() -> None:
    assert check_host("a.test:")
    assert get_host("http", "a.test:") == ""


def test_known_hosts_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    known: set[str] = set()
    monkeypatch.setattr(hosts, "known_hosts", known)
    monkeypatch.setattr(hosts, "_MOST_KNOWN", 10)
    assert all(check_host(f"h{n}") for n in range(50))
    assert len(known) == 10
    assert not check_host("a b")
    assert "a b" not in known


@pytest.mark.parametrize(
    ("scheme", "server", "host"),
    [
        ("http", ("a", 80), "a"),
        ("https", ("a", 443), "a"),
        ("ws", ("a", 80), "a"),
        ("wss", ("a", 443), "a"),
        ("https", ("a", 80), "a:80"),
        ("http", ("a", 8080), "a:8080"),
        ("http", ("::1", 8080), "[::1]:8080"),
        ("http", ("[::1]", 80), "[::1]"),
        ("http", ("/run/app.sock", None), ""),
        ("http", ("a b", 80), ""),
        ("http", None, ""),
    ],
)
def test_without_a_header_the_server_counts(
    scheme: str, server: tuple[str, int | None] | None, host: str
) -> None:
    assert get_host(scheme, None, server) == host
    assert get_host(scheme, "header", server) == "header"


@pytest.mark.parametrize(
    ("trusted", "host", "expected"),
    [
        (["a.test"], "a.test", True),
        (["a.test"], "A.TEST:8080", True),
        (["A.test:80"], "a.test", True),
        ("a.test", "a.test", True),
        (["b", "a.test"], "a.test", True),
        ([".a.test"], "a.test", True),
        ([".a.test"], "x.y.a.test", True),
        ([".a.test"], "xa.test", False),
        (["a.test"], "x.a.test", False),
        (["a.test"], "aXtest", False),
        (["*.test", "*", "a|b", ".", ""], "a.test", False),
        (["."], "a.", False),
        (["[::1]"], "[::1]:80", True),
        (["föö.test"], "xn--f-1gaa.test", True),
        (["xn--f-1gaa.test"], "föö.test", True),
        (["ä" * 70, "a.test"], "a.test", True),
        (["a.test"], "ä" * 70, False),
        (["a.test"], "", False),
        (["a.test"], None, False),
        ([], "a.test", True),
    ],
)
def test_trust(trusted: list[str] | str, host: str | None, expected: bool) -> None:
    assert host_is_trusted(host, trusted) is expected


def test_the_error_shows_the_host_in_short() -> None:
    with pytest.raises(SecurityError, match=r"'evil\.test' is not trusted"):
        get_host("http", "evil.test", trusted_hosts=["a"])
    with pytest.raises(SecurityError) as caught:
        get_host("http", "<b>" * 1000, trusted_hosts=["a"])
    assert len(caught.value.get_body()) < 1000
    assert "<b>" not in caught.value.get_body()


def environ(**more: str) -> dict[str, str]:
    return {"wsgi.url_scheme": "http", "SERVER_NAME": "s", "SERVER_PORT": "81", **more}


def test_environ() -> None:
    assert get_environ_host(environ()) == "s:81"
    assert get_environ_host(environ(HTTP_HOST="a:80")) == "a"
    assert get_environ_host(environ(SERVER_PORT="x")) == ""
    assert get_environ_host({}) == ""
    # Only a middleware that was told how many proxies there are may trust this.
    assert get_environ_host(environ(HTTP_X_FORWARDED_HOST="evil")) == "s:81"
    with pytest.raises(SecurityError):
        get_environ_host(environ(HTTP_HOST="evil"), ["a"])


def test_current_url() -> None:
    env = environ(
        HTTP_HOST="xn--n3h.net",
        SCRIPT_NAME="/root",
        PATH_INFO="/p\xc3\xa5th/a b",
        QUERY_STRING="q=\xc3\xa8&r=%FF",
    )
    assert get_current_url(env) == "http://☃.net/root/påth/a%20b?q=è&r=%FF"
    assert get_current_url(env, strip_querystring=True) == "http://☃.net/root/påth/a%20b"
    assert get_current_url(env, root_only=True) == "http://☃.net/root/"
    assert get_current_url(env, host_only=True) == "http://☃.net/"
    with pytest.raises(SecurityError):
        get_current_url(env, trusted_hosts=["a"])


@pytest.mark.parametrize("host", ["a/?x", "u@h", "a#b", "//evil"])
def test_a_malformed_host_never_moves_the_path(host: str) -> None:
    assert get_current_url(environ(HTTP_HOST=host, PATH_INFO="/p")) == "http:///p"
