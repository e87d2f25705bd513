"""Cases 43 to 45: redirects that hostile paths and targets ask for."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from erlen import Erlen, redirect, request, safe_redirect, url_for
from erlen.http.redirects import append_slash_redirect

ORIGIN = ("http", "localhost")


def case(name, *values):
    return pytest.param(*values, id=f"case-{name}")


def origin_of(location, base="http://localhost"):
    """Where a browser ends up: it takes a backslash for a slash, and drops tabs and line ends."""
    text = location.strip("\0\x01\x1f ").translate({9: None, 10: None, 13: None})
    text = text.replace("\\", "/")
    parts = urlsplit(text)
    if not parts.scheme and not text.startswith("//"):
        return tuple(urlsplit(base)[:2])
    return parts.scheme, parts.netloc or text.partition(":")[2].strip("/")


# -- 43: redirects of the framework's own ------------------------------------------------


@pytest.fixture
def redirecting():
    """An application with every kind of redirect that the framework makes by itself."""
    app = Erlen(__name__)
    app.add_url_rule("/<path:page>/", "page", lambda page: page)
    app.add_url_rule("/<name>/", "name", lambda name: name)
    lists = lambda page: page  # noqa: E731
    app.add_url_rule("/lists/", "lists", lists, defaults={"page": "1"})
    app.add_url_rule("/lists/<path:page>", "lists", lists)
    app.add_url_rule("/old/<path:page>", "old", redirect_to="<page>")
    app.add_url_rule("/older/<path:page>", "older", redirect_to="/<page>")
    app.add_url_rule("/alias/<path:page>", "page", alias=True)
    return app


HOSTILE_PATHS = {
    "two-slashes": "//evil.com",
    "two-slashes-and-a-path": "//evil.com/a",
    "many-slashes": "/////evil.com",
    "two-slashes-and-dots": "//evil.com/%2e%2e",
    "backslash": "/\\evil.com",
    "two-backslashes": "/\\\\evil.com",
    "tab": "/\t/evil.com",
    "user-info": "//localhost@evil.com",
    "scheme": "/https:evil.com",
    "scheme-and-slashes": "/http://evil.com",
    "default-page": "//lists/1",
    "default-page-of-a-host": "/lists//evil.com",
    "redirect-to": "/old//evil.com",
    "redirect-to-many": "/old////evil.com",
    "redirect-to-backslash": "/old/\\\\evil.com",
    "redirect-to-slash-backslash": "/older/\\evil.com",
    "redirect-to-scheme": "/old/https:evil.com",
    "redirect-to-script": "/old/javascript:alert(1)",
    "redirect-to-older": "/older//evil.com",
    "alias": "/alias//evil.com",
}


@pytest.mark.parametrize("merge", [True, False], ids=["slashes-merged", "slashes-kept"])
@pytest.mark.parametrize("path", [case(f"43-{n}", p) for n, p in HOSTILE_PATHS.items()])
def test_redirects_stay_on_the_origin(redirecting, path, merge):
    redirecting.url_map.merge_slashes = merge
    client = redirecting.test_client()
    response = client.get(environ_overrides={"PATH_INFO": path})
    for _ in range(5):
        if response.status_code not in (301, 302, 307, 308):
            break
        location = response.headers["Location"]
        assert origin_of(location) == ORIGIN, location
        response = client.get(location)
    assert response.status_code in (200, 404)


@pytest.mark.parametrize("query", [case("43-query", "next=//evil.com&a=1"), case("43-none", "")])
def test_a_slash_redirect_is_made_and_keeps_the_query(redirecting, query):
    response = redirecting.test_client().get(
        environ_overrides={"PATH_INFO": "//evil.com", "QUERY_STRING": query}
    )
    location = urlsplit(response.headers["Location"])
    assert response.status_code == 308
    assert (location.netloc, location.path) == ("", "/evil.com/")
    assert location.query == query


@pytest.mark.parametrize(
    "target",
    [
        case("43-path", lambda: request.path + "/"),
        case("43-full-path", lambda: request.full_path),
        case("43-url", lambda: request.url),
        case("43-base-url", lambda: request.base_url),
        case("43-url-for", lambda: url_for("show", page="/evil.com")),
        case("43-url-for-slashes", lambda: url_for("show", page="//evil.com")),
        case("43-url-for-backslash", lambda: url_for("show", page="\\evil.com")),
        case("43-url-for-external", lambda: url_for("show", page="//evil.com", _external=True)),
    ],
)
def test_what_a_view_builds_from_the_request_stays_on_the_origin(target):
    app = Erlen(__name__)
    app.add_url_rule("/<path:page>", "show", lambda page: redirect(target()))
    app.url_map.merge_slashes = False
    for path in ("//evil.com/a", "/////evil.com", "/\\evil.com"):
        response = app.test_client().get(environ_overrides={"PATH_INFO": path})
        assert response.status_code == 302
        assert origin_of(response.headers["Location"]) == ORIGIN, response.headers["Location"]


@pytest.mark.parametrize(
    ("path", "location"),
    [
        case("43-append-slash", "//evil.com", "evil.com/"),
        case("43-append-slash-to-a-scheme", "/javascript:x", "./javascript:x/"),
        case("43-append-slash-backslash", "/\\evil.com", "%5Cevil.com/"),
        case("43-append-slash-backslashes", "/a/\\\\evil.com", "%5C%5Cevil.com/"),
    ],
)
def test_append_slash_redirect_is_relative(path, location):
    app = Erlen(__name__)
    app.add_url_rule("/<path:page>", "show", lambda page: append_slash_redirect(request.environ))
    app.url_map.merge_slashes = False
    response = app.test_client().get(environ_overrides={"PATH_INFO": path})
    assert response.headers["Location"] == location
    assert origin_of(location) == ORIGIN


# -- 44, 45: targets that a client names -------------------------------------------------


@pytest.fixture
def login():
    app = Erlen(__name__)
    app.add_url_rule(
        "/login", "login", lambda: safe_redirect(request.args.get("next"), url_for("home"))
    )
    app.add_url_rule("/home", "home", lambda: "home")
    return app


FOREIGN = {
    "44-other-host": "http://evil.com/",
    "44-two-slashes": "//evil.com",
    "44-three-slashes": "///evil.com",
    "44-slash-backslash": "/\\evil.com",
    "44-backslash-slash": "\\/evil.com",
    "44-three-backslashes": "\\\\\\evil.com",
    "44-backslash": "\\evil.com",
    "44-backslash-inside": "/a\\..\\\\evil.com",
    "44-scheme-without-slashes": "http:evil.com",
    "44-scheme-with-one-slash": "http:/evil.com",
    "44-scheme-with-three-slashes": "http:///evil.com",
    "44-scheme-and-backslashes": "http:\\\\evil.com",
    "44-script": "javascript:alert(1)",
    "44-data": "data:text/html,x",
    "44-other-scheme": "https://localhost/",
    "44-other-port": "http://localhost:8000/",
    "44-user-info": "http://localhost@evil.com/",
    "44-user-info-and-port": "http://localhost:80@evil.com/",
    "44-user-info-of-ours": "http://u:p@localhost/",
    "44-backslash-before-user-info": "http://localhost\\@evil.com/",
    "44-prefix-of-a-host": "http://localhost.evil.com/",
    "44-suffix-of-a-host": "http://evillocalhost/",
    "44-fragment-before-user-info": "http://evil.com#@localhost/",
    "44-query-before-user-info": "http://evil.com?@localhost/",
    "44-full-width-dot": "//evil\uff0ecom",
    "44-lone-surrogate": "/\ud800",
    "44-missing": None,
    "44-empty": "",
    "44-relative": "page",
    "44-dots": "../..//evil.com",
    "45-tab-between-slashes": "/\t/evil.com",
    "45-line-feed-between-slashes": "/\n/evil.com",
    "45-carriage-return-between-slashes": "/\r/evil.com",
    "45-header-injection": "/a\r\nSet-Cookie: a=b",
    "45-nul": "/a\0b",
    "45-space-before": " //evil.com",
    "45-control-before-script": "\x08javascript:alert(1)",
    "45-control-before-slashes": "\x01//evil.com",
    "45-tab-in-scheme": "java\tscript:alert(1)",
    "45-delete": "/\x7f/evil.com",
    "45-c1-control": "/\x85/evil.com",
    "45-no-break-space": "\xa0//evil.com",
    "45-numeric": "http:999999999",
    "45-numeric-without-scheme": "//2130706433",
    "45-numeric-port": "localhost:80",
    "45-bracket": "http://[::1",
    "45-bad-port": "http://localhost:99999999/",
}


@pytest.mark.parametrize("target", [case(name, target) for name, target in FOREIGN.items()])
def test_a_foreign_target_gives_way_to_the_fallback(login, target):
    with login.test_request_context("/login"):
        assert safe_redirect(target, "/home").headers["Location"] == "/home"
    if target is not None and target.isprintable():
        response = login.test_client().get("/login", query_string={"next": target})
        assert response.status_code == 302
        assert response.headers["Location"] == "/home"


@pytest.mark.parametrize(
    ("target", "sent"),
    [
        case("44-ours-root", "/", "/"),
        case("44-ours-path", "/a/b?x=1&y=//evil.com#top", "/a/b?x=1&y=//evil.com#top"),
        case("44-ours-slashes-inside", "/a//b", "/a//b"),
        case("44-ours-encoded", "/%5Cevil.com", "/%5Cevil.com"),
        case("44-ours-unicode", "/füübär", "/f%C3%BC%C3%BCb%C3%A4r"),
        case("44-ours-space", "/a b", "/a%20b"),
        case("44-ours-whole", "http://localhost/a?b", "http://localhost/a?b"),
        case("44-ours-bare-host", "http://localhost", "http://localhost"),
        case("44-ours-query", "http://localhost?a", "http://localhost?a"),
        case("44-ours-upper-case", "HTTP://LocalHost/A", "http://localhost/A"),
    ],
)
def test_a_target_of_ours_is_taken(login, target, sent):
    response = login.test_client().get("/login", query_string={"next": target})
    assert response.headers["Location"] == sent


@pytest.mark.parametrize(
    ("base_url", "target", "taken"),
    [
        case("44-port-of-ours", "http://a.test:8000", "http://a.test:8000/x", True),
        case("44-port-missing", "http://a.test:8000", "http://a.test/x", False),
        case("44-default-port", "https://a.test", "https://a.test:443/x", False),
        case("44-sub-domain", "https://a.test", "https://b.a.test/x", False),
        case("44-downgrade", "https://a.test", "http://a.test/x", False),
        case("44-address", "http://[::1]:80", "http://[::1]/x", True),
        case("44-address-unclosed", "http://[::1]", "http://[::1/x", False),
    ],
)
def test_a_whole_url_must_have_the_origin_of_the_request(login, base_url, target, taken):
    response = login.test_client().get("/login", base_url=base_url, query_string={"next": target})
    assert response.headers["Location"] == (target if taken else "/home")


@pytest.mark.parametrize("fallback", [case("44-fallback", "https://sso.example/out")])
def test_the_fallback_is_the_programs_own_and_may_lead_anywhere(login, fallback):
    with login.test_request_context("/login"):
        assert safe_redirect("//evil.com", fallback).headers["Location"] == fallback
        assert safe_redirect("/x", code=303).status_code == 303
        assert safe_redirect(None).headers["Location"] == "/"


@pytest.mark.parametrize(
    "location",
    [
        case("45-crlf", "/a\r\nX-Evil: 1"),
        case("45-line-feed", "/a\n"),
        case("45-carriage-return", "\r/a"),
        case("45-nul-in-redirect", "/a\0"),
    ],
)
def test_an_ordinary_redirect_refuses_what_would_split_the_header(location):
    app = Erlen(__name__)
    app.add_url_rule("/", "index", lambda: redirect(location))
    response = app.test_client().get("/")
    assert response.status_code == 500
    assert "Location" not in response.headers
    assert "X-Evil" not in response.headers
