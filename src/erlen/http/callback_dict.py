"""A dictionary that tells of its changes: what a header object writes itself back with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Self, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class UpdateDictMixin(dict[K, V]):
    """Makes a dictionary class call ``on_update(self)`` when it has changed."""

    on_update: Callable[[Any], None] | None = None

    def _changed(self) -> None:
        if self.on_update is not None:
            self.on_update(self)

    def __setitem__(self, key: K, value: V) -> None:
        dict.__setitem__(self, key, value)
        self._changed()

    def __delitem__(self, key: K) -> None:
        dict.__delitem__(self, key)
        self._changed()

    def setdefault(self, key: K, default: Any = None) -> Any:
        known = key in self
        value = dict.setdefault(self, key, default)
        if not known:
            self._changed()
        return value

    def pop(self, key: K, *default: Any) -> Any:
        known = key in self
        value = dict.pop(self, key, *default)
        if known:
            self._changed()
        return value

    def popitem(self) -> tuple[K, V]:
        item = dict.popitem(self)
        self._changed()
        return item

    def clear(self) -> None:
        dict.clear(self)
        self._changed()

    def update(self, *args: Any, **kwargs: Any) -> None:
        dict.update(self, *args, **kwargs)
        self._changed()

    def __ior__(self, other: Any) -> Self:  # type: ignore[override,misc]
        self.update(other)
        return self


class CallbackDict(UpdateDictMixin[K, V]):
    """A dictionary that calls ``on_update(self)`` when it has changed."""

    def __init__(
        self,
        initial: Mapping[K, V] | Iterable[tuple[K, V]] | None = None,
        on_update: Callable[[Any], None] | None = None,
    ) -> None:
        dict.__init__(self, () if initial is None else initial)
        self.on_update = on_update

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {dict.__repr__(self)}>"
