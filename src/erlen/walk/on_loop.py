"""Functions for a walk on the loop: what is synchronous is handed over to a thread.

To hand over is what :class:`~erlen.workers.call.Call` does.  A plan wraps each function once, so
that the walk never asks where it is.  ``on_thread`` has the same names for a walk on a thread.
"""

from __future__ import annotations

from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Any

from ..context.contexts import find_request_context
from ..workers.attend import Disconnected, attend
from ..workers.call import Call
from ..workers.colours import is_coroutine_function, may_suspend

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable
    from typing import TypeAlias

    Function: TypeAlias = Callable[..., Any]

# What tells that the client is gone.
GONE = (Disconnected,)


def coloured(function: Function) -> Function:
    """``function`` for the loop: a synchronous one is called on a thread, unless it has a
    ``needs_thread`` that says no; an asynchronous one that waits ends when its client goes away."""
    if is_coroutine_function(function):
        return _attended(function) if may_suspend(function) else function
    needs_thread = getattr(function, "needs_thread", None)
    if needs_thread is None:
        return partial(Call, function)

    async def run(*args: Any, **kwargs: Any) -> Any:
        if needs_thread():
            return await Call(function, *args, **kwargs)
        return function(*args, **kwargs)

    return run


def call(function: Function, /, *args: Any, **kwargs: Any) -> Awaitable[Any]:
    """Call a function that has not been coloured."""
    if is_coroutine_function(function):
        return attend(function(*args, **kwargs), find_request_context())
    return Call(function, *args, **kwargs)


def _attended(function: Function) -> Function:
    def run(*args: Any, **kwargs: Any) -> attend:
        return attend(function(*args, **kwargs), find_request_context())

    return run


def groups(functions: Iterable[Function], chain: Callable[..., Function]) -> list[Function]:
    """The functions, where synchronous ones that follow each other are made one, so that they share
    one hand-over to a thread.

    :param chain: makes one function of several
    """
    made: list[Function] = []
    for is_async, group in groupby(functions, key=is_coroutine_function):
        together = tuple(group)
        if is_async or len(together) == 1:
            made.extend(together)
            continue
        function = chain(together)
        asked = [getattr(f, "needs_thread", None) for f in together]
        if all(asked):
            function.needs_thread = _any_of(asked)  # type: ignore[attr-defined]
        made.append(function)
    return made


def _any_of(asked: list[Any]) -> Callable[[], bool]:
    return lambda: any(ask() for ask in asked)
