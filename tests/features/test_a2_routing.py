"""FEATURES A2: routing."""

from __future__ import annotations

import uuid

import pytest

from erlen import Blueprint, Erlen, redirect, request, url_for
from erlen.routing import BaseConverter, BuildError


@pytest.fixture
def app():
    return Erlen(__name__)


def get(app, path, **kwargs):
    return app.test_client().get(path, **kwargs)


def test_route_and_the_method_decorators(app):
    @app.route("/things", methods=["GET", "POST"])
    def things():
        return request.method

    @app.get("/g")
    def g():
        return "get"

    @app.post("/p")
    def p():
        return "post"

    @app.put("/u")
    def u():
        return "put"

    @app.patch("/a")
    def a():
        return "patch"

    @app.delete("/d")
    def d():
        return "delete"

    client = app.test_client()
    assert client.get("/things").text == "GET"
    assert client.post("/things").text == "POST"
    assert client.get("/g").text == "get"
    assert client.post("/p").text == "post"
    assert client.put("/u").text == "put"
    assert client.patch("/a").text == "patch"
    assert client.delete("/d").text == "delete"


def test_method_decorators_refuse_methods(app):
    with pytest.raises(TypeError, match="Use the 'route' decorator"):
        app.get("/", methods=["POST"])


def test_methods_must_be_a_list(app):
    with pytest.raises(TypeError, match="must be a list"):
        app.add_url_rule("/", "x", lambda: "", methods="GET")


@pytest.mark.parametrize(
    ("rule", "path", "value"),
    [
        ("/<x>", "/name", "name"),
        ("/<string(length=2):x>", "/de", "de"),
        ("/<int:x>", "/42", 42),
        ("/<int(min=1):x>", "/7", 7),
        ("/<int(signed=True):x>", "/-7", -7),
        ("/<float:x>", "/1.5", 1.5),
        ("/<path:x>", "/a/b/c", "a/b/c"),
        ("/<any(a,b):x>", "/b", "b"),
        (
            "/<uuid:x>",
            "/6e3a5f0c-2b0b-4f4c-9d39-0a3a8a1e7c11",
            uuid.UUID("6e3a5f0c-2b0b-4f4c-9d39-0a3a8a1e7c11"),
        ),
    ],
)
def test_converters(app, rule, path, value):
    seen = []

    @app.route(rule)
    def view(x):
        seen.append(x)
        return ""

    assert get(app, path).status_code == 200
    assert seen == [value]
    assert type(seen[0]) is type(value)
    with app.test_request_context():
        assert url_for("view", x=value) == path


@pytest.mark.parametrize(
    ("rule", "path"),
    [
        ("/<string(length=2):x>", "/deu"),
        ("/<int:x>", "/-1"),
        ("/<int:x>", "/x"),
        ("/<int(min=1):x>", "/0"),
        ("/<int:x>", "/٣"),
        ("/<float:x>", "/1"),
        ("/<any(a,b):x>", "/c"),
        ("/<uuid:x>", "/not-a-uuid"),
        ("/<x>", "/a/b"),
        ("/<int:x>", "/" + "9" * 100_000),
    ],
)
def test_values_that_do_not_fit_are_not_found(app, rule, path):
    app.add_url_rule(rule, "view", lambda x: "")
    assert get(app, path).status_code == 404


def test_custom_converter(app):
    class ListConverter(BaseConverter):
        def to_python(self, value):
            return value.split("+")

        def to_url(self, values):
            return "+".join(super(ListConverter, self).to_url(v) for v in values)

    app.url_map.converters["list"] = ListConverter

    @app.route("/<list:names>")
    def names(names):
        return "|".join(names)

    assert get(app, "/a+b").text == "a|b"
    with app.test_request_context():
        assert url_for("names", names=["x", "y"]) == "/x+y"


def test_several_converters_in_one_segment(app):
    @app.route("/<int:year>-<int:month>.<ext>")
    def archive(year, month, ext):
        return f"{year}/{month}/{ext}"

    assert get(app, "/2026-11.html").text == "2026/11/html"


def test_head_and_options_come_with_get(app):
    @app.route("/")
    def index():
        return "hello"

    client = app.test_client()
    head = client.head("/")
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["Content-Length"] == "5"
    options = client.options("/")
    assert sorted(options.allow) == ["GET", "HEAD", "OPTIONS"]


def test_another_method_is_405_with_allow(app):
    app.add_url_rule("/", "index", lambda: "")
    response = app.test_client().post("/")
    assert response.status_code == 405
    assert sorted(response.allow) == ["GET", "HEAD", "OPTIONS"]


def test_trailing_slashes_as_the_seeds_say(app):
    @app.route("/hello")
    def leaf():
        return "leaf"

    @app.route("/folder/")
    def branch():
        return "branch"

    assert get(app, "/hello").text == "leaf"
    assert get(app, "/hello/").status_code == 404
    moved = get(app, "/folder?a=1")
    assert moved.status_code == 308
    assert moved.location == "/folder/?a=1"
    assert get(app, "/folder/").text == "branch"


def test_strict_slashes_off(app):
    app.add_url_rule("/loose/", "loose", lambda: "ok", strict_slashes=False)
    assert get(app, "/loose").text == "ok"


def test_slashes_are_merged(app):
    app.add_url_rule("/a/b", "ab", lambda: "ok")
    response = get(app, "/a//b")
    assert response.status_code == 308
    assert response.location == "/a/b"


def test_a_redirect_never_leaves_the_host(app):
    @app.route("/<path:x>/")
    def view(x):
        return x

    environ_path = "//evil.example/x"
    response = app.test_client().open(path="/", environ_overrides={"PATH_INFO": environ_path})
    assert response.status_code in (308, 404)
    if response.status_code == 308:
        assert response.location[:1] == "/" and response.location[:2] != "//"


def test_defaults_and_their_canonical_redirect(app):
    @app.route("/aaa/", defaults={"page": "index"})
    @app.route("/aaa/<page>")
    def aaa(page):
        return page

    assert get(app, "/aaa/").text == "index"
    assert get(app, "/aaa/other").text == "other"
    canonical = get(app, "/aaa/index")
    assert canonical.status_code == 308
    assert canonical.location == "/aaa/"


def test_redirect_to_a_path(app):
    app.add_url_rule("/aaa", "aaa", lambda: "", redirect_to="/new_aaa")
    app.add_url_rule("/new_aaa", "new", lambda: "new")
    response = get(app, "/aaa")
    assert response.status_code == 308
    assert response.location == "/new_aaa"


def test_redirect_to_a_function(app):
    def target(adapter, id):
        return f"article/{int(id) + 1}"

    @app.route("/old/<int:id>", redirect_to=target)
    def old(id):
        raise AssertionError("never called")

    assert get(app, "/old/1").location == "/article/2"


def test_url_for(app):
    app.config["SERVER_NAME"] = "example.org"

    @app.route("/user/<name>")
    def user(name):
        return name

    @app.route("/login", methods=["POST"], endpoint="login")
    def login():
        return ""

    with app.test_request_context():
        assert url_for("user", name="jo han ä") == "/user/jo%20han%20%C3%A4"
        assert url_for("user", name="a", q="x y", n=[1, 2]) == "/user/a?q=x+y&n=1&n=2"
        assert url_for("user", name="a", _anchor="top part") == "/user/a#top%20part"
        assert url_for("user", name="a", _external=True) == "http://example.org/user/a"
        assert (
            url_for("user", name="a", _external=True, _scheme="https")
            == "https://example.org/user/a"
        )
        assert url_for("login", _method="POST") == "/login"
        assert url_for("static", filename="style.css") == "/static/style.css"
    with app.app_context():
        assert url_for("user", name="a") == "http://example.org/user/a"


def test_url_for_tells_the_nearest_endpoint(app):
    app.add_url_rule("/", "index", lambda: "")
    with app.test_request_context(), pytest.raises(BuildError) as caught:
        url_for("indxe")
    assert "'index'" in str(caught.value)


def test_url_for_outside_of_a_request_says_what_to_set(app):
    app.add_url_rule("/", "index", lambda: "")
    with app.app_context(), pytest.raises(RuntimeError, match="SERVER_NAME"):
        url_for("index")
    with pytest.raises(RuntimeError, match=r"with app.app_context\(\)"):
        url_for("index")


def test_url_build_error_handlers(app):
    app.url_build_error_handlers.append(lambda error, endpoint, values: f"/ext/{endpoint}")
    with app.test_request_context():
        assert url_for("elsewhere") == "/ext/elsewhere"


def test_subdomains():
    app = Erlen(__name__, subdomain_matching=True)
    app.config["SERVER_NAME"] = "example.org"

    @app.route("/")
    def index():
        return "main"

    @app.route("/", subdomain="<user>")
    def home(user):
        return user

    client = app.test_client()
    assert client.get("/", base_url="http://example.org/").text == "main"
    assert client.get("/", base_url="http://ann.example.org/").text == "ann"


def test_host_matching():
    app = Erlen(__name__, host_matching=True, static_folder=None)
    app.add_url_rule("/", "a", lambda: "a", host="a.example")
    app.add_url_rule("/", "b", lambda: "b", host="b.example")
    client = app.test_client()
    assert client.get("/", base_url="http://a.example/").text == "a"
    assert client.get("/", base_url="http://b.example/").text == "b"
    assert client.get("/", base_url="http://c.example/").status_code == 404


def test_url_processors(app):
    @app.url_value_preprocessor
    def pull(endpoint, values):
        values.pop("lang", None)

    @app.url_defaults
    def push(endpoint, values):
        values.setdefault("lang", "de")

    @app.route("/<lang>/about")
    def about():
        return url_for("about")

    assert get(app, "/en/about").text == "/de/about"


def test_blueprints_nest(app):
    shop = Blueprint("shop", __name__, url_prefix="/shop")
    cart = Blueprint("cart", __name__, url_prefix="/cart")

    @cart.route("/")
    def show():
        return f"{request.endpoint} {request.blueprints} {url_for('.show')}"

    shop.register_blueprint(cart)
    app.register_blueprint(shop)
    assert get(app, "/shop/cart/").text == "shop.cart.show ['shop.cart', 'shop'] /shop/cart/"


def test_a_blueprint_registered_twice_needs_two_names(app):
    part = Blueprint("part", __name__)
    part.add_url_rule("/", "index", lambda: request.endpoint)
    app.register_blueprint(part, url_prefix="/a")
    with pytest.raises(ValueError, match="name="):
        app.register_blueprint(part, url_prefix="/b")
    app.register_blueprint(part, url_prefix="/b", name="other")
    assert get(app, "/a/").text == "part.index"
    assert get(app, "/b/").text == "other.index"


def test_two_views_for_one_endpoint(app):
    app.add_url_rule("/a", "same", lambda: "a")
    with pytest.raises(AssertionError, match="overwriting an existing endpoint"):
        app.add_url_rule("/b", "same", lambda: "b")


def test_set_up_after_the_first_request(app):
    app.add_url_rule("/", "index", lambda: "")
    get(app, "/")
    with pytest.raises(AssertionError, match="setup method 'add_url_rule'"):
        app.add_url_rule("/late", "late", lambda: "")


def test_url_map_prints_its_rules():
    app = Erlen(__name__, static_folder=None)

    @app.route("/")
    def index():
        return ""

    @app.route("/user/<name>")
    def user(name):
        return name

    text = repr(app.url_map)
    assert text.startswith("Map([<Rule '/' (")
    assert "-> index>" in text and "<Rule '/user/<name>' (" in text


def test_redirect_by_view(app):
    app.add_url_rule("/", "index", lambda: redirect("/ä?x=1"))
    response = get(app, "/")
    assert response.status_code == 302
    assert response.headers["Location"] == "/%C3%A4?x=1"
