"""What a view takes: body, form, query, headers, cookies and path, by its annotations."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from io import BytesIO
from typing import Annotated, Literal, NamedTuple, TypedDict
from uuid import UUID

import pytest
from msgspec import Meta, Struct, ValidationError

from erlen import Blueprint, Erlen, request
from erlen.api import Body, Cookie, Created, Form, FromBody, Header, Query, Upload
from erlen.testing.websocket import WebsocketRefused
from erlen.views import MethodView


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Part(Struct):
    name: str
    parts: list[Part] = []


class Item(Struct):
    name: str
    price: Decimal
    made: date | None = None
    colour: Colour = Colour.RED
    sizes: list[Annotated[int, Meta(ge=1)]] = []
    parts: list[Part] = []


@dataclass
class Point:
    x: int
    y: int = 0


class Words(TypedDict):
    first: str


class Pair(NamedTuple):
    left: int
    right: int


class Cat(Struct, tag="cat"):
    lives: int


class Dog(Struct, tag="dog"):
    name: str


class Search(Struct):
    text: str
    page: Annotated[int, Meta(ge=1)] = 1
    tags: list[str] = []


class Client(Struct):
    user_agent: str
    accept_language: list[str] = []


class Profile(Struct):
    name: str
    age: int
    picture: Upload | None = None
    papers: list[Upload] = []


@pytest.fixture
def app():
    app = Erlen(__name__)
    app.testing = True
    return app


def test_a_body_is_decoded_and_converted(app):
    @app.post("/")
    def view(item: Body[Item]):
        return repr(item)

    sent = {
        "name": "Chair",
        "price": "9.50",
        "made": "2026-01-02",
        "colour": "blue",
        "sizes": [1, 2],
        "parts": [{"name": "leg", "parts": [{"name": "foot"}]}],
    }
    assert app.test_client().post("/", json=sent).text == repr(
        Item(
            "Chair",
            Decimal("9.50"),
            date(2026, 1, 2),
            Colour.BLUE,
            [1, 2],
            [Part("leg", [Part("foot")])],
        )
    )


@pytest.mark.parametrize(
    "annotation, sent, told",
    [
        (Point, {"x": 1}, "Point(x=1, y=0)"),
        (Words, {"first": "a", "other": 1}, "{'first': 'a'}"),
        (Pair, [1, 2], "Pair(left=1, right=2)"),
        (Cat | Dog, {"type": "dog", "name": "Rex"}, "Dog(name='Rex')"),
        (list[Literal["a", "b"]], ["a"], "['a']"),
        (dict[str, int], {"a": 1}, "{'a': 1}"),
        (UUID, str(UUID(int=3)), repr(UUID(int=3))),
    ],
)  # fmt: skip
def test_a_body_may_have_any_type(app, annotation, sent, told):
    def view(value):
        return repr(value)

    view.__annotations__ = {"value": Body[annotation]}
    app.add_url_rule("/", view_func=view, methods=["POST"])
    assert app.test_client().post("/", json=sent).text.replace("test_typed_input.", "") == told


def test_async_views_take_the_same(app):
    @app.post("/<int:number>")
    async def view(number: int, item: Body[Point], page: Query[int] = 1):
        return {"number": number, "x": item.x, "page": page}

    answer = app.test_client().post("/3?page=5", json={"x": 1})
    assert answer.json == {"number": 3, "x": 1, "page": 5}


def test_a_body_that_may_be_missing(app):
    @app.post("/none")
    def none(point: Body[Point] | None):
        return repr(point)

    @app.post("/default")
    def default(point: Body[Point] = Point(7)):  # noqa: B008
        return repr(point)

    client = app.test_client()
    assert client.post("/none").text == "None"
    assert client.post("/none", json={"x": 1}).text == "Point(x=1, y=0)"
    assert client.post("/default").text == "Point(x=7, y=0)"


def test_media_types_of_json(app):
    @app.post("/")
    def view(point: Body[Point]):
        return str(point.x)

    client = app.test_client()
    for kind in (
        "application/json",
        "application/json; charset=UTF-8",
        "application/vnd.shop+json",
        "Application/JSON",
    ):
        assert client.post("/", data=b'{"x": 1}', content_type=kind).text == "1", kind
    for kind in ("text/plain", "application/json; charset=latin-1", "application/xml"):
        answer = client.post("/", data=b'{"x": 1}', content_type=kind)
        assert (answer.status_code, answer.mimetype) == (415, "application/problem+json"), kind
    assert client.post("/", data=b'{"x": 1}').status_code == 415


def test_a_form_with_files(app):
    @app.post("/")
    def view(profile: Form[Profile]):
        assert profile.picture is not None
        return {
            "name": profile.name,
            "age": profile.age,
            "picture": profile.picture.read().decode(),
            "papers": [paper.filename for paper in profile.papers],
        }

    sent = {
        "name": "Ada",
        "age": "36",
        "picture": (BytesIO(b"png"), "ada.png"),
        "papers": [(BytesIO(b"1"), "a.txt"), (BytesIO(b"2"), "b.txt")],
    }
    answer = app.test_client().post("/", data=sent)
    assert answer.json == {
        "name": "Ada",
        "age": 36,
        "picture": "png",
        "papers": ["a.txt", "b.txt"],
    }


def test_a_form_without_files_and_a_file_that_nobody_chose(app):
    @app.post("/")
    def view(profile: Form[Profile]):
        return repr((profile.name, profile.age, profile.picture, profile.papers))

    client = app.test_client()
    assert client.post("/", data={"name": "Ada", "age": "36"}).text == "('Ada', 36, None, [])"
    empty = {"name": "Ada", "age": "36", "picture": (BytesIO(), ""), "papers": (BytesIO(), "")}
    assert client.post("/", data=empty).text == "('Ada', 36, None, [])"


def test_a_query_as_a_whole(app):
    @app.get("/")
    def view(search: Query[Search]):
        return repr(search)

    client = app.test_client()
    answer = client.get("/?text=%C3%A4&page=2&tags=a&tags=b&unknown=1")
    assert answer.text == "Search(text='ä', page=2, tags=['a', 'b'])"
    assert client.get("/").status_code == 422


def test_single_values_of_the_query(app):
    @app.get("/")
    def view(
        page: Query[int],
        ids: Query[list[int]],
        on: Query[bool] = False,
        day: Query[date] | None = None,
        q: Query[str | None] = "x",
    ):
        return repr((page, ids, on, day, q))

    client = app.test_client()
    told = client.get("/?page=1&ids=3&ids=4&on=true&day=2026-01-02&q=y").text
    assert told == "(1, [3, 4], True, datetime.date(2026, 1, 2), 'y')"
    assert client.get("/?page=1&ids=3").text == "(1, [3], False, None, 'x')"


def test_headers_by_name_and_together(app):
    @app.get("/")
    def view(user_agent: Header[str], x_count: Header[int] = 0):
        return repr((user_agent, x_count))

    @app.get("/all")
    def together(client: Header[Client]):
        return repr(client)

    client = app.test_client()
    headers = {"User-Agent": "me", "X-Count": "3", "Accept-Language": "de, en"}
    assert client.get("/", headers=headers).text == "('me', 3)"
    told = client.get("/all", headers=headers).text
    assert told == "Client(user_agent='me', accept_language=['de', 'en'])"


def test_cookies(app):
    @app.get("/")
    def view(theme: Cookie[Literal["dark", "light"]] = "light", visits: Cookie[int] | None = None):
        return repr((theme, visits))

    client = app.test_client()
    assert client.get("/").text == "('light', None)"
    client.set_cookie("theme", "dark")
    client.set_cookie("visits", "4")
    assert client.get("/").text == "('dark', 4)"
    client.set_cookie("visits", "many")
    assert client.get("/").json["errors"] == [
        {"in": "cookie", "pointer": "/visits", "detail": "Expected `int`, got `str`"}
    ]


def test_values_of_the_path_are_converted_and_checked(app):
    @app.get("/<day>/<int:number>/<uuid:id>")
    def view(day: date, number: Annotated[int, Meta(le=9)], id: UUID, q: Query[str] = ""):
        return repr((day, number, id.int))

    client = app.test_client()
    some = "00000000-0000-0000-0000-000000000001"
    assert client.get(f"/2026-01-02/3/{some}").text == "(datetime.date(2026, 1, 2), 3, 1)"
    answer = client.get(f"/yesterday/10/{some}")
    assert answer.status_code == 422
    assert answer.json["errors"] == [
        {"in": "path", "pointer": "/day", "detail": "Invalid RFC3339 encoded date"},
        {"in": "path", "pointer": "/number", "detail": "Expected `int` <= 9"},
    ]


def test_hooks_and_limits_hold_for_typed_views(app):
    app.config["MAX_CONTENT_LENGTH"] = 100
    seen = []

    @app.before_request
    def look():
        seen.append(request.get_json(silent=True))

    @app.post("/")
    def view(point: Body[Point]):
        return str(point.x + len(request.get_json()))

    client = app.test_client()
    assert client.post("/", json={"x": 1}).text == "2"
    assert seen == [{"x": 1}]
    assert client.post("/", json={"x": 1, "y": list(range(200))}).status_code == 413


def test_blueprints_and_several_rules_for_one_view(app):
    part = Blueprint("part", __name__, url_prefix="/<int:shop>")

    @part.route("/points/<int:number>", methods=["PUT"])
    @part.route("/points", methods=["PUT"])
    def view(shop: int, point: Body[Point], number: int = 0):
        return {"shop": shop, "number": number, "x": point.x}

    app.register_blueprint(part)
    client = app.test_client()
    assert client.put("/1/points", json={"x": 3}).json == {"shop": 1, "number": 0, "x": 3}
    assert client.put("/1/points/2", json={"x": 3}).json == {"shop": 1, "number": 2, "x": 3}


def test_one_blueprint_in_two_applications():
    part = Blueprint("part", __name__)

    @part.post("/")
    def view(point: Body[Point]):
        return str(point.x)

    for name in ("one", "two"):
        app = Erlen(name)
        app.register_blueprint(part)
        assert app.test_client().post("/", json={"x": 3}).text == "3"


def test_method_views(app):
    class Points(MethodView):
        def get(self, number: int, page: Query[int] = 1):
            return repr((number, page))

        async def put(self, number: int, point: Body[Point]):
            return repr((number, point.x))

        def delete(self, number):
            return f"deleted {number}"

    app.add_url_rule("/<int:number>", view_func=Points.as_view("points"))
    client = app.test_client()
    assert client.get("/4?page=2").text == "(4, 2)"
    assert client.head("/4?page=x").status_code == 422
    assert client.put("/4", json={"x": 5}).text == "(4, 5)"
    assert client.put("/4", json={}).status_code == 422
    assert client.delete("/4").text == "deleted 4"
    # As a plain method it takes plain values, in unit tests and in subclasses.
    assert Points().get(4, page=3) == "(4, 3)"


def test_a_method_view_below_a_typed_one_has_methods_of_its_own(app):
    class Base(MethodView):
        def get(self, page: Query[int] = 1):
            return f"base {page}"

    class Below(Base):
        def get(self):
            return "below"

    app.add_url_rule("/base", view_func=Base.as_view("base"))
    app.add_url_rule("/below", view_func=Below.as_view("below"))
    client = app.test_client()
    assert client.get("/base?page=3").text == "base 3"
    assert client.get("/below?page=x").text == "below"


def test_decorated_views_and_marks(app):
    from functools import wraps

    def with_user(view):
        @wraps(view)
        def decorated(**values):
            return view(user="ada", **values)

        return decorated

    @app.post("/")
    @with_user
    def view(user: str, point: Body[Point]):
        return f"{user} {point.x}"

    assert app.test_client().post("/", json={"x": 1}).text == "ada 1"
    assert app.view_functions["view"].__wrapped__.__name__ == "view"


def test_websockets(app):
    from erlen import websocket

    @app.websocket("/<day>")
    async def feed(day: date, page: Query[int], user_agent: Header[str] = ""):
        await websocket.send(repr((day, page)))

    @app.websocket("/pieces")
    async def pieces(page: Query[int] = 2):
        yield str(page)

    client = app.test_client(interface="asgi")
    with client.websocket("/2026-01-02?page=3") as socket:
        assert socket.receive() == "(datetime.date(2026, 1, 2), 3)"
    with client.websocket("/pieces") as socket:
        assert socket.receive() == "2"
    with pytest.raises(WebsocketRefused) as refused, client.websocket("/x"):
        pass
    assert refused.value.status_code == 422
    assert [error["in"] for error in json.loads(refused.value.data)["errors"]] == ["query", "path"]


def test_a_body_on_get_that_is_asked_for(app):
    @app.get("/")
    def view(point: Annotated[Point, FromBody(on_get=True)]):
        return str(point.x)

    assert app.test_client().get("/", json={"x": 1}).text == "1"


def test_untyped_views_stay_the_very_same_functions(app):
    def plain(number: int, name: str = "") -> str:
        return ""

    async def anything(number, **more):
        return {}

    def dictionary() -> dict[str, int]:
        return {}

    def unresolved(user: NotThere) -> AlsoNotThere:  # noqa: F821
        return ""

    for number, view in enumerate((plain, anything, dictionary, unresolved)):
        app.add_url_rule(f"/{number}/<number>", view_func=view)
        assert app.view_functions[view.__name__] is view


def test_the_client_sends_and_reads_typed_values(app):
    @app.post("/")
    def view(item: Body[Item]) -> Created[list[Item]]:
        return [item]

    client = app.test_client()
    sent = Item("Chair", Decimal("9.5"), date(2026, 1, 2))
    answer = client.post("/", json=sent)
    assert answer.get(list[Item]) == [sent]
    with pytest.raises(ValidationError) as caught:
        answer.get(Item)
    assert "The answer is 201 CREATED: [{" in caught.value.__notes__[0]
    with pytest.raises(TypeError):
        client.post("/", json=object())
