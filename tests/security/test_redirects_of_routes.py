"""Cases 118 to 120: redirects that the router and views make, and the scheme that proxies tell."""

from __future__ import annotations

import pytest

from erlen import Erlen, Response, redirect, request, url_for, websocket
from erlen.middleware.proxy_fix import ProxyFix
from erlen.routing import Map, RequestRedirect, Rule


def case(name, *values):
    return pytest.param(*values, id=f"case-{name}")


@pytest.fixture
def app(interface):
    app = Erlen("x")
    app.config.update(PROPAGATE_EXCEPTIONS=False)
    app.add_url_rule("/slash/", "slash", lambda: "text")
    app.add_url_rule("/double/slash", "double", lambda: "text")
    app.add_url_rule("/page/", "page", str, defaults={"page": 1})
    app.add_url_rule("/page/<int:page>", "page", str)
    app.add_url_rule("/old", "old", str, redirect_to="/new")
    app.add_url_rule("/away", "away", str, redirect_to="https://other.test/x")
    return app


@pytest.mark.parametrize(
    ("path", "location"),
    [
        case("118-slash", "/slash", "/slash/"),
        case("118-query", "/slash?a=%2F&b", "/slash/?a=%2F&b"),
        case("118-merged", "/double//slash", "/double/slash"),
        case("118-defaults", "/page/1", "/page/"),
        case("118-redirect-to", "/old", "/new"),
        case("118-another-host", "/away", "https://other.test/x"),
    ],
)
def test_the_routers_redirects_hold_behind_a_proxy(app, path, location):
    for scheme, host in (("http", "a.test"), ("https", "a.test:8443"), ("http", "A.Test")):
        response = app.test_client().get(path, base_url=f"{scheme}://{host}")
        assert response.status_code == 308
        assert response.headers["Location"] == location


def test_below_a_mount_point(app):
    response = app.test_client().get("/slash", base_url="http://a.test/mount")
    assert response.headers["Location"] == "/mount/slash/"


def test_to_another_subdomain_the_host_is_needed(interface):
    app = Erlen("x", subdomain_matching=True)
    app.config["SERVER_NAME"] = "a.test"
    app.add_url_rule("/slash/", "slash", lambda: "text", subdomain="www")
    response = app.test_client().get("/slash", base_url="http://www.a.test")
    assert response.headers["Location"] == "/slash/"


def test_the_exception_and_the_old_way_are_absolute(app):
    adapter = Map([Rule("/slash/", endpoint="x")]).bind("a.test")
    with pytest.raises(RequestRedirect) as caught:
        adapter.match("/slash")
    assert caught.value.new_url == "http://a.test/slash/"
    app.response_class = type("Old", (Response,), {"autocorrect_location_header": True})
    assert app.test_client().get("/slash").headers["Location"] == "http://localhost/slash/"


@pytest.mark.parametrize("handled", [True, False], ids=["handled", "unhandled"])
@pytest.mark.parametrize(
    "location",
    [
        case("119-bracket", "//[bad"),
        case("119-bracket-with-scheme", "http://[bad"),
        case("119-port", "http://[::1]:80x/"),
        case("119-port-of-a-name", "http://a.test:80x/"),
        case("119-large-port", "http://a.test:99999/"),
    ],
)
def test_a_location_that_is_none_is_an_error_of_the_view(app, location, handled):
    app.add_url_rule("/", "index", lambda: redirect(location))
    if handled:
        app.register_error_handler(ValueError, lambda error: ("handled", 418))
    response = app.test_client().get("/")
    assert response.status_code == (418 if handled else 500)


def test_one_that_is_set_by_hand_is_a_clean_500(app, caplog):
    app.add_url_rule("/", "index", lambda: Response("", 302, {"Location": "//[bad"}))
    app.register_error_handler(500, lambda error: ("internal", 500))
    assert app.test_client().get("/").text == "internal"
    assert "Exception on /" in caplog.text


@pytest.mark.parametrize(
    ("told", "scheme"),
    [
        case("120-https", "https", "https"),
        case("120-upper-case", "HTTPS", "https"),
        case("120-javascript", "javascript", "http"),
        case("120-data", "data", "http"),
        case("120-nonsense", "https://evil.test/?", "http"),
        case("120-empty", "", "http"),
        case("120-of-a-websocket", "wss", "https"),
        case("120-of-an-open-websocket", "ws", "http"),
    ],
)
@pytest.mark.parametrize("way", ["wsgi_app", "asgi_app"])
def test_schemes_that_proxies_tell(app, interface, told, scheme, way):
    if (interface, way) == ("wsgi", "asgi_app"):
        pytest.skip("it is not called there")
    setattr(app, way, ProxyFix(getattr(app, way)))
    app.add_url_rule("/", "index", lambda: f"{request.scheme} {url_for('index', _external=True)}")
    response = app.test_client().get("/", headers={"X-Forwarded-Proto": told})
    assert response.text == f"{scheme} {scheme}://localhost/"


@pytest.mark.parametrize("told", [case("120-wss", "wss"), case("120-https", "https")])
def test_external_urls_in_a_websocket_over_tls(told):
    app = Erlen("x")
    app.add_url_rule("/", "index", lambda: "text")

    @app.websocket("/ws")
    async def ws():
        await websocket.send(url_for("index", _external=True))
        await websocket.send(url_for("ws", _external=True))

    client = app.test_client(interface="asgi")
    with client.websocket("/ws", base_url=f"{told}://localhost") as connection:
        assert connection.receive() == "https://localhost/"
        assert connection.receive() == "wss://localhost/ws"
