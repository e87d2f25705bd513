"""Cases 48, 51 and 52: hosts, paths and methods that look like those of a rule."""

from __future__ import annotations

import pytest

from erlen import Erlen
from erlen.routing import BaseConverter
from erlen.views import MethodView, View


def case(name, *values):
    return pytest.param(*values, id=f"case-{name}")


@pytest.mark.parametrize(
    ("host", "status"),
    [
        case("48-rule", "a.example.org", 200),
        case("48-rule-dot", "aXexample.org", 404),
        case("48-rule-star", "a.example.org.evil.com", 404),
        case("48-rule-variable", "b.sub.example.org", 200),
        case("48-rule-variable-dot", "b.subXexample.org", 404),
    ],
)
def test_hosts_of_rules_are_literal(host, status):
    app = Erlen(__name__, host_matching=True, static_host="static.example.org")
    app.add_url_rule("/", "one", lambda: "", host="a.example.org")
    app.add_url_rule("/", "two", lambda name: name, host="<name>.sub.example.org")
    assert app.test_client().get("/", base_url=f"http://{host}").status_code == status


@pytest.mark.parametrize(
    ("path", "status"),
    [
        case("48-path", "/feed.xml", 200),
        case("48-path-dot", "/feedXxml", 404),
        case("48-path-variable", "/v1.5/feed", 200),
        case("48-path-variable-dot", "/v1X5/feed", 404),
        case("48-path-star", "/a+b", 200),
        case("48-path-repeated", "/aab", 404),
        case("48-choice", "/kind/x.y", 200),
        case("48-choice-dot", "/kind/xzy", 404),
    ],
)
def test_text_of_rules_is_literal(path, status):
    app = Erlen(__name__)
    app.add_url_rule("/feed.xml", "feed", lambda: "")
    app.add_url_rule("/v1.<n>/feed", "versioned", lambda n: n)
    app.add_url_rule("/a+b", "plus", lambda: "")
    app.add_url_rule("/kind/<any('x.y', z):kind>", "kind", lambda kind: kind)
    assert app.test_client().get(path).status_code == status


@pytest.mark.parametrize(
    "method",
    [
        case("51-private-name", "_HELPER"),
        case("51-dunder", "__CLASS__"),
        case("51-attribute", "DISPATCH_REQUEST"),
        case("51-as-view", "AS_VIEW"),
        case("51-methods", "METHODS"),
        case("51-unknown", "PROPFIND"),
        case("51-no-method", "NONE"),
        case("51-lower-case", "_helper"),
        case("51-trace", "TRACE"),
        case("51-connect", "CONNECT"),
    ],
)
def test_a_method_never_reaches_a_helper(method, monkeypatch):
    # The checker knows the usual methods alone.
    monkeypatch.setenv("ERLEN_VALIDATE_WSGI", "0")
    called = []

    class Page(MethodView):
        def get(self):
            return "page"

        def _helper(self):
            called.append("helper")
            return "secret"

        none = propfind = _helper

    class Plain(View):
        def dispatch_request(self):
            called.append("plain")
            return "plain"

    app = Erlen(__name__)
    app.add_url_rule("/page", view_func=Page.as_view("page"))
    app.add_url_rule("/plain", view_func=Plain.as_view("plain"))
    app.add_url_rule("/function", "function", lambda: called.append("function"))
    for path in ("/page", "/plain", "/function"):
        response = app.test_client().open(path, method=method)
        assert response.status_code == 405
        assert "GET" in response.headers["Allow"]
    assert called == []


@pytest.mark.parametrize(
    "end", ["%0a", "%0d", "%0d%0a", "%00", "%e2%80%a8", "%c2%85", "%20", "%09"]
)
@pytest.mark.parametrize(
    "path",
    [
        case("52-text", "/text"),
        case("52-branch", "/branch/"),
        case("52-int", "/int/1"),
        case("52-float", "/float/1.5"),
        case("52-uuid", "/uuid/12345678-1234-5678-1234-567812345678"),
        case("52-any", "/any/a"),
        case("52-length", "/length/ab"),
        case("52-custom", "/custom/abc"),
        case("52-behind-a-variable", "/variable/x/end"),
        case("52-static", "/static/x.txt"),
    ],
)
def test_nothing_may_stand_behind_a_path(path, end, tmp_path):
    class Letters(BaseConverter):
        regex = "[a-z]+$"

    (tmp_path / "x.txt").write_text("x")
    app = Erlen(__name__, static_folder=str(tmp_path), static_url_path="/static")
    app.url_map.converters["letters"] = Letters
    view = lambda **values: repr(values)  # noqa: E731
    for rule in (
        "/text", "/branch/", "/int/<int:v>", "/float/<float:v>", "/uuid/<uuid:v>",
        "/any/<any(a, b):v>", "/length/<string(length=2):v>", "/custom/<letters:v>",
        "/variable/<v>/end",
    ):  # fmt: skip
        app.add_url_rule(rule, rule, view)
    client = app.test_client()
    assert client.get(path).status_code == 200
    assert client.get(path + end).status_code == 404


@pytest.mark.parametrize(
    ("path", "value"),
    [
        case("52-in-text", "/x%0a", "x\n"),
        case("52-alone", "/%0a", "\n"),
        case("52-in-the-rest", "/a/b%0a", None),
        case("52-inside-the-rest", "/a/b%0ac", None),
    ],
)
def test_a_text_holds_it_and_a_path_does_not(path, value):
    app = Erlen(__name__)
    app.add_url_rule("/<one>", "one", lambda one: {"value": one})
    app.add_url_rule("/a/<path:rest>", "rest", lambda rest: {"value": rest})
    response = app.test_client().get(path)
    assert (response.json["value"] if response.status_code == 200 else None) == value
