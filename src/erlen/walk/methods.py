"""The steps of the walk as methods of Flask's names, to be overridden and to be called.

The walk calls one of them where somebody replaced it.
"""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn, cast

from .. import signals
from ..context import real_flask
from ..context.contexts import (
    CURRENT_EXCEPTION,
    current_request_context,
    find_request_context,
)
from ..http.exceptions import HTTPException, InternalServerError
from ..http.noticing import Noticing
from ..routing.exceptions import RequestRedirect
from ..workers.colours import is_coroutine_function
from . import respond
from . import steps_sync as steps
from .desk import desk_of
from .errors import debug_answer, find_handler, is_handled, propagates, show_bad_key
from .on_thread import call_waiting
from .places import ThreadPlan
from .plan import plan_for, plan_of
from .views import choose_view

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable
    from logging import Logger
    from types import TracebackType

    from .. import typing as ft
    from ..context.contexts import RequestContext
    from ..context.messages import Request, Response
    from .hooks import Changes
    from .plan import Plan


FINALIZING_FAILED = "Request finalizing failed with an error while handling an error"


class RequestMethods(metaclass=Noticing):
    """What is called for each request; a mix-in of :class:`Erlen`."""

    if TYPE_CHECKING:
        config: Any
        debug: bool
        testing: Any
        response_class: type[Response]
        view_functions: dict[str, ft.RouteCallable]
        teardown_appcontext_funcs: list[ft.TeardownCallable]
        teardown_websocket_funcs: dict[str | None, list[Any]]
        _got_first_request: bool
        _changes: Changes

        @property
        def logger(self) -> Logger: ...

        def _begin(self) -> None: ...

    # -- one request ---------------------------------------------------------------------

    def full_dispatch_request(self) -> Response:
        """Run hooks and view of the current request and make its response."""
        if not self._got_first_request:
            self._begin()
        try:
            if signals.request_started.receivers:
                signals.request_started.send(self, _async_wrapper=self.ensure_sync)
            rv = self.preprocess_request()
            if rv is None:
                rv = self.dispatch_request()
        except Exception as error:
            rv = self.handle_user_exception(error)
        return self.finalize_request(rv)

    def preprocess_request(self) -> ft.ResponseReturnValue | None:
        """Run URL value preprocessors and before hooks; the first answer of a hook wins."""
        ctx, plan = self._here()
        if plan.preprocessors:
            steps.preprocess(ctx, plan)
        for hook in plan.before:
            rv = hook()
            if rv is not None:
                return cast("ft.ResponseReturnValue", rv)
        return None

    def dispatch_request(self) -> ft.ResponseReturnValue:
        """Call the view of the current request."""
        ctx, plan = self._here()
        view, values = choose_view(ctx, plan)
        if view is None:
            return self.make_default_options_response()
        return view(**values)  # type: ignore[no-any-return]

    def raise_routing_exception(self, request: Request) -> NoReturn:
        """Raise what matching found in place of a view.

        :raises FormDataRoutingRedirect: in debug mode, where a redirect would lose a form
        """
        error = request.routing_exception
        assert error is not None
        if (
            not self.debug
            or not isinstance(error, RequestRedirect)
            or error.code in {307, 308}
            or request.method in {"GET", "HEAD", "OPTIONS"}
        ):
            raise error
        from ..context.mistakes import FormDataRoutingRedirect

        raise FormDataRoutingRedirect(request)

    def make_default_options_response(self) -> Response:
        """The answer to OPTIONS: an empty body and ``Allow``."""
        adapter = current_request_context().url_adapter
        response = self.response_class()
        response.allow.update(adapter.allowed_methods())  # type: ignore[union-attr]
        return response

    def make_response(self, rv: ft.ResponseReturnValue) -> Response:
        """The response for what a view returned.

        :raises TypeError: for something that is none, with what to return instead
        """
        app: Any = self
        ctx = find_request_context() or respond.NO_REQUEST
        response: Response = respond.make_response(app, ctx, rv)
        return response

    def finalize_request(
        self, rv: ft.ResponseReturnValue | HTTPException, from_error_handler: bool = False
    ) -> Response:
        """Make the response and run the after hooks.

        :param from_error_handler: log what fails, because an error is being answered already
        """
        response = self.make_response(rv)
        if from_error_handler:
            # What the other hooks add, such as the security headers, is needed here as well.
            current_request_context().passes_failures = True
        try:
            response = self.process_response(response)
            if signals.request_finished.receivers:
                signals.request_finished.send(
                    self, _async_wrapper=self.ensure_sync, response=response
                )
        except Exception:
            if not from_error_handler:
                raise
            self.logger.exception(FINALIZING_FAILED)
        return response

    def process_response(self, response: Response) -> Response:
        """Run the after hooks and save the session."""
        ctx, plan = self._here()
        hooks = plan.after
        if ctx.after_request_functions:
            hooks = (*map(self.ensure_sync, ctx.after_request_functions), *hooks)
        for hook in hooks:
            try:
                response = hook(response)
            except Exception:
                if not ctx.passes_failures:
                    raise
                self.logger.exception(FINALIZING_FAILED)
        if ctx.opened_session is not None or "HTTP_COOKIE" in ctx.environ:
            response = steps.save(ctx, plan, response)
        ctx.is_answered = True
        return response

    def _here(self) -> tuple[RequestContext, Plan]:
        """The context of the current request, and the plan of a walk on a thread, as methods are
        called on one."""
        app: Any = self
        ctx = current_request_context()
        plan: Plan | None = ctx.plan
        request = ctx.made_request
        if plan is None or not (request is None or request.url_rule is ctx.found_rule):
            plan = plan_for(ctx, desk_of(app) if plan is None else plan.desk, ThreadPlan)
        elif plan.is_on_loop:
            plan = plan_of(app, plan.desk, plan.endpoint, ThreadPlan, plan.named)
        return ctx, plan

    # -- errors --------------------------------------------------------------------------

    def _find_error_handler(
        self, e: Exception, blueprints: list[str]
    ) -> ft.ErrorHandlerCallable | None:
        return find_handler(self, e, blueprints)  # type: ignore[arg-type]

    def trap_http_exception(self, e: Exception) -> bool:
        """Whether an HTTP error is to be treated as any other exception."""
        config = self.config
        if config["TRAP_HTTP_EXCEPTIONS"]:
            return True
        trap = config["TRAP_BAD_REQUEST_ERRORS"]
        if trap is None:
            # In debug mode a missing key is a mistake of the programmer's.
            from ..http.exceptions import BadRequestKeyError

            return bool(self.debug and isinstance(e, BadRequestKeyError))
        if trap:
            from ..http.exceptions import BadRequest

            return isinstance(e, BadRequest)
        return False

    def should_ignore_error(self, error: BaseException | None) -> bool:
        """Whether teardown functions are not told of ``error``; override it to say so."""
        return False

    def handle_http_exception(self, e: HTTPException) -> HTTPException | ft.ResponseReturnValue:
        """The answer to an HTTP error: its handler's, or the error itself."""
        ctx = current_request_context()
        handler = None
        if is_handled(e):
            handler = self._find_error_handler(e, ctx.request.blueprints)
        if handler is None:
            handler = debug_answer(ctx, e)
        return e if handler is None else self.ensure_sync(handler)(e)

    def handle_user_exception(self, e: Exception) -> HTTPException | ft.ResponseReturnValue:
        """The answer of the handler for ``e``.

        :raises Exception: ``e`` itself, if nobody handles it
        """
        show_bad_key(self, e)  # type: ignore[arg-type]
        if isinstance(e, HTTPException) and not self.trap_http_exception(e):
            return self.handle_http_exception(e)
        handler = self._find_error_handler(e, current_request_context().request.blueprints)
        if handler is None:
            raise e
        return self.ensure_sync(handler)(e)  # type: ignore[no-any-return]

    def handle_exception(self, e: Exception) -> Response:
        """The answer to an exception that nobody handled: 500, after logging it.

        In debug mode and tests it is raised on, for the server or the test to show it.
        """
        real_flask.explain(e)
        exc_info = sys.exc_info()
        if signals.got_request_exception.receivers:
            signals.got_request_exception.send(self, _async_wrapper=self.ensure_sync, exception=e)
        if propagates(self):  # type: ignore[arg-type]
            if exc_info[1] is e:
                raise
            raise e
        self.log_exception(exc_info)
        server_error: Any = InternalServerError(original_exception=e)
        request = current_request_context().request
        handler = self._find_error_handler(server_error, request.blueprints)
        if handler is not None:
            server_error = self.ensure_sync(handler)(server_error)
        return self.finalize_request(server_error, from_error_handler=True)

    def log_exception(
        self,
        exc_info: tuple[type[BaseException], BaseException, TracebackType]
        | tuple[None, None, None],
    ) -> None:
        """Log an exception of the current request."""
        from ..logging import escape_log_value

        request = current_request_context().request
        self.logger.error(
            "Exception on %s [%s]",
            escape_log_value(request.path),
            escape_log_value(request.method),
            exc_info=exc_info,
        )

    # -- the end of a request ------------------------------------------------------------

    def do_teardown_request(self, exc: BaseException | None = CURRENT_EXCEPTION) -> None:
        """Run the teardown functions of the current request, each of them.

        :raises Exception: the first that one of them raised, after all have run
        """
        _, plan = self._here()
        self._tear_down(plan.teardown, signals.request_tearing_down, exc)

    def do_teardown_websocket(self, exc: BaseException | None = None) -> None:
        """Run the teardown functions of the current WebSocket, each of them.

        :raises Exception: the first that one of them raised, after all have run
        """
        scopes = (*current_request_context().request.blueprints, None)
        functions = [f for s in scopes for f in reversed(self.teardown_websocket_funcs.get(s, ()))]
        self._tear_down(map(self.ensure_sync, functions), None, exc)

    def do_teardown_appcontext(self, exc: BaseException | None = CURRENT_EXCEPTION) -> None:
        """Run the teardown functions of the application context, each of them, last first.

        :raises Exception: the first that one of them raised, after all have run
        """
        functions = map(self.ensure_sync, reversed(self.teardown_appcontext_funcs))
        self._tear_down(functions, signals.appcontext_tearing_down, exc)

    def _tear_down(
        self, functions: Iterable[Callable[..., Any]], signal: Any, exc: BaseException | None
    ) -> None:
        if exc is CURRENT_EXCEPTION:
            exc = sys.exc_info()[1]
        failed: BaseException | None = None
        for function in functions:
            try:
                function(exc)
            except BaseException as error:
                failed = failed or error
        if signal is not None and signal.receivers:
            signal.send(self, _async_wrapper=self.ensure_sync, exc=exc)
        if failed is not None:
            raise failed

    # -- async ---------------------------------------------------------------------------

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """``func`` itself, or for ``async def`` a function that waits for its result."""
        return self.async_to_sync(func) if is_coroutine_function(func) else func

    def async_to_sync(self, func: Callable[..., Coroutine[Any, Any, Any]]) -> Callable[..., Any]:
        """A function that runs ``func`` on an event loop and waits for its result: on the
        server's, or one in the background."""
        return partial(call_waiting, func)
