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
    AppContext,
    RequestContext,
    current_request_context,
    find_request_context,
)
from ..context.teardown import IN_APP, IN_REQUEST, attempt, raise_together
from ..http.exceptions import HTTPException, InternalServerError
from ..http.noticing import Noticing
from ..routing.exceptions import RequestRedirect
from ..workers.colours import is_coroutine_function
from . import respond
from . import steps_sync as steps
from .desk import desk_of, is_given_context
from .errors import debug_answer, find_handler, is_handled, propagates, show_bad_key
from .on_thread import call_waiting
from .places import ThreadPlan
from .plan import plan_for, plan_of
from .signatures import ABSENT, either_signature, reconcile, request_context_for
from .versions import follows_next
from .views import choose_view

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable
    from logging import Logger
    from types import TracebackType

    from .. import typing as ft
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

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        reconcile(cls)

    # -- one request ---------------------------------------------------------------------

    @either_signature
    def full_dispatch_request(self, ctx: Any = None) -> Response:
        """Run hooks and view of the current request and make its response."""
        if ctx is None or not isinstance(ctx, RequestContext):
            ctx = request_context_for(ctx)
        if not self._got_first_request:
            self._begin()
        app: Any = self
        given = (self._changes.desk or desk_of(app)).given_context
        try:
            if signals.request_started.receivers:
                signals.request_started.send(self, _async_wrapper=self.ensure_sync)
            if "preprocess_request" in given:
                rv = app.preprocess_request(ctx)
            else:
                rv = app.preprocess_request()
            if rv is not None:
                pass
            elif "dispatch_request" in given:
                rv = app.dispatch_request(ctx)
            else:
                rv = app.dispatch_request()
        except Exception as error:
            rv = self.call_by_signature("handle_user_exception", ctx, error)
        if "finalize_request" in given:
            return app.finalize_request(ctx, rv)  # type: ignore[no-any-return]
        return app.finalize_request(rv)  # type: ignore[no-any-return]

    @either_signature
    def preprocess_request(self, ctx: Any = None) -> ft.ResponseReturnValue | None:
        """Run URL value preprocessors and before hooks; the first answer of a hook wins."""
        if ctx is None or not isinstance(ctx, RequestContext):
            ctx = request_context_for(ctx)
        plan = self._plan_on_thread(ctx)
        if plan.preprocessors:
            steps.preprocess(ctx, plan)
        for hook in plan.before:
            rv = hook()
            if rv is not None:
                return cast("ft.ResponseReturnValue", rv)
        return None

    @either_signature
    def dispatch_request(self, ctx: Any = None) -> ft.ResponseReturnValue:
        """Call the view of the current request."""
        if ctx is None or not isinstance(ctx, RequestContext):
            ctx = request_context_for(ctx)
        view, values = choose_view(ctx, self._plan_on_thread(ctx))
        if view is None:
            return self.call_by_signature("make_default_options_response", ctx)  # type: ignore[no-any-return]
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

    @either_signature
    def make_default_options_response(self, ctx: Any = None) -> Response:
        """The answer to OPTIONS: an empty body and ``Allow``."""
        if ctx is None or not isinstance(ctx, RequestContext):
            ctx = request_context_for(ctx)
        adapter: Any = ctx.url_adapter
        response = self.response_class()
        response.allow.update(adapter.allowed_methods())
        return response

    def make_response(self, rv: ft.ResponseReturnValue) -> Response:
        """The response for what a view returned.

        :raises TypeError: for something that is none, with what to return instead
        """
        app: Any = self
        ctx = find_request_context() or respond.NO_REQUEST
        response: Response = respond.make_response(app, ctx, rv)
        return response

    @either_signature
    def finalize_request(
        self,
        ctx: Any = ABSENT,
        rv: ft.ResponseReturnValue | HTTPException = ABSENT,
        from_error_handler: bool = False,
    ) -> Response:
        """Make the response and run the after hooks.

        :param from_error_handler: log what fails, because an error is being answered already
        """
        if rv is ABSENT:
            ctx, rv = request_context_for(None), ctx
        elif not isinstance(ctx, RequestContext):
            if ctx is ABSENT:
                ctx = None
            elif not isinstance(ctx, AppContext):
                # Without the context: the value and the flag.
                ctx, rv, from_error_handler = None, ctx, bool(rv)
            ctx = request_context_for(ctx)
        response = self.make_response(rv)
        if from_error_handler:
            # What the other hooks add, such as the security headers, is needed here as well.
            ctx.passes_failures = True
        try:
            app: Any = self
            if "process_response" in (self._changes.desk or desk_of(app)).given_context:
                response = app.process_response(ctx, response)
            else:
                response = app.process_response(response)
            if signals.request_finished.receivers:
                signals.request_finished.send(
                    self, _async_wrapper=self.ensure_sync, response=response
                )
        except Exception:
            if not from_error_handler:
                raise
            self.logger.exception(FINALIZING_FAILED)
        return response

    @either_signature
    def process_response(self, ctx: Any = None, response: Response = ABSENT) -> Response:
        """Run the after hooks and save the session."""
        if response is ABSENT:
            ctx, response = None, ctx
        if ctx is None or not isinstance(ctx, RequestContext):
            ctx = request_context_for(ctx)
        plan = self._plan_on_thread(ctx)
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

    def call_by_signature(self, name: str, ctx: AppContext, /, *args: Any, **named: Any) -> Any:
        """Call one of the methods of this class, which may be overridden, by the signature that it
        has: with the context, or without."""
        desk = self._changes.desk
        if is_given_context(self, name) if desk is None else name in desk.given_context:  # type: ignore[arg-type]
            return getattr(self, name)(ctx, *args, **named)
        return getattr(self, name)(*args, **named)

    @property
    def follows_next_flask(self) -> bool:
        """Whether the application behaves as Flask 3.2: the setting ``FOLLOW_FLASK``."""
        return follows_next(self.config)

    def _plan_on_thread(self, ctx: RequestContext) -> Plan:
        """The plan of a walk on a thread, as methods are called on one."""
        app: Any = self
        plan: Plan | None = ctx.plan
        request = ctx.made_request
        if plan is None or not (request is None or request.url_rule is ctx.found_rule):
            plan = plan_for(ctx, desk_of(app) if plan is None else plan.desk, ThreadPlan)
        elif plan.is_on_loop:
            plan = plan_of(app, plan.desk, plan.endpoint, ThreadPlan, plan.named)
        return plan

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

    @either_signature
    def handle_http_exception(
        self, ctx: Any = None, e: HTTPException = ABSENT
    ) -> HTTPException | ft.ResponseReturnValue:
        """The answer to an HTTP error: its handler's, or the error itself."""
        if e is ABSENT:
            ctx, e = None, ctx
        if ctx is None or not isinstance(ctx, RequestContext):
            ctx = request_context_for(ctx)
        handler = None
        if is_handled(e):
            handler = self._find_error_handler(e, ctx.request.blueprints)
        if handler is None:
            handler = debug_answer(ctx, e)
        return e if handler is None else self.ensure_sync(handler)(e)

    @either_signature
    def handle_user_exception(
        self, ctx: Any = None, e: Exception = ABSENT
    ) -> HTTPException | ft.ResponseReturnValue:
        """The answer of the handler for ``e``.

        :raises Exception: ``e`` itself, if nobody handles it
        """
        if e is ABSENT:
            ctx, e = None, ctx
        if ctx is None or not isinstance(ctx, RequestContext):
            ctx = request_context_for(ctx)
        show_bad_key(self, e)  # type: ignore[arg-type]
        if isinstance(e, HTTPException) and not self.trap_http_exception(e):
            return self.call_by_signature("handle_http_exception", ctx, e)  # type: ignore[no-any-return]
        handler = self._find_error_handler(e, ctx.request.blueprints)
        if handler is None:
            raise e
        return self.ensure_sync(handler)(e)  # type: ignore[no-any-return]

    @either_signature
    def handle_exception(self, ctx: Any = None, e: Exception = ABSENT) -> Response:
        """The answer to an exception that nobody handled: 500, after logging it.

        In debug mode and tests it is raised on, for the server or the test to show it.
        """
        if e is ABSENT:
            ctx, e = None, ctx
        if ctx is None or not isinstance(ctx, RequestContext):
            ctx = request_context_for(ctx)
        real_flask.explain(e)
        exc_info = sys.exc_info()
        if signals.got_request_exception.receivers:
            signals.got_request_exception.send(self, _async_wrapper=self.ensure_sync, exception=e)
        if propagates(self):  # type: ignore[arg-type]
            if exc_info[1] is e:
                raise
            raise e
        self.call_by_signature("log_exception", ctx, exc_info)
        server_error: Any = InternalServerError(original_exception=e)
        handler = self._find_error_handler(server_error, ctx.request.blueprints)
        if handler is not None:
            server_error = self.ensure_sync(handler)(server_error)
        response: Response = self.call_by_signature(
            "finalize_request", ctx, server_error, from_error_handler=True
        )
        return response

    @either_signature
    def log_exception(
        self,
        ctx: Any = None,
        exc_info: tuple[type[BaseException], BaseException, TracebackType]
        | tuple[None, None, None] = ABSENT,
    ) -> None:
        """Log an exception of the current request."""
        if exc_info is ABSENT:
            ctx, exc_info = None, ctx
        if ctx is None or not isinstance(ctx, RequestContext):
            ctx = request_context_for(ctx)
        from ..logging import escape_log_value

        request = ctx.request
        self.logger.error(
            "Exception on %s [%s]",
            escape_log_value(request.path),
            escape_log_value(request.method),
            exc_info=exc_info,
        )

    # -- the end of a request ------------------------------------------------------------

    @either_signature
    def do_teardown_request(
        self, ctx: Any = ABSENT, exc: BaseException | None = CURRENT_EXCEPTION
    ) -> None:
        """Run the teardown functions of the current request, each of them.

        :raises Exception: the first that one of them raised, after all have run; where Flask 3.2
            is followed, a group of all
        """
        if ctx is ABSENT:
            ctx = None
        elif ctx is None or not isinstance(ctx, AppContext):
            ctx, exc = None, ctx
        if ctx is None or not isinstance(ctx, RequestContext):
            ctx = request_context_for(ctx)
        functions = self._plan_on_thread(ctx).teardown
        self._tear_down(functions, signals.request_tearing_down, exc, IN_REQUEST)

    def do_teardown_websocket(self, exc: BaseException | None = None) -> None:
        """Run the teardown functions of the current WebSocket, each of them.

        :raises Exception: the first that one of them raised, after all have run
        """
        scopes = (*current_request_context().request.blueprints, None)
        functions = [f for s in scopes for f in reversed(self.teardown_websocket_funcs.get(s, ()))]
        self._tear_down(map(self.ensure_sync, functions), None, exc, IN_REQUEST)

    @either_signature
    def do_teardown_appcontext(
        self, ctx: Any = ABSENT, exc: BaseException | None = CURRENT_EXCEPTION
    ) -> None:
        """Run the teardown functions of the application context, each of them, last first.

        :raises Exception: the first that one of them raised, after all have run; where Flask 3.2
            is followed, a group of all
        """
        if ctx is not ABSENT and (ctx is None or not isinstance(ctx, AppContext)):
            exc = ctx
        functions = map(self.ensure_sync, reversed(self.teardown_appcontext_funcs))
        self._tear_down(functions, signals.appcontext_tearing_down, exc, IN_APP)

    def _tear_down(
        self,
        functions: Iterable[Callable[..., Any]],
        signal: Any,
        exc: BaseException | None,
        where: str,
    ) -> None:
        if exc is CURRENT_EXCEPTION:
            exc = sys.exc_info()[1]
        failed: list[BaseException] = []
        try:
            for function in functions:
                try:
                    function(exc)
                except BaseException as error:
                    failed.append(error)
            if signal is not None and signal.receivers:
                kept = failed if self.follows_next_flask else None
                attempt(kept, signal.send, self, _async_wrapper=self.ensure_sync, exc=exc)
            if failed:
                raise_together(failed, where if self.follows_next_flask else None)
        finally:
            # An error keeps this frame, which must not keep the error.
            failed = kept = None  # type: ignore[assignment]

    # -- async ---------------------------------------------------------------------------

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """``func`` itself, or for ``async def`` a function that waits for its result."""
        return self.async_to_sync(func) if is_coroutine_function(func) else func

    def async_to_sync(self, func: Callable[..., Coroutine[Any, Any, Any]]) -> Callable[..., Any]:
        """A function that runs ``func`` on an event loop and waits for its result: on the
        server's, or one in the background."""
        return partial(call_waiting, func)
