from __future__ import annotations

import inspect
from typing import Any

import pytest

from erlen.http.properties import cached_property, environ_property, header_property


class Counted:
    calls = 0

    @cached_property
    def value(self) -> int:
        """How often it was computed."""
        self.calls += 1
        return self.calls


class Slotted:
    __slots__ = ("_cache_value", "calls")

    def __init__(self) -> None:
        self.calls = 0

    @cached_property
    def value(self) -> int:
        self.calls += 1
        return self.calls


class Renamed:
    """The attribute has another name than the key."""

    calls = 0

    def _compute(self) -> int:
        self.calls += 1
        return self.calls

    value = cached_property(_compute)


class Inherited(Slotted):
    """A class with a ``__dict__`` below one without."""


@pytest.mark.parametrize("kind", [Counted, Slotted, Renamed, Inherited])
def test_computed_once_settable_and_deletable(kind: Any) -> None:
    instance = kind()
    assert (instance.value, instance.value) == (1, 1)
    instance.value = 7
    assert instance.value == 7
    del instance.value
    assert instance.value == 2


def test_value_is_kept_in_the_dict() -> None:
    instance = Counted()
    assert instance.value == 1
    assert instance.__dict__["value"] == 1


def test_what_is_kept_is_found_without_a_call() -> None:
    assert not hasattr(type(inspect.getattr_static(Counted, "value")), "__set__")
    assert hasattr(type(inspect.getattr_static(Slotted, "value")), "__set__")


def test_a_property_put_on_a_finished_class_is_computed_once() -> None:
    class Late:
        calls = 0

    def compute(self: Late) -> int:
        self.calls += 1
        return self.calls

    Late.value = cached_property(compute)  # type: ignore[attr-defined]
    instance: Any = Late()
    assert (instance.value, instance.value) == (1, 1)


def test_slots_without_the_slot_are_an_error() -> None:
    class Bare:
        __slots__ = ()

        @cached_property
        def value(self) -> int:
            return 1

    with pytest.raises(AttributeError, match="_cache_value"):
        _ = Bare().value


def test_class_access_gives_the_property_with_its_docs() -> None:
    assert isinstance(Counted.value, cached_property)
    assert isinstance(Counted.value, property)
    assert Counted.value.__doc__ == "How often it was computed."
    assert Counted.value.__name__ == "value"
    kinds = {a.name: a.kind for a in inspect.classify_class_attrs(Counted)}
    assert kinds["value"] == "property"


class Holder:
    number = header_property[int]("X-Number", load_func=int, dump_func=str)
    fixed = header_property[str]("X-Fixed", read_only=True)
    defaulted = header_property[str]("X-Missing", "fallback")
    path = environ_property[str]("PATH_INFO")
    own = environ_property[str]("own.key", read_only=False)

    def __init__(self) -> None:
        self.headers = {"X-Number": "3", "X-Fixed": "f"}
        self.environ = {"PATH_INFO": "/"}


def test_a_header_reads_and_writes_through_its_conversions() -> None:
    holder = Holder()
    assert holder.number == 3
    holder.number = 5
    assert holder.headers["X-Number"] == "5"
    holder.number = None
    assert "X-Number" not in holder.headers
    holder.headers["X-Number"] = "many"
    assert holder.number is None
    del holder.number
    assert "X-Number" not in holder.headers
    assert holder.defaulted == "fallback"


def test_read_only_refuses() -> None:
    holder = Holder()
    with pytest.raises(AttributeError):
        holder.fixed = "g"
    with pytest.raises(AttributeError):
        del holder.fixed
    with pytest.raises(AttributeError):
        holder.path = "/x"
    holder.own = "mine"
    assert holder.environ["own.key"] == "mine"


def test_class_access_and_repr() -> None:
    assert repr(Holder.path) == "<environ_property PATH_INFO>"
    assert repr(Holder.number) == "<header_property X-Number>"
