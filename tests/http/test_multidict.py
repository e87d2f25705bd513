from __future__ import annotations

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erlen.http.exceptions import BadRequest, BadRequestKeyError
from erlen.http.multidict import (
    CombinedMultiDict,
    ImmutableMultiDict,
    ImmutableTypeConversionDict,
    MultiDict,
    TypeConversionDict,
    iter_multi_items,
)
from erlen.http.ordered_multidict import ImmutableOrderedMultiDict, OrderedMultiDict

PAIRS = [("a", "1"), ("b", "2"), ("a", "3")]


@pytest.mark.parametrize(
    "source",
    [
        PAIRS,
        {"a": ["1", "3"], "b": "2"},
        {"a": ("1", "3"), "b": ["2"]},
        MultiDict(PAIRS),
        ImmutableMultiDict(PAIRS),
        CombinedMultiDict([MultiDict([("a", "1"), ("b", "2")]), MultiDict([("a", "3")])]),
    ],
)
def test_every_source_gives_the_same_values(source: object) -> None:
    d = MultiDict(source)
    assert d.to_dict(flat=False) == {"a": ["1", "3"], "b": ["2"]}
    assert list(d.items(multi=True)) == [("a", "1"), ("a", "3"), ("b", "2")]


def test_an_empty_list_makes_no_key() -> None:
    assert "a" not in MultiDict({"a": []})


def test_a_copy_has_its_own_lists() -> None:
    first = MultiDict(PAIRS)
    for second in (MultiDict(first), first.copy(), copy.copy(first), first.deepcopy()):
        second.add("a", "4")
        assert first.getlist("a") == ["1", "3"]
        assert second.getlist("a") == ["1", "3", "4"]


def test_reading() -> None:
    d = MultiDict(PAIRS)
    assert d["a"] == "1"
    assert d.get("a") == "1"
    assert d.get("z") is None
    assert d.get("z", "default") == "default"
    assert d.getlist("z") == []
    assert list(d.values()) == ["1", "2"]
    assert list(d.listvalues()) == [["1", "3"], ["2"]]
    assert list(d.items()) == [("a", "1"), ("b", "2")]
    assert d.to_dict() == {"a": "1", "b": "2"}
    assert dict(d.lists()) == {"a": ["1", "3"], "b": ["2"]}
    assert list(d) == list(d.keys()) == ["a", "b"]


def test_a_list_that_was_read_does_not_change_the_dictionary() -> None:
    d = MultiDict(PAIRS)
    d.getlist("a").append("4")
    assert d.getlist("a") == ["1", "3"]


@pytest.mark.parametrize("value", ["x", None])
def test_conversion_that_fails_gives_the_default(value: object) -> None:
    d = MultiDict([("a", value), ("a", "3")])
    assert d.get("a", type=int) is None
    assert d.get("a", 7, type=int) == 7
    assert d.getlist("a", type=int) == [3]


def test_another_error_of_the_conversion_is_not_hidden() -> None:
    def fail(value: str) -> None:
        raise RuntimeError(value)

    with pytest.raises(RuntimeError):
        MultiDict(PAIRS).get("a", type=fail)


@pytest.mark.parametrize("cls", [MultiDict, ImmutableMultiDict, CombinedMultiDict])
def test_a_missing_key_is_a_bad_request(cls: type[MultiDict[str, str]]) -> None:
    with pytest.raises(BadRequestKeyError) as caught:
        cls()["name"]
    assert isinstance(caught.value, BadRequest)
    assert isinstance(caught.value, KeyError)
    assert caught.value.args == ("name",)


def test_a_key_with_an_empty_list_has_no_value() -> None:
    d: MultiDict[str, str] = MultiDict()
    d.setlist("a", [])
    assert "a" in d
    assert d.get("a", "default") == "default"
    with pytest.raises(BadRequestKeyError):
        d["a"]
    with pytest.raises(BadRequestKeyError):
        d.popitem()


def test_changing() -> None:
    d: MultiDict[str, str] = MultiDict(PAIRS)
    d["a"] = "9"
    assert d.getlist("a") == ["9"]
    d.setlist("a", ("1", "2"))
    assert d.getlist("a") == ["1", "2"]
    assert d.setdefault("a", "5") == "1"
    assert d.setdefault("n", "5") == "5"
    d.setlistdefault("m", ["6"]).append("7")
    assert d.getlist("m") == ["6", "7"]
    d.update({"a": ["3", "4"]})
    assert d.getlist("a") == ["1", "2", "3", "4"]
    del d["a"]
    assert "a" not in d


def test_removing() -> None:
    d: MultiDict[str, str] = MultiDict(PAIRS)
    assert d.pop("a") == "1"
    assert d.pop("a", None) is None
    with pytest.raises(BadRequestKeyError):
        d.pop("a")
    d = MultiDict(PAIRS)
    assert d.poplist("a") == ["1", "3"]
    assert d.poplist("a") == []
    assert d.popitem() == ("b", "2")
    for method in (d.popitem, d.popitemlist):
        with pytest.raises(BadRequestKeyError):
            method()
    assert MultiDict(PAIRS).popitemlist() == ("b", ["2"])


def test_union_adds_values() -> None:
    d = MultiDict(PAIRS)
    assert (d | {"a": "4"}).getlist("a") == ["1", "3", "4"]
    assert d.getlist("a") == ["1", "3"]
    d |= [("a", "5")]
    assert d.getlist("a") == ["1", "3", "5"]
    with pytest.raises(TypeError):
        d | 1  # type: ignore[operator]


@pytest.mark.parametrize("cls", [MultiDict, ImmutableMultiDict, OrderedMultiDict])
def test_pickle(cls: type[MultiDict[str, str]]) -> None:
    d = cls(PAIRS)
    again = pickle.loads(pickle.dumps(d))
    assert type(again) is cls
    assert again == d


def test_dict_of_it_holds_first_values() -> None:
    assert dict(MultiDict(PAIRS).items()) == {"a": "1", "b": "2"}
    assert {**MultiDict(PAIRS)} == {"a": "1", "b": "2"}


def test_repr_shows_every_value() -> None:
    assert repr(MultiDict(PAIRS)) == "MultiDict([('a', '1'), ('a', '3'), ('b', '2')])"


CHANGES = [
    lambda d: d.__setitem__("a", "1"),
    lambda d: d.__delitem__("a"),
    lambda d: d.add("a", "1"),
    lambda d: d.setlist("a", []),
    lambda d: d.setdefault("a", "1"),
    lambda d: d.setlistdefault("a"),
    lambda d: d.update({}),
    lambda d: d.__ior__({}),
    lambda d: d.pop("a"),
    lambda d: d.popitem(),
    lambda d: d.poplist("a"),
    lambda d: d.popitemlist(),
    lambda d: d.clear(),
]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize(
    "d", [ImmutableMultiDict(PAIRS), CombinedMultiDict([MultiDict(PAIRS)])], ids=["one", "combined"]
)
def test_immutable(d: MultiDict[str, str], change: object) -> None:
    with pytest.raises(TypeError, match=r"immutable: make a mutable one with copy\(\)"):
        change(d)  # type: ignore[operator]
    mutable = d.copy()
    assert type(mutable) is MultiDict
    assert mutable.getlist("a") == ["1", "3"]


def test_an_immutable_one_is_hashed_by_its_values() -> None:
    assert hash(ImmutableMultiDict(PAIRS)) == hash(ImmutableMultiDict({"a": ["1", "3"], "b": "2"}))
    assert hash(ImmutableMultiDict(PAIRS)) != hash(ImmutableMultiDict(PAIRS[:2]))
    with pytest.raises(TypeError):
        hash(MultiDict(PAIRS))


def test_combined() -> None:
    first = MultiDict([("a", "1"), ("n", "x")])
    second = MultiDict([("a", "2"), ("b", "3"), ("n", "4")])
    d = CombinedMultiDict([first, second])
    assert d["a"] == "1"
    assert d["b"] == "3"
    assert d.getlist("a") == ["1", "2"]
    assert d.get("n", type=int) == 4
    assert d.get("z", 9) == 9
    assert list(d) == list(d.keys()) == ["a", "n", "b"]
    assert list(d.items()) == [("a", "1"), ("n", "x"), ("b", "3")]
    assert list(d.values()) == ["1", "x", "3"]
    assert dict(d.lists()) == {"a": ["1", "2"], "n": ["x", "4"], "b": ["3"]}
    assert list(d.listvalues()) == [["1", "2"], ["x", "4"], ["3"]]
    assert d.to_dict() == {"a": "1", "n": "x", "b": "3"}
    assert len(d) == 3
    assert "b" in d
    assert "z" not in d
    assert d == CombinedMultiDict([first, second])
    assert type(d | {"z": "5"}) is MultiDict
    first["later"] = "seen"
    assert d["later"] == "seen"
    with pytest.raises(TypeError, match="fromkeys"):
        CombinedMultiDict.fromkeys("ab")


def test_combined_copies_hold_every_value() -> None:
    d = CombinedMultiDict([MultiDict([("a", "1")]), MultiDict([("a", "2")])])
    assert d.copy().getlist("a") == ["1", "2"]
    deep = d.deepcopy()
    d.dicts[0].add("a", "3")
    assert deep.getlist("a") == ["1", "2"]
    assert pickle.loads(pickle.dumps(d)) == d


def test_ordered_names() -> None:
    assert ImmutableOrderedMultiDict(PAIRS).copy() == OrderedMultiDict(PAIRS)


def test_type_conversion() -> None:
    d = TypeConversionDict(a="1", b="x")
    assert d.get("a", type=int) == 1
    assert d.get("b", 5, type=int) == 5
    assert d.get("c", 6) == 6
    frozen = ImmutableTypeConversionDict(d)
    with pytest.raises(TypeError):
        frozen["a"] = "2"
    assert frozen.copy() == d
    assert copy.copy(frozen) is frozen


def test_iter_multi_items() -> None:
    expected = [("a", 1), ("a", 2), ("b", 3)]
    assert list(iter_multi_items({"a": [1, 2], "b": 3})) == expected
    assert list(iter_multi_items(expected)) == expected
    assert list(iter_multi_items(MultiDict(expected))) == expected


PAIRS_OF_TEXT = st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 9)), max_size=10)


@given(PAIRS_OF_TEXT)
def test_round_trip_of_pairs(pairs: list[tuple[str, int]]) -> None:
    values = MultiDict(pairs)
    # The values of a key keep their order; the keys stand in the order of their first value.
    for key in "abcd":
        assert values.getlist(key) == [value for name, value in pairs if name == key]
    assert list(values) == list(dict(pairs))
    assert len(list(values.items(multi=True))) == len(pairs)
    for other in (
        MultiDict(values),
        MultiDict(values.items(multi=True)),
        MultiDict(values.to_dict(flat=False)),
        ImmutableMultiDict(pairs),
        OrderedMultiDict(pairs),
        pickle.loads(pickle.dumps(values)),
        values.copy(),
        copy.deepcopy(values),
    ):
        assert other.to_dict(flat=False) == values.to_dict(flat=False)
    if pairs:
        key, value = values.popitemlist()
        assert value == [number for name, number in pairs if name == key]
        assert key not in values


@given(PAIRS_OF_TEXT, PAIRS_OF_TEXT)
def test_combining_is_like_one_of_both(
    first: list[tuple[str, int]], second: list[tuple[str, int]]
) -> None:
    combined = CombinedMultiDict([MultiDict(first), MultiDict(second)])
    both = MultiDict(first + second)
    assert set(combined) == set(both)
    assert combined.to_dict(flat=False) == both.to_dict(flat=False)
    assert {key: combined[key] for key in combined} == both.to_dict()
