"""The tables that people fill, and how the walk learns of each change.

The tables are public dictionaries and lists that extensions change in place at any time.  They
count their changes, and a change takes the desk away; a request pays nothing for that.
"""

from __future__ import annotations

from functools import wraps
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol
from weakref import WeakSet

from ..http.noticing import listeners
from .watching import WatchedDict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

# Weak references: the classes' assignments reach every application that lives.
_living: WeakSet[Changes]
# Applications are made while others are gone through.
_living_lock = Lock()


class Made(Protocol):
    """What is kept of an application: its desk."""

    count: int
    #: ``None`` where each change is told.
    untold: list[Any] | None


class Changes:
    """Counts the changes of an application, and keeps its desk as long as there is none.

    It refers to nothing that refers to the application, so that dropping an application frees it
    at once.
    """

    __slots__ = ("__weakref__", "count", "desk", "last", "lock")

    def __init__(self) -> None:
        self.count: int = 0
        #: What requests take; ``None`` where the next one has to make it.
        self.desk: Any = None
        #: The last one, where something does not tell of its changes.
        self.last: Any = None
        self.lock: Lock = Lock()
        with _living_lock:
            _living.add(self)

    def changed(self) -> None:
        """Take the desk away; requests on their way keep theirs."""
        with self.lock:
            self.count += 1
            self.desk = None

    def keep(self, desk: Made) -> bool:
        """Put a desk there, unless something changed since it was begun.

        :returns: whether it is up to date
        """
        with self.lock:
            if desk.count != self.count:
                return False
            if desk.untold is None:
                self.desk = desk
            else:
                self.last = desk
            return True


_living = WeakSet()


def _all_changed() -> None:
    with _living_lock:
        living = list(_living)
    for changes in living:
        changes.changed()


# The classes of applications, and of all whose methods a desk goes past.
listeners.append(_all_changed)


class HookList(list[Any]):
    """A list of functions that reports its changes."""

    __slots__ = ("_changes",)

    def __init__(self, changes: Changes | None, items: Iterable[Any] = ()) -> None:
        super().__init__(items)
        self._changes = changes

    def __copy__(self) -> list[Any]:
        return list(self)

    def __reduce__(self) -> Any:
        return list, (list(self),)


def _reporting(name: str) -> Callable[..., Any]:
    change: Any = getattr(list, name)

    @wraps(change)
    def method(self: HookList, *args: Any, **kwargs: Any) -> Any:
        try:
            return change(self, *args, **kwargs)
        finally:
            if self._changes is not None:
                self._changes.changed()

    return method


for _name in (
    "append", "extend", "insert", "remove", "pop", "clear", "reverse", "sort",
    "__setitem__", "__delitem__", "__iadd__", "__imul__",
):  # fmt: skip
    setattr(HookList, _name, _reporting(_name))


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
    is made when it is asked for.

    A list that is put there may be kept and changed by whoever did so.  It stays what it is, and
    the desk looks at it at each request.
    """

    __slots__ = ()

    def setdefault(self, key: Any, default: Any = ()) -> Any:
        return super().setdefault(key, HookList(self._changes, default or ()))

    def __missing__(self, key: Any) -> Any:
        # An empty list changes no plan.
        return dict.setdefault(self, key, HookList(self._changes))
