"""Made of steps.py by tools/to_sync.py: change that file.

They are written here, once, for the loop; ``tools/to_sync.py`` makes ``steps_sync.py`` of them.
A step whose method somebody replaced calls the method.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..context.contexts import PRESERVE, current_context_or, enter, leave
from ..context.teardown import IN_APP, IN_REQUEST
from ..http.exceptions import HTTPException, RequestEntityTooLarge
from ..http.streams import discard
from ..signals import (
    appcontext_popped,
    appcontext_pushed,
    appcontext_tearing_down,
    request_tearing_down,
)
from .errors import answer_unhandled, forget_frames, grouped, handler_for, report
from .on_thread import GONE, call
from .plan import plan_for
from .respond import make_response
from .views import choose_view, save_session

if TYPE_CHECKING:
    from .plan import Plan

_ASKED_ABOUT_ERRORS = {
    "_find_error_handler",
    "handle_http_exception",
    "handle_user_exception",
    "trap_http_exception",
}


def tell(ctx: Any, signal: Any, **values: Any) -> None:
    """Tell the listeners of a signal."""
    app = ctx.app
    call(signal.send, app, _async_wrapper=app.ensure_sync, **values)


def method_of(ctx: Any, plan: Plan, name: str) -> tuple[Any, ...]:
    """A method of the application, and the context where that is its first argument."""
    method = getattr(ctx.app, name)
    return (method, ctx) if name in plan.desk.given_context else (method,)


def open_context(ctx: Any) -> None:
    """Make the context the current one."""
    if not ctx.tokens:
        ctx.enter()
    if ctx.failure is not None:
        failure, ctx.failure = ctx.failure, None
        try:
            raise failure
        finally:
            del failure
    if ctx.owns_app and appcontext_pushed.receivers:
        tell(ctx, appcontext_pushed)


def plan_now(ctx: Any, plan: Plan) -> Plan:
    """The plan whose hooks run from here on, where the request has got another rule by now."""
    return plan_for(ctx, plan.desk, type(plan))


def preprocess(ctx: Any, plan: Plan) -> None:
    """Show the values of the URL to the preprocessors."""
    call(_preprocess, ctx.request, plan.preprocessors)


def _preprocess(request: Any, preprocessors: Any) -> None:
    for preprocessor in preprocessors:
        preprocessor(request.endpoint, request.view_args)


def choose(ctx: Any, plan: Plan) -> Any:
    """What answers a request whose rule is not all: its view, the automatic answer to OPTIONS, or
    what matching found in place of a rule."""
    app = ctx.app
    overridden = plan.overridden
    if "dispatch_request" in overridden:
        if "dispatch_request" in plan.desk.given_context:
            return call(app.dispatch_request, ctx)
        return call(app.dispatch_request)
    if "raise_routing_exception" in overridden:
        view, values = call(choose_view, ctx, plan)
    else:
        view, values = choose_view(ctx, plan)
    if view is None:
        if "make_default_options_response" in overridden:
            return call(*method_of(ctx, plan, "make_default_options_response"))
        return app.make_default_options_response(ctx)
    return view(**values)


def handle(ctx: Any, plan: Plan, error: Exception) -> Any:
    """What the handler of an error answers, or the error itself where it is an answer.

    :raises Exception: ``error``, if nobody handles it
    """
    try:
        if isinstance(error, RequestEntityTooLarge) and error.unread is not None:
            # On WSGI alone, on the thread of the server.
            discard(*error.unread)
        if not plan.overridden.isdisjoint(_ASKED_ABOUT_ERRORS):
            return call(*method_of(ctx, plan, "handle_user_exception"), error)
        handler = handler_for(ctx, plan, error)
        if handler is None:
            return error
        try:
            return plan.coloured(handler)(error)
        finally:
            forget_frames(ctx, error)
    finally:
        # The error keeps this frame, which must not keep the error.
        del error


def respond(ctx: Any, plan: Plan, rv: Any) -> Any:
    """The response for what was returned."""
    if "make_response" in plan.overridden:
        return call(ctx.app.make_response, rv)
    return make_response(ctx.app, ctx, rv)


def finish(ctx: Any, plan: Plan, rv: Any) -> Any:
    """The response, by the methods of the application."""
    if "finalize_request" in plan.desk.given_context:
        return call(ctx.app.finalize_request, ctx, rv)
    return call(ctx.app.finalize_request, rv)


def save(ctx: Any, plan: Plan, response: Any) -> Any:
    """Write the session to the response, if it has to be.  The answer, which is another one where
    the session could not be kept: that of the view may tell of a success."""
    if ctx.opened_session is None:
        app = ctx.app
        if not plan.desk.prolongs_sessions or (
            app.session_interface.get_cookie_name(app) not in ctx.environ.get("HTTP_COOKIE", "")
        ):
            # Nobody touched it, and there is no lifetime in the client to prolong.
            return response
    try:
        if plan.desk.saves_io:
            call(save_session, ctx, response)
        else:
            save_session(ctx, response)
    except HTTPException as error:
        call(response.close)
        response = respond(ctx, plan, handle(ctx, plan, error))
        for hook in plan.after:
            response = hook(response)
    return response


def unhandled(ctx: Any, plan: Plan, error: Exception) -> Any:
    """The answer to an error that nobody handled.

    :raises Exception: ``error``, where it propagates: in tests and in debug mode
    """
    try:
        return call(answer_unhandled, ctx, error)
    finally:
        del error


def end(ctx: Any, plan: Plan, source: Any, answer: Any, error: BaseException | None) -> None:
    """End the context: every teardown function is called, and the context is left, whatever one of
    them raises.

    :param answer: what is to be sent behind it, and closed unsent if something is raised here
    :param error: what ended the request, if something did
    :raises Exception: what a teardown function raised, where errors propagate
    """
    preserve = source.get(PRESERVE)
    if preserve is not None:
        # The test client keeps the context for the assertions behind the request.
        preserve(ctx)
    if error is not None:
        # A body that holds it is not sent.
        ctx.drop_holds()
    if len(ctx.tokens) != 1:
        # Somebody holds it, or pushed it again.
        ctx.leave()
        return
    failed: list[BaseException] = []
    try:
        try:
            tear_down(ctx, plan, error)
        finally:
            if ctx.owns_app and len(ctx.tokens) == 1 and ctx is current_context_or(None):
                # PERF: what leave_all() does where no context is around this one.
                leave(ctx.tokens.pop())
            else:
                ctx.leave_all(error)
        if ctx.owns_app and appcontext_popped.receivers:
            _attempt(failed, tell, ctx, appcontext_popped)
            if failed:
                _report(ctx, error, failed)
    except BaseException:
        ctx.close_receiver()
        call(ctx.close, answer)
        raise
    finally:
        del error, failed


def tear_down(ctx: Any, plan: Plan, error: BaseException | None) -> None:
    """Call every teardown function, and close the request; the context is current.

    :raises Exception: what one of them raised, where errors propagate
    """
    app = ctx.app
    told = None if error is None or app.should_ignore_error(error) else error
    failed: list[BaseException] = []
    try:
        request = ctx.made_request
        if request is not None and request.url_rule is not ctx.found_rule:
            plan = plan_now(ctx, plan)
        desk, overridden = plan.desk, plan.overridden
        ctx.request_context = ctx
        if "do_teardown_request" in overridden:
            if "do_teardown_request" in desk.given_context:
                _attempt(failed, app.do_teardown_request, ctx, told)
            else:
                _attempt(failed, app.do_teardown_request, told)
        else:
            for hook in plan.teardown:
                try:
                    hook(told)
                except BaseException as raised:
                    failed.append(raised)
            if request_tearing_down.receivers and plan.kind == "request":
                _attempt(failed, tell, ctx, request_tearing_down, exc=told)
        request = ctx.made_request
        if request.__class__ is desk.closed_plainly and not request.__dict__.get("files"):
            # PERF: what close_request() does where there are no files.
            request.environ["werkzeug.request"] = None
        elif request is not None:
            try:
                ctx.close_request()
            except BaseException as raised:
                failed.append(raised)
        if failed and desk.follows_next:
            failed = grouped(failed, IN_REQUEST)
        if ctx.owns_app:
            if not desk.follows_next:
                # The request is over for the application's teardown.
                ctx.request_context = None
            if "do_teardown_appcontext" in overridden:
                if "do_teardown_appcontext" in desk.given_context:
                    _attempt(failed, app.do_teardown_appcontext, ctx, told)
                else:
                    _attempt(failed, app.do_teardown_appcontext, told)
            else:
                for hook in plan.app_teardown:
                    try:
                        hook(told)
                    except BaseException as raised:
                        failed.append(raised)
                if appcontext_tearing_down.receivers:
                    _attempt(failed, tell, ctx, appcontext_tearing_down, exc=told)
        if failed and desk.follows_next:
            failed = grouped(failed, IN_APP)
        if failed and not all(isinstance(raised, GONE) for raised in failed):
            _report(ctx, error, failed)
    finally:
        ctx.request_context = ctx.set_on_loop = None
        del error, told, failed


def _report(ctx: Any, error: BaseException | None, failed: list[BaseException]) -> None:
    token = enter(ctx)
    ctx.request_context = ctx
    try:
        call(report, ctx, error, failed)
    finally:
        leave(token)
        ctx.request_context = None
        del error, failed


def _attempt(failed: list[BaseException], function: Any, *args: Any, **kwargs: Any) -> None:
    """Call a function, and keep what it raises."""
    try:
        call(function, *args, **kwargs)
    except BaseException as raised:
        failed.append(raised)
    finally:
        del failed, args, kwargs
