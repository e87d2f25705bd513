"""One WebSocket, from the handshake to its end: the walk of a request, with steps of its own."""

from __future__ import annotations

from asyncio import CancelledError, current_task
from contextlib import suppress
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from ..context.asgi import Captured
from ..context.asgi_context import ScopeContext
from ..context.contexts import find_request_context
from ..context.websocket import (
    INTERNAL_ERROR,
    INVALID_DATA,
    NORMAL,
    POLICY,
    TOO_BIG,
    MessageTooBig,
    Websocket,
    WebsocketDisconnect,
    attend_view,
    check_origin,
    refuse,
)
from ..http.exceptions import BadRequest, HTTPException, InternalServerError
from ..signals import got_request_exception
from ..walk import steps
from ..walk.errors import find_handler, propagates
from ..walk.find import seek
from ..walk.methods import FINALIZING_FAILED
from ..walk.on_loop import call
from ..walk.places import LoopPlan, open_session_on_thread
from ..walk.plan import Plan
from ..walk.walk import compose
from .lifespan import begin

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..typing import Receive, Scope, Send
    from ..walk.application import Application


class WebsocketContext(ScopeContext):
    """A request context whose request is a WebSocket."""

    takes_websockets = True
    # The code and the reason to close with.
    closing: tuple[int, str] = (NORMAL, "")
    made_request: Any

    @property  # type: ignore[misc]
    def request(self) -> Websocket:  # type: ignore[override]
        """The WebSocket, made at first touch."""
        websocket: Websocket | None = self.made_request
        if websocket is None:
            app = self.app
            made: Websocket = app.websocket_class(self.environ)
            self.made_request = made
            made.json_module = app.json
            return made
        return websocket

    def prepare(self) -> None:
        # The session is opened on a thread, where that may wait.
        self.match_request()

    def write(self, response: Any) -> Any:
        """The answer that refuses the handshake, for :meth:`send`; none closes the socket.

        :raises ValueError: for one that no server can send
        """
        if response is None:
            return ()
        captured = Captured()
        body = response(self.environ, captured)
        return captured.status, captured.pairs, body

    async def send(self, answer: Any, send: Send) -> None:
        """Close the socket, or refuse it."""
        websocket = self.request
        websocket.stop_reader()
        if answer:
            status, pairs, body = answer
            await refuse(websocket, status, pairs, body, self.scope)
        else:
            code, reason = self.closing
            await websocket.close(code, reason)

    def close_request(self) -> None:
        # The environment must not keep the socket alive, nor the socket itself.
        self.environ["werkzeug.request"] = None

    def _run_teardown(self, exc: BaseException | None) -> None:
        self.app.do_teardown_websocket(exc)


# Methods of requests, which a WebSocket does not take.
_OF_REQUESTS = {
    "dispatch_request",
    "do_teardown_request",
    "finalize_request",
    "full_dispatch_request",
    "preprocess_request",
    "process_response",
}


class WebsocketPlan(LoopPlan):
    """What runs for a WebSocket."""

    kind = "websocket"
    overridden: frozenset[str]
    after: tuple[Any, ...]

    def compose(self) -> Callable[..., Any]:
        self.overridden -= _OF_REQUESTS
        self.after = tuple(map(_keeping, self.after))
        return compose(self, STEPS)

    def coloured_view(self, view: Callable[..., Any]) -> Callable[..., Any]:
        return partial(_open, view)


async def _open(view: Any, **values: Any) -> Any:
    ctx: Any = find_request_context()
    return await attend_view(_call_view(view, values, ctx.request), ctx.request)


def _keeping(hook: Any) -> Any:
    """A hook behind the view, which may leave the response as it is by returning nothing."""

    async def run(response: Any) -> Any:
        answer = await hook(response)
        return response if answer is None else answer

    return run


async def serve_websocket(app: Application, scope: Scope, receive: Receive, send: Send) -> None:
    """Serve one WebSocket."""
    # The first message tells that the client waits for an answer.
    if (await receive())["type"] != "websocket.connect":
        return
    if not app._got_first_request:
        await begin(app)
    ctx = WebsocketContext(app, scope)
    websocket = ctx.request
    websocket._connect(receive, send, app.config["WEBSOCKET_MAX_MESSAGE_SIZE"])
    try:
        await seek(app, ctx, WebsocketPlan).walk(ctx, scope, None, send)
    except WebsocketDisconnect:
        pass
    except CancelledError:
        if websocket.gone is None:
            # The server stops.
            raise
        current_task().uncancel()  # type: ignore[union-attr]
    finally:
        websocket.stop_reader()


async def _call_view(view: Any, values: dict[str, Any], websocket: Websocket) -> Any:
    rv = view(**values)
    if hasattr(rv, "__aiter__"):
        async for message in rv:
            await websocket.send(message)
        return None
    return await rv


# -- the steps that differ -----------------------------------------------------------------------


async def _preprocess(ctx: WebsocketContext, plan: Plan) -> None:
    websocket: Any = ctx.request
    app = ctx.app
    if not plan.desk.session_is_lazy:
        await call(ctx.open_session)
    elif plan.desk.saves_io:
        await open_session_on_thread()
    if websocket.routing_exception is None:
        check_origin(websocket, app.config["WEBSOCKET_ORIGINS"])
    if plan.preprocessors:
        await steps.preprocess(ctx, plan)


async def _handle(ctx: WebsocketContext, plan: Plan, error: Exception) -> Any:
    try:
        rv = await steps.handle(ctx, plan, error)
        if rv is error and ctx.request.is_accepted:
            # An answer comes too late.
            raise error
        return rv
    finally:
        del error


async def _respond(ctx: WebsocketContext, plan: Plan, rv: Any) -> Any:
    websocket = ctx.request
    if rv is None or not websocket.waits_for_answer:
        return None
    return await steps.respond(ctx, plan, rv)


async def _save(ctx: WebsocketContext, plan: Plan, response: Any) -> Any:
    if response is not None and ctx.opened_session is not None:
        response = await steps.save(ctx, plan, response)
    return response


async def _unhandled(ctx: WebsocketContext, plan: Plan, error: Exception) -> Any:
    """What becomes of an error that nobody handled: before the socket is accepted the answer by
    HTTP that a request would get, behind that the code to close it with.

    :raises Exception: ``error``, in tests and where it propagates
    """
    try:
        app: Any = ctx.app
        websocket = ctx.request
        waits = websocket.waits_for_answer
        if isinstance(error, HTTPException) and not waits:
            if isinstance(error, MessageTooBig):
                code = TOO_BIG
            else:
                code = INVALID_DATA if type(error) is BadRequest else POLICY
            ctx.closing = code, error.description or error.name
            return None
        ctx.closing = INTERNAL_ERROR, ""
        if got_request_exception.receivers:
            await steps.tell(ctx, got_request_exception, exception=error)
        if propagates(app):
            # The client may have gone; the error is told all the same.
            with suppress(WebsocketDisconnect):
                await websocket.close(INTERNAL_ERROR)
            raise error
        app.call_by_signature("log_exception", ctx, (type(error), error, error.__traceback__))
        return await _internal_error(ctx, plan, error) if waits else None
    finally:
        del error


async def _internal_error(ctx: WebsocketContext, plan: Plan, error: Exception) -> Any:
    """The 500 in place of a socket: what its handler answers, with what hooks add."""
    server_error: Any = InternalServerError(original_exception=error)
    del error
    try:
        handler = find_handler(ctx.app, server_error, ctx.request.blueprints)
        rv = server_error if handler is None else await plan.coloured(handler)(server_error)
        response = await steps.respond(ctx, plan, rv)
        try:
            for hook in plan.after:
                response = await hook(response)
            response = await _save(ctx, plan, response)
        except Exception:
            ctx.app.logger.exception(FINALIZING_FAILED)
        return response
    finally:
        # It keeps the error, whose frames keep this one.
        del server_error


async def _end(ctx: WebsocketContext, plan: Plan, source: Any, answer: Any, error: Any) -> None:
    if isinstance(error, CancelledError):
        # That the client has gone is the usual end.
        error = ctx.request.gone or error
    told = None if isinstance(error, WebsocketDisconnect) else error
    await steps.end(ctx, plan, source, answer, told)


STEPS = SimpleNamespace(
    **{
        **vars(steps),
        "preprocess": _preprocess,
        "handle": _handle,
        "respond": _respond,
        "save": _save,
        "unhandled": _unhandled,
        "end": _end,
    }
)
