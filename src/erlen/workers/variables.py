"""Context variables of a request whose walk is on a thread.

A ``contextvars.Context`` can be entered by one thread or task at a time, and a token resets a
variable only in the Context that it was made in.  The thread stays in its own while it waits for
an asynchronous function; so these have one for themselves, and the values are carried from one to
the other.
"""

from __future__ import annotations

from contextlib import suppress
from contextvars import Context, ContextVar, Token, copy_context
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_UNSET: Any = object()


def carry_out(context: Context) -> None:
    """Set here what is set in ``context``."""
    for variable, value in context.items():
        if variable.get(_UNSET) is not value:
            variable.set(value)


class Variables:
    """The Context of the asynchronous functions of a request, which one of them uses at a time."""

    def __init__(self) -> None:
        self.context = copy_context()
        self.is_taken = False
        # Of what was carried, so that what is reset on one side is unset on the other.
        self._carried_in: dict[ContextVar[Any], Token[Any]] = {}
        self._carried_out: dict[ContextVar[Any], Token[Any]] = {}

    def carry_in(self) -> None:
        """Make it there as it is here; on the loop, where nobody is inside."""
        _carry(copy_context(), self.context, self._carried_in, self.context.run)

    def carry_out(self) -> None:
        """Make it here as it is there."""
        _carry(self.context, copy_context(), self._carried_out, _run)


def _run(function: Callable[..., Any], *args: Any) -> Any:
    return function(*args)


def _carry(
    source: Context,
    target: Context,
    carried: dict[ContextVar[Any], Token[Any]],
    run: Callable[..., Any],
) -> None:
    for variable, value in source.items():
        if target.get(variable, _UNSET) is not value:
            token = run(variable.set, value)
            carried.setdefault(variable, token)
    for variable in [variable for variable in carried if variable not in source]:
        token = carried.pop(variable)
        if variable in target:
            run(_reset, token)


def _reset(token: Token[Any]) -> None:
    # A body may be finished in another Context than it was begun in.
    with suppress(ValueError):
        token.var.reset(token)
