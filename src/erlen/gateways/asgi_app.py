"""The application on ASGI.

Async views run on the server's event loop; the synchronous functions around them, and requests
where nothing is async, run on the pool of threads.
"""

from __future__ import annotations

from asyncio import CancelledError, ensure_future, get_running_loop, shield
from contextvars import copy_context
from functools import lru_cache, partial
from io import BytesIO
from operator import itemgetter
from types import CoroutineType
from typing import TYPE_CHECKING, Any

from ..context.contexts import JOINS, RequestContext, _cv_context
from ..http.exceptions import ClientDisconnected, RequestTimeout, ServiceUnavailable
from ..http.response import Response, needs_environ
from ..signals import appcontext_pushed, request_finished, request_started
from ..walk import dispatch
from ..walk.dispatch import match_promptly, plain_content
from ..walk.plan import is_coroutine_function
from ..workers.loop import home
from ..workers.pool import PoolFull, get_pool, run_in_thread
from .asgi import Captured, encode_headers, make_environ, path_info
from .asgi_body import METHODS_WITHOUT_BODY, AsyncBody, ThreadBody, announces_body
from .asgi_send import send_response
from .asgi_watch import Disconnected, attend

if TYPE_CHECKING:
    from asyncio import Future
    from collections.abc import Callable, Iterable

    from ..app.application import Erlen
    from ..walk.plan import Plan
    from .asgi import Message, Receive, Scope, Send

# A body of an announced length up to this is received before its request takes a thread.
_SMALL_BODY = 64 * 1024


class ScopeContext(RequestContext):
    """A request context whose WSGI environment is made of the ASGI scope, if it is asked for.

    :param receive: where the body comes from
    """

    _environ: dict[str, Any] | None = None
    _has_cookie: bool | None = None
    _joins = False
    # The body, if one was announced.
    body: AsyncBody | None = None

    def __init__(self, app: Erlen, scope: Scope) -> None:
        self.app = app
        self.scope = scope
        if JOINS in scope:
            self._joins = True

    @property
    def environ(self) -> dict[str, Any]:  # type: ignore[override]
        environ = self._environ
        if environ is None:
            stream = BytesIO() if self.body is None else self.body
            environ = self._environ = make_environ(self.scope, stream)
        return environ

    @property
    def has_cookie(self) -> bool:
        if self._has_cookie is None or self._environ is not None:
            return "HTTP_COOKIE" in self.environ
        return self._has_cookie

    def write(self, response: Response, captured: Captured) -> Any:
        """Call the response, which mostly asks for the method alone."""
        environ = self._environ
        if environ is None:
            # PERF: it is not made for that.
            plain = not needs_environ(response)
            environ = {"REQUEST_METHOD": self._method} if plain else self.environ
        return response(environ, captured)

    def copy(self) -> RequestContext:
        copied = type(self)(self.app, self.scope)
        copied._request = self.request
        copied._environ = copied._request.environ
        copied._session_object = self._session
        return copied


async def call_on_loop(function: Any, is_async: bool, /, *args: Any, **kwargs: Any) -> Any:
    """Call on the event loop what is async, and on a thread what is not, unless it has a
    ``needs_thread`` that says no."""
    if is_async:
        return await function(*args, **kwargs)
    needs_thread = getattr(function, "needs_thread", None)
    if needs_thread is not None and not needs_thread():
        return function(*args, **kwargs)
    return await run_in_thread(partial(function, *args, **kwargs))


async def _begin(app: Erlen) -> None:
    """What runs before the first request, where the server has no lifespan protocol.

    Several loops may ask at once, each on a thread of its own: one does it, the others wait. Where
    it fails, the next one tries again.
    """
    from asyncio import wrap_future
    from concurrent.futures import Future

    from .lifespan import startup

    while not app._got_first_request:
        mine: Future[None] = Future()
        first = app.__dict__.setdefault("_beginning", mine)
        if first is not mine:
            await wrap_future(first)
            continue
        try:
            config = app.config
            get_pool(config["THREAD_POOL_SIZE"], config["THREAD_POOL_MAX_WAITING"])
            await startup(app)
            await run_in_thread(app._begin)
        finally:
            del app.__dict__["_beginning"]
            mine.set_result(None)


async def serve(app: Erlen, scope: Scope, receive: Receive, send: Send) -> None:
    """Serve one connection."""
    if scope["type"] != "http":
        await _serve_other(app, scope, receive, send)
        return
    if not app._got_first_request:
        await _begin(app)
    registry = app._registry
    if not registry.known:
        registry.learn(app)
    if not registry.direct:
        await _serve_on_thread(app, scope, receive, send)
        return
    pairs = scope["headers"]
    method = scope["method"]
    if (
        pairs
        and pairs[0][0] == b"host"
        and method in METHODS_WITHOUT_BODY
        and _SEEN_TO.isdisjoint(map(_name_of, pairs[1:]))
    ):
        # PERF: most requests have no header that changes the way; one pass in C tells.
        host = pairs[0][1]
        has_body = has_cookie = False
    else:
        headers: dict[bytes, bytes] = dict(pairs)
        host = headers.get(b"host", b"") if len(headers) == len(pairs) else _host_of(pairs)
        has_body = announces_body(headers, method)
        has_cookie = b"cookie" in headers
    # PERF: what its constructor does, which would be a call more.
    ctx = _new(ScopeContext)
    ctx.app = app
    ctx.scope = scope
    if JOINS in scope:
        ctx._joins = True
    path: str = scope["path"]
    if scope.get("root_path") or not path.isascii():
        path = path_info(scope)
    plan = match_promptly(app, registry, ctx, path, method, host)
    if plan is None or plan.is_plain:
        if (
            plan is None
            or has_body
            or "wsgi_app" in app.__dict__
            or type(app).wsgi_app is not dispatch.serve
        ):
            await _serve_on_thread(app, scope, receive, send)
        else:
            ctx._has_cookie = has_cookie
            await _serve_plainly(app, ctx, plan, receive, send)
        return
    error: BaseException | None = None
    rv: Any
    content: tuple[tuple[str, str], bytes] | None = None
    captured: Captured | None = None
    # Where the going away of the client is told, once its body was received. PERF: made for what
    # takes time.
    receiver: _Receiver | None = None
    is_watched = True
    if _cv_context.get(None) is None and not appcontext_pushed.receivers:
        # PERF: what _enter() does where no context is around this one.
        ctx._request_ctx = ctx
        ctx._tokens = [_cv_context.set(ctx)]
    else:
        ctx._enter()
    try:
        try:
            if has_body and not await _receive_body(ctx, plan, receive):
                is_watched = False
            if (
                plan.is_bare_async
                and ctx._method != "OPTIONS"
                and not request_started.receivers
                and (ctx._request is None or ctx._request.routing_exception is None)
            ):
                # PERF: what walk() does where only the view is left of it.
                try:
                    values = ctx._values
                    coroutine = plan.view(**values) if values else plan.view()  # type: ignore[misc]
                    if plan.is_prompt:
                        # PERF: without the exception that tells of its end.
                        rv = await coroutine
                    elif coroutine.__class__ is CoroutineType:
                        try:
                            waited = coroutine.send(None)
                        except StopIteration as done:
                            rv = done.value
                        else:
                            receiver = _Receiver(receive) if is_watched else None
                            rv = await attend(coroutine, receiver, waited)
                    else:
                        receiver = _Receiver(receive) if is_watched else None
                        rv = await attend(coroutine, receiver)
                except Exception as raised:
                    handler = dispatch.handler_for(app, ctx, plan, raised)
                    rv = raised if handler is None else await _handle(handler, raised)
                    handler = None
                if (
                    has_cookie
                    or ctx._after_request_functions
                    or ctx._session_object is not None
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
                    ctx._has_cookie = has_cookie
                    response = await dispatch.complete(app, ctx, plan, rv, call_on_loop)
                # It may be an error, whose frames must not keep it.
                rv = None
            else:
                ctx._has_cookie = has_cookie
                walk = dispatch.walk(app, ctx, plan, call_on_loop)
                receiver = _Receiver(receive) if is_watched else None
                response = await attend(walk, receiver)
        except (Disconnected, ClientDisconnected) as gone:
            # Nobody is left to answer.
            error = gone
            return
        except Exception as raised:
            error = raised
            content = None
            response = await run_in_thread(_answer_unhandled, app, raised)
        if content is None:
            captured = Captured()
            body = ctx.write(response, captured)  # pyright: ignore
    except BaseException as raised:
        error = raised
        if receiver is not None:
            receiver.close()
        raise
    finally:
        try:
            if (
                error is not None
                or "erlen.preserve_context" in scope
                or not ctx._end_at_once(registry)
            ):
                await _leave(app, ctx, error)
        except BaseException:
            if receiver is not None:
                receiver.close()
            raise
        finally:
            # The frame of the exception must not hold the context alive.
            del ctx, error
    try:
        if content is not None:
            # PERF: nobody sees the response, so that it was not made.
            pair, text = content
            await send(
                {
                    "type": "http.response.start",
                    "status": 200,
                    "headers": [
                        _encoded_pairs.get(pair) or _encoded(pair),
                        _length_pair(len(text)),
                    ],
                }
            )
            await send({"type": "http.response.body", "body": text})
        elif captured is not None:
            if receiver is None and is_watched:
                receiver = _Receiver(receive)
            await send_response(
                captured.status,
                captured.pairs,
                body,  # pyright: ignore[reportPossiblyUnboundVariable]
                scope,
                send,
                receiver,
                run_in_thread,
            )
    finally:
        if receiver is not None:
            receiver.close()


class _Receiver:
    """``receive``, which goes on when the one who awaits it is cancelled; whoever awaits it next
    gets its message.

    Granian does not notice the cancellation, and a second call beside it is told that the client
    is gone.
    """

    __slots__ = ("_receive", "_task")

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._task: Future[Message] | None = None

    async def __call__(self) -> Message:
        task = self._task
        if task is None:
            task = self._task = ensure_future(self._receive())
        message = await shield(task)
        self._task = None
        return message

    def close(self) -> None:
        """Await no more."""
        if self._task is not None:
            self._task.cancel()


async def _serve_other(app: Erlen, scope: Scope, receive: Receive, send: Send) -> None:
    kind = scope["type"]
    if kind == "websocket":
        from .websockets import serve_websocket

        await serve_websocket(app, scope, receive, send)
        return
    if kind != "lifespan":
        raise RuntimeError(f"ASGI connections of the type {kind!r} are not served.")
    from .lifespan import serve_lifespan

    await serve_lifespan(app, scope, receive, send)


def _host_of(pairs: Iterable[tuple[bytes, bytes]]) -> bytes:
    """The Host header; of two neither is to be trusted, and both together are malformed."""
    return b",".join([value for name, value in pairs if name == b"host"])


# -- where nothing is async ------------------------------------------------------------------


async def _serve_on_thread(app: Erlen, scope: Scope, receive: Receive, send: Send) -> None:
    """Run the WSGI walk on a thread."""
    loop = get_running_loop()
    stream: Any
    headers = dict(scope["headers"])
    if announces_body(headers, scope["method"]):
        first, has_more = b"", True
        length = headers.get(b"content-length", b"")
        if length.isdigit() and len(length) < 6 and int(length) <= _SMALL_BODY:
            # PERF: it is on its way, and waiting for it here takes no thread.
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            first, has_more = message.get("body", b""), message.get("more_body", False)
        stream = (
            ThreadBody(receive, app.config["BODY_TIMEOUT"], loop, first)
            if has_more
            else BytesIO(first)
        )
    else:
        stream = BytesIO()
    captured = Captured()
    context = copy_context()
    try:
        future = get_pool().start(
            loop, context, _run_wsgi, app, scope, stream, captured, drop=_close
        )
    except PoolFull:
        await _refuse(send)
        return
    body = await _result_of(future, _close)
    watched = None if isinstance(stream, ThreadBody) else receive
    call = partial(run_in_thread, context=context)
    await send_response(captured.status, captured.pairs, body, scope, send, watched, call)


def _run_wsgi(app: Erlen, scope: Scope, stream: Any, captured: Captured) -> Any:
    environ = make_environ(scope, stream)
    if not isinstance(stream, ThreadBody):
        return app.wsgi_app(environ, captured)
    # A decorator may call an async view: the loop that runs it could not wait for the body.
    home.receive_body = partial(_receive_rest, app, stream)
    try:
        return app.wsgi_app(environ, captured)
    finally:
        del home.receive_body


def _receive_rest(app: Erlen, body: ThreadBody) -> None:
    """Receive the body, up to its limit; whoever reads a longer one gets the 413."""
    context = _cv_context.get(None)
    ctx = None if context is None else context._request_ctx
    if ctx is None:
        body.receive_all(app.config["MAX_CONTENT_LENGTH"])
        return
    limit, length = ctx.request.max_content_length, ctx.request.content_length
    if limit is None or length is None or length <= limit:
        body.receive_all(limit)


async def _result_of(future: Future[Any], drop: Callable[[Any], None]) -> Any:
    """What a thread answers with.  If this is cancelled, the thread goes on, and does the teardown;
    what it answers is closed unseen."""
    try:
        return await future
    except CancelledError:
        if not future.cancelled() and future.exception() is None:
            drop(future.result())
        raise


def _close(body: Any) -> None:
    close = getattr(body, "close", None)
    if close is not None:
        close()


async def _serve_plainly(
    app: Erlen,
    ctx: ScopeContext,
    plan: Plan,
    receive: Receive,
    send: Send,
) -> None:
    """:func:`_serve_on_thread` for a request that has a plan, and no body.

    PERF: its rule is not looked for again, and the WSGI environment is made if it is asked for.
    """
    context = copy_context()
    try:
        future = get_pool().start(
            get_running_loop(), context, _walk_plainly, app, ctx, plan, drop=_drop
        )
    except PoolFull:
        await _refuse(send)
        return
    answer = await _result_of(future, _drop)
    if answer.__class__ is tuple:
        await _send_content(send, *answer)
        return
    captured, body = answer
    call = partial(run_in_thread, context=context)
    await send_response(captured.status, captured.pairs, body, ctx.scope, send, receive, call)


def _walk_plainly(app: Erlen, ctx: ScopeContext, plan: Plan) -> Any:
    """What :func:`dispatch.serve` does behind the match.

    :returns: the content of :func:`plain_content`, or a list of the head and the body
    """
    registry = app._registry
    content: tuple[tuple[str, str], bytes] | None = None
    error: BaseException | None = None
    try:
        try:
            ctx._enter()
            rv = dispatch.run_plainly(app, ctx, plan)
            if (
                plan.after
                or ctx.has_cookie
                or ctx._after_request_functions
                or ctx._session_object is not None
                or request_finished.receivers
                or ctx._method == "HEAD"
                or (content := plain_content(app, registry, rv)) is None
            ):
                response = dispatch.complete_plainly(app, ctx, plan, rv)
            # It may be an error, whose frames must not keep it.
            rv = None
        except Exception as raised:
            error = raised
            content = None
            response = app.handle_exception(raised)
        except BaseException as raised:
            error = raised
            raise
        if content is not None:
            return content
        captured = Captured()
        return [captured, ctx.write(response, captured)]  # pyright: ignore
    finally:
        preserve = ctx.scope.get("erlen.preserve_context")
        if preserve is not None:
            # The test client keeps the context for the assertions behind the request.
            preserve(ctx)
        if error is not None or not ctx._end_at_once(registry):
            ctx.pop(None if error is None or app.should_ignore_error(error) else error)
        # The frame of the exception must not hold the context alive.
        del ctx, error


async def _send_content(send: Send, pair: tuple[str, str], text: bytes) -> None:
    headers = [_encoded_pairs.get(pair) or _encoded(pair), _length_pair(len(text))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": text})


def _drop(answer: Any) -> None:
    if answer.__class__ is list:
        _close(answer[1])


async def _refuse(send: Send) -> None:
    """503: the pool is full."""
    error = ServiceUnavailable(retry_after=1)
    page = error.get_body().encode()
    pairs = [*error.get_headers(), ("Content-Length", str(len(page)))]
    start = {"type": "http.response.start", "status": 503, "headers": encode_headers(pairs)}
    await send(start)
    await send({"type": "http.response.body", "body": page})


# -- where something is async ----------------------------------------------------------------


async def _handle(handler: Callable[..., Any], error: Exception) -> Any:
    return await call_on_loop(handler, is_coroutine_function(handler), error)


_new = object.__new__
# What the way of a request depends on.
_SEEN_TO = frozenset({b"host", b"content-length", b"transfer-encoding", b"cookie"})
_name_of = itemgetter(0)


@lru_cache(maxsize=1024)
def _length_pair(length: int) -> tuple[bytes, bytes]:
    return b"content-length", b"%d" % length


# PERF: the one or two headers that plain answers have, as bytes.
_encoded_pairs: dict[tuple[str, str], tuple[bytes, bytes]] = {}


def _encoded(pair: tuple[str, str]) -> tuple[bytes, bytes]:
    [found] = encode_headers([pair])
    if len(_encoded_pairs) < 64:
        _encoded_pairs[pair] = found
    return found


def _answer_unhandled(app: Erlen, error: Exception) -> Any:
    """``app.handle_exception``, which looks at the exception that is being handled."""
    try:
        raise error
    except Exception:
        return app.handle_exception(error)


async def _receive_body(ctx: ScopeContext, plan: Plan, receive: Receive) -> bool:
    """Receive the body, up to its limit; whoever reads a longer one gets the 413.

    :returns: whether it was received to its end
    """
    body = ctx.body = AsyncBody(receive, ctx.app.config["BODY_TIMEOUT"])
    if plan.streams_body:
        return False
    request = ctx.request
    limit = request.max_content_length
    length = request.content_length
    if limit is not None and length is not None and length > limit:
        return False
    try:
        return await body.receive_all(limit)
    except RequestTimeout as late:
        # The walk raises it in place of calling the view.
        request.routing_exception = late
        return False


async def _leave(app: Erlen, ctx: ScopeContext, error: BaseException | None) -> None:
    """The end of the context, with its teardown functions on a thread."""
    told = None if error is None or app.should_ignore_error(error) else error
    preserve = ctx.scope.get("erlen.preserve_context")
    if preserve is not None:
        # The test client keeps the context for the assertions behind the request.
        preserve(ctx)
    if len(ctx._tokens) != 1:
        # Somebody holds it, or pushed it again.
        ctx._leave()
    elif not ctx._end_at_once(app._registry):
        try:
            await run_in_thread(ctx._tear_down, told)
        finally:
            ctx._leave()
            ctx._request_ctx = None
