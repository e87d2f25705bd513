from __future__ import annotations

import copy
import pickle

import pytest

from erlen.http.exceptions import BadRequestKeyError
from erlen.http.multidict import MultiDict
from erlen.http.ordered_multidict import ImmutableOrderedMultiDict, OrderedMultiDict

PAIRS = [("a", 1), ("b", 2), ("a", 3)]


@pytest.fixture
def mixed() -> OrderedMultiDict[str, int]:
    return OrderedMultiDict(PAIRS)


def test_pairs_keep_their_order(mixed: OrderedMultiDict[str, int]) -> None:
    assert list(mixed.items(multi=True)) == PAIRS
    assert list(mixed.items()) == [("a", 1), ("b", 2)]
    assert list(mixed.lists()) == [("a", [1, 3]), ("b", [2])]
    assert list(mixed) == ["a", "b"]
    assert (len(mixed), mixed["a"], mixed.getlist("a")) == (2, 1, [1, 3])
    assert list(MultiDict(PAIRS).items(multi=True)) != PAIRS


@pytest.mark.parametrize(
    ("change", "pairs"),
    [
        (lambda d: d.add("b", 4), [*PAIRS, ("b", 4)]),
        (lambda d: d.__setitem__("a", 9), [("b", 2), ("a", 9)]),
        (lambda d: d.setlist("b", [7, 8]), [("a", 1), ("a", 3), ("b", 7), ("b", 8)]),
        (lambda d: d.setdefault("a", 9), PAIRS),
        (lambda d: d.setdefault("c", 9), [*PAIRS, ("c", 9)]),
        (lambda d: d.update({"c": [4, 5]}), [*PAIRS, ("c", 4), ("c", 5)]),
        (lambda d: d.update(d), PAIRS + PAIRS),
        (lambda d: d.__delitem__("a"), [("b", 2)]),
        (lambda d: d.pop("a"), [("b", 2)]),
        (lambda d: d.pop("z", 0), PAIRS),
        (lambda d: d.poplist("a"), [("b", 2)]),
        (lambda d: d.poplist("z"), PAIRS),
        (lambda d: d.popitem(), [("a", 1), ("a", 3)]),
        (lambda d: d.popitemlist(), [("a", 1), ("a", 3)]),
        (lambda d: d.clear(), []),
    ],
)
def test_changes(mixed: OrderedMultiDict[str, int], change: object, pairs: list[object]) -> None:
    change(mixed)  # type: ignore[operator]
    assert list(mixed.items(multi=True)) == pairs
    assert MultiDict(mixed) == mixed


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.pop("z"),
        lambda d: d["z"],
        lambda d: OrderedMultiDict().popitem(),
        lambda d: OrderedMultiDict().popitemlist(),
    ],
)
def test_missing_keys(mixed: OrderedMultiDict[str, int], change: object) -> None:
    with pytest.raises(BadRequestKeyError):
        change(mixed)  # type: ignore[operator]
    with pytest.raises(KeyError):
        del mixed["z"]
    with pytest.raises(TypeError, match="setlist"):
        mixed.setlistdefault("a")


def test_equality_looks_at_the_order_of_two_ordered_ones(
    mixed: OrderedMultiDict[str, int],
) -> None:
    other = OrderedMultiDict(sorted(PAIRS))
    assert mixed != other
    assert mixed == OrderedMultiDict(PAIRS)
    assert mixed == MultiDict(PAIRS)
    assert MultiDict(PAIRS) == mixed
    with pytest.raises(TypeError, match="unhashable"):
        hash(mixed)


@pytest.mark.parametrize("cls", [OrderedMultiDict, ImmutableOrderedMultiDict])
@pytest.mark.parametrize(
    "make",
    [copy.copy, copy.deepcopy, lambda d: pickle.loads(pickle.dumps(d)), lambda d: d.copy()],
    ids=["copy", "deepcopy", "pickle", "method"],
)
def test_copies_keep_the_order(cls: type[OrderedMultiDict[str, int]], make: object) -> None:
    if make is copy.deepcopy:
        # Lists by key are what is copied deeply.
        assert copy.deepcopy(cls(PAIRS)).to_dict(flat=False) == {"a": [1, 3], "b": [2]}
    else:
        assert list(make(cls(PAIRS)).items(multi=True)) == PAIRS  # type: ignore[operator]


def test_immutable() -> None:
    frozen = ImmutableOrderedMultiDict(PAIRS)
    assert hash(frozen) != hash(ImmutableOrderedMultiDict(sorted(PAIRS)))
    assert {frozen: 1}[ImmutableOrderedMultiDict(PAIRS)] == 1
    assert copy.copy(frozen) is frozen
    for change in (
        lambda: frozen.add("a", 1),
        lambda: frozen.__setitem__("a", 1),
        lambda: frozen.update({}),
        lambda: frozen.poplist("a"),
        lambda: frozen.clear(),
    ):
        with pytest.raises(TypeError, match="immutable"):
            change()
    thawed = frozen.copy()
    thawed.add("c", 1)
    assert type(thawed) is OrderedMultiDict
    assert "c" not in frozen
