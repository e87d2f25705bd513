"""Lists and dictionaries that refuse to change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable

K = TypeVar("K")
V = TypeVar("V")


def is_immutable(self: Any) -> NoReturn:
    """Raise the error of every change."""
    raise TypeError(
        f"{type(self).__name__!r} objects are immutable: make a mutable one with copy() first."
    )


class ImmutableListMixin(list[V]):
    """Makes a list class refuse to change, so that its objects can be hashed."""

    _hash_cache: int | None = None

    def __hash__(self) -> int:  # type: ignore[override]
        if self._hash_cache is None:
            self._hash_cache = hash(tuple(self))
        return self._hash_cache

    def __reduce_ex__(self, protocol: Any) -> Any:
        return type(self), (list(self),)

    def __delitem__(self, key: Any) -> NoReturn:
        is_immutable(self)

    def __iadd__(self, other: Any) -> NoReturn:  # type: ignore[misc]
        is_immutable(self)

    def __imul__(self, other: Any) -> NoReturn:  # type: ignore[misc]
        is_immutable(self)

    def __setitem__(self, key: Any, value: Any) -> NoReturn:
        is_immutable(self)

    def append(self, item: Any) -> NoReturn:
        is_immutable(self)

    def clear(self) -> NoReturn:
        is_immutable(self)

    def extend(self, iterable: Any) -> NoReturn:
        is_immutable(self)

    def insert(self, pos: Any, value: Any) -> NoReturn:
        is_immutable(self)

    def pop(self, index: Any = -1) -> NoReturn:
        is_immutable(self)

    def remove(self, item: Any) -> NoReturn:
        is_immutable(self)

    def reverse(self) -> NoReturn:
        is_immutable(self)

    def sort(self, key: Any = None, reverse: Any = False) -> NoReturn:
        is_immutable(self)


class ImmutableList(ImmutableListMixin[V]):
    """A list that cannot be changed, and so can be hashed."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({list.__repr__(self)})"


class ImmutableDictMixin(dict[K, V]):
    """Makes a dictionary class refuse to change."""

    _hash_cache: int | None = None

    @classmethod
    def fromkeys(cls, keys: Iterable[K], value: V | None = None) -> Any:  # type: ignore[override]
        instance = super().__new__(cls)
        instance.__init__(dict.fromkeys(keys, value))  # type: ignore[misc]
        return instance

    def __reduce_ex__(self, protocol: Any) -> Any:
        return type(self), (dict(self),)

    def _iter_hashitems(self) -> Iterable[Any]:
        return self.items()

    def __hash__(self) -> int:  # type: ignore[override]
        if self._hash_cache is None:
            self._hash_cache = hash(frozenset(self._iter_hashitems()))
        return self._hash_cache

    def setdefault(self, key: Any, default: Any = None) -> NoReturn:
        is_immutable(self)

    def update(self, *args: Any, **kwargs: Any) -> NoReturn:
        is_immutable(self)

    def __ior__(self, other: Any) -> NoReturn:  # type: ignore[misc]
        is_immutable(self)

    def pop(self, key: Any, default: Any = None) -> NoReturn:
        is_immutable(self)

    def popitem(self) -> NoReturn:
        is_immutable(self)

    def __setitem__(self, key: Any, value: Any) -> NoReturn:
        is_immutable(self)

    def __delitem__(self, key: Any) -> NoReturn:
        is_immutable(self)

    def clear(self) -> NoReturn:
        is_immutable(self)


class ImmutableMultiDictMixin(ImmutableDictMixin[K, V]):
    """Makes a class of dictionaries with several values for a key refuse to change."""

    def __reduce_ex__(self, protocol: Any) -> Any:
        return type(self), (list(self._iter_hashitems()),)

    def _iter_hashitems(self) -> Iterable[Any]:
        items: Any = self.items
        pairs: Iterable[Any] = items(multi=True)
        return pairs

    def add(self, key: Any, value: Any) -> NoReturn:
        is_immutable(self)

    def setlist(self, key: Any, new_list: Any) -> NoReturn:
        is_immutable(self)

    def setlistdefault(self, key: Any, default_list: Any = None) -> NoReturn:
        is_immutable(self)

    def poplist(self, key: Any) -> NoReturn:
        is_immutable(self)

    def popitemlist(self) -> NoReturn:
        is_immutable(self)


class ImmutableDict(ImmutableDictMixin[K, V]):
    """A dictionary that cannot be changed; :meth:`copy` gives one that can."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({dict.__repr__(self)})"

    def copy(self) -> dict[K, V]:
        """A mutable dictionary with the same items."""
        return dict(self)

    def __copy__(self) -> ImmutableDict[K, V]:
        return self
