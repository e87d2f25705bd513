"""What may go wrong because of what a person asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class ServiceError(Exception):
    """Has a message for the person who asked."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Invalid(ServiceError):
    """A value cannot be taken; ``field`` names it as forms and the API do."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        #: What else is wrong with what was sent.
        self.others: list[Invalid] = []


class Mistakes:
    """Collects what is invalid, so that a person hears of all of it at once."""

    def __init__(self) -> None:
        self.found: list[Invalid] = []

    def check(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | None:
        """What a function gives; ``None`` where it raises :class:`Invalid`."""
        try:
            return function(*args, **kwargs)
        except Invalid as error:
            self.found.append(error)
            return None

    def tell(self) -> None:
        """
        :raises Invalid: the first mistake, with the others; nothing where there is none
        """
        if self.found:
            first, *first.others = self.found
            raise first


class Conflict(Invalid):
    """A value is fine, but something like it is there already."""


class BadCursor(Invalid):
    """A cursor that no page gave out."""

    def __init__(self) -> None:
        super().__init__("cursor", "This is not a cursor of a page.")


class NotFound(ServiceError):
    def __init__(self, message: str = "There is no such thing here.") -> None:
        super().__init__(message)


class Forbidden(ServiceError):
    def __init__(self, message: str = "This is not yours to change.") -> None:
        super().__init__(message)


class TooManyAttempts(ServiceError):
    """``seconds`` until the next attempt may be made."""

    def __init__(self, seconds: int) -> None:
        super().__init__("Too many attempts. Try again later.")
        self.seconds = seconds
