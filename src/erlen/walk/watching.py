"""A dictionary that knows when it changes."""

from __future__ import annotations

from typing import Any, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class WatchedDict(dict[K, V]):
    """A dictionary that tells of its changes: a subclass writes :meth:`_changed`."""

    __slots__ = ()

    def _take(self, value: Any) -> Any:
        """``value`` as it is kept."""
        return value

    def _changed(self) -> None:
        raise NotImplementedError

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(key, self._take(value))
        self._changed()

    def __delitem__(self, key: Any) -> None:
        super().__delitem__(key)
        self._changed()

    def setdefault(self, key: Any, default: Any = None) -> Any:
        if key not in self:
            # Of threads that do so at once, the first one's stays.
            super().setdefault(key, self._take(default))
            self._changed()
        return self[key]

    def update(self, *args: Any, **kwargs: Any) -> None:
        for key, value in dict(*args, **kwargs).items():
            self[key] = value

    def __ior__(self, other: Any) -> WatchedDict[K, V]:  # type: ignore[misc, override]
        self.update(other)
        return self

    def pop(self, key: Any, *default: Any) -> Any:
        value = super().pop(key, *default)
        self._changed()
        return value

    def popitem(self) -> tuple[Any, Any]:
        item = super().popitem()
        self._changed()
        return item

    def clear(self) -> None:
        super().clear()
        self._changed()
