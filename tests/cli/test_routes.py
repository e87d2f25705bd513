from __future__ import annotations

import functools

import pytest

from erlen import Blueprint, Erlen
from erlen.cli import routes_command
from erlen.views import MethodView


def show(app, *args):
    """The lines that the command prints."""
    result = app.test_cli_runner().invoke(routes_command, args)
    assert result.exit_code == 0, result.output
    return result.output.splitlines()


@pytest.fixture
def app():
    app = Erlen("routes")
    app.add_url_rule("/get_post/<int:x>", "yyy_get_post", methods=["POST", "GET"])
    app.add_url_rule("/zzz_post", "aaa_post", methods=["POST"])
    return app


def test_the_table(app):
    lines = show(app)
    assert lines[0].split() == ["Endpoint", "Methods", "Rule", "View"]
    assert set(lines[1]) == {"-", " "}
    assert [line.split() for line in lines[2:]] == [
        ["aaa_post", "POST", "/zzz_post"],
        ["static", "GET", "/static/<path:filename>", "send_static_file"],
        ["yyy_get_post", "GET,", "POST", "/get_post/<int:x>"],
    ]
    starts = {line.index("/") for line in lines[2:]}
    assert starts == {lines[0].index("Rule")}


@pytest.mark.parametrize(
    ("sort", "endpoints"),
    [
        ("endpoint", ["aaa_post", "static", "yyy_get_post"]),
        ("methods", ["static", "yyy_get_post", "aaa_post"]),
        ("rule", ["yyy_get_post", "static", "aaa_post"]),
        ("match", ["static", "yyy_get_post", "aaa_post"]),
    ],
)
def test_how_it_is_sorted(app, sort, endpoints):
    assert [line.split()[0] for line in show(app, "--sort", sort)[2:]] == endpoints
    assert show(app, "-s", sort) == show(app, "--sort", sort)


def test_another_order_is_refused(app):
    result = app.test_cli_runner().invoke(routes_command, ["-s", "length"])
    assert result.exit_code == 2
    assert "'length' is not one of" in result.output


def test_all_methods(app):
    lines = show(app, "--all-methods")
    assert "GET, HEAD, OPTIONS, POST" in lines[-1]
    assert "OPTIONS, POST" in lines[2]


def test_no_rules():
    assert show(Erlen("empty", static_folder=None)) == ["No routes were registered."]


def test_subdomains():
    app = Erlen("subdomains", static_folder=None)
    app.add_url_rule("/a", "a", subdomain="b")
    app.add_url_rule("/b", "b", subdomain="a")
    app.add_url_rule("/c", "c")
    lines = show(app, "--sort", "domain")
    assert lines[0].split() == ["Endpoint", "Methods", "Subdomain", "Rule", "View"]
    assert [line.split()[0] for line in lines[2:]] == ["c", "b", "a"]


def test_hosts():
    app = Erlen("hosts", static_folder=None, host_matching=True)
    app.add_url_rule("/a", "a", host="a.example")
    lines = show(app)
    assert lines[0].split() == ["Endpoint", "Methods", "Host", "Rule", "View"]
    assert lines[2].split() == ["a", "GET", "a.example", "/a"]


# -- WebSockets, views and filters -----------------------------------------------------------


def decorated(view):
    @functools.wraps(view)
    def wrapper(*args, **kwargs):
        return view(*args, **kwargs)

    return wrapper


class ItemView(MethodView):
    def get(self):
        return ""


@pytest.fixture
def shop():
    app = Erlen("shop", static_folder=None)

    @app.route("/", methods=["GET", "POST"])
    @decorated
    def index():
        return ""

    @app.websocket("/live")
    async def live(): ...

    admin = Blueprint("admin", __name__, url_prefix="/admin")

    @admin.delete("/users/<int:number>")
    def delete_user(number):
        return ""

    app.register_blueprint(admin)
    app.add_url_rule("/items", view_func=ItemView.as_view("items"))
    app.add_url_rule("/part", "part", functools.partial(print, "x"))
    return app


def endpoints(app, *args):
    return [line.split()[0] for line in show(app, *args)[2:]]


def test_a_websocket_is_marked(shop):
    (row,) = [line for line in show(shop, "--all-methods") if line.startswith("live")]
    assert row.split()[:3] == ["live", "WebSocket", "/live"]


def test_the_view_is_named_whatever_is_around_it(shop):
    views = {line.split()[0]: line.split()[-1] for line in show(shop)[2:]}
    assert views == {
        "admin.delete_user": f"{__name__}.shop.delete_user",
        "index": f"{__name__}.shop.index",
        "items": f"{__name__}.ItemView",
        "live": f"{__name__}.shop.live",
        "part": "builtins.print",
    }


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (["--method", "GET"], ["index", "items", "part"]),
        (["--method", "post"], ["index"]),
        (["--method", "OPTIONS"], ["admin.delete_user", "index", "items", "part"]),
        (["--method", "websocket"], ["live"]),
        (["--endpoint", "admin.*"], ["admin.delete_user"]),
        (["--endpoint", "i*"], ["index", "items"]),
        (["--text", "USERS"], ["admin.delete_user"]),
        (["--text", "ItemView"], ["items"]),
        (["--text", "i", "--method", "get", "--endpoint", "*x"], ["index"]),
        (["--sort", "view", "--endpoint", "[il]*"], ["items", "index", "live"]),
    ],
)
def test_filters(shop, filters, found):
    assert endpoints(shop, *filters) == found


def test_nothing_that_is_wanted(shop):
    assert show(shop, "--text", "nowhere") == ["None of the 5 routes is like that."]
