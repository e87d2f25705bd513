"""What an editor sees of the markers of ``erlen.api``: the plain type, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, assert_type

from msgspec import Struct

from erlen import Blueprint, Erlen
from erlen.api import (
    Accepted,
    Body,
    Cookie,
    Created,
    Form,
    FromBody,
    Header,
    InvalidInput,
    Mistake,
    NoContent,
    OpenAPI,
    OrNotFound,
    Page,
    Problem,
    Query,
    Status,
    Upload,
)
from erlen.http import FileStorage
from erlen.views import MethodView

app = Erlen(__name__)
part = Blueprint("part", __name__)
api = OpenAPI(app, title="Shop", version="1.0")
assert_type(api.document(app), dict[str, Any])


class Item(Struct):
    name: str


@dataclass
class Point:
    x: int


class Profile(Struct):
    picture: Upload


class OutOfStock(Problem, status=409, title="Out of stock"):
    item: int
    days: int = 1


@app.post("/items")
async def create(item: Body[Item], user_agent: Header[str]) -> Created[Item] | OutOfStock:
    assert_type(item, Item)
    assert_type(user_agent, str)
    if item.name:
        return OutOfStock(item=1, detail="Sold.")
    return item


@app.get("/items")
def items(page: Query[int], tags: Query[list[str]], theme: Cookie[str] | None = None) -> Page[Item]:
    assert_type(page, int)
    assert_type(tags, list[str])
    assert_type(theme, str | None)
    return Page([Item("a")], next="/next")


@app.post("/form")
def form(profile: Form[Profile]) -> NoContent:
    assert_type(profile, Profile)
    assert_type(profile.picture, FileStorage)


@part.get("/maybe")
def maybe() -> OrNotFound[Item]:
    return None


@part.get("/points")
def points(item: Annotated[Item, FromBody(on_get=True)]) -> Annotated[list[Point], Status(207)]:
    assert_type(item, Item)
    return [Point(1)]


@part.put("/accepted")
async def accepted() -> Accepted[Point]:
    return Point(1)


@app.get("/tuple")
def with_status() -> tuple[Item, int]:
    return Item("a"), 201


class Items(MethodView):
    def get(self, number: int, page: Query[int] = 1) -> Item | Point:
        assert_type(page, int)
        return Item("a")


app.add_url_rule("/<int:number>", view_func=Items.as_view("items"))

problem = OutOfStock(item=1)
assert_type(problem.item, int)
assert_type(problem.days, int)
assert_type(problem.detail, str | None)
OutOfStock()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
OutOfStock(items=1)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


@app.errorhandler(InvalidInput)
def invalid(error: InvalidInput) -> dict[str, Any]:
    assert_type(error.errors, list[Mistake])
    return {"count": len(error.errors)}


with app.test_client() as client:
    assert_type(client.get("/items").get(list[Item]), list[Item])
