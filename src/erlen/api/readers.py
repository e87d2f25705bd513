"""How one parameter of a typed view is read from a request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from .mistakes import Mistakes
    from .signature import Parameter

Read = Callable[[Any, dict[str, Any]], Any]


class Unfit(Exception):
    """A value that the fast way does not take; the slow walk says why."""


#: What reading raises for input that does not fit.
FAILED = (Unfit, msgspec.DecodeError, ValueError, RecursionError)
#: What is told of a number that JSON has no word for.
NOT_FINITE = "Expected a number, got NaN or Infinity"


@dataclass(frozen=True)
class Reader:
    """One parameter.

    :param read: gives its value, and raises what :data:`FAILED` names
    :param explain: collects what does not fit, behind a ``read`` that failed
    :param pointer: where its value is in its place
    """

    parameter: Parameter
    read: Read
    explain: Callable[[Any, dict[str, Any], Mistakes], None]
    pointer: str = ""
