"""Which handler an error goes to, and what becomes of an error that has none."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING, Any

from ..context.contexts import PRESERVE
from ..context.teardown import IN_CONTEXT, TeardownErrors, raise_together
from ..http.exceptions import BadRequestKeyError, HTTPException, default_exceptions
from ..routing.exceptions import RoutingException
from ..signals import got_request_exception
from ..workers.exits import contained
from .chains import SeveralErrors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from .application import Application
    from .plan import Plan

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


def find_handler(
    app: Application, error: Exception, blueprints: Iterable[str]
) -> ErrorHandler | None:
    """The handler for ``error``: the most special class wins, a code before a class, the
    innermost blueprint before the application."""
    table = app.error_handler_spec
    if not table:
        return None
    kind = type(error)
    scopes = (*blueprints, None)
    code = getattr(error, "code", None) if isinstance(error, HTTPException) else None
    for wanted in (code, None) if code is not None else (None,):
        for scope in scopes:
            # PERF: most scopes have no handlers at all, and most applications few.
            by_code = table.get(scope)
            handlers = by_code.get(wanted) if by_code else None
            if not handlers:
                continue
            for cls in kind.__mro__:
                handler: ErrorHandler | None = handlers.get(cls)
                if handler is not None:
                    return handler
    return None


def http_answer(
    app: Application, error: HTTPException, blueprints: Iterable[str]
) -> ErrorHandler | None:
    """The handler for an HTTP error, or ``None`` where the error is the answer itself: it has no
    code, it redirects, or nobody handles it."""
    # PERF: is_handled() without a call.
    if error.code is None or isinstance(error, RoutingException):
        return None
    return find_handler(app, error, blueprints)


def is_handled(error: HTTPException) -> bool:
    """Whether there may be a handler for an HTTP error: it has a code, and does not redirect."""
    return error.code is not None and not isinstance(error, RoutingException)


def debug_answer(ctx: Any, error: HTTPException) -> ErrorHandler | None:
    """In debug mode, inside of the debugger: what answers in place of an error that matching found
    and nobody handles."""
    if not ctx.app.debug or error is not ctx.request.routing_exception:
        return None
    explain = getattr(ctx.environ.get(PRESERVE), "explain", None)
    return None if explain is None else partial(explain, ctx)


def show_bad_key(app: Application, error: Exception) -> None:
    """In debug mode a missing form or query key is named in the answer."""
    if isinstance(error, BadRequestKeyError) and (
        app.debug or app.config["TRAP_BAD_REQUEST_ERRORS"]
    ):
        error.show_exception = True


def handler_for(ctx: Any, plan: Plan, error: Exception) -> ErrorHandler | None:
    """The error handler for ``error``; ``None`` where it is an HTTP error that answers itself.

    :raises Exception: ``error`` itself where nobody handles it
    """
    app = ctx.app
    request = ctx.made_request
    blueprints = plan.blueprints
    if request is not None and request.url_rule is not ctx.found_rule:
        blueprints = request.blueprints
    handler: ErrorHandler | None
    is_answer = isinstance(error, HTTPException)
    if is_answer and plan.desk.traps_nothing:
        handler = http_answer(app, error, blueprints)  # type: ignore[arg-type]
    else:
        if is_answer:
            show_bad_key(app, error)
            is_answer = not app.trap_http_exception(error)
        if is_answer:
            handler = http_answer(app, error, blueprints)  # type: ignore[arg-type]
            handler = handler or debug_answer(ctx, error)  # type: ignore[arg-type]
        else:
            handler = find_handler(app, error, blueprints)
    if handler is None:
        if error is (ctx.found_error if request is None else request.routing_exception):
            # Its frames refer to the context, which refers to it.
            error.__traceback__ = None
        if not is_answer:
            try:
                raise error
            finally:
                # The error keeps this frame, which must not keep the error.
                del error
    return handler


def forget_frames(ctx: Any, error: Exception) -> None:
    """Behind its handler, take the traceback away from an error that matching found: the context
    keeps it, and its frames keep the context."""
    request = ctx.made_request
    if error is (ctx.found_error if request is None else request.routing_exception):
        error.__traceback__ = None


def propagates(app: Application) -> bool:
    """Whether errors that nobody handled are raised on, for the server or the test to show."""
    setting = app.config["PROPAGATE_EXCEPTIONS"]
    return bool(app.testing or app.debug if setting is None else setting)


def answer_unhandled(ctx: Any, error: Exception) -> Any:
    """``handle_exception`` of the application, which looks at the exception that is being handled.

    :raises Exception: ``error``, where it propagates
    """
    try:
        call = ctx.app.call_by_signature
        if sys.exc_info()[1] is error:
            return call("handle_exception", ctx, error)
        try:
            raise error
        except Exception:
            return call("handle_exception", ctx, error)
    finally:
        del error


def leaves(raised: BaseException) -> Iterator[BaseException]:
    """The errors themselves, of what teardown functions raised."""
    if isinstance(raised, SeveralErrors):
        yield from raised.errors
    elif isinstance(raised, TeardownErrors):
        for each in raised.exceptions:
            yield from leaves(each)
    else:
        yield raised


def grouped(failed: list[BaseException], where: str) -> list[BaseException]:
    """The same errors, where those that are in no group yet are one."""
    rest: list[BaseException] = []
    for raised in failed:
        if not isinstance(raised, TeardownErrors) or raised.message == where:
            rest.extend(leaves(raised))
    single = [raised for raised in rest if isinstance(raised, Exception)]
    return [
        *(r for r in failed if isinstance(r, TeardownErrors) and r.message != where),
        *([TeardownErrors(where, single)] if single else ()),
        *(raised for raised in rest if not isinstance(raised, Exception)),
    ]


def report(ctx: Any, error: BaseException | None, failed: list[BaseException]) -> None:
    """Log and tell what teardown functions raised: the answer stands.

    :param error: what ended the request, if something did: it is raised on, whatever comes behind
    :raises Exception: the first of them, where errors propagate; all of them as a group, where
        Flask 3.2 is followed
    :raises BaseException: one that the context does not catch
    """
    app, caught = ctx.app, ctx.caught
    groups = app.follows_next_flask
    fatal: BaseException | None = None
    raised: BaseException | None = None
    each: BaseException | None = None
    found: Any = None
    try:
        for raised in failed:
            for each in leaves(raised):
                if isinstance(each, caught):
                    each = contained(each)
                is_alone = not isinstance(each, Exception)
                if is_alone or (error is None and propagates(app)):
                    if fatal is None or (is_alone and groups and isinstance(fatal, Exception)):
                        fatal = each
                else:
                    if got_request_exception.receivers:
                        got_request_exception.send(
                            app, _async_wrapper=app.ensure_sync, exception=each
                        )
                    found = (type(each), each, each.__traceback__)
                    app.call_by_signature("log_exception", ctx, found)
        if isinstance(fatal, Exception) and groups:
            raise_together([*map(contained, failed)], IN_CONTEXT)
        if fatal is not None:
            raise fatal
    finally:
        # An error keeps this frame, which must not keep the error.
        del error, failed, fatal, raised, each, found
