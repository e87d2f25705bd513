"""Cases 46 to 49: which host a request was sent to, and who sent it."""

from __future__ import annotations

import pytest

from erlen import Erlen, request, url_for
from erlen.middleware.proxy_fix import ProxyFix


def case(name, *values):
    return pytest.param(*values, id=f"case-{name}")


@pytest.fixture
def mirror():
    """Tells what the request looks like from inside."""
    app = Erlen(__name__)

    def tell():
        return {
            "path": request.path,
            "host": request.host,
            "url": request.url,
            "address": request.remote_addr,
            "link": url_for("tell", rest="a", _external=True),
        }

    app.add_url_rule("/<path:rest>", "tell", lambda rest: tell())
    app.add_url_rule("/static-path", "static_path", tell)
    return app


MALFORMED_HOSTS = {
    "path": "a/?x",
    "path-and-slash": "localhost/admin",
    "query": "a?x",
    "fragment": "a#b",
    "user-info": "u@h",
    "user-and-password": "u:p@h:80",
    "space": "a b",
    "tab": "a\tb",
    "line-feed": "a\n",
    "nul": "a\0",
    "backslash": "a\\b",
    "port-of-letters": "a:b",
    "port-too-high": "a:65536",
    "two-ports": "a:80:80",
    "html": "<x>",
    "quote": 'a"b',
    "two-hosts": "a,b",
    "unclosed-bracket": "[::1",
    "bracket-and-more": "[::1]x",
    "percent": "a%2fb",
    "long": "a" * 300,
    "slashes": "//evil.com",
}


@pytest.mark.parametrize("path", [case("46-static-path", "/static-path"), case("46-path", "/x")])
@pytest.mark.parametrize("host", [case(f"46-{n}", h) for n, h in MALFORMED_HOSTS.items()])
def test_a_malformed_host_is_refused(mirror, host, path):
    seen = []

    @mirror.errorhandler(400)
    def bad(error):
        seen.append((request.path, request.url))
        return "no", 400

    response = mirror.test_client().get(path, environ_overrides={"HTTP_HOST": host})
    assert response.status_code == 400
    # Nothing of it moves into the path.
    assert seen == [(path, f"http://{path}")]


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        case("46-plain", "a", "a"),
        case("46-port", "a.example:8080", "a.example:8080"),
        case("46-default-port", "a.example:80", "a.example"),
        case("46-ipv6", "[::1]:8000", "[::1]:8000"),
        case("46-underscore", "a_b", "a_b"),
        case("46-idna", "xn--n3h.net", "xn--n3h.net"),
        case("46-empty", "", ""),
    ],
)
def test_a_well_formed_host_is_taken(mirror, host, shown):
    # By HTTP/1.1 it may not be empty.
    told = {"HTTP_HOST": host, "SERVER_PROTOCOL": "HTTP/1.1" if host else "HTTP/1.0"}
    response = mirror.test_client().get("/x", environ_overrides=told)
    assert response.status_code == 200
    assert (response.json["host"], response.json["path"]) == (shown, "/x")


def without_host(wsgi_app):
    """A server that hands over requests of HTTP/1.0, which may have no ``Host``."""

    def call(environ, start_response):
        environ.pop("HTTP_HOST", None)
        environ["SERVER_PROTOCOL"] = "HTTP/1.0"
        return wsgi_app(environ, start_response)

    return call


@pytest.mark.parametrize("sends_host", [True, False], ids=["with-host", "without-host"])
@pytest.mark.parametrize(
    "headers",
    [
        case("47-host", {"X-Forwarded-Host": "evil.com"}),
        case("47-server", {"X-Forwarded-Server": "evil.com"}),
        case("47-port-and-proto", {"X-Forwarded-Port": "444", "X-Forwarded-Proto": "https"}),
        case("47-forwarded", {"Forwarded": "host=evil.com;proto=https"}),
        case("47-original-host", {"X-Host": "evil.com", "X-Original-Host": "evil.com"}),
        case("47-prefix", {"X-Forwarded-Prefix": "//evil.com", "X-Script-Name": "/evil"}),
        case("47-original-url", {"X-Original-URL": "/admin", "X-Rewrite-URL": "/admin"}),
        case("47-method-override", {"X-HTTP-Method-Override": "DELETE"}),
    ],
)
def test_forwarded_headers_are_not_trusted_unasked(mirror, headers, sends_host):
    if not sends_host:
        mirror.wsgi_app = without_host(mirror.wsgi_app)
    response = mirror.test_client().get("/x", headers=headers)
    assert response.json == {
        "path": "/x",
        "host": "localhost",
        "url": "http://localhost/x",
        "address": "127.0.0.1",
        "link": "http://localhost/a",
    }


@pytest.mark.parametrize(
    "sends_host", [True, False], ids=["case-47-proxy-with-host", "case-47-proxy-without-host"]
)
def test_a_proxy_is_trusted_only_for_what_it_was_told_to_set(mirror, sends_host):
    mirror.wsgi_app = ProxyFix(mirror.wsgi_app, x_for=1, x_proto=1)
    if not sends_host:
        mirror.wsgi_app = without_host(mirror.wsgi_app)
    response = mirror.test_client().get(
        "/x",
        headers={
            "X-Forwarded-Host": "evil.com",
            "X-Forwarded-Prefix": "/evil",
            "X-Forwarded-Port": "444",
        },
    )
    assert response.json["url"] == "http://localhost/x"


@pytest.mark.parametrize(
    ("trusted", "host", "status"),
    [
        case("48-equal", ["a.example.org"], "a.example.org", 200),
        case("48-dot-as-any-letter", ["a.example.org"], "aXexample.org", 400),
        case("48-dot-as-any-letter-below", [".example.org"], "a.exampleXorg", 400),
        case("48-no-dot-before", [".example.org"], "evilexample.org", 400),
        case("48-below", [".example.org"], "a.b.example.org", 200),
        case("48-more-behind", ["a.example.org"], "a.example.org.evil.com", 400),
        case("48-more-before", ["a.example.org"], "evil.a.example.org", 400),
        case("48-star", ["*.example.org"], "a.example.org", 400),
        case("48-pattern", ["(a|b).example.org"], "a.example.org", 400),
        case("48-any", [".*"], "evil.com", 400),
        case("48-line-end", ["a.example.org"], "a.example.org\n", 400),
        case("48-case-and-port", ["a.example.org"], "A.Example.ORG:8080", 200),
        case("48-forwarded", ["a.example.org"], "evil.com", 400),
    ],
)
def test_trusted_hosts_are_literal(mirror, trusted, host, status):
    mirror.config["TRUSTED_HOSTS"] = trusted
    for path in ("/x", "/static-path"):
        response = mirror.test_client().get(
            path,
            environ_overrides={"HTTP_HOST": host, "HTTP_X_FORWARDED_HOST": "a.example.org"},
        )
        assert response.status_code == status


REAL = "198.51.100.7"
ROTATING = {
    "one": "1.2.3.4",
    "many": ", ".join(f"10.0.0.{n}" for n in range(200)),
    "localhost": "127.0.0.1",
    "empty-entries": ",,, ,",
    "quote": '"',
    "quoted": '"127.0.0.1',
    "quote-and-comma": '127.0.0.1, "',
    "escaped-quote": '"127.0.0.1\\',
    "longer-than-any-chain": ", ".join(["127.0.0.1"] * 1_000),
    "no-addresses": "<script>, ' OR 1=1",
    "equals": "a=",
}


@pytest.mark.parametrize("sent", [case(f"49-{n}", text) for n, text in ROTATING.items()])
def test_only_the_trusted_hop_tells_the_address(mirror, sent):
    # The client writes what it likes; the proxy appends what it saw.
    headers = {"X-Forwarded-For": f"{sent}, {REAL}"}
    for hops, address in ((0, "127.0.0.1"), (1, REAL)):
        app = ProxyFix(mirror.wsgi_app, x_for=hops)
        mirror_client = Erlen("outer").test_client()
        mirror_client.application.wsgi_app = app
        assert mirror_client.get("/x", headers=headers).json["address"] == address


@pytest.mark.parametrize("sent", [case(f"49-two-hops-{n}", text) for n, text in ROTATING.items()])
def test_with_two_proxies_the_outer_ones_entry_counts(mirror, sent):
    mirror.wsgi_app = ProxyFix(mirror.wsgi_app, x_for=2)
    headers = {"X-Forwarded-For": f"{sent}, {REAL}, 203.0.113.9"}
    assert mirror.test_client().get("/x", headers=headers).json["address"] == REAL


@pytest.mark.parametrize(
    "header",
    [
        case("49-host-is-bounded", "X-Forwarded-Host"),
        case("49-proto-is-bounded", "X-Forwarded-Proto"),
    ],
)
def test_other_forwarded_headers_count_from_the_right_too(mirror, header):
    mirror.wsgi_app = ProxyFix(mirror.wsgi_app, x_host=1, x_proto=1)
    mine = "a.example.org" if header.endswith("Host") else "https"
    sent = ", ".join(["evil.com"] * 1_000 + ['"', mine])
    url = mirror.test_client().get("/x", headers={header: sent}).json["url"]
    assert url in ("http://a.example.org/x", "https://localhost/x")
