"""A set of header tokens that ignores case and keeps its order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, MutableSet
from typing import Any

from .grammar import parse_list_header, quote_header_value
from .header_value import HeaderValue


class HeaderSet(HeaderValue, MutableSet[str]):
    """Tokens such as those of ``Allow`` or ``Vary``.

    :param headers: the items
    :param on_update: called with the set when it has changed

    >>> "get" in HeaderSet(["GET", "HEAD"])
    True
    """

    def __init__(
        self,
        headers: Iterable[str] | None = None,
        on_update: Callable[[HeaderSet], Any] | None = None,
    ) -> None:
        self._headers = list(headers or ())
        self._set = set(map(str.lower, self._headers))
        self.on_update = on_update

    def _changed(self) -> None:
        if self.on_update is not None:
            self.on_update(self)

    def add(self, header: str) -> None:
        """Add an item, unless it is there."""
        key = header.lower()
        if key not in self._set:
            self._headers.append(header)
            self._set.add(key)
            self._changed()

    def update(self, iterable: Iterable[str]) -> None:
        """Add each item that is not there."""
        before = len(self._headers)
        for item in iterable:
            key = item.lower()
            if key not in self._set:
                self._headers.append(item)
                self._set.add(key)
        if len(self._headers) > before:
            self._changed()

    def remove(self, header: str) -> None:
        """Remove an item.

        :raises KeyError: if it is not there
        """
        key = header.lower()
        if key not in self._set:
            raise KeyError(header)
        self._set.remove(key)
        self._headers = [item for item in self._headers if item.lower() != key]
        self._changed()

    def discard(self, header: str) -> None:
        """Remove an item if it is there."""
        if header.lower() in self._set:
            self.remove(header)

    def find(self, header: str) -> int:
        """The position of an item, or -1."""
        key = header.lower()
        for index, item in enumerate(self._headers):
            if item.lower() == key:
                return index
        return -1

    def index(self, header: str) -> int:
        """The position of an item.

        :raises IndexError: if it is not there
        """
        position = self.find(header)
        if position < 0:
            raise IndexError(header)
        return position

    def clear(self) -> None:
        """Remove all items."""
        self._set.clear()
        self._headers.clear()
        self._changed()

    def as_set(self, preserve_casing: bool = False) -> set[str]:
        """A plain set, in lower case unless told otherwise."""
        return set(self._headers) if preserve_casing else set(self._set)

    def to_header(self) -> str:
        """The items as a header value."""
        return ", ".join(map(quote_header_value, self._headers))

    def __getitem__(self, index: int) -> str:
        return self._headers[index]

    def __delitem__(self, index: int) -> None:
        self._set.remove(self._headers.pop(index).lower())
        self._changed()

    def __setitem__(self, index: int, value: str) -> None:
        self._set.remove(self._headers[index].lower())
        self._headers[index] = value
        self._set.add(value.lower())
        self._changed()

    def __contains__(self, header: object) -> bool:
        return isinstance(header, str) and header.lower() in self._set

    def __len__(self) -> int:
        return len(self._headers)

    def __iter__(self) -> Iterator[str]:
        return iter(self._headers)

    def __bool__(self) -> bool:
        return bool(self._set)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._headers!r})"


def parse_set_header(
    value: str | None, on_update: Callable[[HeaderSet], Any] | None = None
) -> HeaderSet:
    """The items of a list as a set that ignores case and keeps the order; what is no list is read
    as :func:`~erlen.http.grammar.parse_list_header` does.

    :param on_update: called with the set when it is changed
    """
    return HeaderSet(parse_list_header(value) if value else (), on_update)
