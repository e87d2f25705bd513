"""The way in on ASGI 3.

Async views run on the server's event loop; requests where nothing is async run on the pool of
threads.
"""

from __future__ import annotations

from contextvars import copy_context
from functools import partial
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from ..context.asgi import listed_headers, path_info
from ..context.asgi_context import ScopeContext
from ..context.asgi_send import refuse, send_response
from ..context.contexts import JOINS
from ..http.exceptions import ClientDisconnected, HTTPException
from ..walk.desk import desk_of
from ..walk.find import find, seek
from ..workers.attend import Disconnected, attend
from ..workers.call import Call, close_unseen
from ..workers.pool import PoolFull, get_pool
from ..workers.variables import carry_out
from .asgi_body import METHODS_OF_READERS, AsyncBody, announces_body, send_behind
from .bridge import serve_by_wsgi
from .detection import CALL
from .wsgi_app import wsgi_app

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterable
    from contextvars import Context

    from ..typing import Receive, Scope, Send
    from ..walk.application import Application
    from ..walk.desk import Desk
    from ..walk.places import ThreadPlan
    from ..walk.plan import Plan

_new = object.__new__
# What the way of a request depends on.
_SEEN_TO = frozenset({b"host", b"content-length", b"transfer-encoding", b"cookie"})
_name_of = itemgetter(0)


def asgi_app(
    app: Application, scope: Scope, receive: Receive, send: Send, is_unwrapped: bool = False
) -> Awaitable[None]:
    """Serve one connection; ``app.asgi_app = Middleware(app.asgi_app)`` wraps it.

    A plain function: the walk's own coroutine is what the server awaits.

    :param is_unwrapped: whether this is behind the middleware around ``wsgi_app``
    """
    desk = app._changes.desk or desk_of(app)
    if scope["type"] != "http" or not desk.has_begun:
        return _serve_slowly(app, scope, receive, send, is_unwrapped)
    pairs = scope["headers"]
    if pairs.__class__ is not list:
        pairs = listed_headers(scope)
    if desk.is_wrapped and not is_unwrapped:
        return _serve_wrapped(app, desk, scope, receive, send)
    method = scope["method"]
    # PERF: what its constructor does, which would be a call more.
    ctx = _new(ScopeContext)
    ctx.app = app
    ctx.scope = scope
    # PERF: and what the walk reads, which takes a sixth of the time that it takes on the class.
    ctx.made_request = ctx.found_values = ctx.opened_session = ctx.set_on_loop = None
    ctx.after_request_functions = ()
    ctx.has_cookie = False
    has_body = False
    if (
        pairs
        and pairs[0][0] == b"host"
        and method in METHODS_OF_READERS
        and _SEEN_TO.isdisjoint(map(_name_of, pairs[1:]))
    ):
        # PERF: most requests have no header that changes the way; one pass in C tells.
        host = pairs[0][1]
    else:
        headers: dict[bytes, bytes] = dict(pairs)
        host = headers.get(b"host", b"") if len(headers) == len(pairs) else _host_of(pairs)
        if not host and scope.get("http_version") == "1.1":
            return _seek_and_serve(ctx, receive, send)
        has_body = announces_body(headers, scope)
        if b"cookie" in headers:
            ctx.has_cookie = True
    if JOINS in scope:
        ctx.joins = True
    path: str = scope["path"]
    if scope.get("root_path") or not path.isascii():
        path = path_info(scope)
    plan = None
    if desk.finds_on_loop:
        plan = find(app, desk, ctx, path, method, host)
    if has_body and (plan is None or not plan.is_async):
        return serve_by_wsgi(app, partial(wsgi_app, app), scope, receive, send, is_own=True)
    if plan is None:
        return _seek_and_serve(ctx, receive, send)
    if not plan.is_async:
        ctx.plan = plan
        ctx._receiver = receive
        return _serve_on_thread(ctx, plan, send)
    on_loop = ctx.plan = plan.on_loop or plan.make_for_loop(app)
    if has_body:
        return _receive_and_walk(ctx, on_loop, receive, send)
    ctx._receiver = receive
    return on_loop.walk(ctx, scope, None, send)  # type: ignore[no-any-return]


async def _serve_slowly(
    app: Application, scope: Scope, receive: Receive, send: Send, is_unwrapped: bool
) -> None:
    """Serve what is no request, and the first request."""
    kind = scope["type"]
    if kind == "websocket":
        listed_headers(scope)
        if not is_unwrapped and desk_of(app).wrapper_takes_asgi:
            await app.wsgi_app(scope, receive, send)
            return
        from .websockets import serve_websocket

        await serve_websocket(app, scope, receive, send)
    elif kind == "lifespan":
        from .lifespan import serve_lifespan

        await serve_lifespan(app, scope, receive, send)
    elif kind != "http":
        raise RuntimeError(f"ASGI connections of the type {kind!r} are not served.")
    else:
        if not app._got_first_request:
            from .lifespan import begin

            await begin(app)
        await asgi_app(app, scope, receive, send, is_unwrapped)


def _serve_wrapped(
    app: Application, desk: Desk, scope: Scope, receive: Receive, send: Send
) -> Awaitable[None]:
    """Serve a request that an agent or the middleware around ``wsgi_app`` is to see."""
    caller, call = scope.get(CALL, (None, None))
    if caller is app:
        return serve_by_wsgi(app, call, scope, receive, send)
    if "wsgi_app" not in desk.overridden:
        return asgi_app(app, scope, receive, send, is_unwrapped=True)
    if desk.wrapper_takes_asgi:
        return app.wsgi_app(scope, receive, send)  # type: ignore[no-any-return]
    return serve_by_wsgi(app, app.wsgi_app, scope, receive, send)


def _host_of(pairs: Iterable[tuple[bytes, bytes]]) -> bytes:
    """The Host header; of two neither is to be trusted, and both together are malformed."""
    return b",".join([value for name, value in pairs if name == b"host"])


async def _serve_on_thread(ctx: ScopeContext, plan: Plan, send: Send) -> None:
    """Walk on a thread, and send the answer from the loop.

    PERF: the rule is not looked for again, and the WSGI environment is made if it is asked for.
    """
    context = ctx.thread_context = copy_context()
    call = Call(plan.walk, ctx, ctx.scope, None)
    call.context, call.is_new = context, True
    # If this is cancelled, the thread goes on, and does the teardown.
    call.drop = partial(_drop, context)
    try:
        answer = await (attend(call, ctx) if get_pool().is_busy else call)
    except PoolFull:
        await refuse(send)
        return
    except Disconnected:
        # The client has gone while it waited for a thread, or for the answer.
        return
    await _send_answer(ctx, answer, context, send)


async def _send_answer(ctx: ScopeContext, answer: Any, context: Context, send: Send) -> None:
    status, pairs, body = answer
    try:
        await send_response(status, pairs, body, ctx.scope, send, ctx, context)
    finally:
        ctx.close_receiver()


def _drop(context: Context, answer: Any) -> None:
    if answer is not None:
        close_unseen(context, answer[-1])


async def _seek_and_serve(ctx: ScopeContext, receive: Receive, send: Send) -> None:
    """Serve a request at which something of the application's looks before it is matched: on a
    thread, and from there on the loop if something that answers is asynchronous."""
    context = copy_context()
    call = Call(_seek_and_walk, ctx)
    call.context, call.is_new = context, True
    call.drop = lambda found: _drop(context, found[-1])
    ctx._receiver = receive
    try:
        ctx, plan, answer = await (attend(call, ctx) if get_pool().is_busy else call)
    except PoolFull:
        await refuse(send)
        return
    except Disconnected:
        return
    ctx._receiver = receive
    if answer is not None:
        await _send_answer(ctx, answer, context, send)
        return
    # What was set there is seen here.
    carry_out(context)
    on_loop = ctx.plan = plan.make_for_loop(ctx.app)
    if ctx.failure is not None:
        # The walk enters a context plainly only where none is current, and would pass it by.
        ctx.enter()
    await on_loop.walk(ctx, ctx.scope, None, send)


def _seek_and_walk(ctx: ScopeContext) -> tuple[ScopeContext, ThreadPlan, Any]:
    app: Any = ctx.app
    if desk_of(app).makes_contexts:
        ctx = ctx.exchanged(app.request_context(ctx.environ))
    plan: Any = seek(app, ctx)
    if not plan.is_async:
        return ctx, plan, plan.walk(ctx, ctx.scope, None)
    ctx.leave()
    return ctx, plan, None


async def _receive_and_walk(ctx: ScopeContext, plan: Plan, receive: Receive, send: Send) -> None:
    """Receive the body, up to its limit, and walk; whoever reads a longer one gets the 413."""
    body = ctx.body = AsyncBody(receive, ctx.app.config["BODY_TIMEOUT"])
    is_whole = False
    if not plan.streams_body:
        # A limit of the application's own may look at the request.
        ctx.enter()
        try:
            request: Any = ctx.request
            try:
                limit = request.max_content_length
                is_whole = await body.receive_all(limit, request.content_length)
                if is_whole:
                    ctx._receiver = receive
            except ClientDisconnected:
                # Nobody is left to answer: the walk is its teardown.
                raise Disconnected() from None
            except Exception as error:
                # The walk raises it in place of calling the view.
                if isinstance(error, HTTPException):
                    # With its frames it would keep itself.
                    error.__traceback__ = error.__context__ = None
                request.routing_exception = request.routing_exception or error
        except BaseException as error:
            # It is raised by the walk.
            ctx.failure = error
    if not is_whole:
        send = send_behind(body, ctx.scope, send)
    await plan.walk(ctx, ctx.scope, None, send)
