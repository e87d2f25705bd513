from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erlen.http.header_set import HeaderSet, parse_set_header


def test_reading() -> None:
    methods = HeaderSet(["GET", "Head", "OPTIONS"])
    assert list(methods) == ["GET", "Head", "OPTIONS"]
    assert "get" in methods
    assert "HEAD" in methods
    assert "POST" not in methods
    assert 5 not in methods
    assert len(methods) == 3
    assert methods[1] == "Head"
    assert methods.find("head") == methods.index("HEAD") == 1
    assert methods.find("post") == -1
    with pytest.raises(IndexError):
        methods.index("post")
    assert methods.as_set() == {"get", "head", "options"}
    assert methods.as_set(preserve_casing=True) == {"GET", "Head", "OPTIONS"}
    assert methods.to_header() == str(methods) == "GET, Head, OPTIONS"
    assert repr(methods) == "HeaderSet(['GET', 'Head', 'OPTIONS'])"


def test_empty() -> None:
    for empty in (HeaderSet(), HeaderSet(None), HeaderSet([]), parse_set_header(None)):
        assert not empty
        assert empty.to_header() == ""


@pytest.mark.parametrize(
    ("change", "header"),
    [
        pytest.param(lambda s: s.add("X"), "A, b, X", id="add"),
        pytest.param(lambda s: s.update(["x", "X", "a", "Y"]), "A, b, x, Y", id="update"),
        pytest.param(lambda s: s.remove("a"), "b", id="remove"),
        pytest.param(lambda s: s.discard("B"), "A", id="discard"),
        pytest.param(lambda s: s.clear(), "", id="clear"),
        pytest.param(lambda s: s.__setitem__(0, "X"), "X, b", id="set-item"),
        pytest.param(lambda s: s.__delitem__(1), "A", id="delete-item"),
    ],
)
def test_each_change_is_told_once(change: Callable[[HeaderSet], Any], header: str) -> None:
    seen: list[str] = []
    tokens = HeaderSet(["A", "b"], lambda value: seen.append(value.to_header()))
    change(tokens)
    assert seen == [header]
    assert tokens.as_set() == set(header.lower().split(", ")) - {""}


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda s: s.add("a"), id="add"),
        pytest.param(lambda s: s.update(["B", "a"]), id="update"),
        pytest.param(lambda s: s.update([]), id="update-with-nothing"),
        pytest.param(lambda s: s.discard("x"), id="discard"),
    ],
)
def test_no_change_is_not_told(change: Callable[[HeaderSet], Any]) -> None:
    tokens = HeaderSet(["A", "b"], lambda value: pytest.fail("nothing has changed"))
    change(tokens)
    assert list(tokens) == ["A", "b"]


def test_removing_what_is_not_there() -> None:
    tokens = HeaderSet(["a"])
    with pytest.raises(KeyError, match="x"):
        tokens.remove("x")
    with pytest.raises(IndexError):
        tokens[5]


def test_it_is_a_set() -> None:
    assert HeaderSet(["a", "b"]) == {"a", "b"}
    assert set(HeaderSet(["a", "b"]) & {"b"}) == {"b"}
    assert HeaderSet(["a"]).isdisjoint({"b"})


@pytest.mark.parametrize(
    ("header", "items"),
    [
        ("Cookie, Accept-Encoding", ["Cookie", "Accept-Encoding"]),
        ('a, "b c"', ["a", "b c"]),
        ("", []),
        (",", []),
    ],
)
def test_parsing(header: str, items: list[str]) -> None:
    assert list(parse_set_header(header)) == items


ITEMS = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=10)


@given(st.lists(ITEMS.map(str.strip).filter(bool), max_size=6))
def test_round_trip(items: list[str]) -> None:
    tokens = HeaderSet()
    tokens.update(items)
    assert list(parse_set_header(tokens.to_header())) == list(tokens)
    assert all(item.upper() in tokens for item in items)
    assert len(tokens) == len({item.lower() for item in items})
