"""Which pages of other origins may read the answers."""

from __future__ import annotations

import pytest

from erlen import Blueprint, Erlen, Response, abort, redirect, request
from erlen.protection.cors import CORS
from erlen.views import MethodView

A = "https://a.example"
ORIGIN = "Access-Control-Allow-Origin"
METHODS = "Access-Control-Allow-Methods"
HEADERS = "Access-Control-Allow-Headers"
CREDENTIALS = "Access-Control-Allow-Credentials"


@pytest.fixture(params=["wsgi", "asgi"], autouse=True)
def interface(request, monkeypatch):
    monkeypatch.setenv("ERLEN_TEST_INTERFACE", request.param)
    return request.param


@pytest.fixture
def app():
    app = Erlen(__name__)
    app.config["CORS_ORIGINS"] = [A]
    app.cors = CORS(app)
    app.add_url_rule("/", "index", lambda: "index", methods=["GET", "PUT", "DELETE"])

    @app.route("/async", methods=["GET", "PUT"])
    async def asynchronous():
        return "async"

    app.add_url_rule("/fail", "fail", lambda: 1 / 0)
    app.add_url_rule("/abort", "abort", lambda: abort(418))
    app.add_url_rule("/away", "away", lambda: redirect("/"))
    return app


@pytest.fixture
def client(app):
    return app.test_client()


def ask(client, path="/", method="PUT", origin=A, headers=None):
    told = {"Origin": origin, "Access-Control-Request-Method": method}
    if headers is not None:
        told["Access-Control-Request-Headers"] = headers
    return client.options(path, headers=told)


def cors_headers(response):
    return {n: v for n, v in response.headers if n.startswith("Access-Control-")}


@pytest.mark.parametrize(
    "path", ["/", "/async", "/fail", "/abort", "/away", "/missing", "/static/missing"]
)
def test_every_answer_can_be_read(client, path):
    response = client.get(path, headers={"Origin": A})
    assert cors_headers(response) == {ORIGIN: A}
    assert "Origin" in response.headers["Vary"]


def test_an_answer_of_an_error_handler_can_be_read(app, client):
    app.register_error_handler(500, lambda error: ({"error": "failed"}, 500))
    app.register_error_handler(404, lambda error: Response("gone", 404))
    for path, status in (("/fail", 500), ("/missing", 404)):
        response = client.get(path, headers={"Origin": A})
        assert (response.status_code, cors_headers(response)) == (status, {ORIGIN: A})


@pytest.mark.parametrize("path", ["/", "/async", "/fail", "/missing"])
@pytest.mark.parametrize(
    "origin",
    ["https://b.example", "http://a.example", "https://a.example.evil.com", "https://aXexample",
     "null", "", "*", "https://a.example:444", "https://a.example/", "https://a.example, x"],
)  # fmt: skip
def test_other_origins_read_nothing(client, path, origin):
    response = client.get(path, headers={"Origin": origin})
    assert cors_headers(response) == {}
    assert "Origin" in response.headers["Vary"]


def test_caches_are_told_without_an_origin_too(client):
    response = client.get("/")
    assert cors_headers(response) == {}
    assert response.headers["Vary"] == "Origin"


def test_nobody_is_allowed_by_default():
    app = Erlen(__name__)
    CORS(app)
    app.add_url_rule("/", "index", lambda: "index")
    client = app.test_client()
    response = client.get("/", headers={"Origin": A})
    assert cors_headers(response) == {}
    assert "Vary" not in response.headers
    assert cors_headers(ask(client, method="GET")) == {}


def test_all_are_allowed_by_a_star(app, client):
    app.config["CORS_ORIGINS"] = "*"
    for headers in ({}, {"Origin": "https://b.example"}, {"Origin": "null"}):
        response = client.get("/", headers=headers)
        assert cors_headers(response) == {ORIGIN: "*"}
        assert "Vary" not in response.headers
    assert ask(client, origin="null").headers[ORIGIN] == "*"


@pytest.mark.parametrize("origins", ["*", ["*"], [A, "*"]])
def test_a_star_with_cookies_is_an_error_that_helps(app, client, origins):
    app.testing = True
    app.config.update(CORS_ORIGINS=origins, CORS_CREDENTIALS=True)
    with pytest.raises(ValueError, match="Name the origins, or leave cookies out"):
        client.get("/")
    with pytest.raises(ValueError, match="Name the origins, or leave cookies out"):
        app.cors.allow("x", origins=origins, credentials=True)


def test_sub_domains_credentials_and_exposed_headers(app, client):
    app.config.update(
        CORS_ORIGINS="https://*.a.example",
        CORS_CREDENTIALS=True,
        CORS_EXPOSE_HEADERS=["X-Total", "X-Page"],
    )
    response = client.get("/", headers={"Origin": "https://x.a.example"})
    assert cors_headers(response) == {
        ORIGIN: "https://x.a.example",
        CREDENTIALS: "true",
        "Access-Control-Expose-Headers": "X-Total, X-Page",
    }
    assert cors_headers(client.get("/", headers={"Origin": A})) == {}


def test_what_a_view_says_itself_is_kept(app, client):
    own = {ORIGIN: "https://own.example"}
    app.add_url_rule("/own", "own", lambda: Response("", headers=own))
    assert cors_headers(client.get("/own", headers={"Origin": A})) == own


# -- pre-flights -----------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/async"])
def test_a_preflight_is_answered_before_the_application_runs(app, client, path):
    app.before_request(lambda: abort(401))
    response = ask(client, path, headers="content-type, x-evil, X-CSRF-Token")
    assert (response.status_code, response.data) == (204, b"")
    assert cors_headers(response) == {
        ORIGIN: A,
        METHODS: "PUT",
        HEADERS: "content-type, X-CSRF-Token",
        "Access-Control-Max-Age": "600",
    }
    for name in ("Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers"):
        assert name in response.headers["Vary"]
    # The request itself is not let through by it, and its error can be read.
    response = client.put(path, headers={"Origin": A})
    assert (response.status_code, cors_headers(response)) == (401, {ORIGIN: A})


@pytest.mark.parametrize(
    ("path", "method", "origin"),
    [
        ("/", "PUT", "https://b.example"),
        ("/", "PUT", "null"),
        # The view does not answer these.
        ("/", "POST", A),
        ("/", "put", A),
        ("/", "X\x7f", A),
        ("/missing", "GET", A),
    ],
)
def test_a_preflight_that_allows_nothing(client, path, method, origin):
    response = ask(client, path, method, origin)
    allowed = cors_headers(response)
    assert METHODS not in allowed
    assert ORIGIN not in allowed or origin == A


def test_methods_and_headers_are_settings(app, client):
    app.config.update(CORS_METHODS=["get", "PUT"], CORS_ALLOW_HEADERS="*", CORS_MAX_AGE=None)
    response = ask(client, headers="X-One,x_two, é, a b, <x>, ")
    assert cors_headers(response) == {ORIGIN: A, METHODS: "PUT", HEADERS: "X-One, x_two"}
    response = ask(client, method="DELETE")
    assert (response.status_code, cors_headers(response)) == (204, {})


def test_a_preflight_with_cookies(app, client):
    app.config["CORS_CREDENTIALS"] = True
    assert ask(client).headers[CREDENTIALS] == "true"


@pytest.mark.parametrize("headers", [{}, {"Origin": A}, {"Access-Control-Request-Method": "PUT"}])
def test_another_options_request_is_the_applications(client, headers):
    response = client.options("/", headers=headers)
    assert response.status_code == 200
    assert set(response.allow) == {"GET", "HEAD", "PUT", "DELETE", "OPTIONS"}


def test_a_view_without_automatic_options(app, client):
    app.add_url_rule("/no", "no", lambda: "", methods=["POST"], provide_automatic_options=False)
    response = ask(client, "/no", "POST")
    assert (response.status_code, response.headers[METHODS]) == (204, "POST")
    # And not: 405, with the policy of the view.
    response = client.options("/no", headers={"Origin": A})
    assert (response.status_code, response.headers[ORIGIN]) == (405, A)


def test_a_view_that_answers_options_itself_is_asked_for_all_but_preflights(app, client):
    app.add_url_rule("/own", "own", lambda: request.method, methods=["OPTIONS", "POST"])
    assert client.options("/own").text == "OPTIONS"
    assert ask(client, "/own", "POST").headers[METHODS] == "POST"


# -- policies of single views ----------------------------------------------------------------


def test_views_blueprints_and_endpoints_have_policies_of_their_own(app, client):
    cors = app.cors
    app.config["CORS_ORIGINS"] = ()
    api = Blueprint("api", __name__, url_prefix="/api")

    @api.get("/plain")
    def plain():
        return "plain"

    @api.get("/open")
    @cors.allow(origins="*")
    def open_to_all():
        return "open"

    class Item(MethodView):
        def get(self):
            return "item"

    cors.allow(Item, origins=["https://item.example"])
    app.add_url_rule("/item", view_func=Item.as_view("item"))
    assert cors.allow(api, origins=[A], credentials=True, expose_headers=["X-Total"]) is api
    app.register_blueprint(api)
    assert cors.allow("abort", origins=["https://b.example"]) == "abort"

    def allowed(path, origin):
        return client.get(path, headers={"Origin": origin}).headers.get(ORIGIN)

    assert allowed("/api/plain", A) == A
    assert allowed("/api/open", "https://z.example") == "*"
    assert allowed("/item", "https://item.example") == "https://item.example"
    assert allowed("/abort", "https://b.example") == "https://b.example"
    for path in ("/", "/api/missing", "/item", "/abort", "/fail"):
        assert allowed(path, A) is None
    # 405 is an error of the view that has the path.
    response = client.post("/api/plain", headers={"Origin": A})
    assert (response.status_code, response.headers[CREDENTIALS]) == (405, "true")
    assert ask(client, "/api/plain", "GET").headers[CREDENTIALS] == "true"
    assert cors_headers(ask(client, "/", "GET")) == {}


def test_a_mistake_in_a_policy_is_told_at_once(app):
    with pytest.raises(TypeError, match="no option orgins, origin: there are allow_headers"):
        app.cors.allow("x", origin=A, orgins=A)
    with pytest.raises(ValueError, match=r"'a\.example', which is no origin"):
        app.cors.allow("x", origins=["a.example"])
    with pytest.raises(RuntimeError, match="already"):
        CORS(app)


def test_a_host_that_is_not_trusted_has_no_policy(app, client):
    app.config["TRUSTED_HOSTS"] = ["a.example"]
    response = ask(client)
    assert response.status_code == 400
    assert METHODS not in response.headers
