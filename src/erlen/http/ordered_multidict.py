"""Dictionaries with several values for a key that also keep the order of pairs of different keys.

:class:`~erlen.http.multidict.MultiDict` keeps the order of keys, and of the values of a key, which
is what nearly every application wants.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NoReturn, TypeVar

from .multidict import ImmutableMultiDict, MultiDict, iter_multi_items

K = TypeVar("K")
V = TypeVar("V")
_MISSING: Any = object()


class OrderedMultiDict(MultiDict[K, V]):
    """A :class:`MultiDict` of which ``items(multi=True)`` gives the pairs as they were added.

    Two of them are equal if their pairs have the same order.

    >>> d = OrderedMultiDict([("a", 1), ("b", 2), ("a", 3)])
    >>> list(d.items(multi=True))
    [('a', 1), ('b', 2), ('a', 3)]
    """

    def __init__(self, mapping: Mapping[K, Any] | Iterable[tuple[K, V]] | None = None) -> None:
        super().__init__()
        # The key of each pair; the lists of values are in the dictionary, as in every MultiDict.
        self._order: list[K] = []
        if mapping is not None:
            OrderedMultiDict.update(self, mapping)

    def __getstate__(self) -> Any:
        return list(self.items(multi=True))

    def __setstate__(self, value: Any) -> None:
        OrderedMultiDict.clear(self)
        OrderedMultiDict.update(self, value)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, OrderedMultiDict):
            return list(self.items(multi=True)) == list(other.items(multi=True))
        return dict.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        # A dictionary would compare without the order.
        return not self == other

    def _forget(self, key: K) -> None:
        self._order = [other for other in self._order if other != key]

    def __delitem__(self, key: K) -> None:
        if key not in self:
            raise KeyError(key)
        self.poplist(key)

    def __setitem__(self, key: K, value: V) -> None:
        self.setlist(key, [value])

    def add(self, key: K, value: V) -> None:
        """Add a pair behind all others."""
        MultiDict.add(self, key, value)
        self._order.append(key)

    def setlist(self, key: K, new_list: Iterable[V]) -> None:
        """Replace the values of ``key`` by others behind all other pairs."""
        self.poplist(key)
        for value in new_list:
            self.add(key, value)

    def setdefault(self, key: K, default: Any = None) -> Any:
        if key not in self:
            self.add(key, default)
        return self[key]

    def setlistdefault(self, key: Any, default_list: Any = None) -> NoReturn:
        """Not supported: what is done to the list would not be noticed.

        :raises TypeError: always
        """
        raise TypeError("setlistdefault is unsupported for ordered multi dicts: use setlist().")

    def items(self, multi: bool = False) -> Iterable[tuple[K, V]]:  # type: ignore[override]
        """Pairs of key and first value, or with ``multi`` all pairs in their order."""
        if not multi:
            yield from MultiDict.items(self)
            return
        values = {key: iter(found) for key, found in MultiDict.lists(self)}
        for key in self._order:
            yield key, next(values[key])

    def update(self, mapping: Mapping[K, Any] | Iterable[tuple[K, V]]) -> None:  # type: ignore[override]
        # Of a copy: the mapping may be the dictionary itself.
        for key, value in list(iter_multi_items(mapping)):
            OrderedMultiDict.add(self, key, value)

    def clear(self) -> None:
        MultiDict.clear(self)
        self._order = []

    def pop(self, key: K, default: Any = _MISSING) -> Any:
        if key not in self and default is not _MISSING:
            return default
        value = MultiDict.pop(self, key)
        self._forget(key)
        return value

    def poplist(self, key: K) -> list[V]:
        values = MultiDict.poplist(self, key)
        if values:
            self._forget(key)
        return values

    def popitemlist(self) -> tuple[K, list[V]]:
        key, values = MultiDict.popitemlist(self)
        self._forget(key)
        return key, values


class ImmutableOrderedMultiDict(ImmutableMultiDict[K, V], OrderedMultiDict[K, V]):
    """An :class:`OrderedMultiDict` that cannot be changed; :meth:`copy` gives one that can."""

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(tuple(self.items(multi=True)))

    def copy(self) -> OrderedMultiDict[K, V]:  # type: ignore[override]
        """A mutable one with the same pairs."""
        return OrderedMultiDict(self)
