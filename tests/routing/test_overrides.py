"""Who overrides a method of rules, converters, maps and adapters is called."""

from __future__ import annotations

from typing import Any

import pytest

from erlen import Erlen, request, url_for
from erlen.http import MultiDict
from erlen.routing import BuildError, IntegerConverter, Map, MapAdapter, Rule, UnicodeConverter


def built(rule: Rule, **values: Any) -> str:
    """The URL of the rule, in a request of an application and by an adapter: both are the same."""
    app = Erlen(__name__, static_folder=None)
    rule.endpoint = "x"
    app.url_map.add(rule)
    app.add_url_rule("/page", "page", lambda: url_for("x", **values))
    client = app.test_client()
    # The first request is not yet taken down the short way.
    texts = {client.get("/page").text for _ in range(3)}
    texts.add(app.url_map.bind("localhost").build("x", values))
    [text] = texts
    return text


class BuildsElsewhere(Rule):
    def build(self, values: Any, append_unknown: bool = True) -> tuple[str, str]:
        return "", "/elsewhere"


class NeverFits(Rule):
    def suitable_for(self, values: Any, method: str | None = None) -> bool:
        return "forced" not in values and super().suitable_for(values, method)


def test_build_of_a_subclass() -> None:
    assert built(BuildsElsewhere("/a")) == "/elsewhere"


def test_build_of_an_instance() -> None:
    rule = Rule("/a")
    rule.build = lambda values, append_unknown=True: ("", "/elsewhere")  # type: ignore
    assert built(rule) == "/elsewhere"


def test_build_put_in_by_an_agent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Rule, "build", BuildsElsewhere.build)
    assert built(Rule("/a")) == "/elsewhere"


def test_suitable_for_of_a_subclass() -> None:
    rules = [NeverFits("/a", endpoint="x"), Rule("/b", endpoint="x")]
    adapter = Map(rules).bind("localhost")
    assert adapter.build("x") == "/a"
    assert adapter.build("x", {"forced": 1}) == "/b?forced=1"


class Doubled(IntegerConverter):
    def to_python(self, value: str) -> int:
        return 2 * int(value)

    def to_url(self, value: int) -> str:
        return str(value // 2)


class Dashed(UnicodeConverter):
    def to_python(self, value: str) -> str:
        return value.replace("-", " ")

    def to_url(self, value: str) -> str:
        return value.replace(" ", "-")


@pytest.mark.parametrize(
    ("converter", "value", "path"), [(Doubled, 14, "/7"), (Dashed, "a b", "/a-b")]
)
def test_both_ways_of_a_converter(converter: Any, value: Any, path: str) -> None:
    app = Erlen(__name__, static_folder=None)
    app.url_map.converters["own"] = converter
    seen = []

    @app.get("/<own:x>")
    def page(x: Any) -> str:
        seen.append(x)
        return url_for("page", x=x)

    client = app.test_client()
    assert {client.get(path).text for _ in range(3)} == {path}
    assert seen == [value] * 3


def test_methods_of_one_converter_object() -> None:
    class Own(IntegerConverter):
        def __init__(self, map: Any) -> None:
            super().__init__(map)
            self.to_python = lambda text: -int(text)  # type: ignore
            self.to_url = lambda value: str(-value)  # type: ignore

    adapter = Map([Rule("/<own:n>", endpoint="x")], converters={"own": Own}).bind("localhost")
    assert adapter.match("/7") == ("x", {"n": -7})
    assert adapter.build("x", {"n": -7}) == "/7"


class OwnAdapter(MapAdapter):
    def match(self, *args: Any, **kwargs: Any) -> Any:
        rule, values = super().match(*args, **kwargs)
        return rule, {**values, "seen": "match"}

    def build(self, *args: Any, **kwargs: Any) -> str:
        return super().build(*args, **kwargs) + "#built"

    def get_host(self, domain_part: str | None) -> str:
        return "cdn.example"


class OwnMap(Map):
    def bind(self, *args: Any, **kwargs: Any) -> MapAdapter:
        adapter = super().bind(*args, **kwargs)
        adapter.__class__ = OwnAdapter
        return adapter


def pages(app: Erlen) -> None:
    @app.get("/user/<int:id>")
    @app.get("/static-path", defaults={"id": 0})
    def user(id: int, seen: str = "") -> str:
        return f"{seen} {url_for('user', id=id)} {url_for('user', id=id, _external=True)}"


def test_an_adapter_of_another_class() -> None:
    class App(Erlen):
        url_map_class = OwnMap

    app = App(__name__, static_folder=None)
    pages(app)
    client = app.test_client()
    for path in ("/user/3", "/static-path") * 2:
        assert client.get(path).text == f"match {path}#built http://cdn.example{path}#built"


def test_an_adapter_that_an_agent_has_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("match", "build"):
        monkeypatch.setattr(
            MapAdapter, name, wrapped(getattr(MapAdapter, name), calls := []), raising=True
        )
    app = Erlen(__name__, static_folder=None)
    pages(app)
    client = app.test_client()
    for path in ("/user/3", "/static-path") * 2:
        del calls[:]
        assert client.get(path).text == f" {path} http://localhost{path}"
        assert calls


def wrapped(function: Any, calls: list[Any]) -> Any:
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        calls.append(function)
        return function(*args, **kwargs)

    return wrapper


def test_the_adapter_that_create_url_adapter_returns() -> None:
    class App(Erlen):
        def create_url_adapter(self, request: Any) -> Any:
            adapter = super().create_url_adapter(request)
            if adapter is not None:
                adapter.script_name = "/mounted/"
            return adapter

    app = App(__name__, static_folder=None)
    pages(app)
    client = app.test_client()
    for path in ("/user/3", "/static-path") * 2:
        assert client.get(path).text == f" /mounted{path} http://localhost/mounted{path}"


def test_an_adapter_that_a_hook_has_put_in() -> None:
    from erlen.context.proxies import request_ctx

    app = Erlen(__name__, static_folder=None)
    pages(app)

    @app.before_request
    def elsewhere() -> None:
        request_ctx.url_adapter = app.url_map.bind("other.example", "/there")

    client = app.test_client()
    for path in ("/user/3", "/static-path") * 2:
        assert client.get(path).text == f" /there{path} http://other.example/there{path}"


def test_rules_that_change() -> None:
    app = Erlen(__name__, static_folder=None)
    rule = Rule("/a/<x>", endpoint="x")
    app.url_map.add(rule)
    app.add_url_rule("/page", "page", lambda: url_for("x", x=1, b=2, a=1))
    client = app.test_client()
    for _ in range(3):
        assert client.get("/page").text == "/a/1?b=2&a=1"
    app.url_map.sort_parameters = True
    assert client.get("/page").text == "/a/1?a=1&b=2"
    rule.rule = "/b/<x>"
    rule.refresh()
    assert client.get("/page").text == "/b/1?a=1&b=2"
    app.url_map.add(Rule("/c/<x>/<b>", endpoint="x"))
    assert client.get("/page").text == "/c/1/2?a=1"
    app.url_map.default_subdomain = "www"
    assert client.get("/page").status_code == 404


def test_a_rule_with_defaults_is_left_by_its_canonical_one() -> None:
    app = Erlen(__name__, static_folder=None)

    @app.route("/list/", defaults={"page": 1})
    @app.route("/list/<int:page>")
    def items(page: int) -> str:
        return f"{request.url_rule} {page} {url_for('items', page=page)}"

    client = app.test_client()
    for _ in range(3):
        assert client.get("/list/").text == "/list/ 1 /list/"
        assert client.get("/list/2").text == "/list/<int:page> 2 /list/2"
        assert client.get("/list/1").location == "/list/"
        app.url_map.redirect_defaults = False
        assert client.get("/list/1").text == "/list/<int:page> 1 /list/"
        app.url_map.redirect_defaults = True


def test_which_rule_is_canonical_may_be_overridden() -> None:
    class Canonical(Rule):
        def provides_defaults_for(self, rule: Rule) -> bool:
            return rule.rule == "/old"

    rules = [Canonical("/new/", endpoint="x"), Rule("/old", endpoint="x")]
    map = Map(rules)
    with pytest.raises(Exception, match="http://localhost/new/"):
        map.bind("localhost").match("/old")
    assert map.lookup("/old", "GET") is None


def test_none_goes_to_the_converter_where_it_is_a_value() -> None:
    adapter = Map([Rule("/<int:n>", endpoint="x")]).bind("localhost")
    # In a dictionary None is no value; of a list of values it is one.
    with pytest.raises(BuildError):
        adapter.build("x", {"n": None})
    with pytest.raises(TypeError):
        adapter.build("x", MultiDict([("n", None)]))
