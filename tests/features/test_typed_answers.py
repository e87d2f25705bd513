"""What a view answers: by its declaration, with its status and the declared fields alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import FunctionType
from typing import Annotated, Any, Generic, NamedTuple, TypedDict, TypeVar
from uuid import UUID

import msgspec
import pytest
from msgspec import Struct

from erlen import Erlen, Response, make_response
from erlen.api import (
    Accepted,
    AnswerError,
    Created,
    NoContent,
    OrNotFound,
    Page,
    Problem,
    Query,
    Status,
)
from erlen.views import MethodView

T = TypeVar("T")


class User(Struct):
    name: str


class Account(User):
    password: str = "geheim"


@dataclass
class Point:
    x: int


@dataclass
class SecretPoint(Point):
    secret: str = "geheim"


class Words(TypedDict):
    a: str


class Pair(NamedTuple):
    user: User
    number: int


class Team(Struct):
    lead: User
    members: list[User] = []
    by_role: dict[str, User] = {}
    boss: User | None = None
    pair: tuple[int, User] | None = None


class Tree(Struct):
    user: User
    below: list[Tree] = []


class Cat(Struct, tag="cat"):
    lives: int = 9


class Dog(Struct, tag="dog"):
    name: str = "Rex"


class SecretDog(Dog, tag="secret"):
    secret: str = "geheim"


class Renamed(Struct, rename="camel", omit_defaults=True):
    first_name: str
    last_name: str = ""


class Box(Struct, Generic[T]):
    item: T


class Gone(Problem, status=410):
    pass


def answer_of(annotation: Any, value: Any, testing: bool = False, colour: str = "sync") -> Response:
    app = Erlen(__name__)
    app.testing = testing
    made: Callable[[], Any] = value if isinstance(value, FunctionType) else lambda: value

    def view():
        return made()

    async def async_view():
        return made()

    chosen = view if colour == "sync" else async_view
    chosen.__annotations__ = {"return": annotation}
    app.add_url_rule("/", view_func=chosen, endpoint="view")
    return app.test_client().get("/")


BELOW = {"user": {"name": "a"}, "below": [{"user": {"name": "b"}, "below": []}]}
CASES = [
    (User, User("Ada"), 200, {"name": "Ada"}),
    (Created[User], User("Ada"), 201, {"name": "Ada"}),
    (Accepted[User], User("Ada"), 202, {"name": "Ada"}),
    (Annotated[User, Status(207)], User("Ada"), 207, {"name": "Ada"}),
    (Annotated[dict[str, Any], Status(207)], {"a": 1}, 207, {"a": 1}),
    (Created[Any], [1, "a"], 201, [1, "a"]),
    (list[User], [User("Ada")], 200, [{"name": "Ada"}]),
    (dict[str, User], {"a": User("Ada")}, 200, {"a": {"name": "Ada"}}),
    (tuple[User, int], (User("Ada"), 202), 202, {"name": "Ada"}),
    (Point, Point(1), 200, {"x": 1}),
    (Words, {"a": "b"}, 200, {"a": "b"}),
    (Pair, Pair(User("Ada"), 1), 200, [{"name": "Ada"}, 1]),
    (User | Point, Point(1), 200, {"x": 1}),
    (Created[User] | Accepted[Point], Point(1), 202, {"x": 1}),
    (Created[User] | Accepted[Point], User("Ada"), 201, {"name": "Ada"}),
    (Cat | Dog, Dog(), 200, {"type": "dog", "name": "Rex"}),
    (OrNotFound[User], User("Ada"), 200, {"name": "Ada"}),
    (User | None, None, 200, None),
    (Tree, Tree(User("a"), [Tree(User("b"))]), 200, BELOW),
    (Box[User], Box(User("Ada")), 200, {"item": {"name": "Ada"}}),
    (Renamed, Renamed("Ada"), 200, {"firstName": "Ada"}),
    (Created[list[date]], [date(2026, 1, 2)], 201, ["2026-01-02"]),
    (Created[Decimal], Decimal("1.50"), 201, "1.50"),
    (Created[UUID], UUID(int=1), 201, str(UUID(int=1))),
]


@pytest.mark.parametrize("colour", ["sync", "async"])
@pytest.mark.parametrize("annotation, value, status, told", CASES, ids=lambda v: str(v)[:25])
def test_answers_are_encoded_with_their_status(annotation, value, status, told, colour):
    answer = answer_of(annotation, value, testing=True, colour=colour)
    assert (answer.status_code, answer.json) == (status, told)
    assert answer.mimetype == "application/json"


def test_no_content():
    answer = answer_of(NoContent, None)
    assert (answer.status_code, answer.data) == (204, b"")
    assert "Content-Type" not in answer.headers
    assert answer_of(User | NoContent, None).status_code == 204


def test_none_is_404_where_asked_for():
    answer = answer_of(OrNotFound[User], None)
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert answer_of(Created[User] | Gone, Gone()).status_code == 410


def test_pages_link_to_others():
    page = Page([Account("Ada")], next="/users?after=1&a=<b>\r\n", first="/users")
    answer = answer_of(Page[User], page)
    assert answer.json == [{"name": "Ada"}]
    assert answer.headers["Link"] == (
        '</users?after=1&a=%3Cb%3E%0D%0A>; rel="next", </users>; rel="first"'
    )
    assert "Link" not in answer_of(Page[User], Page([])).headers
    assert answer_of(Created[Page[User]], Page([])).status_code == 201


def test_responses_and_tuples_work_as_in_other_views():
    def made():
        response = make_response("text")
        response.set_cookie("a", "b")
        return response

    answer = answer_of(Created[User], made)
    assert (answer.status_code, answer.text) == (200, "text")
    answer = answer_of(Created[User], (User("Ada"), {"X-Count": "1"}))
    assert (answer.status_code, answer.json) == (201, {"name": "Ada"})
    assert answer.headers["X-Count"] == "1"
    answer = answer_of(Created[User], (User("Ada"), 299, {"X-Count": "1"}))
    assert (answer.status_code, answer.headers["X-Count"]) == (299, "1")
    assert answer_of(User | str, "text").text == "text"
    assert answer_of(User | Response, made).text == "text"


def test_after_hooks_and_the_response_class_are_kept():
    class Own(Response):
        pass

    app = Erlen(__name__)
    app.response_class = Own
    seen = []

    @app.after_request
    def look(response):
        seen.append(type(response))
        response.headers["X-Seen"] = "1"
        return response

    @app.get("/")
    def view() -> Created[User]:
        return User("Ada")

    assert app.test_client().get("/").headers["X-Seen"] == "1"
    assert seen == [Own]


# -- only declared fields are sent -------------------------------------------------------------


LEAKS = [
    (User, Account("Ada"), {"name": "Ada"}),
    (Created[User], Account("Ada"), {"name": "Ada"}),
    (list[User], [User("Ada"), Account("Bob")], [{"name": "Ada"}, {"name": "Bob"}]),
    (dict[str, User], {"a": Account("Ada")}, {"a": {"name": "Ada"}}),
    (User | None, Account("Ada"), {"name": "Ada"}),
    (OrNotFound[User], Account("Ada"), {"name": "Ada"}),
    (User | Point, SecretPoint(1), {"x": 1}),
    (Point, SecretPoint(1), {"x": 1}),
    (Box[User], Box(Account("Ada")), {"item": {"name": "Ada"}}),
    (Box[User] | Point, Box(Account("Ada")), {"item": {"name": "Ada"}}),
    (Words, {"a": "b", "password": "geheim"}, {"a": "b"}),
    (list[Words], [{"a": "b", "password": "geheim"}], [{"a": "b"}]),
    (Pair, Pair(Account("Ada"), 1), [{"name": "Ada"}, 1]),
    (Cat | Dog, SecretDog(), {"type": "dog", "name": "Rex"}),
    (list[Cat | Dog], [SecretDog(), Cat()],
     [{"type": "dog", "name": "Rex"}, {"type": "cat", "lives": 9}]),
    (Tree, Tree(User("a"), [Tree(Account("b"))]),
     BELOW),
    (Team, Team(Account("a"), [Account("b")], {"c": Account("c")}, Account("d"), (1, Account("e"))),
     {"lead": {"name": "a"}, "members": [{"name": "b"}], "by_role": {"c": {"name": "c"}},
      "boss": {"name": "d"}, "pair": [1, {"name": "e"}]}),
    (tuple[User, int], (Account("Ada"), 200), {"name": "Ada"}),
]  # fmt: skip


@pytest.mark.parametrize("testing", [True, False])
@pytest.mark.parametrize("annotation, value, told", LEAKS, ids=lambda v: str(v)[:25])
def test_only_declared_fields_are_sent(annotation, value, told, testing):
    answer = answer_of(annotation, value, testing)
    assert answer.json == told
    assert "geheim" not in answer.text


@pytest.mark.parametrize(
    "annotation, value",
    [
        (User, {"name": "Ada", "password": "geheim"}),
        (User, SecretPoint(1)),
        (Team, Team(SecretPoint(1))),
        (list[User], [SecretPoint(1)]),
        (Created[list[int]], Account("geheim")),
        (User, None),
        (User | Point, Dog("geheim")),
        (Gone, User("geheim")),
    ],
)
def test_what_is_nothing_of_the_declared_is_an_error_and_not_sent(annotation, value):
    with pytest.raises(AnswerError, match=r"view.* answers what it does not declare"):
        answer_of(annotation, value, testing=True)
    answer = answer_of(annotation, value)
    assert answer.status_code == 500
    assert "geheim" not in answer.text


def test_fields_that_hold_other_objects_than_declared_are_never_sent():
    class Named(Struct):
        name: str

    # Where a text is declared, an object would go out with all that it has.
    with pytest.raises(AnswerError, match=r"`str`, got `object` - at `\$.name`"):
        answer_of(Named, Named(Account("Ada")), testing=True)


def test_in_tests_and_debug_mode_an_answer_that_does_not_fit_names_view_and_field():
    class Sized(Struct):
        size: Annotated[int, msgspec.Meta(ge=1)]

    for value, told in (
        (Sized(0), "`int` >= 1"),
        (Sized("x"), "`int`, got `str`"),
    ):
        with pytest.raises(AnswerError, match=rf"view.*Expected {told} - at `\$.size`"):
            answer_of(Sized, value, testing=True)
    assert answer_of(Sized, Sized(0)).json == {"size": 0}


def test_method_views_answer_by_declaration():
    class Users(MethodView):
        def get(self, number: int) -> OrNotFound[User]:
            return Account("Ada") if number else None

        async def post(self, number: int, name: Query[str]) -> Created[User]:
            return User(name)

    app = Erlen(__name__)
    app.add_url_rule("/<int:number>", view_func=Users.as_view("users"))
    client = app.test_client()
    assert client.get("/1").json == {"name": "Ada"}
    assert client.get("/0").status_code == 404
    answer = client.post("/1?name=Bob")
    assert (answer.status_code, answer.json) == (201, {"name": "Bob"})
