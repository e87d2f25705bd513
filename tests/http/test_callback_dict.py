from __future__ import annotations

import pytest

from erlen.http.callback_dict import CallbackDict


@pytest.mark.parametrize(
    ("change", "after"),
    [
        (lambda d: d.__setitem__("b", 2), {"a": 1, "b": 2}),
        (lambda d: d.__delitem__("a"), {}),
        (lambda d: d.setdefault("b", 2), {"a": 1, "b": 2}),
        (lambda d: d.pop("a"), {}),
        (lambda d: d.popitem(), {}),
        (lambda d: d.clear(), {}),
        (lambda d: d.update(b=2), {"a": 1, "b": 2}),
        (lambda d: d.__ior__({"b": 2}), {"a": 1, "b": 2}),
    ],
)
def test_each_change_is_told_after_it_happened(change: object, after: dict[str, int]) -> None:
    told: list[dict[str, int]] = []
    d = CallbackDict({"a": 1}, lambda d: told.append(dict(d)))
    change(d)  # type: ignore[operator]
    assert told == [after]


def test_reading_tells_nothing() -> None:
    told: list[object] = []
    d = CallbackDict({"a": 1}, told.append)
    d["a"]
    d.get("b")
    d.setdefault("a", 5)
    assert d.pop("b", None) is None
    assert told == []


def test_without_a_callback() -> None:
    d: CallbackDict[str, int] = CallbackDict()
    d["a"] = 1
    assert d == {"a": 1}
    assert repr(d) == "<CallbackDict {'a': 1}>"
