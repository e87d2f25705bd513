"""Headers that tell browsers what a page may do."""

from __future__ import annotations

import re

import pytest

from erlen import (
    Erlen,
    Response,
    abort,
    redirect,
    render_template_string,
    session,
    stream_template_string,
)
from erlen.protection.security_headers import STRICT_POLICY, SecurityHeaders, csp_nonce

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "frame-ancestors 'none'",
}


@pytest.fixture(params=["wsgi", "asgi"], autouse=True)
def interface(request, monkeypatch):
    monkeypatch.setenv("ERLEN_TEST_INTERFACE", request.param)
    return request.param


@pytest.fixture
def app(tmp_path):
    app = Erlen(__name__, static_folder=str(tmp_path))
    app.secret_key = "key"
    (tmp_path / "a.txt").write_text("a")
    SecurityHeaders(app)
    app.add_url_rule("/", "index", lambda: "index")

    @app.route("/async")
    async def asynchronous():
        return "async"

    app.add_url_rule("/fail", "fail", lambda: 1 / 0)
    app.add_url_rule("/abort", "abort", lambda: abort(418))
    app.add_url_rule("/away", "away", lambda: redirect("/"))
    return app


@pytest.fixture
def client(app):
    return app.test_client()


def directives(response, name="Content-Security-Policy"):
    pairs = (part.strip().partition(" ") for part in response.headers[name].split(";"))
    return {name: sources for name, _, sources in pairs}


PATHS = ["/", "/async", "/fail", "/abort", "/away", "/missing", "/static/a.txt", "/static/missing"]


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_has_them(client, path):
    headers = client.get(path).headers
    assert {name: headers.get(name) for name in ALWAYS} == ALWAYS
    assert "Strict-Transport-Security" not in headers
    assert "Permissions-Policy" not in headers
    assert "Content-Security-Policy-Report-Only" not in headers


def test_a_method_that_is_not_allowed_has_them_too(client):
    headers = client.post("/").headers
    assert {name: headers.get(name) for name in ALWAYS} == ALWAYS


def test_what_a_view_says_is_kept(app, client):
    own = {
        "X-Content-Type-Options": "x",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "unsafe-none",
        "Content-Security-Policy": "frame-ancestors *",
        "Strict-Transport-Security": "max-age=1",
        "Permissions-Policy": "camera=()",
    }
    app.config["PERMISSIONS_POLICY"] = "camera=(self)"
    app.add_url_rule("/own", "own", lambda: Response("", headers=own))
    response = client.get("/own", base_url="https://localhost")
    assert {name: response.headers[name] for name in own} == own
    # It would contradict the view's own policy.
    assert "X-Frame-Options" not in response.headers
    assert client.get("/").headers["Permissions-Policy"] == "camera=(self)"


@pytest.mark.parametrize(
    ("setting", "header"),
    [
        ("CONTENT_TYPE_OPTIONS", "X-Content-Type-Options"),
        ("REFERRER_POLICY", "Referrer-Policy"),
        ("CROSS_ORIGIN_OPENER_POLICY", "Cross-Origin-Opener-Policy"),
        ("FRAME_ANCESTORS", "X-Frame-Options"),
        ("FRAME_ANCESTORS", "Content-Security-Policy"),
    ],
)
def test_each_can_be_turned_off(app, client, setting, header):
    app.config[setting] = None
    assert header not in client.get("/").headers


@pytest.mark.parametrize(
    ("ancestors", "option"),
    [
        ("'none'", "DENY"),
        ("'self'", "SAMEORIGIN"),
        ("https://a.example", None),
        ("'self' https://a.example", None),
    ],
)
def test_who_may_frame_a_page(app, client, ancestors, option):
    app.config["FRAME_ANCESTORS"] = ancestors
    headers = client.get("/").headers
    assert headers["Content-Security-Policy"] == f"frame-ancestors {ancestors}"
    assert headers.get("X-Frame-Options") == option


@pytest.mark.parametrize(
    ("settings", "value"),
    [
        ({}, "max-age=31536000"),
        ({"HSTS_SECONDS": 0}, "max-age=0"),
        ({"HSTS_SECONDS": None}, None),
        (
            {"HSTS_SECONDS": 60, "HSTS_INCLUDE_SUBDOMAINS": True, "HSTS_PRELOAD": True},
            "max-age=60; includeSubDomains; preload",
        ),
    ],
)
def test_https_alone_is_told_on_https_alone(app, client, settings, value):
    app.config.update(settings)
    response = client.get("/", base_url="https://localhost")
    assert response.headers.get("Strict-Transport-Security") == value
    assert "Strict-Transport-Security" not in client.get("/").headers


# -- the content security policy -------------------------------------------------------------


def test_the_strict_policy(app, client):
    app.config["CSP"] = "strict"
    assert directives(client.get("/")) == {**STRICT_POLICY, "frame-ancestors": "'none'"}


def test_a_policy_of_your_own(app, client):
    app.config["CSP"] = {
        "default-src": ["'self'", "https://a.example"],
        "frame-ancestors": "'self'",
        "upgrade-insecure-requests": "",
    }
    response = client.get("/")
    assert response.headers["Content-Security-Policy"] == (
        "default-src 'self' https://a.example; frame-ancestors 'self'; upgrade-insecure-requests"
    )
    assert response.headers["X-Frame-Options"] == "SAMEORIGIN"


def test_a_policy_that_is_only_reported_on(app, client):
    app.config["CSP_REPORT_ONLY"] = {"default-src": "'self'", "report-uri": "/csp"}
    response = client.get("/")
    only = "Content-Security-Policy-Report-Only"
    assert response.headers[only] == "default-src 'self'; report-uri /csp"
    assert directives(response) == {"frame-ancestors": "'none'"}


@pytest.mark.parametrize("policy", ["default-src 'self'", ["default-src"], 3, True])
@pytest.mark.parametrize("setting", ["CSP", "CSP_REPORT_ONLY"])
def test_a_policy_that_is_none_is_an_error_that_helps(app, client, setting, policy):
    app.testing = True
    app.config[setting] = policy
    with pytest.raises(TypeError, match=f"^{setting} is .*: set it to 'strict', or to a dict"):
        client.get("/")


SCRIPT = "<script nonce='{{ csp_nonce() }}'>1</script><style nonce='{{ csp_nonce() }}'></style>"


def nonces(response):
    return re.findall("nonce='([^']+)'", response.text)


@pytest.mark.parametrize("render", [render_template_string, stream_template_string])
def test_the_nonce_of_a_page_is_in_its_policy_and_changes(app, client, render):
    app.config["CSP"] = "strict"
    app.add_url_rule("/page", "page", lambda: render(SCRIPT))
    seen = set()
    for _ in range(10):
        response = client.get("/page")
        first, second = nonces(response)
        assert first == second
        # 128 bits.
        assert len(first) == 22
        seen.add(first)
        found = directives(response)
        assert found["script-src"] == found["style-src"] == f"'self' 'nonce-{first}'"
        assert found["img-src"] == STRICT_POLICY["img-src"]
    assert len(seen) == 10


def test_a_page_that_asks_for_none_names_none(app, client):
    app.config["CSP"] = "strict"
    assert "nonce" not in client.get("/").headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ({"default-src": "'self'"}, {"script-src": "'self' {}", "style-src": "'self' {}"}),
        ({"default-src": "'none'"}, {"script-src": "{}", "style-src": "{}"}),
        ({"script-src": "https://a"}, {"script-src": "https://a {}", "style-src": None}),
        ({"img-src": "'self'"}, {"script-src": None, "style-src": None}),
        (None, {"script-src": None, "style-src": None}),
    ],
)
def test_a_nonce_forbids_nothing_that_was_allowed(app, client, policy, expected):
    app.config["CSP"] = policy
    app.add_url_rule("/page", "page", lambda: render_template_string(SCRIPT))
    response = client.get("/page")
    nonce = f"'nonce-{nonces(response)[0]}'"
    found = directives(response)
    for name, sources in expected.items():
        assert found.get(name) == (None if sources is None else sources.format(nonce))


def test_where_the_nonce_counts_is_a_setting(app, client):
    app.config.update(CSP="strict", CSP_NONCE_IN=["script-src-elem"], CSP_REPORT_ONLY="strict")
    app.add_url_rule("/page", "page", lambda: csp_nonce())
    response = client.get("/page")
    for name in ("Content-Security-Policy", "Content-Security-Policy-Report-Only"):
        found = directives(response, name)
        assert found["script-src"] == "'self'"
        assert found["script-src-elem"] == f"'self' 'nonce-{response.text}'"


# -- sessions and caches ---------------------------------------------------------------------


def test_a_page_of_a_session_is_not_kept(app, client):
    app.add_url_rule("/read", "read", lambda: str(session.get("a")))

    @app.after_request
    def look(response):
        if "late" in response.headers:
            "a" in session  # noqa: B015 - another extension that reads it
        return response

    app.add_url_rule("/late", "late", lambda: Response("", headers={"late": "1"}))
    assert client.get("/read").headers["Cache-Control"] == "no-store"
    assert client.get("/late").headers["Cache-Control"] == "no-store"
    assert "Cache-Control" not in client.get("/").headers


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("public, max-age=60", "max-age=60, private"),
        ("private", "private"),
        ("no-store", "no-store"),
        ("no-cache", "no-cache, private"),
        ("max-age=60", "max-age=60, private"),
    ],
)
def test_what_a_page_says_of_caches_is_kept(app, client, given, told):
    @app.route("/read")
    def read():
        return Response(str(len(session)), headers={"Cache-Control": given})

    assert client.get("/read").headers["Cache-Control"] == told


def test_caches_can_be_left_alone(app, client):
    app.config["NO_STORE_SESSIONS"] = False
    app.add_url_rule("/read", "read", lambda: str(len(session)))
    assert "Cache-Control" not in client.get("/read").headers


def test_settings_from_before_are_kept_and_twice_is_an_error():
    app = Erlen(__name__)
    app.config["FRAME_ANCESTORS"] = "'self'"
    SecurityHeaders().init_app(app)
    assert app.test_client().get("/").headers["X-Frame-Options"] == "SAMEORIGIN"
    with pytest.raises(RuntimeError, match="already"):
        SecurityHeaders(app)
