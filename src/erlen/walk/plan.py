"""The plan of an endpoint: what runs for it, in which order, decided once."""

from __future__ import annotations

import sys
from functools import partial
from itertools import groupby
from opcode import opmap
from typing import TYPE_CHECKING, Any

from ..context.messages import blueprint_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ..app.application import Erlen

    Hook = tuple[Callable[..., Any], bool]

_CO_COROUTINE = 0x80
# What an await ends in, where it has to wait (CPython; elsewhere any code may).
_YIELD = opmap.get("YIELD_VALUE") if sys.implementation.name == "cpython" else None


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


def may_suspend(f: Any) -> bool:
    """Whether what an ``async def`` does may wait for something; one without any ``await`` cannot.
    ``True`` where its code does not tell."""
    code = getattr(getattr(f, "__func__", f), "__code__", None)
    if code is None or _YIELD is None or not code.co_flags & _CO_COROUTINE:
        return True
    # An instruction is two bytes, of which the first says what it does.
    return _YIELD in code.co_code[::2]


class Plan:
    """What runs for one endpoint. Hooks are pairs of the function and whether it is async."""

    __slots__ = (
        "after",
        "after_groups",
        "before",
        "before_groups",
        "blueprints",
        "is_bare",
        "is_bare_async",
        "is_plain",
        "is_prompt",
        "preprocessors",
        "streams_body",
        "teardown",
        "view",
        "view_is_async",
    )

    def __init__(self, app: Erlen, endpoint: str | None, websocket: bool = False) -> None:
        """:param endpoint: ``None`` for a request that no rule matched
        :param websocket: with the hooks of WebSockets"""
        if websocket:
            before, after, teardown = (
                app.before_websocket_funcs,
                app.after_websocket_funcs,
                app.teardown_websocket_funcs,
            )
        else:
            before, after, teardown = (
                app.before_request_funcs,
                app.after_request_funcs,
                app.teardown_request_funcs,
            )
        name = endpoint.rpartition(".")[0] if endpoint is not None else ""
        # Inner blueprints come first on the way out, and last on the way in.
        self.blueprints: list[str] = blueprint_path(name) if name else []
        inward = (None, *reversed(self.blueprints))
        outward = (*self.blueprints, None)
        self.preprocessors = tuple(
            f for scope in inward for f in app.url_value_preprocessors.get(scope, ())
        )
        self.before = _hooks(f for s in inward for f in before.get(s, ()))
        self.after = _hooks(f for s in outward for f in reversed(after.get(s, ())))
        self.teardown = _hooks(f for s in outward for f in reversed(teardown.get(s, ())))
        #: The same, with the synchronous ones that follow each other made one.
        self.before_groups = _groups(self.before, _first_answer)
        self.after_groups = _groups(self.after, _through)
        self.view: Callable[..., Any] | None = (
            None if endpoint is None else app.view_functions.get(endpoint)
        )
        self.view_is_async = self.view is not None and is_coroutine_function(self.view)
        #: Whether the view reads the body while it comes, in place of having it received first.
        self.streams_body = bool(getattr(self.view, "streams_request_body", False))
        #: Whether every function is synchronous, and there is a view.
        self.is_plain = (
            (self.view is not None or endpoint is None)
            and not self.view_is_async
            and not any(is_async for _, is_async in (*self.before, *self.after))
        )
        #: Whether there is nothing but a synchronous view.
        self.is_bare = (
            self.is_plain
            and self.view is not None
            and not (self.preprocessors or self.before or self.after)
        )
        #: Whether an async view is all there is.
        self.is_bare_async = self.view_is_async and not (
            self.preprocessors or self.before or self.after
        )
        #: Whether it is an async view that never waits.
        self.is_prompt = self.is_bare_async and not may_suspend(self.view)


def _hooks(functions: Iterable[Callable[..., Any]]) -> tuple[Hook, ...]:
    return tuple((f, is_coroutine_function(f)) for f in functions)


def _groups(
    hooks: tuple[Hook, ...], chain: Callable[[list[Callable[..., Any]]], Callable[..., Any]]
) -> tuple[Hook, ...]:
    groups: list[Hook] = []
    for is_async, group in groupby(hooks, key=lambda hook: hook[1]):
        functions = [f for f, _ in group]
        if is_async or len(functions) == 1:
            groups.extend((f, is_async) for f in functions)
        else:
            run = chain(functions)
            asked = [getattr(f, "needs_thread", None) for f in functions]
            if all(asked):
                run.needs_thread = _any_of(asked)  # type: ignore[attr-defined]
            groups.append((run, False))
    return tuple(groups)


def _any_of(asked: list[Any]) -> Callable[[], bool]:
    return lambda: any(ask() for ask in asked)


def _first_answer(functions: list[Callable[..., Any]]) -> Callable[[], Any]:
    def run() -> Any:
        for function in functions:
            rv = function()
            if rv is not None:
                return rv
        return None

    return run


def _through(functions: list[Callable[..., Any]]) -> Callable[[Any], Any]:
    def run(response: Any) -> Any:
        for function in functions:
            response = function(response)
        return response

    return run
