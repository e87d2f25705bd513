"""The body of a response, sent by ASGI as it comes."""

from __future__ import annotations

from asyncio import ensure_future, get_running_loop, sleep
from contextvars import copy_context
from functools import partial
from typing import TYPE_CHECKING, Any

from ..http.encoding import encode_headers
from ..http.exceptions import HTTPException, ServiceUnavailable
from ..http.streams import FileWrapper
from ..workers.alarms import Alarm, alarms_of
from ..workers.attend import Disconnected, attend
from ..workers.call import run_in_thread
from ..workers.exits import EXITS, ExitInRequest
from ..workers.pool import PoolFull, get_stream_pool
from ..workers.variables import carry_out

if TYPE_CHECKING:
    from asyncio import Future
    from collections.abc import Awaitable, Callable
    from contextvars import Context

    from ..typing import Scope, Send
    from ..workers.attend import Client

_PIECE = 256 * 1024
# A server that only notes what it is given, and a body that never waits, would leave the loop to
# nobody else, not even to who would tell that the client is gone.
_PIECES_IN_A_TURN = 32
# Seconds that the head of an answer waits for the first piece of its body.
_PATIENCE = 0.5
_END: Any = object()


async def send_response(
    status: int,
    pairs: list[tuple[str, str]],
    body: Any,
    scope: Scope,
    send: Send,
    client: Client,
    context: Context | None = None,
) -> None:
    """Send a whole response.

    A body that fails half-way leaves the response without its end, which the client sees.  Where
    too many wait already for a thread to make one, the response is the 503.  When the client goes
    away, the body is closed at once.

    :param body: an iterable of bytes, synchronous or not; closed at its end
    :param client: who knows where the server tells that the client is gone
    :param context: where the body was made, if that was on a thread; by default here
    """
    start = {
        "type": "http.response.start",
        "status": status,
        "headers": encode_headers(pairs),
    }
    if isinstance(body, (list, tuple)):
        await send(start)
        await send({"type": "http.response.body", "body": b"".join(body)})
        return
    call: Any = run_in_thread
    if context is not None:
        call = partial(run_in_thread, context=context)
        if hasattr(body, "__aiter__"):
            # It runs here, and sees what was set there.
            carry_out(context)
    await attend_and_close(_stream(start, body, send, call), body, client, call)


async def attend_and_close(
    sending: Awaitable[None], body: Any, client: Client, call: Callable[..., Awaitable[Any]]
) -> None:
    """Await what sends a body, as long as the client is there, and close the body."""
    try:
        try:
            await attend(sending, client)
        except (Disconnected, ConnectionError):
            # Nobody is left to tell.
            return
        finally:
            await _close(body, call)
    except EXITS as error:
        raise ExitInRequest(error) from error


class _Head(Alarm):
    """The head of an answer, which is sent with the first piece of its body, or a moment later if
    that takes longer: who waits for events is told that they will come."""

    def __init__(self, start: dict[str, Any], send: Send) -> None:
        self._start = start
        self._send = send
        self._sending: Future[None] | None = None
        # What sends may be middleware.
        self._context = copy_context()
        self._alarms = alarms_of(get_running_loop())
        self._alarms.set(self, _PATIENCE)

    def ring(self) -> None:
        """The body takes its time."""
        self._context.run(self._begin)

    def _begin(self) -> None:
        self._sending = ensure_future(self._send(self._start))

    @property
    def is_sent(self) -> bool:
        """Whether it is too late for another one."""
        return self._sending is not None

    def drop(self) -> None:
        """Do not send it, if that has not begun."""
        self._alarms.take_back(self)

    async def send(self) -> None:
        """Send it, once."""
        self._alarms.take_back(self)
        if self._sending is None:
            self._begin()
        await self._sending  # type: ignore[misc]


async def _stream(
    start: dict[str, Any], body: Any, send: Send, call: Callable[..., Awaitable[Any]]
) -> None:
    head = _Head(start, send)
    try:
        take = await _taker(body, call)
        if take is None:
            head.drop()
            await refuse(send)
            return
        try:
            piece = await take()
            # The head is sent with the first piece that is not empty.
            while piece is not _END and not piece:
                piece = await take()
        except Exception as error:
            recovery = getattr(body, "recovery", None)
            if recovery is None or head.is_sent:
                raise
            head.drop()
            status, pairs, other = await call(recovery.answer, error)
            try:
                await send_other(status, pairs, other, send, call)
            finally:
                await _close(other, call)
            return
        await head.send()
        while piece is not _END:
            if piece:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            piece = await take()
        await send({"type": "http.response.body", "body": b"", "more_body": False})
    finally:
        head.drop()


async def _taker(
    body: Any, call: Callable[..., Awaitable[Any]]
) -> Callable[[], Awaitable[Any]] | None:
    """What gives the next piece of a body, and ``_END`` behind the last; ``None`` where no thread
    is free to make them."""
    if hasattr(body, "__aiter__"):
        return _giving_way(aiter(body))
    if isinstance(body, FileWrapper):
        return partial(call, _read, body, max(_PIECE, body.buffer_size))
    # What the application makes may wait for long: it has threads of its own.
    make = partial(call, pool=get_stream_pool())
    try:
        return partial(make, next, await make(iter, body, is_new=True), _END)
    except PoolFull:
        return None


def _read(body: FileWrapper, size: int) -> Any:
    return body.read(size) or _END


def _giving_way(pieces: Any) -> Callable[[], Awaitable[Any]]:
    count = 0

    async def take() -> Any:
        nonlocal count
        count += 1
        if not count % _PIECES_IN_A_TURN:
            await sleep(0)
        return await anext(pieces, _END)

    return take


async def send_other(
    status: str,
    pairs: list[tuple[str, str]],
    body: Any,
    send: Send,
    call: Callable[..., Awaitable[Any]],
) -> None:
    """Send the answer to an error in place of the one that failed."""
    start = {
        "type": "http.response.start",
        "status": int(status[:3]),
        "headers": encode_headers(pairs),
    }
    if isinstance(body, (list, tuple)):
        await send(start)
        await send({"type": "http.response.body", "body": b"".join(body)})
    else:
        await _stream(start, body, send, call)


async def _close(body: Any, call: Callable[..., Awaitable[Any]]) -> None:
    if hasattr(body, "aclose"):
        await body.aclose()
    elif hasattr(body, "close"):
        await call(body.close)


async def refuse(send: Send, error: HTTPException | None = None) -> None:
    """Answer by an error that no application sees; by default by 503, as the pool is full."""
    error = error or ServiceUnavailable(retry_after=1)
    page = error.get_body().encode()
    pairs = [*error.get_headers(), ("Content-Length", str(len(page)))]
    start = {
        "type": "http.response.start",
        "status": error.code,
        "headers": encode_headers(pairs),
    }
    await send(start)
    await send({"type": "http.response.body", "body": page})
