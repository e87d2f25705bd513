"""Cases 48 and 50: a CORS policy is for what the router takes for a view."""

from __future__ import annotations

from urllib.parse import unquote_to_bytes

import pytest

from erlen import Blueprint, Erlen
from erlen.protection.cors import CORS

OPEN, OWN = "https://z.example", "https://a.example"
ALLOW_ORIGIN = "Access-Control-Allow-Origin"


def case(name, *values):
    return pytest.param(*values, id=f"case-{name}")


@pytest.fixture
def client(interface):
    """An API that is open to all pages, beside one that is open to a single origin, and pages that
    are open to none."""
    app = Erlen(__name__)
    cors = CORS(app)
    api, admin = Blueprint("api", __name__), Blueprint("admin", __name__)
    api.add_url_rule("/api/<path:rest>", "rest", lambda rest: "api")
    admin.add_url_rule("/admin/users", "users", lambda: "admin", methods=["GET", "DELETE"])
    admin.add_url_rule("/api/private+data", "plus", lambda: "admin")
    admin.add_url_rule("/API/users", "upper", lambda: "admin")
    admin.add_url_rule("/api/../admin/users", "dots", lambda: "admin")
    cors.allow(api, origins="*")
    cors.allow(admin, origins=[OWN], credentials=True)
    app.register_blueprint(api)
    app.register_blueprint(admin)
    app.add_url_rule("/<path:page>", "page", lambda page: "page")
    return app.test_client()


PATHS = {
    "plain": "/api/users",
    "other": "/admin/users",
    "plus": "/api/private+data",
    "plus-encoded": "/api/private%2Bdata",
    "space-for-plus": "/api/private%20data",
    "plus-for-the-prefix": "/api+/users",
    "upper-case": "/API/users",
    "mixed-case": "/Api/users",
    "upper-case-of-the-other": "/ADMIN/users",
    "dots": "/api/../admin/users",
    "dots-encoded": "/api/%2e%2e/admin/users",
    "dots-and-slash-encoded": "/api/..%2fadmin%2fusers",
    "one-dot": "/api/./../admin/users",
    "backslash": "/api/..\\admin\\users",
    "parameters": "/api/..;/admin/users",
    "slashes": "//admin/users",
    "slashes-inside": "/api//users",
    "encoded-slash": "/api%2Fusers",
    "encoded-letters": "/%61pi/users",
    "twice-encoded": "/%2561pi/users",
    "nul": "/api/%00",
    "line-feed": "/admin/users%0a",
    "query-sign": "/admin/users%3f",
    "prefix-of-a-name": "/apiary",
    "no-utf-8": "/api/%ff",
}

# What may be said of the answer of a view to pages of any origin, and of the single one.
POLICIES = {"api": ("*", "*"), "admin": (None, OWN), "page": (None, None)}


def of_path(path):
    # The raw bytes, as a server hands them over: nothing on the way makes the path another one.
    return {"environ_overrides": {"PATH_INFO": unquote_to_bytes(path).decode("latin-1")}}


@pytest.mark.parametrize("path", [case(f"50-{name}", path) for name, path in PATHS.items()])
def test_the_policy_is_that_of_the_view_that_answers(client, path):
    policies = set()
    for number, origin in enumerate((OPEN, OWN)):
        response = client.get("/", headers={"Origin": origin}, **of_path(path))
        if response.status_code in (308, 404):
            # Nobody answers, so that nobody may read.
            assert ALLOW_ORIGIN not in response.headers
            continue
        assert response.status_code == 200
        policies.add(response.text)
        assert response.headers.get(ALLOW_ORIGIN) == POLICIES[response.text][number]
        has_cookies = "Access-Control-Allow-Credentials" in response.headers
        assert has_cookies is (response.text == "admin" and origin == OWN)
    assert len(policies) <= 1


@pytest.mark.parametrize(
    "path", [case(f"50-preflight-{name}", path) for name, path in PATHS.items()]
)
def test_a_preflight_is_answered_for_that_view_too(client, path):
    answer = client.get("/", **of_path(path))
    headers = {"Origin": OPEN, "Access-Control-Request-Method": "GET"}
    response = client.options("/", headers=headers, **of_path(path))
    expected = POLICIES[answer.text][0] if answer.status_code == 200 else None
    assert response.headers.get(ALLOW_ORIGIN) == expected
    assert response.headers.get("Access-Control-Allow-Methods") == (expected and "GET")


@pytest.mark.parametrize(
    ("listed", "origin"),
    [
        case("48-dot-as-any-letter", "https://a.example", "https://aXexample"),
        case("48-dot-below", "https://*.a.example", "https://x.aXexample"),
        case("48-more-behind", "https://a.example", "https://a.example.evil.com"),
        case("48-more-before", "https://a.example", "https://evila.example"),
        case("48-no-dot-before", "https://*.a.example", "https://evila.example"),
        case("48-line-end", "https://a.example", "https://a.example\n"),
        case("48-user", "https://a.example", "https://a.example@evil.com"),
        case("48-path", "https://a.example", "https://evil.com/https://a.example"),
        case("48-scheme", "https://a.example", "http://a.example"),
        case("48-port", "https://a.example", "https://a.example:8443"),
        case("48-null", "https://a.example", "null"),
    ],
)
def test_origins_are_literal(interface, listed, origin):
    app = Erlen(__name__)
    app.config["CORS_ORIGINS"] = [listed]
    CORS(app)
    app.add_url_rule("/", "index", lambda: "")
    response = app.test_client().get("/", environ_overrides={"HTTP_ORIGIN": origin})
    assert ALLOW_ORIGIN not in response.headers


@pytest.mark.parametrize(
    "pattern",
    [
        case("48-star-inside", "https://a.*.example"),
        case("48-star-alone", "https://*"),
        case("48-regex", "https://.*\\.a\\.example"),
        case("48-group", "https://(a|b).example"),
        case("48-null-listed", "null"),
        case("48-no-scheme", "a.example"),
    ],
)
def test_a_pattern_is_refused_and_not_guessed_at(interface, pattern):
    app = Erlen(__name__)
    app.config.update(CORS_ORIGINS=[pattern], TESTING=True)
    CORS(app)
    with pytest.raises(ValueError, match="which is no origin"):
        app.test_client().get("/", headers={"Origin": "https://a.example"})
