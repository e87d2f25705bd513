"""What teardown functions raised, together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable

IN_REQUEST = "Errors in the request teardown"
IN_APP = "Errors in the app teardown"
IN_CONTEXT = "Errors in the context teardown"


class TeardownErrors(ExceptionGroup[Exception]):
    """What several teardown functions raised, each of which was called all the same."""


def raise_together(failed: list[BaseException], where: str | None) -> NoReturn:
    """Raise what was raised.

    :param where: what the group is called; ``None`` raises the first alone
    :raises BaseException: one that is no ``Exception``, alone: it is to end a task or a process
    """
    try:
        if where is None:
            raise failed[0]
        errors: list[Exception] = []
        for error in failed:
            if not isinstance(error, Exception):
                raise error
            errors.append(error)
        raise TeardownErrors(where, errors)
    finally:
        error = errors = failed = None  # type: ignore[assignment]


def attempt(
    failed: list[BaseException] | None, function: Callable[..., object], /, *args: Any, **named: Any
) -> None:
    """Call a function, and keep what it raises.

    :param failed: where it is kept; ``None`` lets it be raised
    """
    try:
        function(*args, **named)
    except BaseException as error:
        if failed is None:
            raise
        failed.append(error)
    finally:
        del failed, args, named
