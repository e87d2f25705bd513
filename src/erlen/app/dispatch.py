"""The walk: what happens to one request, from the match to the response.

It is written as a coroutine that awaits only what is asynchronous.  A synchronous server drives
it inline: it never suspends there, because ``wait`` blocks on the background loop instead.

The application's methods of Flask's names (``full_dispatch_request`` and those that it calls) do
the same steps one by one; they serve applications that override one of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..context import RequestContext, _cv_context
from ..gateways.wsgi import write
from ..http.exceptions import HTTPException
from ..http.hosts import _known_hosts as known_hosts
from ..http.hosts import check_host
from ..loop import run_blocking
from ..signals import appcontext_pushed, request_finished, request_started
from .errors import find_handler, http_answer, show_bad_key
from .plan import Plan
from .respond import make_response

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from ..wrappers import Request, Response
    from .application import Erlen

    Wait = Callable[[Any], Awaitable[Any]]


async def block(coroutine: Any) -> Any:
    """Wait for a coroutine without suspending: the synchronous server's ``wait``."""
    return run_blocking(coroutine)


def plan_for(app: Erlen, endpoint: str | None) -> Plan:
    """The plan of an endpoint, made at first use."""
    registry = app._registry
    plan = registry.plans.get(endpoint)
    if plan is None:
        plan = registry.plans[endpoint] = Plan(app, endpoint)
    return plan


def match(app: Erlen, ctx: RequestContext) -> Plan:
    """Find the rule of the request, and the plan of its endpoint."""
    request = ctx.request
    registry = app._registry
    if not registry.session_is_lazy:
        ctx._session  # noqa: B018
    if request.url_rule is None and request.routing_exception is None:
        url_map = app.url_map
        # PERF: goes past the URL adapter where the host takes no part in matching; an adapter
        # would find the same rule. Whatever is not a plain hit is the adapter's to decide.
        if (
            not url_map.host_matching
            and not app.subdomain_matching
            and not request._path_is_empty
            and url_map.default_subdomain == ""
            and app.config["TRUSTED_HOSTS"] is None
            and ((host := request.environ.get("HTTP_HOST", "")) in known_hosts or check_host(host))
        ):
            found = url_map.lookup("", request.path, request.method)
            if found.__class__ is tuple:
                request.url_rule, request.view_args = found  # pyright: ignore[reportGeneralTypeIssues]
            elif found is None:
                ctx.match_request()
            else:
                request.routing_exception = found  # type: ignore[assignment]
        else:
            ctx.match_request()
    if not app._got_first_request:
        app._begin()
    rule = request.url_rule
    endpoint = None if rule is None else rule.endpoint
    return registry.plans.get(endpoint) or plan_for(app, endpoint)


async def walk(app: Erlen, ctx: RequestContext, plan: Plan, wait: Wait) -> Response:
    """Run hooks and view, and make the response; the context is current already.

    :param wait: how to wait for a coroutine
    :raises Exception: what no error handler took
    """
    request = ctx.request
    try:
        if request_started.receivers:
            request_started.send(app, _async_wrapper=app.ensure_sync)
        for preprocessor in plan.preprocessors:
            preprocessor(request.endpoint, request.view_args)
        rv = None
        for hook, is_async in plan.before:
            rv = hook()
            if is_async:
                rv = await wait(rv)
            if rv is not None:
                break
        if rv is None:
            view = choose_view(app, request, plan)
            rv = view(**request.view_args)  # type: ignore[arg-type]
            if plan.view_is_async and view is plan.view:
                rv = await wait(rv)
    except Exception as error:
        if error is request.routing_exception:
            # Its frames refer to the request, which refers to it.
            error.__traceback__ = None
        rv = answer_error(app, plan, error)
        if hasattr(rv, "__await__"):
            rv = await wait(rv)
    response = make_response(app, request, rv)
    # An error that is its own answer must not be kept by its own frame.
    rv = None
    for function in ctx._after_request_functions:
        response = function(response)
        if hasattr(response, "__await__"):
            response = await wait(response)
    for hook, is_async in plan.after:
        response = hook(response)
        if is_async:
            response = await wait(response)
    finish(app, ctx, response)
    return response


def walk_plainly(app: Erlen, ctx: RequestContext, plan: Plan) -> Response:
    """The same walk where every function of the plan is synchronous.

    PERF: without a coroutine to make and to drive. A test takes the same requests down both.
    """
    request = ctx.request
    try:
        if request_started.receivers:
            request_started.send(app, _async_wrapper=app.ensure_sync)
        for preprocessor in plan.preprocessors:
            preprocessor(request.endpoint, request.view_args)
        rv = None
        for hook, _ in plan.before:
            rv = hook()
            if rv is not None:
                break
        if rv is None:
            if request.routing_exception is None and request.method != "OPTIONS":
                rv = plan.view(**request.view_args)  # type: ignore[arg-type,misc]
            else:
                rv = choose_view(app, request, plan)(**request.view_args)  # type: ignore[arg-type]
    except Exception as error:
        if error is request.routing_exception:
            # Its frames refer to the request, which refers to it.
            error.__traceback__ = None
        rv = answer_error(app, plan, error)
        if hasattr(rv, "__await__"):
            rv = run_blocking(rv)
    # PERF: text is most answers; make_response would do the same with it.
    if rv.__class__ is str:
        response: Any = app.response_class(rv)
    else:
        response = make_response(app, request, rv)
    # An error that is its own answer must not be kept by its own frame.
    rv = None
    for function in ctx._after_request_functions:
        response = function(response)
        if hasattr(response, "__await__"):
            response = run_blocking(response)
    for hook, _ in plan.after:
        response = hook(response)
    # PERF: as finish() does it.
    if ctx._session_object is not None or "HTTP_COOKIE" in request.environ:
        save_session(app, ctx, response)
    if request_finished.receivers:
        request_finished.send(app, _async_wrapper=app.ensure_sync, response=response)
    return response  # type: ignore[no-any-return]


def choose_view(app: Erlen, request: Request, plan: Plan) -> Callable[..., Any]:
    """What answers the request: its view, or the automatic answer to OPTIONS.

    :raises Exception: what matching found in place of a rule
    """
    if request.routing_exception is not None:
        app.raise_routing_exception(request)
    if request.method == "OPTIONS" and getattr(
        request.url_rule, "provide_automatic_options", False
    ):
        return lambda **values: app.make_default_options_response()
    if plan.view is None:
        # Raises KeyError, naming the endpoint.
        return app.view_functions[request.endpoint]  # type: ignore[index]
    return plan.view


def finish(app: Erlen, ctx: RequestContext, response: Response) -> None:
    """Save the session and tell that the response is ready."""
    # PERF: without a cookie, a session that nobody touched has nothing to save.
    if ctx._session_object is not None or "HTTP_COOKIE" in ctx.request.environ:
        save_session(app, ctx, response)
    if request_finished.receivers:
        request_finished.send(app, _async_wrapper=app.ensure_sync, response=response)


def save_session(app: Erlen, ctx: RequestContext, response: Response) -> None:
    """Write the session to the response, if it has to be."""
    interface = app.session_interface
    if ctx._session_object is None and (
        not interface.refreshes_untouched
        or not app.config["SESSION_REFRESH_EACH_REQUEST"]
        or interface.get_cookie_name(app) not in ctx.request.environ.get("HTTP_COOKIE", "")
    ):
        # Nobody touched it, and there is no lifetime in the client to prolong.
        return
    session = ctx._session
    if not interface.is_null_session(session):
        interface.save_session(app, session, response)


def answer_error(app: Erlen, plan: Plan, error: Exception) -> Any:
    """What an error handler returns for ``error``; an async one's coroutine.

    :raises Exception: ``error`` itself where nobody handles it
    """
    show_bad_key(app, error)
    if isinstance(error, HTTPException) and not app.trap_http_exception(error):
        handler = http_answer(app, error, plan.blueprints)
        if handler is None:
            return error
    else:
        handler = find_handler(app, error, plan.blueprints)
        if handler is None:
            try:
                raise error
            finally:
                # The error keeps this frame, which must not keep the error.
                del error
    return handler(error)


def drive(coroutine: Any) -> Any:
    """Run a coroutine that never suspends."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        return done.value
    raise RuntimeError("The walk was suspended where nothing can wait for it.")


def serve(
    app: Erlen, environ: dict[str, Any], start_response: Callable[..., Any]
) -> Iterable[bytes]:
    """Answer one WSGI request."""
    registry = app._registry
    if not registry.known:
        registry.learn(app)
    ctx = RequestContext(app, environ) if registry.direct else app.request_context(environ)
    error: BaseException | None = None
    try:
        try:
            if registry.direct:
                if _cv_context.get(None) is None and not appcontext_pushed.receivers:
                    # PERF: what _enter() does where no context is around this one.
                    ctx._request_ctx = ctx
                    ctx._tokens.append(_cv_context.set(ctx))
                else:
                    ctx._enter()
                plan = match(app, ctx)
                if plan.is_plain:
                    response = walk_plainly(app, ctx, plan)
                else:
                    response = drive(walk(app, ctx, plan, block))
            else:
                ctx.push()
                response = app.full_dispatch_request()
        except Exception as raised:
            error = raised
            response = app.handle_exception(raised)
        except BaseException as raised:
            error = raised
            raise
        # A coroutine that never suspends ends with StopIteration, so there is a response.
        return write(response, environ, start_response)  # pyright: ignore[reportPossiblyUnboundVariable]
    finally:
        preserve = environ.get("werkzeug.debug.preserve_context")
        if preserve is not None:
            # The test client keeps the context for the assertions behind the request.
            preserve(ctx)
        if error is None:
            ctx.pop(None)
        else:
            ctx.pop(None if app.should_ignore_error(error) else error)
            # The frame of the exception must not hold the context alive.
            del ctx, error
