"""The plan of an endpoint: what runs for it, in which order, decided once."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from ..wrappers import blueprint_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .application import Erlen

    Hook = tuple[Callable[..., Any], bool]

_CO_COROUTINE = 0x80


def is_coroutine_function(f: Any) -> bool:
    """Whether calling ``f`` gives a coroutine to await: ``async def``, also inside of
    ``functools.partial``, as a bound method, or marked by ``inspect.markcoroutinefunction``."""
    while isinstance(f, partial):
        f = f.func
    f = getattr(f, "__func__", f)
    code = getattr(f, "__code__", None)
    if code is not None:
        return bool(code.co_flags & _CO_COROUTINE) or hasattr(f, "_is_coroutine_mark")
    # Neither a function nor a method: rare enough for the library that knows the rest.
    from inspect import iscoroutinefunction

    return iscoroutinefunction(f)


class Plan:
    """What runs for one endpoint. Hooks are pairs of the function and whether it is async."""

    __slots__ = (
        "after",
        "before",
        "blueprints",
        "is_plain",
        "preprocessors",
        "teardown",
        "view",
        "view_is_async",
    )

    def __init__(self, app: Erlen, endpoint: str | None) -> None:
        """:param endpoint: ``None`` for a request that no rule matched"""
        name = endpoint.rpartition(".")[0] if endpoint is not None else ""
        # Inner blueprints come first on the way out, and last on the way in.
        self.blueprints: list[str] = blueprint_path(name) if name else []
        inward = (None, *reversed(self.blueprints))
        outward = (*self.blueprints, None)
        self.preprocessors = tuple(
            f for scope in inward for f in app.url_value_preprocessors.get(scope, ())
        )
        self.before = _hooks(f for s in inward for f in app.before_request_funcs.get(s, ()))
        self.after = _hooks(
            f for s in outward for f in reversed(app.after_request_funcs.get(s, ()))
        )
        self.teardown = _hooks(
            f for s in outward for f in reversed(app.teardown_request_funcs.get(s, ()))
        )
        self.view: Callable[..., Any] | None = (
            None if endpoint is None else app.view_functions.get(endpoint)
        )
        self.view_is_async = self.view is not None and is_coroutine_function(self.view)
        #: Whether every function is synchronous, and there is a view.
        self.is_plain = (
            (self.view is not None or endpoint is None)
            and not self.view_is_async
            and not any(is_async for _, is_async in (*self.before, *self.after))
        )


def _hooks(functions: Iterable[Callable[..., Any]]) -> tuple[Hook, ...]:
    return tuple((f, is_coroutine_function(f)) for f in functions)
