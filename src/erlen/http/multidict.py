"""Dictionaries with several values for a key: query, form, files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import deepcopy
from typing import TYPE_CHECKING, Any, Literal, NoReturn, Self, TypeVar, overload

from .exceptions import BadRequestKeyError
from .immutable import ImmutableDictMixin, ImmutableMultiDictMixin

K = TypeVar("K")
V = TypeVar("V")
D = TypeVar("D")
T = TypeVar("T")
_MISSING: Any = object()
# What a MultiDict is stored in: lists by key, while its type tells readers of single values.
_lists: Any = dict


def iter_multi_items(
    mapping: Mapping[K, Any] | Iterable[tuple[K, Any]],
) -> Iterator[tuple[K, Any]]:
    """The items of a mapping or of pairs, one by one where a value is a list, tuple or set."""
    if isinstance(mapping, MultiDict):
        yield from mapping.items(multi=True)  # pyright: ignore[reportReturnType]
    elif hasattr(mapping, "items"):
        for key, value in mapping.items():  # pyright: ignore[reportAttributeAccessIssue]
            if isinstance(value, (list, tuple, set)):
                for item in value:
                    yield key, item
            else:
                yield key, value
    else:
        yield from mapping  # pyright: ignore[reportReturnType]


class TypeConversionDict(dict[K, V]):
    """A dictionary whose :meth:`get` can convert."""

    @overload
    def get(self, key: K, default: None = None, type: None = None) -> V | None: ...

    @overload
    def get(self, key: K, default: D, type: None = None) -> V | D: ...

    @overload
    def get(self, key: K, default: None = None, *, type: Callable[[V], T]) -> T | None: ...

    @overload
    def get(self, key: K, default: D, type: Callable[[V], T]) -> T | D: ...

    def get(self, key: K, default: Any = None, type: Callable[[Any], Any] | None = None) -> Any:
        """The value of ``key``.

        :param default: what to return without the key, or where ``type`` fails
        :param type: converts the value; a ``ValueError`` or ``TypeError`` gives the default
        """
        try:
            value = self[key]
        except KeyError:
            return default
        if type is None:
            return value
        try:
            return type(value)
        except (ValueError, TypeError):
            return default


class ImmutableTypeConversionDict(ImmutableDictMixin[K, V], TypeConversionDict[K, V]):
    """A :class:`TypeConversionDict` that cannot be changed."""

    def copy(self) -> TypeConversionDict[K, V]:
        """A mutable dictionary with the same items."""
        return TypeConversionDict(self)

    def __copy__(self) -> Self:
        return self


class MultiDict(TypeConversionDict[K, V]):
    """A dictionary with a list of values for each key.

    Reading a key gives the first value, as forms mostly have one; the methods with ``list`` in
    their name give them all.

    :param mapping: another one, a mapping (a list, tuple or set holds several values), or pairs

    >>> d = MultiDict([("a", "1"), ("a", "2")])
    >>> d["a"], d.getlist("a")
    ('1', ['1', '2'])
    """

    @overload
    def __init__(self, mapping: None = None) -> None: ...

    @overload
    def __init__(self, mapping: Mapping[K, list[V] | tuple[V, ...] | set[V]]) -> None: ...

    @overload
    def __init__(self, mapping: Mapping[K, V | list[V] | tuple[V, ...] | set[V]]) -> None: ...

    @overload
    def __init__(self, mapping: Iterable[tuple[K, V]]) -> None: ...

    def __init__(self, mapping: Mapping[K, Any] | Iterable[tuple[K, V]] | None = None) -> None:
        if mapping is None:
            return
        values: dict[Any, list[Any]]
        # PERF: a list has no items() to look for.
        if mapping.__class__ is not list and isinstance(mapping, MultiDict):
            _lists.update(self, mapping.lists())
        elif mapping.__class__ is not list and hasattr(mapping, "items"):
            values = {}
            for key, value in mapping.items():  # pyright: ignore[reportAttributeAccessIssue]
                if isinstance(value, (list, tuple, set)):
                    if not value:
                        continue
                    values[key] = list(value)
                else:
                    values[key] = [value]
            _lists.update(self, values)
        else:
            values = {}
            for key, value in mapping:  # pyright: ignore[reportGeneralTypeIssues]
                if key in values:
                    values[key].append(value)
                else:
                    values[key] = [value]
            _lists.update(self, values)

    @classmethod
    def _adopt(cls, values: dict[K, list[V]]) -> Self:
        """A dictionary of lists that nobody else has."""
        # PERF: no loop over values that the framework has put together itself.
        self = cls.__new__(cls)
        _lists.update(self, values)
        return self

    def __getstate__(self) -> Any:
        return dict(self.lists())

    def __setstate__(self, value: Any) -> None:
        _lists.clear(self)
        _lists.update(self, value)

    def __reduce_ex__(self, protocol: Any) -> Any:
        return type(self), (list(self.items(multi=True)),)

    def __iter__(self) -> Iterator[K]:
        # A dict subclass with its own __iter__ is copied by dict() through keys(), not bare.
        return dict.__iter__(self)

    def __getitem__(self, key: K) -> V:
        """The first value of ``key``.

        :raises BadRequestKeyError: (400, and a ``KeyError``) without the key
        """
        values: list[V] | None = _lists.get(self, key)
        if values:
            return values[0]
        raise BadRequestKeyError(key)

    if not TYPE_CHECKING:
        # Checkers read the overloads of what it overrides.

        def get(self, key: K, default: Any = None, type: Callable[[Any], Any] | None = None) -> Any:
            """The first value of ``key``; see :meth:`TypeConversionDict.get`."""
            values = _lists.get(self, key)
            if not values:
                return default
            if type is None:
                return values[0]
            try:
                return type(values[0])
            except (ValueError, TypeError):
                return default

    def __setitem__(self, key: K, value: V) -> None:
        _lists.__setitem__(self, key, [value])

    def add(self, key: K, value: V) -> None:
        """Add a value behind those that ``key`` has."""
        _lists.setdefault(self, key, []).append(value)

    @overload
    def getlist(self, key: K, type: None = None) -> list[V]: ...

    @overload
    def getlist(self, key: K, type: Callable[[V], T]) -> list[T]: ...

    def getlist(self, key: K, type: Callable[[Any], Any] | None = None) -> list[Any]:
        """All values of ``key``.

        :param type: converts each; those for which it fails are left out
        """
        values = _lists.get(self, key)
        if not values:
            return []
        if type is None:
            return list(values)
        result = []
        for value in values:
            try:
                result.append(type(value))
            except (ValueError, TypeError):
                continue
        return result

    def setlist(self, key: K, new_list: Iterable[V]) -> None:
        """Replace the values of ``key``."""
        _lists.__setitem__(self, key, list(new_list))

    def setdefault(self, key: K, default: Any = None) -> Any:
        """The first value of ``key``, which gets ``default`` if it has none."""
        if key not in self:
            self[key] = default
            return default
        return self[key]

    def setlistdefault(self, key: K, default_list: Iterable[V] | None = None) -> list[V]:
        """The list of values itself, made of ``default_list`` if there is none; changing the
        list changes the dictionary."""
        if key not in self:
            _lists.__setitem__(self, key, list(default_list or ()))
        values: list[V] = _lists.__getitem__(self, key)
        return values

    def items(self, multi: bool = False) -> Iterable[tuple[K, V]]:  # type: ignore[override]
        """Pairs of key and first value, or with ``multi`` of key and each value."""
        for key, values in _lists.items(self):
            if multi:
                for value in values:
                    yield key, value
            else:
                yield key, values[0]

    def lists(self) -> Iterable[tuple[K, list[V]]]:
        """Pairs of key and the list of its values."""
        for key, values in _lists.items(self):
            yield key, list(values)

    def values(self) -> Iterable[V]:  # type: ignore[override]
        """The first value of each key."""
        for values in _lists.values(self):
            yield values[0]

    def listvalues(self) -> Iterable[list[V]]:
        """The list of values of each key."""
        lists: Iterable[list[V]] = _lists.values(self)
        return lists

    def copy(self) -> Self:
        """A copy with its own lists."""
        return self.__class__(self)

    def deepcopy(self, memo: Any = None) -> Self:
        """A copy with copies of the values too."""
        return self.__class__(deepcopy(self.to_dict(flat=False), memo))

    @overload
    def to_dict(self, flat: Literal[True] = True) -> dict[K, V]: ...

    @overload
    def to_dict(self, flat: Literal[False]) -> dict[K, list[V]]: ...

    @overload
    def to_dict(self, flat: bool) -> dict[K, Any]: ...

    def to_dict(self, flat: bool = True) -> dict[K, Any]:
        """A plain dictionary of first values, or without ``flat`` of lists."""
        return dict(self.items()) if flat else dict(self.lists())

    def update(self, mapping: Mapping[K, Any] | Iterable[tuple[K, V]]) -> None:  # type: ignore[override]
        """Add the values of a mapping or of pairs behind those that are there."""
        for key, value in iter_multi_items(mapping):
            self.add(key, value)

    def __or__(self, other: Any) -> Self:  # type: ignore[override]
        if not isinstance(other, dict):
            return NotImplemented
        result = self.copy()
        result.update(other)
        return result

    def __ior__(self, other: Any) -> Self:  # type: ignore[override]
        if not isinstance(other, dict) and not hasattr(other, "__iter__"):
            return NotImplemented
        self.update(other)
        return self

    def pop(self, key: K, default: Any = _MISSING) -> Any:
        """Remove ``key`` and return its first value.

        :raises BadRequestKeyError: without the key and a ``default``
        """
        values = _lists.pop(self, key, None)
        if values:
            return values[0]
        if default is _MISSING:
            raise BadRequestKeyError(key)
        return default

    def popitem(self) -> tuple[K, V]:
        """Remove the last key and return it with its first value.

        :raises BadRequestKeyError: if there is none, or it has no value
        """
        key, values = self.popitemlist()
        if not values:
            raise BadRequestKeyError(key)
        return key, values[0]

    def poplist(self, key: K) -> list[V]:
        """Remove ``key`` and return all its values; an empty list without it."""
        values: list[V] = _lists.pop(self, key, [])
        return values

    def popitemlist(self) -> tuple[K, list[V]]:
        """Remove the last key and return it with all its values.

        :raises BadRequestKeyError: if there is none
        """
        try:
            item: tuple[K, list[V]] = _lists.popitem(self)
        except KeyError as error:
            raise BadRequestKeyError(*error.args) from None
        return item

    def __copy__(self) -> Self:
        return self.copy()

    def __deepcopy__(self, memo: Any) -> Self:
        return self.deepcopy(memo=memo)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({list(self.items(multi=True))!r})"


class _Frozen(ImmutableMultiDictMixin[K, V], MultiDict[K, V]):
    """A :class:`MultiDict` whose methods that change it refuse to."""

    def copy(self) -> MultiDict[K, V]:  # type: ignore[override]
        """A mutable :class:`MultiDict` with the same values."""
        return MultiDict(self)


class ImmutableMultiDict(_Frozen[K, V]):
    """A :class:`MultiDict` that cannot be changed; :meth:`copy` gives one that can."""

    def __copy__(self) -> Self:
        return self


class CombinedMultiDict(_Frozen[K, V]):
    """Several :class:`MultiDict` read as one; the first that has a key wins.

    :param dicts: the dictionaries; they are read, not copied
    """

    def __init__(self, dicts: Iterable[MultiDict[K, V]] | None = None) -> None:
        dict.__init__(self)
        self.dicts: list[MultiDict[K, V]] = list(dicts or ())

    def __reduce_ex__(self, protocol: Any) -> Any:
        return type(self), (self.dicts,)

    @classmethod
    def fromkeys(cls, keys: Any, value: Any = None) -> NoReturn:
        raise TypeError(f"cannot create {cls.__name__!r} instances by fromkeys")

    def __getitem__(self, key: K) -> V:
        for d in self.dicts:
            if key in d:
                return d[key]
        raise BadRequestKeyError(key)

    if not TYPE_CHECKING:

        def get(self, key: K, default: Any = None, type: Callable[[Any], Any] | None = None) -> Any:
            """The first value of ``key``; where ``type`` fails, the next dictionary is asked."""
            for d in self.dicts:
                if key in d:
                    if type is None:
                        return d[key]
                    try:
                        return type(d[key])
                    except (ValueError, TypeError):
                        continue
            return default

        def getlist(self, key: K, type: Callable[[Any], Any] | None = None) -> list[Any]:
            """The values of ``key`` in all dictionaries."""
            return [value for d in self.dicts for value in d.getlist(key, type=type)]

    def _keys(self) -> dict[K, None]:
        # A dict for the order of the keys.
        return {key: None for d in self.dicts for key in d}

    def keys(self) -> Iterable[K]:  # type: ignore[override]
        """The keys, each once."""
        return self._keys().keys()

    def __iter__(self) -> Iterator[K]:
        return iter(self._keys())

    def items(self, multi: bool = False) -> Iterable[tuple[K, V]]:  # type: ignore[override]
        """Pairs of key and first value, or with ``multi`` of key and each value."""
        found = set()
        for d in self.dicts:
            for key, value in d.items(multi):
                if multi:
                    yield key, value
                elif key not in found:
                    found.add(key)
                    yield key, value

    def values(self) -> Iterable[V]:  # type: ignore[override]
        """The first value of each key."""
        for _, value in self.items():
            yield value

    def lists(self) -> Iterable[tuple[K, list[V]]]:
        """Pairs of key and the list of its values."""
        result: dict[K, list[V]] = {}
        for d in self.dicts:
            for key, values in d.lists():
                result.setdefault(key, []).extend(values)
        return list(result.items())

    def listvalues(self) -> Iterable[list[V]]:
        """The list of values of each key."""
        return (values for _, values in self.lists())

    def deepcopy(self, memo: Any = None) -> Self:
        """A copy that reads copies of the dictionaries."""
        return self.__class__(deepcopy(self.dicts, memo))

    def __len__(self) -> int:
        return len(self._keys())

    def __contains__(self, key: object) -> bool:
        return any(key in d for d in self.dicts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CombinedMultiDict) and self.dicts == other.dicts

    def __ne__(self, other: object) -> bool:
        # What it inherits is empty, and would be compared.
        return not self == other

    def __hash__(self) -> int:  # type: ignore[override]
        return _Frozen.__hash__(self)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.dicts!r})"
