"""Context variables of a request that runs in two places.

A ``contextvars.Context`` can be entered by one thread or task at a time, and a token resets a
variable only in the Context that it was made in.  So a request has one Context for its functions on
threads and one for those on the loop, and the values are carried from one to the other.
"""

from __future__ import annotations

from contextvars import Context, copy_context
from typing import Any

_UNSET: Any = object()


def carry_into(context: Context) -> None:
    """Set in ``context`` what is set here; nobody is inside of it."""
    for variable, value in copy_context().items():
        if context.get(variable, _UNSET) is not value:
            context.run(variable.set, value)


def carry_out(context: Context) -> None:
    """Set here what is set in ``context``."""
    for variable, value in context.items():
        if variable.get(_UNSET) is not value:
            variable.set(value)
