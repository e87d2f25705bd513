"""One WebSocket, from the match to its end."""

from __future__ import annotations

from asyncio import CancelledError, current_task
from typing import TYPE_CHECKING, Any

from ..context.websocket import (
    INTERNAL_ERROR,
    INVALID_DATA,
    NORMAL,
    POLICY,
    TOO_BIG,
    MessageTooBig,
    Websocket,
    WebsocketDisconnect,
    check_origin,
)
from ..http.exceptions import BadRequest, HTTPException
from ..walk.dispatch import preprocess, save_session
from ..walk.errors import find_handler, http_answer
from ..walk.plan import Plan, is_coroutine_function
from ..walk.respond import make_response
from ..workers.pool import run_in_thread
from .asgi import encode_headers
from .asgi_app import ScopeContext, _begin, call_on_loop

if TYPE_CHECKING:
    from collections.abc import Generator

    from ..app.application import Erlen
    from .asgi import Receive, Scope, Send


class WebsocketContext(ScopeContext):
    """A request context whose request is a WebSocket."""

    _takes_websockets = True

    @property  # type: ignore[misc]
    def request(self) -> Websocket:  # type: ignore[override]
        """The WebSocket, made at first touch."""
        websocket = self._request
        if websocket is None:
            app = self.app
            websocket = self._request = app.websocket_class(self.environ)
            websocket.json_module = app.json
        return websocket  # type: ignore[return-value]

    def _close_request(self) -> None:
        # The environment must not keep the socket alive, nor the socket itself.
        self.environ["werkzeug.request"] = None

    def _run_teardown(self, exc: BaseException | None) -> None:
        self.app.do_teardown_websocket(exc)


class _attend:
    """Await a view; where it waits for something other than its socket, the socket is read on its
    behalf."""

    __slots__ = ("awaitable", "websocket")

    def __init__(self, awaitable: Any, websocket: Websocket) -> None:
        self.awaitable = awaitable
        self.websocket = websocket

    def __await__(self) -> Generator[Any, Any, Any]:
        iterator = self.awaitable.__await__()
        websocket = self.websocket
        step, value = iterator.send, None
        while True:
            try:
                waited = step(value)
            except StopIteration as done:
                return done.value
            if not websocket._is_busy and websocket._reader is None and websocket.is_accepted:
                websocket._read_ahead(current_task())  # type: ignore[arg-type]
            try:
                value = yield waited
                step = iterator.send
            except BaseException as error:
                step, value = iterator.throw, error


async def serve_websocket(app: Erlen, scope: Scope, receive: Receive, send: Send) -> None:
    """Serve one WebSocket."""
    # The first message tells that the client waits for an answer.
    if (await receive())["type"] != "websocket.connect":
        return
    if not app._got_first_request:
        await _begin(app)
    registry = app._registry
    if not registry.known:
        registry.learn(app)
    ctx = WebsocketContext(app, scope)
    websocket = ctx.request
    websocket._connect(receive, send, app.config["WEBSOCKET_MAX_MESSAGE_SIZE"])
    error: BaseException | None = None
    ctx._enter()
    try:
        try:
            await _run(app, ctx, websocket)
        except WebsocketDisconnect as gone:
            error = gone
        except CancelledError as cancelled:
            error = websocket._gone or cancelled
            if websocket._gone is None:
                # The server stops.
                raise
            current_task().uncancel()  # type: ignore[union-attr]
        except Exception as raised:
            error = raised
            await _fail(app, websocket, raised)
    finally:
        websocket._stop_reader()
        try:
            preserve = scope.get("erlen.preserve_context")
            if preserve is not None:
                preserve(ctx)
            if len(ctx._tokens) == 1:
                told = None if isinstance(error, WebsocketDisconnect) else error
                await run_in_thread(ctx._tear_down, told)
        finally:
            ctx._leave()
            ctx._request_ctx = None
            # The frame of the exception must not hold the context alive.
            del ctx, websocket, error


async def _run(app: Erlen, ctx: WebsocketContext, websocket: Websocket) -> None:
    """Match, run hooks and view, and close; HTTP errors and error handlers answer in their place.

    :raises Exception: what no error handler took
    """
    plan = Plan(app, None, websocket=True)
    rv: Any = None
    try:
        if app.session_interface.does_io or not app._registry.session_is_lazy:
            await run_in_thread(lambda: ctx._session)
        ctx.match_request()
        rule = websocket.url_rule
        plan = _plan_for(app, None if rule is None else rule.endpoint)
        if websocket.routing_exception is not None:
            raise websocket.routing_exception
        check_origin(websocket, app.config["WEBSOCKET_ORIGINS"])
        if plan.preprocessors:
            await call_on_loop(preprocess, False, ctx, plan)
        for hook, is_async in plan.before_groups:
            rv = await call_on_loop(hook, is_async)
            if rv is not None:
                break
        if rv is None:
            rv = await _attend(_call_view(plan, websocket), websocket)
    except Exception as error:
        if error is websocket.routing_exception:
            error.__traceback__ = None
        rv = await _answer(app, plan, error, websocket)
    if rv is not None and not websocket.is_accepted and websocket._gone is None:
        response: Any = make_response(app, ctx, rv)
    else:
        response = None
    for hook, is_async in plan.after_groups:
        answer = await call_on_loop(hook, is_async, response)
        response = response if answer is None else answer
    if response is None:
        await websocket.close(NORMAL)
        return
    if ctx._session_object is not None:
        await call_on_loop(save_session, False, app, ctx, response)
    await _refuse(websocket, response, ctx.scope)


def _plan_for(app: Erlen, endpoint: str | None) -> Plan:
    plans: Any = app._registry.plans
    key = ("websocket", endpoint)
    plan = plans.get(key)
    if plan is None:
        plan = plans[key] = Plan(app, endpoint, websocket=True)
    return plan  # type: ignore[no-any-return]


async def _call_view(plan: Plan, websocket: Websocket) -> Any:
    values: Any = websocket.view_args
    rv = plan.view(**values)  # type: ignore[misc]
    if hasattr(rv, "__aiter__"):
        async for message in rv:
            await websocket.send(message)
        return None
    return await rv


async def _answer(app: Erlen, plan: Plan, error: Exception, websocket: Websocket) -> Any:
    """What an error handler returns, or an HTTP error that is its own answer."""
    if isinstance(error, HTTPException) and not app.trap_http_exception(error):
        handler = http_answer(app, error, plan.blueprints)
        if handler is None:
            if not websocket.is_accepted:
                return error
            raise error
    else:
        handler = find_handler(app, error, plan.blueprints)
        if handler is None:
            raise error
    return await call_on_loop(handler, is_coroutine_function(handler), error)


async def _fail(app: Erlen, websocket: Websocket, error: Exception) -> None:
    """End a socket whose view raised ``error``.

    :raises Exception: ``error``, in tests and where it propagates
    """
    if isinstance(error, HTTPException):
        if isinstance(error, MessageTooBig):
            code = TOO_BIG
        else:
            code = INVALID_DATA if type(error) is BadRequest else POLICY
        await websocket.close(code, (error.description or error.name)[:120])
        return
    app.log_exception((type(error), error, error.__traceback__))  # type: ignore[arg-type]
    await websocket.close(INTERNAL_ERROR)
    propagate = app.config["PROPAGATE_EXCEPTIONS"]
    if app.testing or app.debug if propagate is None else propagate:
        raise error


async def _refuse(websocket: Websocket, response: Any, scope: Scope) -> None:
    """Answer by HTTP in place of accepting; a server without that extension answers 403."""
    if "websocket.http.response" not in (scope.get("extensions") or ()):
        await websocket.close(POLICY)
        return
    websocket._state = "closed"
    pairs = response.get_wsgi_headers(websocket.environ).to_wsgi_list()
    await websocket._send(
        {
            "type": "websocket.http.response.start",
            "status": response.status_code,
            "headers": encode_headers(pairs),
        }
    )
    await websocket._send({"type": "websocket.http.response.body", "body": response.get_data()})
