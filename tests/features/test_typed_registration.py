"""Annotations that cannot be kept are errors when the view is registered, which name it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import pytest
from msgspec import Struct

import erlen.api as api
from erlen import Erlen
from erlen.api import Body, Created, Form, Header, NoContent, Page, Query, Status, ViewError
from erlen.views import View

if TYPE_CHECKING:
    from elsewhere import NotThere


class Item(Struct):
    name: str


class Holder(Struct):
    item: Item


def body_on_get(item: Body[Item]): ...


def two_bodies(item: Body[Item], form: Form[Item]): ...


def not_there(item: Body[NotThere]): ...


def not_there_either(item: api.Body[NotThere]): ...


def other_not_there(item: Body[Item], other: NotThere): ...


def answer_not_there() -> Created[NotThere]: ...


def bare(item: Body): ...


def inside(item: list[Query[int]]): ...


def two_markers(item: Query[Header[str]]): ...


def of_an_answer(item: Created[Item]): ...


def of_a_parameter() -> Body[Item]: ...


def nested(query: Query[Holder]): ...


def scalar_form(form: Form[int]): ...


def unknown_type(item: Body[type[Any]]): ...


def many(*items: Query[int]): ...


def without_marker(item: Item, q: Query[int]): ...


def path_and_marker(id: Query[int]): ...


def text_for_number(id: int, q: Query[int]): ...


def number_for_text(id: str, q: Query[int]): ...


def number_for_uuid(id: UUID, q: Query[int]): ...


def two_of_a_kind() -> Created[Item] | Item: ...


def content_with_204() -> Annotated[Item, Status(204)]: ...


def no_status() -> Annotated[Item, Status(99)]: ...


def unknown_page() -> Page: ...


def says_none(q: Query[int]) -> None: ...


CASES = [
    ("POST", "/", two_bodies, "'form'", "second body"),
    ("GET", "/", body_on_get, "'item'", "@app.post"),
    ("POST", "/", not_there, "'item'", "Body[NotThere]"),
    ("POST", "/", not_there_either, "'item'", "TYPE_CHECKING"),
    ("POST", "/", other_not_there, "'other'", "NotThere"),
    ("POST", "/", answer_not_there, "The answer", "NotThere"),
    ("POST", "/", bare, "'item'", "Body[…]"),
    ("POST", "/", inside, "'item'", "Query[list[int]]"),
    ("POST", "/", two_markers, "'item'", "two markers"),
    ("POST", "/", of_an_answer, "'item'", "'->'"),
    ("POST", "/", of_a_parameter, "The answer", "marker of a parameter"),
    ("GET", "/", nested, "'query'", "'item'"),
    ("POST", "/", scalar_form, "'form'", "fields"),
    ("POST", "/", unknown_type, "'item'", "cannot be read"),
    ("GET", "/", many, "'items'", "name each"),
    ("GET", "/", without_marker, "'item'", "Body[Item]"),
    ("GET", "/<int:id>", path_and_marker, "'id'", "variable of the rule"),
    ("GET", "/<id>", text_for_number, "'id'", "<int:id>"),
    ("GET", "/<int:id>", number_for_text, "'id'", "int"),
    ("GET", "/<int:id>", number_for_uuid, "'id'", "int"),
    ("GET", "/", two_of_a_kind, "The answer", "told apart"),
    ("GET", "/", content_with_204, "The answer", "NoContent"),
    ("GET", "/", no_status, "The answer", "99"),
    ("GET", "/", unknown_page, "The answer", "Page[…]"),
    ("GET", "/", says_none, "The answer", "NoContent"),
]


@pytest.mark.parametrize("method, rule, view, where, what", CASES)
def test_the_error_names_view_and_parameter_and_what_to_write(method, rule, view, where, what):
    app = Erlen(__name__)
    with pytest.raises(ViewError) as caught:
        app.add_url_rule(rule, view_func=view, methods=[method])
    told = str(caught.value)
    assert view.__name__ in told
    assert where in told
    assert what in told


def test_a_class_that_is_no_method_view():
    class Show(View):
        def dispatch_request(self, page: Query[int] = 1):
            return ""

    with pytest.raises(ViewError, match="MethodView"):
        Erlen(__name__).add_url_rule("/", view_func=Show.as_view("show"))


def test_a_body_of_a_websocket():
    app = Erlen(__name__)

    with pytest.raises(ViewError, match="WebSocket has none"):

        @app.websocket("/")
        async def feed(item: Body[Item]): ...


def test_a_body_that_is_streamed():
    from erlen import stream_request_body

    app = Erlen(__name__)

    with pytest.raises(ViewError, match="stream_request_body"):

        @app.post("/")
        @stream_request_body
        async def upload(item: Body[Item]) -> NoContent: ...
