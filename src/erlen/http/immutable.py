"""Lists and dictionaries that refuse to change."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

K = TypeVar("K")
V = TypeVar("V")


def refuse(self: Any, *args: Any, **kwargs: Any) -> NoReturn:
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

    if not TYPE_CHECKING:
        # A checker sees what they are in the class that they are taken from.
        __delitem__ = __iadd__ = __imul__ = __setitem__ = append = clear = extend = refuse
        insert = pop = remove = reverse = sort = refuse


class ImmutableList(ImmutableListMixin[V]):
    """A list that cannot be changed, and so can be hashed."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({list.__repr__(self)})"


class ImmutableDictMixin(dict[K, V]):
    """Makes a dictionary class refuse to change."""

    _hash_cache: int | None = None

    @classmethod
    def fromkeys(cls, keys: Iterable[K], value: V | None = None) -> Any:  # type: ignore[override]
        items: Any = dict.fromkeys(keys, value)
        return cls(items)

    def __reduce_ex__(self, protocol: Any) -> Any:
        return type(self), (dict(self),)

    def _iter_hashitems(self) -> Iterable[Any]:
        return self.items()

    def __hash__(self) -> int:  # type: ignore[override]
        if self._hash_cache is None:
            self._hash_cache = hash(frozenset(self._iter_hashitems()))
        return self._hash_cache

    if not TYPE_CHECKING:
        __delitem__ = __ior__ = __setitem__ = clear = refuse
        pop = popitem = setdefault = update = refuse


class ImmutableMultiDictMixin(ImmutableDictMixin[K, V]):
    """Makes a class of dictionaries with several values for a key refuse to change."""

    def __reduce_ex__(self, protocol: Any) -> Any:
        return type(self), (list(self._iter_hashitems()),)

    def _iter_hashitems(self) -> Iterable[Any]:
        items: Any = self.items
        pairs: Iterable[Any] = items(multi=True)
        return pairs

    if not TYPE_CHECKING:
        add = poplist = popitemlist = setlist = setlistdefault = refuse


class ImmutableDict(ImmutableDictMixin[K, V]):
    """A dictionary that cannot be changed; :meth:`copy` gives one that can."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({dict.__repr__(self)})"

    def copy(self) -> dict[K, V]:
        """A mutable dictionary with the same items."""
        return dict(self)

    def __copy__(self) -> ImmutableDict[K, V]:
        return self
