"""Header fields: a list of pairs that is read like a dictionary (RFC 9110, section 5)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NoReturn, Self, TypeVar, overload

from .exceptions import BadRequestKeyError
from .grammar import dump_options_header
from .multidict import iter_multi_items

D = TypeVar("D")
T = TypeVar("T")
_MISSING: Any = object()
# RFC 9112, section 2.2: these would end the field, or the server's string.
_FORBIDDEN = re.compile(r"[\r\n\0]")
# PEP 3333 has these two without "HTTP_"; a server that sets both means the same field.
_NOT_SENT_SO = frozenset({"HTTP_CONTENT_TYPE", "HTTP_CONTENT_LENGTH"})


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.decode("latin-1")
    return str(value)


def _check(key: Any, value: Any) -> tuple[str, str]:
    """A pair as text.

    :raises ValueError: for CR, LF or NUL in either, which could start another field
    """
    if key.__class__ is not str or value.__class__ is not str:
        key, value = _text(key), _text(value)
    # PERF: what is printable holds no control character. A value is longer, and looking for each of
    # the three takes less.
    if key.isprintable() and not ("\n" in value or "\r" in value or "\0" in value):
        return key, value
    if _FORBIDDEN.search(key) is not None:
        raise ValueError(f"Header names must not contain newline characters or NUL: {key[:80]!r}.")
    if _FORBIDDEN.search(value) is not None:
        raise ValueError(
            f"Header values must not contain newline characters or NUL: {key[:80]!r} would be"
            f" {value[:80]!r}. Encode or strip what comes from outside."
        )
    return key, value


def _with_options(value: Any, options: dict[str, Any]) -> Any:
    return dump_options_header(value, {k.replace("_", "-"): v for k, v in options.items()})


def _put(pairs: list[tuple[str, str]], pair: tuple[str, str]) -> None:
    """Replace a field: the first of its pairs keeps its place, the others go."""
    wanted = pair[0].lower()
    # PERF: most names differ in length already; lower() keeps it in Latin-1, beyond which no
    # header goes.
    size = len(wanted)
    index = 0
    for name, _ in pairs:
        if len(name) == size and name.lower() == wanted:
            pairs[index] = pair
            following = pairs[index + 1 :]
            if following:
                pairs[index + 1 :] = [p for p in following if p[0].lower() != wanted]
            return
        index += 1  # noqa: SIM113 - PERF: enumerate() makes a tuple each time
    pairs.append(pair)


class Headers:
    """Header fields, in order, with names that ignore case.

    :param defaults: pairs, a mapping (a list holds several values), or other headers

    >>> h = Headers([("Set-Cookie", "a=1")])
    >>> h.add("set-cookie", "b=2")
    >>> h["Set-Cookie"], h.getlist("Set-Cookie")
    ('a=1', ['a=1', 'b=2'])
    """

    _list: list[tuple[str, str]]
    # A pair as text; ``None`` if it is not to be kept.
    _check: Callable[[Any, Any], tuple[str, str] | None] = staticmethod(_check)

    def __init__(
        self,
        defaults: Headers | Mapping[str, Any] | Iterable[tuple[str, Any]] | None = None,
    ) -> None:
        self._list = []
        if defaults is not None:
            self.extend(defaults)

    @classmethod
    def _adopt(cls, pairs: list[tuple[str, str]]) -> Self:
        """Headers over a list that was checked already; it is not copied."""
        # PERF: no loop over pairs that the framework wrote itself.
        self = cls.__new__(cls)
        self._list = pairs
        return self

    # -- reading -------------------------------------------------------------------------

    @overload
    def __getitem__(self, key: str) -> str: ...

    @overload
    def __getitem__(self, key: int) -> tuple[str, str]: ...

    @overload
    def __getitem__(self, key: slice) -> Self: ...

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, str):
            return self._get_key(key)
        if isinstance(key, int):
            return self._list[key]
        return self.__class__(self._list[key])

    def _get_key(self, key: str) -> str:
        wanted = key.lower()
        size = len(wanted)
        for name, value in self._list:
            if len(name) == size and name.lower() == wanted:
                return value
        raise BadRequestKeyError(key)

    @overload
    def get(self, key: str, default: None = None, type: None = None) -> str | None: ...

    @overload
    def get(self, key: str, default: D, type: None = None) -> str | D: ...

    @overload
    def get(self, key: str, default: None = None, *, type: Callable[[str], T]) -> T | None: ...

    @overload
    def get(self, key: str, default: D, type: Callable[[str], T]) -> T | D: ...

    def get(self, key: str, default: Any = None, type: Callable[[str], Any] | None = None) -> Any:
        """The first value of a field.

        :param default: what to return without the field, or where ``type`` fails
        :param type: converts the value; a ``ValueError`` or ``TypeError`` gives the default
        """
        wanted = key.lower()
        size = len(wanted)
        for name, value in self._list:
            if len(name) == size and name.lower() == wanted:
                if type is None:
                    return value
                try:
                    return type(value)
                except (ValueError, TypeError):
                    break
        return default

    @overload
    def getlist(self, key: str, type: None = None) -> list[str]: ...

    @overload
    def getlist(self, key: str, type: Callable[[str], T]) -> list[T]: ...

    def getlist(self, key: str, type: Callable[[str], Any] | None = None) -> list[Any]:
        """All values of a field; those for which ``type`` fails are left out."""
        wanted = key.lower()
        size = len(wanted)
        values = []
        for name, value in self:
            if len(name) == size and name.lower() == wanted:
                values.append(value)
        if type is None:
            return values
        result = []
        for value in values:
            try:
                result.append(type(value))
            except (ValueError, TypeError):
                continue
        return result

    def get_all(self, name: str) -> list[str]:
        """All values of a field; the name that ``wsgiref`` uses."""
        return self.getlist(name)

    def items(self, lower: bool = False) -> Iterable[tuple[str, str]]:
        """The pairs, with names in lower case if asked."""
        if lower:
            return ((key.lower(), value) for key, value in self)
        return iter(self)

    def keys(self, lower: bool = False) -> Iterable[str]:
        """The name of each pair."""
        for key, _ in self.items(lower):
            yield key

    def values(self) -> Iterable[str]:
        """The value of each pair."""
        for _, value in self.items():
            yield value

    def __contains__(self, key: object) -> bool:
        if not isinstance(key, str):
            return False
        wanted = key.lower()
        size = len(wanted)
        for name, _ in self._list:  # noqa: SIM110 - PERF: a generator costs more
            if len(name) == size and name.lower() == wanted:
                return True
        return False

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._list)

    def __len__(self) -> int:
        return len(self._list)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Headers) or not hasattr(other, "_list"):
            return NotImplemented

        def comparable(headers: Any) -> set[tuple[str, str]]:
            return {(key.lower(), value) for key, value in headers._list}

        return comparable(other) == comparable(self)

    def to_wsgi_list(self) -> list[tuple[str, str]]:
        """The pairs as WSGI wants them."""
        return self._list.copy()

    # -- changing ------------------------------------------------------------------------

    def add(self, key: str, value: Any, /, **kwargs: Any) -> None:
        """Add a field behind those that are there.

        :param kwargs: parameters: ``add("Content-Disposition", "attachment", filename="a")``
        :raises ValueError: for CR, LF or NUL
        """
        pair = self._check(key, _with_options(value, kwargs) if kwargs else value)
        if pair is not None:
            self._list.append(pair)

    add_header = add

    def extend(self, arg: Any = (), /, **kwargs: Any) -> None:
        """Add the pairs of headers, a mapping or an iterable."""
        pairs = arg if isinstance(arg, Headers) else iter_multi_items(arg)
        self._list.extend(self._checked(pairs))
        if kwargs:
            self._list.extend(self._checked(iter_multi_items(kwargs)))

    def _checked(self, pairs: Iterable[tuple[Any, Any]]) -> list[tuple[str, str]]:
        check = self._check
        return [pair for key, value in pairs if (pair := check(key, value)) is not None]

    def set(self, key: str, value: Any, /, **kwargs: Any) -> None:
        """Replace a field: the first of its pairs keeps its place, the others go.

        :raises ValueError: for CR, LF or NUL
        """
        pair = self._check(key, _with_options(value, kwargs) if kwargs else value)
        if pair is not None:
            _put(self._list, pair)

    def setlist(self, key: str, values: Iterable[Any]) -> None:
        """Replace a field by several; an empty list removes it."""
        values = list(values)
        if not values:
            self.remove(key)
            return
        self.set(key, values[0])
        for value in values[1:]:
            self.add(key, value)

    def setdefault(self, key: str, default: Any) -> str:
        """The first value of a field, which gets ``default`` if it is not there."""
        wanted = key.lower()
        for name, value in self._list:
            if name.lower() == wanted:
                return value
        self.set(key, default)
        # Headers of an answer may drop it.
        return self.get(key, str(default))

    def setlistdefault(self, key: str, default: Iterable[Any]) -> list[str]:
        """All values of a field, which gets ``default`` if it is not there."""
        if key not in self:
            self.setlist(key, default)
        return self.getlist(key)

    def __setitem__(self, key: Any, value: Any) -> None:
        # PERF: set() in its own class, for plain text.
        if (
            key.__class__ is str
            and value.__class__ is str
            and self.__class__ is Headers
            and value.isprintable()
            and key.isprintable()
        ):
            _put(self._list, (key, value))
        elif isinstance(key, str):
            self.set(key, value)
        elif isinstance(key, int):
            self._list[key : key + 1 or None] = self._checked([value])
        else:
            self._list[key] = self._checked(value)

    def update(self, arg: Any = (), /, **kwargs: Any) -> None:
        """Replace the fields that a mapping, headers or pairs have."""
        sources: tuple[Any, Any] = (arg, kwargs)
        for source in sources:
            if isinstance(source, Headers) or hasattr(source, "getlist"):
                for key in dict.fromkeys(source.keys()):
                    self.setlist(key, source.getlist(key))
            elif hasattr(source, "items"):
                for key, value in source.items():
                    if isinstance(value, (list, tuple, set)):
                        self.setlist(key, value)
                    else:
                        self.set(key, value)
            else:
                for key, value in source:
                    self.set(key, value)

    def __or__(self, other: Any) -> Self:
        if not hasattr(other, "items"):
            return NotImplemented
        result = self.copy()
        result.update(other)
        return result

    def __ior__(self, other: Any) -> Self:
        if not hasattr(other, "items") and not hasattr(other, "__iter__"):
            return NotImplemented
        self.update(other)
        return self

    def __delitem__(self, key: Any) -> None:
        if isinstance(key, str):
            self.remove(key)
        else:
            del self._list[key]

    def remove(self, key: str) -> None:
        """Remove all pairs of a field."""
        wanted = key.lower()
        # In place: a response shares the list.
        self._list[:] = [pair for pair in self._list if pair[0].lower() != wanted]

    def pop(self, key: Any = None, default: Any = _MISSING) -> Any:
        """Remove a field and return its first value; a number removes the pair at that place.

        :raises BadRequestKeyError: without the field and a ``default``
        """
        if key is None:
            return self._list.pop()
        if isinstance(key, int):
            return self._list.pop(key)
        value = self.get(key)
        if value is None:
            if default is _MISSING:
                raise BadRequestKeyError(key)
            return default
        self.remove(key)
        return value

    def popitem(self) -> tuple[str, str]:
        """Remove the last pair and return it."""
        return self._list.pop()

    def clear(self) -> None:
        """Remove everything."""
        self._list.clear()

    def copy(self) -> Self:
        """A copy with its own list."""
        return self.__class__(self._list)

    def __copy__(self) -> Self:
        return self.copy()

    def __str__(self) -> str:
        """The fields as they are written, with the empty line at their end."""
        lines = [f"{key}: {value}" for key, value in self]
        lines.append("\r\n")
        return "\r\n".join(lines)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({list(self)!r})"


def _read_only(self: Any, *args: Any, **kwargs: Any) -> NoReturn:
    raise TypeError(f"{type(self).__name__!r} objects are immutable: copy them into Headers first.")


class ImmutableHeadersMixin:
    """Makes a class of headers refuse to change."""

    if not TYPE_CHECKING:
        # A checker sees those of the class that it is mixed into.
        add = add_header = set = extend = update = remove = clear = popitem = _read_only
        setlist = setdefault = setlistdefault = insert = _read_only

    def pop(self, key: Any = None, default: Any = _MISSING) -> NoReturn:
        _read_only(self)

    def __setitem__(self, key: Any, value: Any) -> NoReturn:
        _read_only(self)

    def __delitem__(self, key: Any) -> NoReturn:
        _read_only(self)

    def __ior__(self, other: Any) -> NoReturn:
        _read_only(self)


class EnvironHeaders(ImmutableHeadersMixin, Headers):
    """The request headers of a WSGI environment, read-only and read when asked for.

    :param environ: the WSGI environment
    """

    def __init__(self, environ: dict[str, Any]) -> None:
        self.environ = environ

    def _get_key(self, key: str) -> str:
        try:
            name = key.upper().replace("-", "_")
        except (AttributeError, TypeError):
            # No text.
            raise BadRequestKeyError(key) from None
        if name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            value: str = self.environ.get(name, "")
            # Servers set these empty where there are none.
            if value == "":
                raise BadRequestKeyError(key)
            return value
        try:
            value = self.environ["HTTP_" + name]
        except KeyError:
            raise BadRequestKeyError(key) from None
        return value

    if not TYPE_CHECKING:

        def get(
            self, key: str, default: Any = None, type: Callable[[str], Any] | None = None
        ) -> Any:
            """The value of a field; see :meth:`Headers.get`."""
            name = key.upper().replace("-", "_")
            if name == "CONTENT_TYPE" or name == "CONTENT_LENGTH":
                value = self.environ.get(name) or None
            else:
                value = self.environ.get("HTTP_" + name)
            if value is None:
                return default
            if type is None:
                return value
            try:
                return type(value)
            except (ValueError, TypeError):
                return default

        __getitem__ = _get_key

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self.get(key) is not None

    def to_wsgi_list(self) -> list[tuple[str, str]]:
        """The pairs as WSGI wants them."""
        return list(self)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, EnvironHeaders):
            return NotImplemented
        return self.environ is other.environ

    def __len__(self) -> int:
        # list() asks for it too.
        count = 0
        for key, value in self.environ.items():
            if key[:5] == "HTTP_":
                count += key not in _NOT_SENT_SO
            elif value and (key == "CONTENT_TYPE" or key == "CONTENT_LENGTH"):
                count += 1
        return count

    def __iter__(self) -> Iterator[tuple[str, str]]:
        for key, value in self.environ.items():
            if key[:5] == "HTTP_":
                if key not in _NOT_SENT_SO:
                    yield key[5:].replace("_", "-").title(), value
            elif value and (key == "CONTENT_TYPE" or key == "CONTENT_LENGTH"):
                yield key.replace("_", "-").title(), value

    def copy(self) -> NoReturn:
        raise TypeError(f"cannot create {type(self).__name__!r} copies")

    def __or__(self, other: Any) -> NoReturn:
        raise TypeError(f"cannot create {type(self).__name__!r} copies")
