"""Input that does not fit: every mistake at once, as a problem of RFC 9457; and bad input of every
kind is a clear 4xx, in time that grows as the input does."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Annotated, Literal, NamedTuple, TypedDict

import pytest
from msgspec import Meta, Struct

from erlen import Erlen, request
from erlen.api import Body, Cookie, Form, Header, InvalidInput, Problem, Query, Upload
from erlen.http import HTTPException

URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=x"
NAMED = b"Content-Disposition: form-data; name=title"


class Kind(Enum):
    A = "a"
    B = "b"


class Cat(Struct, tag="cat"):
    lives: int


class Dog(Struct, tag="dog"):
    name: str


class Options(TypedDict):
    deep: int


class Pair(NamedTuple):
    left: int
    right: str


@dataclass
class Owner:
    name: str


class Item(Struct, forbid_unknown_fields=True):
    name: Annotated[str, Meta(min_length=2)]
    price: Decimal
    kind: Kind
    size: Literal["s", "l"]
    pet: Cat | Dog
    owner: Owner
    pairs: list[Pair]
    options: Options
    by_key: dict[str, int]
    some: Annotated[list[int], Meta(max_length=1)] = []
    maybe: int | str | None = None


class Priced(Struct):
    name: str
    price: Decimal


class Loose(Struct):
    number: int


class Nested(Struct):
    inner: Nested | None = None
    value: int = 0


class Range(Struct):
    low: int
    high: int

    def __post_init__(self):
        if self.low > self.high:
            raise ValueError("low is above high")


class Upper(Struct, rename="camel"):
    first_name: str


class Paper(Struct):
    title: str
    file: Upload


def answer_of(annotation, data, content_type="application/json", path="/", **options):
    app = Erlen(__name__)

    def view(value):
        return "fine"

    view.__annotations__ = {"value": annotation}
    app.add_url_rule("/", view_func=view, methods=["POST"])
    client = app.test_client()
    return client.post(path, data=data, content_type=content_type, **options)


def errors_of(annotation, value):
    answer = answer_of(annotation, json.dumps(value))
    assert answer.status_code == 422, answer.text
    assert answer.mimetype == "application/problem+json"
    return {error["pointer"]: error["detail"] for error in answer.json["errors"]}


def test_every_mistake_of_a_body_is_told_at_once():
    sent = {
        "name": "x",
        "kind": "c",
        "size": "m",
        "pet": {"type": "fish"},
        "owner": {"name": 3},
        "pairs": [[1, "a"], ["x", 2], [1]],
        "options": {},
        "by_key": {"a": 1, "b/c~d": "two"},
        "some": [1, 2],
        "maybe": [],
        "surplus": 1,
    }
    assert errors_of(Body[Item], sent) == {
        "/name": "Expected `str` of length >= 2",
        "/price": "Required, and missing",
        "/kind": 'Expected one of "a", "b"',
        "/size": 'Expected one of "l", "s"',
        "/pet/type": 'Expected one of "cat", "dog"',
        "/owner/name": "Expected `str`, got `int`",
        "/pairs/1/0": "Expected `int`, got `str`",
        "/pairs/1/1": "Expected `str`, got `int`",
        "/pairs/2": "Expected `array` of length 2, got 1",
        "/options/deep": "Required, and missing",
        "/by_key/b~1c~0d": "Expected `int`, got `str`",
        "/some": "Expected `array` of length <= 1",
        "/maybe": "Expected `int | str`, got `array`",
        "/surplus": "Not a field of this type",
    }


def test_mistakes_of_all_places_come_together():
    app = Erlen(__name__)

    @app.post("/<day>")
    def view(
        day: Literal["today"],
        item: Body[Loose],
        page: Query[int],
        x_count: Header[int],
        visits: Cookie[int],
    ):
        raise AssertionError

    client = app.test_client()
    client.set_cookie("visits", "many")
    answer = client.post("/x?page=y", json={"number": "z"}, headers={"X-Count": "w"})
    assert answer.status_code == 422
    assert answer.json == {
        "type": "urn:problem-type:invalid-input",
        "title": "The input is not valid",
        "status": 422,
        "detail": "5 values do not fit.",
        "errors": [
            {"in": "body", "pointer": "/number", "detail": "Expected `int`, got `str`"},
            {"in": "query", "pointer": "/page", "detail": "Expected `int`, got `str`"},
            {"in": "header", "pointer": "/x-count", "detail": "Expected `int`, got `str`"},
            {"in": "cookie", "pointer": "/visits", "detail": "Expected `int`, got `str`"},
            {"in": "path", "pointer": "/day", "detail": 'Expected "today"'},
        ],
    }


def test_checks_of_a_class_of_its_own():
    assert errors_of(Body[list[Range]], [{"low": 1, "high": 2}, {"low": 2, "high": 1}]) == {
        "/1": "low is above high"
    }


def test_names_are_those_that_are_sent():
    assert errors_of(Body[Upper], {}) == {"/firstName": "Required, and missing"}


@pytest.mark.parametrize("annotation", [Body[Kind], Body[Literal["a"]], Body[Cat | Dog], Body[int]])
def test_what_was_sent_is_never_told(annotation):
    for value in ("geheim", {"type": "geheim"}, {"geheim": 1}, ["geheim"]):
        answer = answer_of(annotation, json.dumps(value))
        assert answer.status_code == 422
        assert "geheim" not in answer.text


def test_the_list_of_mistakes_has_a_limit_and_says_so():
    answer = answer_of(Body[list[int]], json.dumps(["x"] * 101))
    assert len(answer.json["errors"]) == 100
    assert answer.json["detail"] == "More than 100 values do not fit; these are the first of them."
    answer = answer_of(Body[list[int]], json.dumps(["x"] * 100))
    assert answer.json["detail"] == "100 values do not fit."


# -- bad input ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data, status, told",
    [
        (b"", 400, "empty"),
        (b"{", 400, "truncated"),
        (b'{"number": 1} x', 400, "malformed"),
        (b"{'number': 1}", 400, "malformed"),
        (b'{"number": NaN}', 400, "malformed"),
        (b'{"number": -Infinity}', 400, "malformed"),
        (b'{"number": "\xff"}', 400, "UTF-8"),
        (b'\xff\xfe{\x00"\x00', 400, "malformed"),
        (b"[" * 100_000, 400, ""),
        (b'{"number": ' + b"[" * 100_000, 400, ""),
        (b'{"a":' * 100_000, 400, ""),
        (b'{"number": ' + b"1" * 100_000 + b"}", 422, "range"),
        (b'{"number": 1e999}', 422, "range"),
        (b'{"number": 1, "number": "x"}', 422, "`int`"),
        (b'{"number": "x", "number": 1}', 422, "`int`"),
        (b"null", 422, "`object`"),
        (b'"\\ud800"', 400, ""),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_a_body_that_is_none(data, status, told):
    began = time.monotonic()
    answer = answer_of(Body[Loose], data)
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/problem+json"
    assert told in answer.text
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    "text", ['"NaN"', '"-Infinity"', '"sNaN1"', '"inf"', '"\\u004eaN"', '" nan "']
)
def test_decimals_have_no_nan(text):
    assert answer_of(Body[list[Decimal]], f"[{text}]").json["errors"][0]["pointer"] == "/0"
    # A text with such a word is a text.
    assert answer_of(Body[list[str]], f"[{text}]").text == "fine"
    assert answer_of(Body[Priced], '{"name": "banana", "price": "1.5"}').text == "fine"


@pytest.mark.parametrize("text", ["nan", "inf", "-Infinity", "NaN"])
def test_queries_have_no_nan(text):
    for kind in (float, Decimal):
        app = Erlen(__name__)

        def view(value, values=()):
            return "fine"

        view.__annotations__ = {"value": Query[kind], "values": Query[list[kind]]}
        app.add_url_rule("/", view_func=view)
        client = app.test_client()
        assert client.get("/?value=1.5").text == "fine"
        assert client.get(f"/?value={text}").json["errors"][0]["pointer"] == "/value"
        answer = client.get(f"/?value=1&values=2&values={text}")
        assert answer.json["errors"][0]["pointer"] == "/values/1"


def test_ten_megabytes_of_wrong_fields_take_linear_time():
    wrong = json.dumps([{"number": "x" * 20}] * 270_000)
    assert len(wrong) > 9_000_000
    began = time.monotonic()
    answer = answer_of(Body[list[Loose]], wrong)
    took = time.monotonic() - began
    assert answer.status_code == 422
    assert len(answer.json["errors"]) == 100
    one_at_the_end = json.dumps([{"number": 1}] * 270_000 + [{"number": "x"}])
    began = time.monotonic()
    answer = answer_of(Body[list[Loose]], one_at_the_end)
    took = max(took, time.monotonic() - began)
    assert [error["pointer"] for error in answer.json["errors"]] == ["/270000/number"]
    assert took < 20


def test_deep_values_of_a_recursive_type():
    for depth in (50, 300, 900, 5_000):
        data = '{"inner":' * depth + '{"value": "x"}' + "}" * depth
        answer = answer_of(Body[Nested], data)
        assert answer.status_code in (400, 422), depth
        if depth == 50:
            assert answer.json["errors"][0]["pointer"] == "/inner" * 50 + "/value"
    assert answer_of(Body[Nested], '{"inner":' * 50 + "null" + "}" * 50).text == "fine"


def test_unknown_fields_are_ignored_or_refused_as_the_type_says():
    assert answer_of(Body[Loose], b'{"number": 1, "other": 2}').text == "fine"

    class Strict(Struct, forbid_unknown_fields=True):
        number: int

    assert errors_of(Body[Strict], {"number": 1, "other": 2, "more": 3}).keys() == {
        "/other",
        "/more",
    }
    answer = answer_of(Query[Strict], b"", path="/?number=1&other=2")
    assert answer.json["errors"] == [
        {"in": "query", "pointer": "/other", "detail": "Not a field of this type"}
    ]


@pytest.mark.parametrize(
    "data, content_type, status",
    [
        (b"title=x", URLENCODED, 422),
        (b"", URLENCODED, 422),
        (b"{}", "application/json", 415),
        (b"title", "text/plain", 415),
        (b"--x\r\n", "multipart/form-data", 400),
        (b"--x\r\n" + NAMED, MULTIPART, 400),
        (b"--x\r\n" + NAMED + b"\r\n\r\nabc", MULTIPART, 400),
        (b"nothing", MULTIPART, 400),
    ],
)
def test_forms_that_are_none(data, content_type, status):
    answer = answer_of(Form[Paper], data, content_type)
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"


def test_a_text_in_place_of_a_file():
    answer = answer_of(Form[Paper], b"title=x&file=y", "application/x-www-form-urlencoded")
    assert [error["pointer"] for error in answer.json["errors"]] == ["/file"]


# -- problems ----------------------------------------------------------------------------------


class OutOfStock(Problem, status=409, title="Out of stock"):
    item: int


class Soon(OutOfStock, type="https://example.org/soon"):
    days: int = 3
    detail: str | None = "Come back."


def test_problems_are_answers_and_exceptions():
    app = Erlen(__name__)

    @app.get("/raised")
    def raised():
        raise OutOfStock(item=3, detail="Sold.", instance="/items/3")

    @app.get("/returned")
    def returned(q: Query[int] = 1) -> OutOfStock:
        return OutOfStock(item=q)

    @app.get("/plain")
    async def plain():
        return Soon(item=5)

    client = app.test_client()
    answer = client.get("/raised")
    assert (answer.status_code, answer.mimetype) == (409, "application/problem+json")
    assert answer.json == {
        "type": "urn:problem-type:out-of-stock",
        "title": "Out of stock",
        "status": 409,
        "detail": "Sold.",
        "instance": "/items/3",
        "item": 3,
    }
    assert client.get("/returned?q=4").json["item"] == 4
    assert client.get("/plain").json == {
        "type": "https://example.org/soon",
        "title": "Out of stock",
        "status": 409,
        "detail": "Come back.",
        "item": 5,
        "days": 3,
    }


def test_one_handler_changes_the_format_of_all_problems():
    app = Erlen(__name__)

    @app.errorhandler(Problem)
    def simple(problem):
        return {"error": problem.title, "path": request.path}, problem.code

    @app.get("/<int:way>")
    def view(way: int, q: Query[int]) -> OutOfStock:
        if way:
            raise OutOfStock(item=1)
        return OutOfStock(item=2)

    client = app.test_client()
    for path in ("/0?q=1", "/1?q=1"):
        answer = client.get(path)
        assert answer.status_code == 409
        assert answer.json == {"error": "Out of stock", "path": path.partition("?")[0]}
    assert client.get("/0").json["error"] == "The input is not valid"


def test_handlers_of_http_errors_get_problems_and_ordinary_errors_keep_their_pages():
    app = Erlen(__name__)
    seen = []

    @app.errorhandler(HTTPException)
    def keep(error):
        seen.append((type(error), error.code))
        return error

    @app.get("/")
    def view(q: Query[int]):
        return ""

    client = app.test_client()
    assert client.get("/").mimetype == "application/problem+json"
    assert client.get("/nowhere").mimetype == "text/html"
    assert [code for _, code in seen] == [422, 404]
    assert seen[0][0] is InvalidInput


def test_a_problem_with_the_wrong_fields_says_which():
    with pytest.raises(TypeError, match="needs 'item': write detail=…, instance=…, item=…"):
        OutOfStock()
    with pytest.raises(TypeError, match="takes no 'items'"):
        OutOfStock(item=1, items=2)
    with pytest.raises(TypeError, match="class argument"):

        class Wrong(Problem, status=400):
            title: str

    with pytest.raises(ValueError, match="from 400 to 599"):

        class Fine(Problem, status=200):
            pass


def test_nothing_is_done_for_input_that_does_not_fit():
    app = Erlen(__name__)
    app.testing = app.debug = True
    called = []

    @app.post("/")
    def view(item: Body[Loose], q: Query[int]):
        called.append(item)
        return ""

    client = app.test_client()
    assert client.post("/?q=1", json={"number": "x"}).status_code == 422
    assert client.post("/", json={"number": 1}).status_code == 422
    assert called == []
