"""One function of several hooks that follow each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


class SeveralErrors(Exception):
    """What several functions raised, each of which was called all the same."""

    def __init__(self, errors: list[BaseException]) -> None:
        super().__init__(errors)
        self.errors = errors


def first_answer(functions: tuple[Any, ...]) -> Callable[..., Any]:
    """Hooks before the view: the first one that returns something answers."""

    def run() -> Any:
        for function in functions:
            rv = function()
            if rv is not None:
                return rv
        return None

    return run


def through(functions: tuple[Any, ...]) -> Callable[..., Any]:
    """Hooks behind the view: each gets the response of the one before."""

    def run(response: Any) -> Any:
        for function in functions:
            response = function(response)
        return response

    return run


def each(functions: tuple[Any, ...]) -> Callable[..., Any]:
    """Teardown functions: all are called, whatever one of them raises."""

    def run(exc: BaseException | None) -> None:
        errors: list[BaseException] = []
        for function in functions:
            try:
                function(exc)
            except BaseException as error:
                errors.append(error)
        if errors:
            raise errors[0] if len(errors) == 1 else SeveralErrors(errors)

    return run
