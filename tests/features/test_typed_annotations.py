# Without "from __future__ import annotations": what is written are objects, with text in some.
"""Annotations that refer to what comes later, or to what is nowhere."""

from unittest.mock import Mock

import pytest
from msgspec import Struct

from erlen import Erlen
from erlen.api import Body, Created, Query, ViewError


def whole(item: "Body[Later]") -> "Created[Later]":
    return item


def inner(item: Body["Later"]) -> Created["Later"]:
    return item


def optional(item: Body["Later"] | None, numbers: Query[list["int"]]) -> "Later | None":
    return item


class Later(Struct):
    name: str
    below: "list[Later]" = []


def nowhere(item: Body["NoWhere"]): ...  # noqa: F821


def nowhere_as_text(item: "Body[NoWhere]"): ...  # noqa: F821


def unmarked(item: "NoWhere") -> list["NoWhere"]: ...  # noqa: F821


@pytest.mark.parametrize("view", [whole, inner, optional])
def test_names_that_come_later(view):
    app = Erlen(__name__)
    app.testing = True
    app.add_url_rule("/", view_func=view, methods=["POST"])
    answer = app.test_client().post("/?numbers=1", json={"name": "a", "below": [{"name": "b"}]})
    assert answer.json == {"name": "a", "below": [{"name": "b", "below": []}]}


def says_none(item: Query[int]) -> None: ...


def test_none_is_an_annotation():
    with pytest.raises(ViewError, match="NoContent"):
        Erlen(__name__).add_url_rule("/", view_func=says_none)


@pytest.mark.parametrize("view", [nowhere, nowhere_as_text])
def test_names_that_are_nowhere(view):
    with pytest.raises(ViewError, match=rf"'item'.*{view.__name__}.*NoWhere"):
        Erlen(__name__).add_url_rule("/", view_func=view, methods=["POST"])


def test_names_that_are_nowhere_in_views_without_markers():
    app = Erlen(__name__)
    app.add_url_rule("/", view_func=unmarked)
    assert app.view_functions["unmarked"] is unmarked


def test_names_of_the_function_around_a_view():
    class Inner(Struct):
        name: str

    app = Erlen(__name__)

    @app.post("/")
    def view(item: "Body[Inner]") -> "Created[Inner]":
        return Inner(item.name * 2)

    assert app.test_client().post("/", json={"name": "a"}).json == {"name": "aa"}


def test_views_that_are_no_functions():
    from functools import partial

    app = Erlen(__name__)
    mock = Mock(return_value="mock", __name__="mock")
    mock.methods = mock.required_methods = ()
    mock.provide_automatic_options = False
    mock.websocket = None
    part = partial(lambda text: text, "partial")
    app.add_url_rule("/partial", "partial", part)
    app.add_url_rule("/mock", "mock", mock)
    app.add_url_rule("/mock2", "mock", mock)
    assert app.view_functions["partial"] is part
    assert app.view_functions["mock"] is mock
    assert app.test_client().get("/partial").text == "partial"
