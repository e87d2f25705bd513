"""What may go wrong because of what a person asked for."""

from __future__ import annotations


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
