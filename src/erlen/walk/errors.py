"""Which handler an error goes to.  The walk and the public methods both ask here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..http.exceptions import BadRequestKeyError, HTTPException, default_exceptions
from ..routing.exceptions import RoutingException

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ..app.application import Erlen

    ErrorHandler = Callable[[Any], Any]


def error_class_and_code(key: type[Exception] | int) -> tuple[type[Exception], int | None]:
    """The exception class and status code that a handler is registered for.

    :raises ValueError: for an unknown code
    :raises TypeError: for something that is no exception class
    """
    if isinstance(key, int):
        try:
            found: type[Exception] = default_exceptions[key]
        except KeyError:
            raise ValueError(
                f"'{key}' is not a recognized HTTP error code. Use a subclass of HTTPException with"
                " that code instead."
            ) from None
    else:
        found = key
    if isinstance(found, Exception):
        raise TypeError(
            f"{found!r} is an instance, not a class. Handlers can only be registered for"
            " Exception classes or HTTP error codes."
        )
    if not (isinstance(found, type) and issubclass(found, Exception)):
        raise ValueError(
            f"{getattr(found, '__name__', found)!r} is not a subclass of Exception. Handlers can"
            " only be registered for Exception classes or HTTP error codes, such as"
            " @app.errorhandler(404)."
        )
    code = found.code if issubclass(found, HTTPException) else None
    return found, code


def find_handler(app: Erlen, error: Exception, blueprints: Iterable[str]) -> ErrorHandler | None:
    """The handler for ``error``: the most special class wins, a code before a class, the
    innermost blueprint before the application."""
    table = app.error_handler_spec
    if not table:
        return None
    # PERF: most scopes have no handlers at all, and most applications few.
    scopes = [by_code for scope in (*blueprints, None) if (by_code := table.get(scope))]
    if not scopes:
        return None
    kind = type(error)
    code = getattr(error, "code", None) if isinstance(error, HTTPException) else None
    for wanted in (code, None) if code is not None else (None,):
        for by_code in scopes:
            handlers = by_code.get(wanted)
            if not handlers:
                continue
            for cls in kind.__mro__:
                handler = handlers.get(cls)
                if handler is not None:
                    return handler
    return None


def http_answer(app: Erlen, error: HTTPException, blueprints: Iterable[str]) -> ErrorHandler | None:
    """The handler for an HTTP error, or ``None`` where the error is the answer itself: it has no
    code, it redirects, or nobody handles it."""
    if error.code is None or isinstance(error, RoutingException):
        return None
    return find_handler(app, error, blueprints)


def show_bad_key(app: Erlen, error: Exception) -> None:
    """In debug mode a missing form or query key is named in the answer."""
    if isinstance(error, BadRequestKeyError) and (
        app.debug or app.config["TRAP_BAD_REQUEST_ERRORS"]
    ):
        error.show_exception = True
