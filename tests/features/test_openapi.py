"""The OpenAPI document of an application, and the page that shows it."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Annotated, Any, Literal

import msgspec
import pytest
import yaml
from msgspec import Meta, Struct
from openapi_spec_validator import OpenAPIV31SpecValidator

from erlen import Blueprint, Erlen, Response
from erlen.api import (
    Accepted,
    Body,
    Cookie,
    Created,
    Form,
    Header,
    NoContent,
    OpenAPI,
    OrNotFound,
    Page,
    Problem,
    Query,
    Upload,
)
from erlen.api.openapi.differences import differences
from erlen.api.openapi.yaml import to_yaml
from erlen.protection.preset import secure
from erlen.views import MethodView


class Item(Struct):
    id: int
    name: Annotated[str, Meta(min_length=1, examples=["Chair"])]
    price: Decimal = Decimal("1.50")
    parts: list[Item] = []


class Cat(Struct, tag="cat"):
    lives: int


class Dog(Struct, tag="dog"):
    name: str


class Search(Struct, rename="camel"):
    search_text: str
    page: Annotated[int, Meta(ge=1, description="Which page.")] = 1


class Profile(Struct):
    name: str
    picture: Upload | None = None


class Plain(Struct):
    name: str


class OutOfStock(Problem, status=409, title="Out of stock"):
    item: int


class Locked(Problem, status=409):
    """Somebody else works on it."""


def shop() -> Erlen:
    app = Erlen("shop")
    part = Blueprint("part", __name__, url_prefix="/part")

    @app.post("/items")
    async def create_item(
        item: Body[Item], dry: Query[bool] = False
    ) -> Created[Item] | OutOfStock | Locked:
        """Add an item.

        It is there at once.
        """
        raise AssertionError

    @app.get("/items/<int(min=3, max=9):id>")
    def item(id: int) -> OrNotFound[Item]:
        raise AssertionError

    @app.get("/items")
    def items(
        search: Query[Search], x_count: Header[int], theme: Cookie[Literal["a", "b"]] = "a"
    ) -> Page[Item]:
        raise AssertionError

    @app.delete("/items/<uuid:id>/<any(x, y):kind>/<path:rest>")
    def remove(id, kind, rest):
        return ""

    @app.put("/pets")
    def pet(pet: Body[Cat | Dog] | None) -> NoContent | Accepted[Cat | Dog]:
        raise AssertionError

    @app.post("/profile")
    def profile(profile: Form[Profile]) -> Response:
        raise AssertionError

    @part.post("/plain")
    def plain(plain: Form[Plain]) -> dict[str, int]:
        raise AssertionError

    class Things(MethodView):
        def get(self, number: int) -> Item:
            """One thing."""
            raise AssertionError

        def patch(self, number: int, item: Body[dict[str, Any]]) -> str:
            raise AssertionError

        def delete(self, number):
            return ""

    part.add_url_rule("/things/<int:number>", view_func=Things.as_view("things"))
    app.register_blueprint(part)

    @app.websocket("/socket")
    async def socket(page: Query[int]): ...

    return app


@pytest.fixture
def app():
    app = shop()
    OpenAPI(app, title="Shop", version="2.0", description="Sells *things*.")
    return app


def operation(document, method, path):
    return document["paths"][path][method]


def test_the_document_is_valid_and_tells_every_rule(app):
    answer = app.test_client().get("/openapi.json")
    assert answer.mimetype == "application/json"
    document = answer.json
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []
    assert document["openapi"] == "3.1.0"
    assert document["info"] == {"title": "Shop", "version": "2.0", "description": "Sells *things*."}
    assert [(path, *methods) for path, methods in document["paths"].items()] == [
        ("/items", "get", "post"),
        ("/items/{id}", "get"),
        ("/items/{id}/{kind}/{rest}", "delete"),
        ("/part/plain", "post"),
        ("/part/things/{number}", "delete", "get", "patch"),
        ("/pets", "put"),
        ("/profile", "post"),
    ]
    assert "servers" not in document


def test_operations_say_what_views_say(app):
    document = app.test_client().get("/openapi.json").json
    found = operation(document, "post", "/items")
    assert found["operationId"] == "create_item"
    assert found["summary"] == "Add an item."
    assert found["description"] == "It is there at once."
    assert found["requestBody"] == {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Item"}}},
    }
    assert found["parameters"] == [
        {"name": "dry", "in": "query", "schema": {"type": "boolean", "default": False}}
    ]
    assert [*found["responses"]] == ["201", "400", "409", "415", "422"]
    problems = found["responses"]["409"]["content"]["application/problem+json"]["schema"]
    assert problems == {
        "anyOf": [
            {"$ref": "#/components/schemas/OutOfStock"},
            {"$ref": "#/components/schemas/Locked"},
        ]
    }


def test_parameters_come_from_all_places(app):
    document = app.test_client().get("/openapi.json").json
    assert operation(document, "get", "/items")["parameters"] == [
        {"name": "searchText", "in": "query", "required": True, "schema": {"type": "string"}},
        {
            "name": "page",
            "in": "query",
            "schema": {"type": "integer", "minimum": 1, "default": 1, "description": "Which page."},
        },
        {"name": "X-Count", "in": "header", "required": True, "schema": {"type": "integer"}},
        {"name": "theme", "in": "cookie", "schema": {"enum": ["a", "b"], "default": "a"}},
    ]
    assert "Search" not in document["components"]["schemas"]
    assert operation(document, "get", "/items/{id}")["parameters"] == [
        {
            "name": "id",
            "in": "path",
            "required": True,
            "schema": {"type": "integer", "minimum": 3, "maximum": 9},
        }
    ]
    untyped = operation(document, "delete", "/items/{id}/{kind}/{rest}")
    assert [one["schema"] for one in untyped["parameters"]] == [
        {"type": "string", "format": "uuid"},
        {"type": "string", "enum": ["x", "y"]},
        {"type": "string"},
    ]
    assert untyped["responses"] == {"default": {"description": "The answer"}}


def test_answers_have_their_statuses_and_types(app):
    document = app.test_client().get("/openapi.json").json
    page = operation(document, "get", "/items")["responses"]["200"]
    assert "Link" in page["headers"]
    assert page["content"]["application/json"]["schema"] == {
        "type": "array",
        "items": {"$ref": "#/components/schemas/Item"},
    }
    assert [*operation(document, "get", "/items/{id}")["responses"]] == ["200", "404"]
    pet = operation(document, "put", "/pets")
    assert pet["responses"]["204"] == {"description": "No Content"}
    schema = pet["responses"]["202"]["content"]["application/json"]["schema"]
    assert [one["$ref"].rpartition("/")[2] for one in schema["anyOf"]] == ["Cat", "Dog"]
    tagged = pet["requestBody"]["content"]["application/json"]["schema"]["anyOf"]
    assert {"type": "null"} in tagged
    assert "required" not in pet["requestBody"]
    plain = operation(document, "post", "/part/plain")
    assert plain["tags"] == ["part"]
    assert [*plain["requestBody"]["content"]] == [
        "application/x-www-form-urlencoded",
        "multipart/form-data",
    ]
    answer = plain["responses"]["200"]["content"]["application/json"]["schema"]
    assert answer == {"type": "object", "additionalProperties": {"type": "integer"}}
    profile = operation(document, "post", "/profile")
    assert [*profile["requestBody"]["content"]] == ["multipart/form-data"]
    assert profile["responses"]["200"] == {"description": "OK"}
    things = document["paths"]["/part/things/{number}"]
    assert things["get"]["operationId"] == "part.things_get"
    assert things["get"]["summary"] == "One thing."
    assert "text/html" in things["patch"]["responses"]["200"]["content"]
    assert things["delete"]["responses"] == {"default": {"description": "The answer"}}


def test_what_is_sent_fits_the_document(app):
    from jsonschema import Draft202012Validator

    document = app.test_client().get("/openapi.json").json
    sent = app.test_client().post("/items", json={"name": ""}).json
    schema = {"$ref": "#/components/schemas/InvalidInput", "components": document["components"]}
    Draft202012Validator(schema).validate(sent)
    item = json.loads(msgspec.json.encode(Item(1, "a", Decimal(2), [Item(2, "b")])))
    schema = {"$ref": "#/components/schemas/Item", "components": document["components"]}
    Draft202012Validator(schema).validate(item)


def test_two_types_of_one_name_get_readable_names():
    app = Erlen(__name__)
    first = msgspec.defstruct("Same", [("a", int)], module="shop.first")
    second = msgspec.defstruct("Same", [("b", int)], module="shop.second")
    for number, cls in enumerate((first, second)):

        def view(value):
            return ""

        view.__annotations__ = {"value": Body[cls], "return": list[cls]}  # type: ignore[valid-type]
        app.add_url_rule(f"/{number}", f"view{number}", view, methods=["POST"])
    document = OpenAPI(app).document(app)
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []
    names = [name for name in document["components"]["schemas"] if "Same" in name]
    assert len(names) == 2
    assert all(re.fullmatch(r"[\w.-]+", name) for name in names)
    assert any("first" in name for name in names)


def test_paths_that_differ_in_names_alone_are_one():
    app = Erlen(__name__)
    app.add_url_rule("/<int:id>", "by_id", lambda id: "")
    app.add_url_rule("/<name>", "by_name", lambda name: "", methods=["GET", "POST"])
    document = OpenAPI(app).document(app)
    assert {path: [*methods] for path, methods in document["paths"].items()} == {
        "/{id}": ["get", "post"]
    }
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []


def test_deprecated_views():
    app = Erlen(__name__)

    def old(page: Query[int] = 1) -> NoContent: ...

    # What warnings.deprecated sets, in Python 3.13.
    old.__deprecated__ = "Use /new."  # type: ignore[attr-defined]
    app.add_url_rule("/", view_func=old)
    assert OpenAPI(app).document(app)["paths"]["/"]["get"]["deprecated"] is True


def test_the_etag_answers_304_and_changes_with_the_application(app):
    client = app.test_client()
    first = client.get("/openapi.json")
    again = client.get("/openapi.json", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    app._got_first_request = False

    @app.get("/new")
    def new() -> Item:
        raise AssertionError

    assert "/new" in client.get("/openapi.json").json["paths"]


def test_below_a_prefix(app):
    answer = app.test_client().get("/openapi.json", base_url="http://localhost/shop")
    assert answer.json["servers"] == [{"url": "/shop"}]
    page = app.test_client().get("/docs", base_url="http://localhost/shop").text
    assert 'data-document="/shop/openapi.json"' in page
    assert 'src="/shop/docs/page.js"' in page
    assert "servers" not in app.test_client().get("/openapi.json").json


def test_the_page_needs_nothing_but_the_application(app):
    client = app.test_client()
    page = client.get("/docs")
    assert page.mimetype == "text/html"
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert loaded and all(url.startswith("/") and not url.startswith("//") for url in loaded)
    # What the strict policy would refuse.
    assert not re.search(r"<script>|<style|style=|\son\w+=", page.text)
    for url in loaded:
        answer = client.get(url)
        assert answer.status_code == 200
        assert "http://" not in answer.text and "https://" not in answer.text
        etag = answer.headers["ETag"]
        assert client.get(url, headers={"If-None-Match": etag}).status_code == 304
    script = client.get("/docs/page.js").text
    for word in ("innerHTML", "eval(", "document.write", ".style"):
        assert word not in script
    assert client.get("/docs/other.js").status_code == 404


def test_the_page_under_the_secure_preset_has_the_token_of_the_session():
    app = shop()
    app.secret_key = "x" * 32
    app.config["RATELIMIT_DEFAULT"] = None
    app.config["CSP"] = "strict"
    secure(app)
    OpenAPI(app, title='<b>"Shop"</b>')
    client = app.test_client()
    page = client.get("/docs", base_url="https://localhost")
    assert "default-src 'self'" in page.headers["Content-Security-Policy"]
    assert "<b>" not in page.text
    token = re.search(r'<meta name="csrf-token" content="([^"]+)">', page.text)
    assert token is not None
    sent = {"X-CSRF-Token": token[1]}
    form = {"name": "Ada"}
    url = "https://localhost/part/plain"
    assert client.post(url, data=form).status_code == 400
    with pytest.raises(AssertionError):
        app.testing = True
        client.post(url, data=form, headers=sent)


def test_nothing_is_served_where_that_is_wished():
    app = Erlen(__name__)
    api = OpenAPI(app, url=None)
    assert app.test_client().get("/openapi.json").status_code == 404
    assert api.document(app)["paths"] == {}
    with pytest.raises(RuntimeError, match="already"):
        OpenAPI(app)


def test_yaml_says_the_same(app):
    document = OpenAPI(url=None).document(shop())
    assert yaml.safe_load(to_yaml(document)) == document
    odd = {
        "": [],
        "yes": {},
        "1": ["no", "", " a", "a: b", "- a", "#", "2026-01-01", "1.0", "null", "~", "ä\n\x00\"'"],
        "list": [[1, [2]], [{"a": [{"b": None}]}], True, 1.5],
    }
    assert yaml.safe_load(to_yaml(odd)) == odd


# -- differences -------------------------------------------------------------------------------


def document_with(view, methods=("POST",)):
    app = Erlen(__name__)
    app.add_url_rule("/", "view", view, methods=methods)
    return json.loads(json.dumps(OpenAPI(app).document(app)))


def told(old, new):
    return [str(one) for one in differences(document_with(old), document_with(new))]


def test_no_difference():
    def view(item: Body[Item]) -> Item: ...

    assert told(view, view) == []


def changed(**fields):
    return msgspec.defstruct("Thing", list(fields.items()), module=__name__)


CHANGES = [
    ({"a": int}, {"a": int, "b": int}, ["breaks  POST /, body/b: is new and needed"]),
    (
        {"a": int},
        {"a": str},
        [
            "breaks  POST /, body/a: no type integer",
            "breaks  POST /, 200/a: the type string is new",
        ],
    ),
    (
        {"a": int},
        {"a": Annotated[int, Meta(ge=3)]},
        ["breaks  POST /, body/a: minimum is 3, and was None"],
    ),
    (
        {"a": int, "b": int},
        {"a": int},
        ["changes  POST /, body/b: is gone", "breaks  POST /, 200/b: is gone"],
    ),
    ({"a": Literal["x", "y"]}, {"a": Literal["x"]}, ["breaks  POST /, body/a: no value 'y'"]),
    (
        {"a": Literal["x"]},
        {"a": Literal["x", "y"]},
        ["breaks  POST /, 200/a: the value 'y' is new"],
    ),
]


@pytest.mark.parametrize("old, new, expected", CHANGES)
def test_differences_of_types_are_told_for_callers(old, new, expected):
    documents = []
    for fields in (old, new):
        cls = changed(**fields)

        def view(item):
            return item

        view.__annotations__ = {"item": Body[cls], "return": cls}
        documents.append(document_with(view))
    found = [str(one) for one in differences(*documents)]
    assert [one for one in expected if one not in found] == []
    # What breaks comes first.
    assert found == sorted(found, key=lambda one: one.startswith("changes"))


def test_differences_of_operations():
    def old(page: Query[int] = 1, other: Query[int] = 1) -> Item: ...

    def new(item: Body[Item], page: Query[int], more: Query[int] = 1) -> Created[Item]: ...

    assert told(old, new) == [
        "breaks  POST /: needs query 'page', which was optional",
        "breaks  POST /: takes no query 'other' any more",
        "breaks  POST /: needs a body",
        "breaks  POST /, 200: is not answered any more",
        "breaks  POST /, 201: is a new answer",
        "changes  POST /: takes query 'more'",
        "changes  POST /, 400: is a new answer",
        "changes  POST /, 415: is a new answer",
    ]
    assert [str(one) for one in differences(document_with(old), {"paths": {}})] == [
        "breaks  POST /: is gone"
    ]


class Tree(Struct):
    below: list[Tree]


class GrownTree(Struct):
    below: list[GrownTree]
    more: int = 1


def test_differences_of_recursive_types_end():
    def old(tree: Body[Tree]) -> NoContent: ...

    def new(tree: Body[GrownTree]) -> NoContent: ...

    assert told(old, new) == ["changes  POST /, body/more: is new"]
