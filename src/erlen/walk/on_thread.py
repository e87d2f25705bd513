"""Functions for a walk on a thread: what is asynchronous is waited for.

A plan wraps each function once, so that the walk never asks where it is.  ``on_loop`` has the same
names for a walk on the loop.
"""

from __future__ import annotations

from functools import partial, update_wrapper
from typing import TYPE_CHECKING, Any

from ..context.contexts import current_context, current_context_or
from ..workers.colours import is_coroutine_function
from ..workers.loop import home, run_blocking

if TYPE_CHECKING:
    from collections.abc import Callable

# What tells that the client is gone: a thread is never interrupted.
GONE: tuple[type[BaseException], ...] = ()


def coloured(function: Callable[..., Any]) -> Callable[..., Any]:
    """``function`` for a thread: an asynchronous one is waited for."""
    if not is_coroutine_function(function):
        return function
    return partial(call_waiting, function)


def call(function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    """Call a function that has not been coloured."""
    try:
        if is_coroutine_function(function):
            return call_waiting(function, *args, **kwargs)
        return function(*args, **kwargs)
    finally:
        # An error keeps this frame, which must not keep the error.
        del args, kwargs


def call_waiting(function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    """Call an asynchronous function and wait for its result.

    Those of one request run in one ``contextvars.Context``, so that a token that one of them made
    resets in another: in that of the task which waits for this thread, if there is one.
    """
    conversation = getattr(home, "conversation", None)
    if conversation is not None:
        return conversation.wait(function(*args, **kwargs))
    context = current_context_or(None)
    variables = None if context is None else context.variables
    return run_blocking(function(*args, **kwargs), variables)


def bridged(function: Callable[..., Any]) -> Callable[..., Any]:
    """``function`` as the application's own ``ensure_sync`` makes it, which somebody replaced."""

    def run(*args: Any, **kwargs: Any) -> Any:
        return current_context().app.ensure_sync(function)(*args, **kwargs)

    return update_wrapper(run, function)
