"""The walk: what happens to one request, from the match to the response.

It is written as a coroutine that awaits only what is asynchronous.  A synchronous server drives
it inline: it never suspends there, because ``wait`` blocks on the background loop instead.

The application's methods of Flask's names (``full_dispatch_request`` and those that it calls) do
the same steps one by one; they serve applications that override one of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..gateways.wsgi import write
from ..http.exceptions import HTTPException
from ..http.hosts import check_host
from ..loop import run_blocking
from ..signals import request_finished, request_started
from .errors import find_handler, http_answer, show_bad_key
from .plan import Plan
from .respond import make_response

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from ..context import RequestContext
    from ..wrappers import Response
    from .application import Erlen
    from .registry import Registry

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


def match(ctx: RequestContext, app: Erlen) -> None:
    """Find the rule of the request."""
    request = ctx.request
    url_map = app.url_map
    # PERF: goes past the URL adapter where the host takes no part in matching; an adapter would
    # find the same rule. Whatever is not a plain hit is the adapter's to decide.
    if (
        not url_map.host_matching
        and not app.subdomain_matching
        and app.config["TRUSTED_HOSTS"] is None
        and check_host(request.environ.get("HTTP_HOST", ""))
    ):
        found = url_map.lookup(url_map.default_subdomain, request.path, request.method)
        if found.__class__ is tuple:
            request.url_rule, request.view_args = found  # pyright: ignore[reportGeneralTypeIssues]
            return
        if found is not None:
            request.routing_exception = found  # type: ignore[assignment]
            return
    ctx.match_request()


async def walk(app: Erlen, ctx: RequestContext, wait: Wait) -> Response:
    """Match, run hooks and view, and make the response; the context is current already.

    :param wait: how to wait for a coroutine
    :raises Exception: what no error handler took
    """
    request = ctx.request
    registry: Registry = app._registry
    if not registry.session_is_lazy:
        ctx._session  # noqa: B018
    if request.url_rule is None and request.routing_exception is None:
        match(ctx, app)
    rule = request.url_rule
    endpoint = None if rule is None else rule.endpoint
    if not app._got_first_request:
        app._begin()
    plan = registry.plans.get(endpoint) or plan_for(app, endpoint)
    try:
        if request_started.receivers:
            request_started.send(app, _async_wrapper=app.ensure_sync)
        for preprocessor in plan.preprocessors:
            preprocessor(endpoint, request.view_args)
        rv = None
        for hook, is_async in plan.before:
            rv = hook()
            if is_async:
                rv = await wait(rv)
            if rv is not None:
                break
        if rv is None:
            if request.routing_exception is not None:
                app.raise_routing_exception(request)
            if request.method == "OPTIONS" and getattr(rule, "provide_automatic_options", False):
                rv = app.make_default_options_response()
            else:
                view = plan.view
                if view is None:
                    view = app.view_functions[endpoint]  # type: ignore[index]
                rv = view(**request.view_args)  # type: ignore[arg-type]
                if plan.view_is_async:
                    rv = await wait(rv)
    except Exception as error:
        rv = await answer_error(app, plan, error, wait)
    # PERF: text is most answers; make_response would do the same with it.
    if rv.__class__ is str:
        response: Response = app.response_class(rv)  # pyright: ignore[reportArgumentType]
    else:
        response = make_response(app, request, rv)
    for function in ctx._after_request_functions:
        response = function(response)
        if hasattr(response, "__await__"):
            response = await wait(response)
    for hook, is_async in plan.after:
        response = hook(response)
        if is_async:
            response = await wait(response)
    # PERF: without a cookie, a session that nobody touched has nothing to save.
    if ctx._session_object is not None or "HTTP_COOKIE" in request.environ:
        save_session(app, ctx, response)
    if request_finished.receivers:
        request_finished.send(app, _async_wrapper=app.ensure_sync, response=response)
    return response


def save_session(app: Erlen, ctx: RequestContext, response: Response) -> None:
    """Write the session to the response, if it has to be."""
    interface = app.session_interface
    if ctx._session_object is None and (
        not app.config["SESSION_REFRESH_EACH_REQUEST"]
        or interface.get_cookie_name(app) not in ctx.request.environ.get("HTTP_COOKIE", "")
    ):
        # Nobody touched it, and there is no lifetime in the client to prolong.
        return
    session = ctx._session
    if not interface.is_null_session(session):
        interface.save_session(app, session, response)


async def answer_error(app: Erlen, plan: Plan, error: Exception, wait: Wait) -> Any:
    """What an error handler returns for ``error``.

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
            raise error
    rv = handler(error)
    return await wait(rv) if hasattr(rv, "__await__") else rv


def serve(
    app: Erlen, environ: dict[str, Any], start_response: Callable[..., Any]
) -> Iterable[bytes]:
    """Answer one WSGI request."""
    registry = app._registry
    if not registry.known:
        registry.learn(app)
    ctx = app.request_context(environ)
    error: BaseException | None = None
    try:
        try:
            if registry.direct:
                ctx._enter()
                try:
                    walk(app, ctx, block).send(None)
                except StopIteration as done:
                    response = done.value
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
        if error is not None and app.should_ignore_error(error):
            error = None
        ctx.pop(error)
        # The frame of the exception must not hold the context alive.
        del ctx, error
