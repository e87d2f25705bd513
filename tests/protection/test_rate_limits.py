"""429 for a client that asks too often."""

from __future__ import annotations

import logging

import pytest

from erlen import Blueprint, Erlen, request
from erlen.middleware.proxy_fix import ProxyFix
from erlen.protection.cors import CORS
from erlen.protection.rate_limits import (
    RateLimitExceeded,
    RateLimits,
    RedisCounters,
    client_address,
)
from erlen.protection.rates import Rate


@pytest.fixture(params=["wsgi", "asgi"], autouse=True)
def interface(request, monkeypatch):
    monkeypatch.setenv("ERLEN_TEST_INTERFACE", request.param)
    return request.param


@pytest.fixture
def app():
    app = Erlen(__name__)
    app.limits = RateLimits(app)
    app.add_url_rule("/", "index", lambda: "index", methods=["GET", "POST"])

    @app.route("/async")
    async def asynchronous():
        return "async"

    return app


@pytest.fixture
def client(app):
    return app.test_client()


def statuses(client, path, times, **options):
    return [client.get(path, **options).status_code for _ in range(times)]


def from_address(address):
    return {"environ_overrides": {"REMOTE_ADDR": address}}


def test_without_a_limit_nothing_is_counted(client):
    response = client.get("/")
    assert response.status_code == 200
    assert "RateLimit" not in response.headers


@pytest.mark.parametrize("path", ["/", "/async"])
def test_the_default_counts_all_requests_of_a_client(app, client, path):
    app.config["RATE_LIMIT_DEFAULT"] = "3 per day"
    assert [client.get(p).status_code for p in ("/", "/async", "/missing")] == [200, 200, 404]
    assert client.get(path).status_code == 429
    assert client.get(path, **from_address("198.51.100.7")).status_code == 200


def test_the_answer_tells_the_window_and_when_to_come_back(app, client):
    app.config["RATE_LIMIT_DEFAULT"] = "2 per day"
    response = client.get("/")
    assert response.headers["RateLimit-Policy"] == '"rate";q=2;w=86400'
    assert response.headers["RateLimit"] == '"rate";r=1'
    assert "Retry-After" not in response.headers
    client.get("/")
    response = client.get("/")
    assert response.status_code == 429
    wait = int(response.headers["Retry-After"])
    assert 1 <= wait <= 2 * 86_400
    assert response.headers["RateLimit"] == f'"rate";r=0;t={wait}'
    assert f"The limit is 2 per day. Try again in {wait} seconds." in response.text


def test_the_headers_can_be_left_out(app, client):
    app.config.update(RATE_LIMIT_DEFAULT="1 per day", RATE_LIMIT_HEADERS=False)
    assert "RateLimit" not in client.get("/").headers
    response = client.get("/")
    assert "RateLimit" not in response.headers
    assert "Retry-After" in response.headers


@pytest.mark.parametrize("handled", [429, RateLimitExceeded])
def test_an_error_handler_answers_and_retry_after_stays(app, client, handled):
    app.config["RATE_LIMIT_DEFAULT"] = "1 per day"

    @app.errorhandler(handled)
    def slow_down(error):
        assert error.rate == Rate(1, 86_400)
        return {"error": "slow down"}, 429

    client.get("/")
    response = client.get("/")
    assert (response.status_code, response.json) == (429, {"error": "slow down"})
    assert int(response.headers["Retry-After"]) >= 1


def test_several_rates_all_hold(app, client):
    app.config["RATE_LIMIT_DEFAULT"] = "5 per day; 3 per hour"
    assert statuses(client, "/", 4) == [200, 200, 200, 429]


def test_a_rate_that_is_none_is_told(app, client):
    app.testing = True
    app.config["RATE_LIMIT_DEFAULT"] = "often"
    with pytest.raises(ValueError, match="is no rate"):
        client.get("/")
    with pytest.raises(ValueError, match="is no rate"):
        app.limits.limit("often")
    with pytest.raises(RuntimeError, match="already"):
        RateLimits(app)


def test_a_view_has_limits_beside_the_default(app, client):
    app.config["RATE_LIMIT_DEFAULT"] = "6 per day"

    @app.get("/login")
    @app.limits.limit("2 per day")
    def login():
        return ""

    @app.get("/other")
    @app.limits.limit("2 per day")
    async def other():
        return ""

    assert statuses(client, "/login", 3) == [200, 200, 429]
    assert statuses(client, "/other", 3) == [200, 200, 429]
    # Six were let past the default.
    assert statuses(client, "/", 1) == [429]
    assert statuses(client, "/login", 2, **from_address("198.51.100.7")) == [200, 200]


def test_limits_of_one_view_add_up(app, client):
    @app.route("/login", methods=["GET", "POST"])
    @app.limits.limit("4 per day")
    @app.limits.limit("1 per day", methods=["post"])
    def login():
        return ""

    assert [client.post("/login").status_code for _ in range(2)] == [200, 429]
    assert statuses(client, "/login", 4) == [200, 200, 200, 429]


def test_the_views_of_a_blueprint_are_limited_together(app, client):
    api = Blueprint("api", __name__, url_prefix="/api")
    for name in ("a", "b"):
        api.add_url_rule(f"/{name}", name, lambda: "")
    app.limits.limit("3 per day")(api)
    app.limits.limit("100 per day")(api)
    app.register_blueprint(api)
    assert statuses(client, "/api/a", 2) == [200, 200]
    assert statuses(client, "/api/b", 2) == [200, 429]
    assert statuses(client, "/", 1) == [200]


def test_who_is_counted_is_up_to_the_application(app, client):
    @app.get("/mine")
    @app.limits.limit("1 per day", by=lambda: request.headers.get("X-User"))
    def mine():
        return ""

    def get(user):
        return client.get("/mine", headers={"X-User": user} if user else None).status_code

    assert [get("ada"), get("ada"), get("bob"), get("\xe9" * 5_000)] == [200, 429, 200, 200]
    assert [get(None), get(None)] == [200, 200]


def test_exempt(app, client):
    app.config["RATE_LIMIT_DEFAULT"] = "1 per day"

    @app.get("/health")
    @app.limits.exempt
    def health():
        return ""

    app.add_url_rule("/ping", "ping", lambda: "")
    assert app.limits.exempt("ping") == "ping"
    assert statuses(client, "/health", 3) == [200, 200, 200]
    assert statuses(client, "/ping", 3) == [200, 200, 200]
    assert statuses(client, "/", 2) == [200, 429]
    app.config["RATE_LIMIT_ENABLED"] = False
    assert statuses(client, "/", 2) == [200, 200]


def test_static_files_are_not_counted_by_default(app, client):
    app.config["RATE_LIMIT_DEFAULT"] = "1 per day"
    blueprint = Blueprint("b", __name__, static_folder="static", url_prefix="/b")
    app.register_blueprint(blueprint)
    # A page has many of them.
    assert statuses(client, "/static/missing", 3) == [404, 404, 404]
    assert statuses(client, "/b/static/missing", 3) == [404, 404, 404]
    assert statuses(client, "/", 2) == [200, 429]
    app.limits.limit("1 per day")("static")
    assert statuses(client, "/static/missing", 2) == [404, 429]


def test_applications_with_shared_counters_do_not_share_keys():
    limits = RateLimits()
    for name in ("a", "b"):
        app = Erlen(name)
        app.config["RATE_LIMIT_DEFAULT"] = "1 per day"
        limits.init_app(app)
        app.add_url_rule("/", "index", lambda: "")
        assert statuses(app.test_client(), "/", 2) == [200, 429]


# -- who asks --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        # What one subscriber has.
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("unix:", "unix:"),
    ],
)
def test_the_address_that_is_counted(app, address, counted):
    with app.test_request_context(environ_overrides={"REMOTE_ADDR": address}):
        assert client_address() == counted


FORWARDED = {"X-Forwarded-For": "198.51.100.7"}


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "::1", "", "unix:"])
@pytest.mark.parametrize("headers", [FORWARDED, {"Forwarded": "for=198.51.100.7"}])
def test_behind_an_unknown_proxy_the_limit_stays_and_that_is_told(
    app, client, caplog, address, headers
):
    caplog.set_level(logging.WARNING)
    app.config["RATE_LIMIT_DEFAULT"] = "1 per day"
    options = {"headers": headers, **from_address(address)}
    # Whoever is near could write the header too.
    assert statuses(client, "/", 2, **options) == [200, 429]
    assert statuses(client, "/async", 1, **options) == [429]
    [record] = caplog.records
    assert "ProxyFix" in record.getMessage()


def test_a_client_cannot_pretend_to_be_a_proxy(app, client):
    app.config["RATE_LIMIT_DEFAULT"] = "1 per day"
    options = {"headers": FORWARDED, **from_address("8.8.8.8")}
    assert statuses(client, "/", 2, **options) == [200, 429]


def test_a_known_proxy_tells_who_asks(app, client):
    app.config["RATE_LIMIT_DEFAULT"] = "1 per day"
    app.wsgi_app = ProxyFix(app.wsgi_app)
    assert statuses(client, "/", 2, headers=FORWARDED) == [200, 429]
    assert statuses(client, "/", 1, headers={"X-Forwarded-For": "198.51.100.8"}) == [200]
    # What the client writes before the proxy's entry changes nothing.
    headers = {"X-Forwarded-For": "1.2.3.4, 198.51.100.8"}
    assert statuses(client, "/", 1, headers=headers) == [429]


# -- beside others ---------------------------------------------------------------------------


def test_a_preflight_is_not_counted_and_a_429_can_be_read():
    app = Erlen(__name__)
    app.config.update(CORS_ORIGINS=["https://a.example"], RATE_LIMIT_DEFAULT="1 per day")
    CORS(app)
    RateLimits(app)
    app.add_url_rule("/", "index", lambda: "")
    client = app.test_client()
    headers = {"Origin": "https://a.example", "Access-Control-Request-Method": "GET"}
    for _ in range(3):
        assert client.options("/", headers=headers).status_code == 204
    assert client.get("/", headers=headers).status_code == 200
    response = client.get("/", headers=headers)
    assert response.status_code == 429
    assert response.headers["Access-Control-Allow-Origin"] == "https://a.example"


def test_redis_is_a_setting(app, client, caplog):
    pytest.importorskip("redis")
    caplog.set_level(logging.WARNING)
    # Nobody listens there.
    app.config.update(RATE_LIMIT_DEFAULT="2 per day", RATE_LIMIT_STORAGE="redis://127.0.0.1:1/0")
    assert statuses(client, "/", 3) == [200, 200, 429]
    [counters] = app.limits._counters.values()
    assert isinstance(counters, RedisCounters)
    assert "Redis failed" in caplog.text
