"""The guard of the methods that set an application up."""

from __future__ import annotations

from functools import update_wrapper
from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable

F = TypeVar("F", bound="Callable[..., Any]")


def setupmethod(f: F) -> F:
    """A method that raises ``AssertionError`` once the application serves requests."""
    name = f.__name__

    def guarded(self: Any, *args: Any, **kwargs: Any) -> Any:
        self._check_setup_finished(name)
        return f(self, *args, **kwargs)

    return cast("F", update_wrapper(guarded, f))
