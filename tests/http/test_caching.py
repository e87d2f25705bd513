from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erlen.http.caching import (
    CacheControl,
    RequestCacheControl,
    ResponseCacheControl,
    parse_cache_control_header,
)


@pytest.mark.parametrize(
    ("header", "values"),
    [
        ("no-cache", {"no_cache": True, "no_store": False, "max_age": None}),
        ("max-age=0, no-store", {"max_age": 0, "no_store": True}),
        ("max-age=x", {"max_age": None}),
        ("max-age=5.5", {"max_age": None}),
        ("max-age", {"max_age": None}),
        ('max-age="5"', {"max_age": 5}),
        ("max-stale", {"max_stale": True}),
        ("max-stale=5", {"max_stale": 5}),
        ("min-fresh=3, only-if-cached", {"min_fresh": 3, "only_if_cached": True}),
        ("no-transform, stale-if-error=9", {"no_transform": True, "stale_if_error": 9}),
        ('max-age=5, foo="', {"max_age": None}),
        pytest.param(
            "No-Store, MAX-AGE=5, Only-If-Cached",
            {"no_store": True, "max_age": 5, "only_if_cached": True},
            id="any-case",
        ),
        pytest.param("max-age=1, Max-Age=2", {"max_age": 2}, id="the-last-in-any-case"),
        *(
            pytest.param(f"max-age={text}", {"max_age": None}, id=f"no-number-{text!a}")
            for text in ("+5", "-1", "5_0", "\u0665", "9" * 20, '" 5"')
        ),
    ],
)
def test_what_a_client_says(header: str, values: dict[str, Any]) -> None:
    control = parse_cache_control_header(header)
    assert type(control) is RequestCacheControl
    assert {name: getattr(control, name) for name in values} == values


@pytest.mark.parametrize(
    ("header", "values"),
    [
        ("public, max-age=3600", {"public": True, "max_age": 3600, "private": None}),
        ("private", {"private": True, "public": False}),
        ('private="a, b"', {"private": "a, b"}),
        ("no-cache", {"no_cache": True}),
        ('no-cache="Set-Cookie"', {"no_cache": "Set-Cookie"}),
        ("s-maxage=5, must-revalidate", {"s_maxage": 5, "must_revalidate": True}),
        ("proxy-revalidate, immutable", {"proxy_revalidate": True, "immutable": True}),
        ("must-understand", {"must_understand": True}),
        ("stale-while-revalidate=7", {"stale_while_revalidate": 7}),
    ],
)
def test_what_a_server_says(header: str, values: dict[str, Any]) -> None:
    control = parse_cache_control_header(header, cls=ResponseCacheControl)
    assert type(control) is ResponseCacheControl
    assert {name: getattr(control, name) for name in values} == values
    assert control.to_header() == str(control) == header.replace('"Set-Cookie"', "Set-Cookie")


@pytest.mark.parametrize(
    ("name", "value", "header", "read"),
    [
        ("max_age", 5, "max-age=5", 5),
        ("max_age", "5", "max-age=5", 5),
        ("max_age", 0, "max-age=0", 0),
        ("max_age", True, "max-age", None),
        ("max_age", False, "", None),
        ("max_age", None, "", None),
        ("no_store", True, "no-store", True),
        ("no_store", 1, "no-store", True),
        ("no_store", False, "", False),
        ("private", True, "private", True),
        ("private", "a b", 'private="a b"', "a b"),
        ("private", None, "", None),
        ("no_cache", "Set-Cookie", "no-cache=Set-Cookie", "Set-Cookie"),
    ],
)
def test_setting(name: str, value: Any, header: str, read: Any) -> None:
    control = ResponseCacheControl()
    setattr(control, name, value)
    assert control.to_header() == header
    assert getattr(control, name) == read
    delattr(control, name)
    assert control.to_header() == ""
    delattr(control, name)


def test_a_number_must_be_one() -> None:
    control = ResponseCacheControl()
    with pytest.raises(ValueError, match="invalid literal"):
        control.max_age = "soon"
    assert not control


def test_values_are_text_however_they_were_set() -> None:
    control = ResponseCacheControl()
    control.max_age = 3
    assert control["max-age"] == "3"
    assert control == parse_cache_control_header("max-age=3", cls=ResponseCacheControl)


def test_changes_are_told() -> None:
    seen: list[str] = []
    control = parse_cache_control_header(
        "no-store", lambda value: seen.append(value.to_header()), ResponseCacheControl
    )
    control.max_age = 5
    control.no_store = False
    del control.max_age
    control["x"] = "y z"
    control.clear()
    assert seen == ["no-store, max-age=5", "max-age=5", "", 'x="y z"', ""]


def test_what_a_client_said_stays() -> None:
    control = parse_cache_control_header("no-cache")
    for change in (
        lambda: setattr(control, "no_cache", False),
        lambda: control.update(a="b"),
        lambda: control.pop("no-cache"),
        control.clear,
    ):
        with pytest.raises(TypeError, match="immutable"):
            change()
    assert control.no_cache


@pytest.mark.parametrize(("values", "provided"), [((), True), (None, False), ({"a": "b"}, True)])
def test_provided(values: Any, provided: bool) -> None:
    assert ResponseCacheControl(values).provided is provided


@pytest.mark.parametrize("header", [None, ""])
def test_no_header(header: str | None) -> None:
    control = parse_cache_control_header(header)
    assert not control
    assert control.max_age is None
    assert repr(control) == "<RequestCacheControl >"


def test_repr_is_sorted() -> None:
    control = parse_cache_control_header("no-store, max-age=5", cls=ResponseCacheControl)
    assert repr(control) == "<ResponseCacheControl max-age='5' no-store=None>"


def test_a_directive_of_ones_own() -> None:
    class Control(ResponseCacheControl):
        surrogate = CacheControl.cache_property("surrogate-age", 0, int)

    control = Control()
    control.surrogate = 7
    assert control.to_header() == "surrogate-age=7"
    control.surrogate = True
    assert control.surrogate == 0


NAMES = st.text("abcdefghijklmnopqrstuvwxyz-", min_size=1, max_size=10)
TEXT = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20)


@given(st.dictionaries(NAMES, st.none() | TEXT, max_size=6))
def test_round_trip(directives: dict[str, str | None]) -> None:
    control = ResponseCacheControl(directives)
    assert parse_cache_control_header(control.to_header(), cls=ResponseCacheControl) == directives
