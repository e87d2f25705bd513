"""The tables that people fill, and how the walk learns of each change.

The tables are public dictionaries and lists that extensions change in place at any time.  They
count their changes, and a change takes the desk away; a request pays nothing for that.
"""

from __future__ import annotations

from abc import ABCMeta
from threading import Lock
from typing import TYPE_CHECKING, Any, SupportsIndex
from weakref import WeakSet

from .watching import WatchedDict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .desk import Desk

# Weak references: the classes' assignments reach every application that lives.
_living: WeakSet[Changes]


class Changes:
    """Counts the changes of an application, and keeps its desk as long as there is none.

    It refers to nothing that refers to the application, so that dropping an application frees it
    at once.
    """

    __slots__ = ("__weakref__", "count", "desk", "last", "lock")

    def __init__(self) -> None:
        self.count = 0
        #: What requests take; ``None`` where the next one has to make it.
        self.desk: Desk | None = None
        #: The last one, where the configuration does not tell of its changes.
        self.last: Desk | None = None
        self.lock = Lock()
        _living.add(self)

    def changed(self) -> None:
        """Take the desk away; requests on their way keep theirs."""
        with self.lock:
            self.count += 1
            self.desk = None

    def keep(self, desk: Desk) -> bool:
        """Put a desk there, unless something changed since it was begun.

        :returns: whether it is up to date
        """
        with self.lock:
            if desk.count != self.count:
                return False
            if desk.hears_of_settings:
                self.desk = desk
            else:
                self.last = desk
            return True


_living = WeakSet()


class Noticing(ABCMeta):
    """The class of classes whose changed attributes take the desks of their instances away.

    It is below ``ABCMeta``, so that an application may have abstract base classes too.
    """

    def __setattr__(cls, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        _all_changed()

    def __delattr__(cls, name: str) -> None:
        super().__delattr__(name)
        _all_changed()


def _all_changed() -> None:
    for changes in list(_living):
        changes.changed()


class HookList(list[Any]):
    """A list of functions that reports its changes."""

    __slots__ = ("_changes",)

    def __init__(self, changes: Changes | None, items: Iterable[Any] = ()) -> None:
        super().__init__(items)
        self._changes = changes

    def _changed(self) -> None:
        if self._changes is not None:
            self._changes.changed()

    def append(self, item: Any) -> None:
        super().append(item)
        self._changed()

    def extend(self, items: Iterable[Any]) -> None:
        super().extend(items)
        self._changed()

    def insert(self, index: SupportsIndex, item: Any) -> None:
        super().insert(index, item)
        self._changed()

    def remove(self, item: Any) -> None:
        super().remove(item)
        self._changed()

    def pop(self, index: SupportsIndex = -1) -> Any:
        item = super().pop(index)
        self._changed()
        return item

    def clear(self) -> None:
        super().clear()
        self._changed()

    def reverse(self) -> None:
        super().reverse()
        self._changed()

    def sort(self, **kwargs: Any) -> None:
        super().sort(**kwargs)
        self._changed()

    def __setitem__(self, index: Any, value: Any) -> None:
        super().__setitem__(index, value)
        self._changed()

    def __delitem__(self, index: Any) -> None:
        super().__delitem__(index)
        self._changed()

    def __iadd__(self, items: Iterable[Any]) -> HookList:  # type: ignore[misc]
        self.extend(items)
        return self

    def __copy__(self) -> list[Any]:
        return list(self)

    def __reduce__(self) -> Any:
        return list, (list(self),)


class HookTable(WatchedDict[Any, Any]):
    """A dictionary that reports its changes."""

    __slots__ = ("_changes",)

    def __init__(self, changes: Changes | None) -> None:
        super().__init__()
        self._changes = changes

    def _changed(self) -> None:
        if self._changes is not None:
            self._changes.changed()

    def __reduce__(self) -> Any:
        return dict, (dict(self),)


class MissingView(KeyError):
    """An endpoint has a URL rule and no view; its text tells how it gets one."""

    def __str__(self) -> str:
        endpoint = self.args[0]
        return (
            f"The endpoint {endpoint!r} has no view. Pass view_func=… to add_url_rule(), or"
            f" decorate a function with @app.endpoint({endpoint!r})."
        )


class ViewDict(HookTable):
    """Views by endpoint."""

    __slots__ = ()

    def __missing__(self, key: Any) -> Any:
        raise MissingView(key)


class HookDict(HookTable):
    """Lists of functions by blueprint name (``None`` is the application's own); a missing list
    is made when it is asked for."""

    __slots__ = ()

    def _take(self, value: Any) -> HookList:
        return value if isinstance(value, HookList) else HookList(self._changes, value)

    def __missing__(self, key: Any) -> HookList:
        # An empty list changes no plan.
        found = HookList(self._changes)
        dict.__setitem__(self, key, found)
        return found
