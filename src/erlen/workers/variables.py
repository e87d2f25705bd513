"""Context variables of a request whose walk is on a thread.

A ``contextvars.Context`` can be entered by one thread or task at a time, and a token resets a
variable only in the Context that it was made in.  The thread stays in its own while it waits for
an asynchronous function; so these have one for themselves, and the values are carried from one to
the other.
"""

from __future__ import annotations

from contextlib import suppress
from contextvars import Context, ContextVar, Token, copy_context
from typing import Any

_UNSET: Any = object()


def carry(source: Context, carried: dict[ContextVar[Any], Token[Any]]) -> None:
    """Make it here as it is in ``source``.

    :param carried: what was not set here before it was carried, and is unset with ``source``
    """
    for variable, value in source.items():
        found = variable.get(_UNSET)
        if found is not value:
            token = variable.set(value)
            if found is _UNSET:
                carried[variable] = token
    for variable in [variable for variable in carried if variable not in source]:
        token = carried.pop(variable)
        if variable.get(_UNSET) is not _UNSET:
            # A body may be finished in another Context than it was begun in.
            with suppress(ValueError):
                variable.reset(token)


def carry_out(context: Context) -> None:
    """Set here what is set in ``context``, once for all."""
    carry(context, {})


class Variables:
    """The Context of the asynchronous functions of a request, which one of them uses at a time."""

    def __init__(self) -> None:
        # Empty, so that whatever is there was carried, and can be unset.
        self.context: Context = Context()
        self.is_taken = False
        self._carried_in: dict[ContextVar[Any], Token[Any]] = {}
        self._carried_out: dict[ContextVar[Any], Token[Any]] = {}

    def carry_in(self) -> None:
        """Make it there as it is here; on the loop, where nobody is inside."""
        self.context.run(carry, copy_context(), self._carried_in)

    def carry_out(self) -> None:
        """Make it here as it is there."""
        carry(self.context, self._carried_out)
