"""The body of a response, sent by ASGI as it comes."""

from __future__ import annotations

from asyncio import sleep
from functools import partial
from io import FileIO
from os import fspath
from typing import TYPE_CHECKING, Any

from ..http.encoding import encode_headers
from ..http.exceptions import HTTPException, ServiceUnavailable
from ..http.streams import FileWrapper
from ..workers.attend import Disconnected, attend
from ..workers.call import run_in_thread
from ..workers.exits import EXITS, ExitInRequest
from ..workers.pool import PoolFull, get_stream_pool
from ..workers.variables import carry_out

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from contextvars import Context

    from ..typing import Scope, Send
    from ..workers.attend import Client

_PIECE = 256 * 1024
# A server that only notes what it is given, and a body that never waits, would leave the loop to
# nobody else, not even to who would tell that the client is gone.
_PIECES_IN_A_TURN = 32
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
    takes_paths = "http.response.pathsend" in (scope.get("extensions") or ())
    path = _whole_file(body) if takes_paths else None
    sending = _stream(start, body, send, call) if path is None else _send_file(start, path, send)
    await attend_and_close(sending, body, client, call)


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


async def _send_file(start: dict[str, Any], path: str, send: Send) -> None:
    await send(start)
    await send({"type": "http.response.pathsend", "path": path})


async def _stream(
    start: dict[str, Any], body: Any, send: Send, call: Callable[..., Awaitable[Any]]
) -> None:
    iterator: Any = None
    if not hasattr(body, "__aiter__") and not isinstance(body, FileWrapper):
        # What the application makes may wait for long: it has threads of its own.
        call = partial(call, pool=get_stream_pool())
        try:
            iterator = await call(iter, body, is_new=True)
        except PoolFull:
            await refuse(send)
            return
    await send(start)
    if iterator is not None:
        while (piece := await call(next, iterator, _END)) is not _END:
            if piece:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
    elif not isinstance(body, FileWrapper):
        pieces = 0
        async for piece in body:
            if piece:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            pieces += 1
            if not pieces % _PIECES_IN_A_TURN:
                await sleep(0)
    else:
        while piece := await call(body.file.read, max(_PIECE, body.buffer_size)):
            await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _close(body: Any, call: Callable[..., Awaitable[Any]]) -> None:
    if hasattr(body, "aclose"):
        await body.aclose()
    elif hasattr(body, "close"):
        await call(body.close)


def _whole_file(body: Any) -> str | None:
    """The path of a body that is a file from its beginning to its end."""
    if body.__class__ is not FileWrapper or body.file.__class__ is not FileIO:
        return None
    name = body.file.name
    return None if isinstance(name, int) or body.file.tell() else fspath(name)


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
