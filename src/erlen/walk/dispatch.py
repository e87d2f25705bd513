"""The walk: what happens to one request, from the match to the response.

It is written as a coroutine that awaits only what is asynchronous.  A synchronous server drives
it inline: it never suspends there, because ``wait`` blocks on the background loop instead.

The application's methods of Flask's names (``full_dispatch_request`` and those that it calls) do
the same steps one by one; they serve applications that override one of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..context.contexts import JOINS, RequestContext, _cv_context
from ..http.exceptions import HTTPException
from ..http.hosts import check_host, host_is_trusted, known_hosts
from ..http.request import path_of
from ..signals import appcontext_pushed, request_finished, request_started
from ..workers.loop import run_blocking
from .errors import find_handler, http_answer, show_bad_key
from .plan import Plan, is_coroutine_function
from .respond import make_response

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from ..app.application import Erlen
    from ..context.messages import Response
    from .registry import Registry

    # call(function, is_async, *args, **kwargs)
    Call = Callable[..., Awaitable[Any]]


async def call_blocking(function: Any, is_async: bool, /, *args: Any, **kwargs: Any) -> Any:
    """Call without suspending: the synchronous server's ``call``."""
    rv = function(*args, **kwargs)
    return run_blocking(rv) if is_async else rv


def plan_for(app: Erlen, endpoint: str | None) -> Plan:
    """The plan of an endpoint, made at first use."""
    registry = app._registry
    plan = registry.plans.get(endpoint)
    if plan is None:
        plan = registry.plans[endpoint] = Plan(app, endpoint)
    return plan


def match(
    app: Erlen, registry: Registry, ctx: RequestContext, path_info: str, method: str, host: str
) -> Plan:
    """Find the rule of a request, and the plan of its endpoint; the context is current already.

    :param path_info: the path as the server hands it over
    :param host: the ``Host`` header, empty without one
    """
    return match_promptly(app, registry, ctx, path_info, method, host) or match_request(
        app, registry, ctx
    )


def match_promptly(
    app: Erlen,
    registry: Registry,
    ctx: RequestContext,
    path_info: str,
    method: str,
    host: str | bytes,
) -> Plan | None:
    """:func:`match` where path and method alone tell the rule; ``None`` for anything else.

    PERF: goes past the URL adapter, which would find the same rule, and needs no request.
    """
    ctx._method = method
    if not registry.prompt or not (host in known_hosts or check_host(host)):
        return None
    if registry.checks_hosts:
        name = host if isinstance(host, str) else host.decode("latin-1")
        if not host_is_trusted(name, app.config["TRUSTED_HOSTS"]):
            # The URL adapter refuses it, or knows the server's own name where there is no header.
            return None
    url_map = app.url_map
    if not url_map._remap:
        rules = url_map._static.get(path_info)
        if rules is not None:
            rule = rules.get(method)
            if rule is not None:
                ctx._rule = rule
                if rule.defaults:
                    ctx._values = dict(rule.defaults)
                endpoint = rule.endpoint
                return registry.plans.get(endpoint) or plan_for(app, endpoint)
    ctx._method = method = method.upper()
    found = url_map.lookup(path_of(path_info), method) if path_info else None
    if found.__class__ is tuple:
        rule, ctx._values = found  # pyright: ignore[reportGeneralTypeIssues]
        ctx._rule = rule
        endpoint = rule.endpoint
        return registry.plans.get(endpoint) or plan_for(app, endpoint)
    if found is not None:
        ctx._routing_exception = found  # type: ignore[assignment]
        return plan_for(app, None)
    return None


def match_request(app: Erlen, registry: Registry, ctx: RequestContext) -> Plan:
    """:func:`match` with all that an application may have changed about requests and hosts."""
    if not registry.session_is_lazy:
        # Opening it may look at the request.
        ctx._session  # noqa: B018
    request = ctx.request
    if request.url_rule is None and request.routing_exception is None:
        ctx.match_request()
    if not app._got_first_request:
        app._begin()
    rule = request.url_rule
    return plan_for(app, None if rule is None else rule.endpoint)


async def walk(app: Erlen, ctx: RequestContext, plan: Plan, call: Call) -> Response:
    """Run hooks and view, and make the response; the context is current already.

    :param call: how to call the functions of the application
    :raises Exception: what no error handler took
    """
    try:
        if request_started.receivers:
            await call(send, False, request_started, app)
        if plan.preprocessors:
            await call(preprocess, False, ctx, plan)
        rv = None
        for hook, is_async in plan.before_groups:
            rv = await call(hook, is_async)
            if rv is not None:
                break
        if rv is None:
            view, values = choose_view(app, ctx, plan)
            rv = await call(view, plan.view_is_async and view is plan.view, **values)
    except Exception as error:
        handler = handler_for(app, ctx, plan, error)
        if handler is None:
            rv = error
        else:
            rv = await call(handler, is_coroutine_function(handler), error)
            handler = None
    return await complete(app, ctx, plan, rv, call)


async def complete(app: Erlen, ctx: RequestContext, plan: Plan, rv: Any, call: Call) -> Response:
    """The second half of the walk: the response for what hooks, view or error handler returned."""
    response: Any = make_response(app, ctx, rv)
    # An error that is its own answer must not be kept by its own frame.
    rv = None
    for function in ctx._after_request_functions:
        response = function(response)
        if hasattr(response, "__await__"):
            response = await call(_same, True, response)
    for hook, is_async in plan.after_groups:
        response = await call(hook, is_async, response)
    if ctx._session_object is not None or ctx.has_cookie:
        if app.session_interface.does_io:
            await call(save_session, False, app, ctx, response)
        else:
            save_session(app, ctx, response)
    ctx._is_answered = True
    if request_finished.receivers:
        await call(send, False, request_finished, app, response=response)
    return response  # type: ignore[no-any-return]


def _same(awaitable: Any) -> Any:
    return awaitable


def send(signal: Any, app: Erlen, **values: Any) -> None:
    """Tell the listeners of a signal."""
    signal.send(app, _async_wrapper=app.ensure_sync, **values)


def preprocess(ctx: RequestContext, plan: Plan) -> None:
    """Show the values of the URL to the preprocessors."""
    request = ctx.request
    for preprocessor in plan.preprocessors:
        preprocessor(request.endpoint, request.view_args)


def run_plainly(app: Erlen, ctx: RequestContext, plan: Plan) -> Any:
    """What the hooks or the view return, where every function of the plan is synchronous.

    PERF: the first half of the walk without a coroutine to make and to drive. A test takes the same
    requests down both ways.
    """
    try:
        if request_started.receivers:
            send(request_started, app)
        if plan.is_bare and ctx._request is None and ctx._method != "OPTIONS":
            # PERF: what follows, where only the view is left of it.
            values = ctx._values
            return plan.view(**values) if values else plan.view()  # type: ignore[misc]
        if plan.preprocessors:
            preprocess(ctx, plan)
        for hook, _ in plan.before:
            rv = hook()
            if rv is not None:
                return rv
        view, values = choose_view(app, ctx, plan)
        return view(**values)
    except Exception as error:
        handler = handler_for(app, ctx, plan, error)
        if handler is None:
            return error
        rv = handler(error)
        # Its frames keep this one.
        handler = None
        return run_blocking(rv) if hasattr(rv, "__await__") else rv


def complete_plainly(app: Erlen, ctx: RequestContext, plan: Plan, rv: Any) -> Response:
    """The response for it: the second half."""
    response: Any = make_response(app, ctx, rv)
    # An error that is its own answer must not be kept by its own frame.
    rv = None
    for function in ctx._after_request_functions:
        response = function(response)
        if hasattr(response, "__await__"):
            response = run_blocking(response)
    for hook, _ in plan.after:
        response = hook(response)
    # PERF: without a cookie, a session that nobody touched has nothing to save.
    if ctx._session_object is not None or ctx.has_cookie:
        save_session(app, ctx, response)
    ctx._is_answered = True
    if request_finished.receivers:
        send(request_finished, app, response=response)
    return response  # type: ignore[no-any-return]


def plain_content(app: Erlen, registry: Registry, rv: Any) -> tuple[tuple[str, str], bytes] | None:
    """The ``Content-Type`` header and the body for a view's return value, where these are the
    whole answer and no response object is needed to tell them.

    PERF: it stands for ``make_response`` and ``write``.
    """
    kind = rv.__class__
    if kind is str:
        pair = registry.text_pair
        return None if pair is None else (pair, rv.encode())
    if (kind is dict or kind is list) and registry.json_is_plain:
        provider: Any = app.json
        if provider.mimetype == _JSON_PAIR[1]:
            return _JSON_PAIR, provider._text_of_response(rv).encode()
    return None


_JSON_PAIR = ("Content-Type", "application/json")
_new = object.__new__


def choose_view(
    app: Erlen, ctx: RequestContext, plan: Plan
) -> tuple[Callable[..., Any], dict[str, Any]]:
    """What answers the request, with its arguments: its view, or the automatic answer to OPTIONS.

    :raises Exception: what matching found in place of a rule
    """
    request = ctx._request
    if request is None:
        rule, values, error, method = ctx._rule, ctx._values, ctx._routing_exception, ctx._method
    else:
        rule, values = request.url_rule, request.view_args
        error, method = request.routing_exception, request.method
    if values is None:
        values = {}
    if error is not None:
        if app.debug:
            app.raise_routing_exception(ctx.request)
        raise error
    if method == "OPTIONS" and getattr(rule, "provide_automatic_options", False):
        return app.make_default_options_response, {}
    view = plan.view
    if view is None:
        # Raises KeyError, naming the endpoint.
        view = app.view_functions[rule.endpoint]  # type: ignore[union-attr]
    return view, values


def save_session(app: Erlen, ctx: RequestContext, response: Response) -> None:
    """Write the session to the response, if it has to be."""
    interface = app.session_interface
    if ctx._session_object is None and (
        not interface.refreshes_untouched
        or not app.config["SESSION_REFRESH_EACH_REQUEST"]
        or interface.get_cookie_name(app) not in ctx.environ.get("HTTP_COOKIE", "")
    ):
        # Nobody touched it, and there is no lifetime in the client to prolong.
        return
    session = ctx._session
    if not interface.is_null_session(session):
        interface.save_session(app, session, response)


def handler_for(
    app: Erlen, ctx: RequestContext, plan: Plan, error: Exception
) -> Callable[[Any], Any] | None:
    """The error handler for ``error``; ``None`` where it is an HTTP error that answers itself.

    :raises Exception: ``error`` itself where nobody handles it
    """
    request = ctx._request
    if error is (ctx._routing_exception if request is None else request.routing_exception):
        # Its frames refer to the context, which refers to it.
        error.__traceback__ = None
    is_answer = isinstance(error, HTTPException)
    registry = app._registry
    if is_answer and not (registry.known and registry.traps_nothing):
        show_bad_key(app, error)
        is_answer = not app.trap_http_exception(error)
    if is_answer:
        return http_answer(app, error, plan.blueprints)  # type: ignore[arg-type]
    handler = find_handler(app, error, plan.blueprints)
    if handler is None:
        try:
            raise error
        finally:
            # The error keeps this frame, which must not keep the error.
            del error
    return handler


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
    if registry.direct:
        # PERF: what its constructor does, which would be a call more.
        ctx = _new(RequestContext)
        ctx.app = app
        ctx.environ = environ
    else:
        ctx = app.request_context(environ)
    if _cv_context.get(None) is not None and JOINS not in environ:
        # Whatever context this thread inherited: no two requests share g.
        ctx._joins = False
    content: tuple[tuple[str, str], bytes] | None = None
    error: BaseException | None = None
    try:
        try:
            if not registry.direct:
                ctx.push()
                response = app.full_dispatch_request()
            else:
                if _cv_context.get(None) is None and not appcontext_pushed.receivers:
                    # PERF: what _enter() does where no context is around this one.
                    ctx._request_ctx = ctx
                    ctx._tokens = [_cv_context.set(ctx)]
                else:
                    ctx._enter()
                get = environ.get
                plan = match(
                    app,
                    registry,
                    ctx,
                    get("PATH_INFO", ""),
                    get("REQUEST_METHOD", "GET"),
                    get("HTTP_HOST", ""),
                )
                if plan.is_plain:
                    rv = run_plainly(app, ctx, plan)
                    if (
                        plan.after
                        or ctx._after_request_functions
                        or ctx._session_object is not None
                        or "HTTP_COOKIE" in environ
                        or request_finished.receivers
                        or ctx._method == "HEAD"
                    ):
                        pass
                    elif rv.__class__ is str:
                        # PERF: the commonest case of plain_content(), without a call.
                        pair = registry.text_pair
                        content = None if pair is None else (pair, rv.encode())
                    else:
                        content = plain_content(app, registry, rv)
                    if content is None:
                        response = complete_plainly(app, ctx, plan, rv)
                    # It may be an error, whose frames must not keep it.
                    rv = None
                else:
                    response = drive(walk(app, ctx, plan, call_blocking))
        except Exception as raised:
            error = raised
            content = None
            response = app.handle_exception(raised)
        except BaseException as raised:
            error = raised
            raise
        if content is not None:
            # PERF: nobody sees the response, so that it was not made.
            pair, body = content
            start_response("200 OK", [pair, ("Content-Length", str(len(body)))])
            return [body]
        return response(environ, start_response)  # pyright: ignore
    finally:
        preserve = environ.get("werkzeug.debug.preserve_context")
        if preserve is not None:
            # The test client keeps the context for the assertions behind the request.
            preserve(ctx)
        if error is None:
            if not ctx._end_at_once(registry):
                ctx.pop(None)
        else:
            ctx.pop(None if app.should_ignore_error(error) else error)
            # The frame of the exception must not hold the context alive.
            del ctx, error
