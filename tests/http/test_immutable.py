from __future__ import annotations

import copy
import pickle

import pytest

from erlen.http.immutable import ImmutableDict, ImmutableList


@pytest.mark.parametrize(
    "change",
    [
        lambda x: x.__setitem__(0, 1),
        lambda x: x.__delitem__(0),
        lambda x: x.__iadd__([1]),
        lambda x: x.__imul__(2),
        lambda x: x.append(1),
        lambda x: x.clear(),
        lambda x: x.extend([1]),
        lambda x: x.insert(0, 1),
        lambda x: x.pop(),
        lambda x: x.remove(1),
        lambda x: x.reverse(),
        lambda x: x.sort(),
    ],
)
def test_a_list_refuses(change: object) -> None:
    items = ImmutableList([1, 2])
    with pytest.raises(TypeError, match="'ImmutableList' objects are immutable"):
        change(items)  # type: ignore[operator]
    assert items == [1, 2]


@pytest.mark.parametrize(
    "change",
    [
        lambda x: x.__setitem__("a", 1),
        lambda x: x.__delitem__("a"),
        lambda x: x.__ior__({}),
        lambda x: x.setdefault("a"),
        lambda x: x.update(b=1),
        lambda x: x.pop("a"),
        lambda x: x.popitem(),
        lambda x: x.clear(),
    ],
)
def test_a_dictionary_refuses(change: object) -> None:
    items = ImmutableDict(a=1)
    with pytest.raises(TypeError, match="'ImmutableDict' objects are immutable"):
        change(items)  # type: ignore[operator]
    assert items == {"a": 1}


def test_equal_ones_have_equal_hashes() -> None:
    assert hash(ImmutableList([1])) == hash(ImmutableList([1]))
    assert hash(ImmutableDict(a=1, b=2)) == hash(ImmutableDict(b=2, a=1))


def test_copies_and_pickles() -> None:
    d = ImmutableDict(a=1)
    assert type(d.copy()) is dict
    assert copy.copy(d) is d
    for value in (d, ImmutableList([1])):
        again = pickle.loads(pickle.dumps(value))
        assert type(again) is type(value)
        assert again == value
    assert ImmutableDict.fromkeys("ab", 1) == {"a": 1, "b": 1}
    assert repr(d) == "ImmutableDict({'a': 1})"
