"""The WSGI way on ASGI: for middleware around ``wsgi_app``, and where all is synchronous.

The request goes to a WSGI application on a thread, by PEP 3333 to the letter; async views run on
the server's loop all the same.
"""

from __future__ import annotations

from asyncio import get_running_loop
from contextvars import copy_context
from functools import partial
from io import BytesIO
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, NamedTuple

from ..context.asgi import make_environ
from ..context.asgi_context import Receiver
from ..context.asgi_send import attend_and_close, refuse, send_response
from ..context.contexts import current_context_or, enter, find_request_context
from ..http.encoding import encode_headers
from ..http.exceptions import ClientDisconnected, RequestTimeout
from ..http.response_headers import sendable
from ..http.status import no_answer, parse_status
from ..http.streams import AsyncBodyIterator, FileWrapper
from ..workers.attend import Disconnected
from ..workers.call import close_unseen, run_in_thread
from ..workers.conversation import Conversation
from ..workers.loop import Waits, home
from ..workers.pool import PoolFull, get_pool, get_stream_pool
from ..workers.within import within
from .asgi_body import ThreadBody, announces_body, send_behind

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Awaitable, Callable, Iterator

    from ..typing import Receive, Scope, Send
    from ..walk.application import Application

# A body of an announced length up to this is received before its request takes a thread.
_SMALL_BODY = 64 * 1024


async def serve_by_wsgi(
    app: Application,
    wsgi: Callable[..., Any],
    scope: Scope,
    receive: Receive,
    send: Send,
    is_own: bool = False,
) -> None:
    """Answer a request by a WSGI application, on a thread.

    :param wsgi: the application's ``wsgi_app`` or what stands in its place
    :param is_own: whether it is the former, whose answers need no check
    """
    loop = get_running_loop()
    stream: Any = None
    rest: Any = None
    headers = dict(scope["headers"])
    if announces_body(headers, scope):
        first, has_more = b"", True
        length = headers.get(b"content-length", b"")
        if (
            length.isdigit()
            and len(length) < 6
            and int(length) <= _SMALL_BODY
            # Such a client sends nothing before it is asked to, and a hook may refuse it.
            and b"expect" not in headers
        ):
            # PERF: it is on its way, and waiting for it here takes no thread.
            limit = app.config["BODY_TIMEOUT"]
            try:
                message = await (receive() if limit is None else within(receive(), limit))
            except TimeoutError:
                await refuse(send, RequestTimeout("The body of the request did not come."))
                return
            if message["type"] == "http.disconnect":
                return
            first, has_more = message.get("body", b""), message.get("more_body", False)
        if has_more:
            stream = ThreadBody(receive, app.config["BODY_TIMEOUT"], loop, first)
            # The loop that runs an async view could not wait for the body.
            rest = partial(_receive_rest, app, stream)
            send = send_behind(stream, scope, send)
        else:
            stream = BytesIO(first)
    answer = Answer(loop, send, is_own)
    context = copy_context()
    client = Waiting(receive if rest is None else None)
    outer = current_context_or(None)
    try:
        try:
            body = await Conversation(loop, client, rest).run(
                get_pool(),
                context,
                _run,
                wsgi,
                scope,
                stream,
                answer,
                drop=partial(close_unseen, context),
            )
        except PoolFull:
            await refuse(send)
            return
        except Disconnected:
            # Nobody is left to answer.
            return
        finally:
            if current_context_or(None) is not outer:
                # What was awaited here has brought the request's.
                enter(outer)
        if body.__class__ is list or body.__class__ is tuple:
            await answer.send(b"".join(body), has_more=False)
            return
        if body.__class__ is Whole:
            await answer.send(body.content, has_more=not body.is_complete)
            if body.error is not None:
                raise body.error
            return
        call = partial(run_in_thread, context=context)
        if body.__class__ is Pieces:
            # What middleware makes may wait for long: it has threads of its own.
            waits = Waits()
            take = partial(call, _next, body, waits, pool=get_stream_pool(), interrupt=waits.end)
            sending = answer.send_pieces(take)
            await attend_and_close(sending, body, client, call)
        else:
            await send_response(answer.status, answer.pairs, body, scope, send, client, context)
    finally:
        answer.is_over = True
        client.close()


class Waiting:
    """A client that waits for its answer.

    :param receive: where its going away is told; ``None`` if the body of its request is read there
    """

    __slots__ = ("_receive", "_receiver")

    def __init__(self, receive: Receive | None) -> None:
        self._receive = receive
        self._receiver: Receiver | None = None

    @property
    def receive(self) -> Receiver | None:
        """The messages of the server, for who waits long enough to ask."""
        if self._receiver is None and self._receive is not None:
            self._receiver = Receiver(self._receive)
        return self._receiver

    def close(self) -> None:
        """Await no more."""
        if self._receiver is not None:
            self._receiver.close()


class Answer:
    """A ``start_response``, the ``write`` that it returns, and the sending of what they are given.

    The head is sent with the first byte of the body, and may be replaced until then.

    :param loop: the server's, whose ``send`` is awaited there
    :param is_own: whether it is Erlen that answers, and nobody around it
    """

    __slots__ = (
        "_is_own", "_loop", "_send", "has_bytes", "is_over", "is_sent", "pairs", "status",
    )  # fmt: skip

    def __init__(self, loop: AbstractEventLoop, send: Send, is_own: bool) -> None:
        self._loop = loop
        self._send = send
        self._is_own = is_own
        self.status: int = 0
        self.pairs: list[tuple[str, str]] = []
        #: Whether there are bytes to send, so that the head stays as it is.
        self.has_bytes: bool = False
        self.is_sent: bool = False
        #: Whether nobody waits for it any more.
        self.is_over: bool = False

    def __call__(
        self, status: str, headers: list[tuple[str, str]], exc_info: Any = None
    ) -> Callable[[bytes], Any]:
        """
        :raises AssertionError: for a second call without ``exc_info``
        :raises ValueError: for a status or a header that cannot be sent
        :raises BaseException: that of ``exc_info``, if it is too late for another head
        """
        if exc_info is not None:
            try:
                if self.has_bytes:
                    raise exc_info[1].with_traceback(exc_info[2])
            finally:
                exc_info = None
        elif self.status:
            raise AssertionError("start_response() was called twice without exc_info.")
        if self._is_own:
            self.status, self.pairs = int(status[:3]), headers
        else:
            code, self.pairs = parse_status(status)[1], sendable(headers)
            if code < 200:
                raise ValueError(no_answer(status))
            self.status = code
        return self.write

    def write(self, data: bytes) -> None:
        """Send a piece in front of the body, from a thread.

        :raises RuntimeError: on the event loop, which would wait for itself
        """
        from asyncio import _get_running_loop, run_coroutine_threadsafe

        if _get_running_loop() is self._loop:
            raise RuntimeError("The event loop cannot write(): return the body instead.")
        if data:
            self.has_bytes = True
            run_coroutine_threadsafe(self.send(data), self._loop).result()

    def pieces_of(self, body: Any) -> Iterator[bytes]:
        """The pieces of a body that are not empty.

        :raises AssertionError: if there is one before the head
        """
        for piece in body:
            if piece:
                self.check()
                self.has_bytes = True
                yield piece
        self.check()

    def check(self) -> None:
        """:raises AssertionError: if ``start_response`` was not called"""
        if not self.status:
            raise AssertionError(
                "The WSGI application has not called start_response() before its first piece."
            )

    async def send_pieces(self, take: Callable[..., Awaitable[bytes]]) -> None:
        """Send a body piece by piece, or the 503 if there is no thread that could make it.

        :param take: gives the next piece, and ``b""`` at the end
        """
        try:
            piece = await take(is_new=not self.is_sent)
        except PoolFull:
            await refuse(self._send)
            return
        while piece:
            await self.send(piece)
            piece = await take()
        await self.send(b"", has_more=False)

    async def send(self, data: bytes, has_more: bool = True) -> None:
        """Send a piece of the body, and the head in front of the first.

        :raises ClientDisconnected: if nobody waits for it any more
        """
        if self.is_over:
            raise ClientDisconnected()
        if not self.is_sent:
            self.is_sent = True
            headers = encode_headers(self.pairs)
            start = {"type": "http.response.start", "status": self.status, "headers": headers}
            await self._send(start)
        await self._send({"type": "http.response.body", "body": data, "more_body": has_more})


class Pieces(NamedTuple):
    """A body that is still to be made, by middleware or for it."""

    pieces: Iterator[bytes]
    close: Callable[[], Any]


class Whole(NamedTuple):
    """A body that was made where the request was answered, and is closed.

    :param error: what ended it, or what its ``close`` raised
    """

    content: bytes
    is_complete: bool
    error: BaseException | None


def _run(wsgi: Callable[..., Any], scope: Scope, stream: Any, answer: Answer) -> Any:
    environ = make_environ(scope, BytesIO() if stream is None else stream)
    return _begun(wsgi(environ, answer), answer)


def _begun(body: Any, answer: Answer) -> Any:
    """A body whose head is known: middleware may call ``start_response`` as late as for the first
    piece.

    :raises AssertionError: if it never calls it
    """
    try:
        if body.__class__ in _SENT_BY_THE_LOOP and not answer.has_bytes:
            answer.check()
            return body
        pieces = answer.pieces_of(body)
        if not answer.status:
            pieces = chain(list(islice(pieces, 1)), pieces)
        if _is_short(answer.pairs):
            # PERF: it is soon there, and needs no other thread.
            return _whole(body, pieces, answer)
    except BaseException:
        _close(body)
        raise
    return Pieces(pieces, partial(_close, body))


def _next(body: Pieces, waits: Waits) -> bytes:
    # A piece that is waited for on the loop ends when the client goes away.
    home.waits = waits
    try:
        return next(body.pieces, b"")
    finally:
        del home.waits


def _whole(body: Any, pieces: Iterator[bytes], answer: Answer) -> Whole:
    found: list[bytes] = []
    error: BaseException | None = None
    is_complete = False
    try:
        try:
            found.extend(pieces)
            is_complete = True
        except BaseException as raised:
            if not answer.has_bytes:
                raise
            error = raised
        try:
            _close(body)
        except BaseException as raised:
            error = error or raised
        return Whole(b"".join(found), is_complete, error)
    finally:
        # The error keeps this frame, which must not keep the error.
        del error


def _is_short(pairs: list[tuple[str, str]]) -> bool:
    """Whether a small length is announced, so that a body soon ends."""
    for name, value in pairs:
        if name.lower() == "content-length":
            return value.isdecimal() and len(value) < 6 and int(value) <= _SMALL_BODY
    return False


# Bodies of Erlen's own, for which no thread waits.
_SENT_BY_THE_LOOP = frozenset({AsyncBodyIterator, FileWrapper, list, tuple})


def _receive_rest(app: Application, body: ThreadBody) -> None:
    """Receive the body, up to its limit; whoever reads a longer one gets the 413."""
    ctx = find_request_context()
    if ctx is None:
        body.receive_all(app.config["MAX_CONTENT_LENGTH"])
        return
    limit, length = ctx.request.max_content_length, ctx.request.content_length
    if limit is None or length is None or length <= limit:
        body.receive_all(limit)


def _close(body: Any) -> None:
    close = getattr(body, "close", None)
    if close is not None:
        close()
