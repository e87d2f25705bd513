"""The body of an ASGI request, as the stream that ``request.stream`` is."""

from __future__ import annotations

from contextlib import nullcontext, suppress
from io import BytesIO, RawIOBase
from time import monotonic
from typing import TYPE_CHECKING, Any

from ..http.exceptions import ClientDisconnected, RequestTimeout, ServiceUnavailable
from ..http.spool import SpooledUpload
from ..workers.call import run_in_thread
from ..workers.loop import home
from ..workers.pool import PoolFull
from ..workers.within import within

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import AsyncIterator

    from _typeshed import WriteableBuffer

    from ..typing import Message, Receive, Scope, Send

# A body up to this size stays in memory whatever else is there.
_SMALL = 64 * 1024
_PIECE = 256 * 1024
# Bytes in a second.
_SLOWEST = 4096

UNREAD = (
    "The body of this request has not been received: its view streams it. Read it with"
    " 'async for chunk in request.stream', or take @stream_request_body off the view, and the body"
    " is received before the view is called."
)

_OVER_LIMIT = (
    "The body of this request has not been received to its end: it is longer than its"
    " max_content_length was when it came, before any hook ran. Where more is welcome, set"
    " MAX_CONTENT_LENGTH, or make max_content_length a property of the application's request_class"
    " that tells by the path; a hook can only lower it. Or read it with 'async for chunk in"
    " request.stream'."
)


def announces_body(headers: dict[bytes, bytes], scope: Scope) -> bool:
    """Whether a request may have a body (RFC 9112, section 6.3).  From HTTP/2 on it need not be
    told: there the methods that may have one are asked for it."""
    length = headers.get(b"content-length")
    if length is not None:
        return length != b"0"
    method: str = scope["method"]
    return (
        b"transfer-encoding" in headers
        or method not in METHODS_WITHOUT_BODY
        or (method not in METHODS_OF_READERS and scope.get("http_version", "1") >= "2")
    )


# What is taken of a body that is refused, and for how many seconds: all in all, and for one piece.
_MOST_DISCARDED = 16 * 1024 * 1024
_DISCARDING = 10.0
_PAUSE = 1.0


def send_behind(body: _Body, scope: Scope, send: Send) -> Send:
    """A ``send`` that sends an error behind what the client still sends of its body, as far as that
    is not too much: one that sends all before it reads would find a closed connection in place of
    the answer (RFC 9112, section 9.6)."""

    async def behind(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] >= 400:
            headers = dict(scope["headers"])
            length = headers.get(b"content-length", b"")
            if body.was_asked_for or b"expect" not in headers:
                await body.discard(int(length) if length.isdigit() and len(length) < 19 else 0)
        await send(message)

    return behind


_ON_THE_LOOP = (
    "The rest of the body of this request is still to be received, by the event loop that this code"
    " runs on and would keep waiting. Read the body before, in a synchronous function."
)

METHODS_WITHOUT_BODY = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "DELETE"})
# Content has no meaning there (RFC 9110, section 9.3.1), and they are most of all requests.
METHODS_OF_READERS = frozenset({"GET", "HEAD"})


class _Body(RawIOBase):
    """What both kinds of body have: the messages of the server, one after the other.

    :param timeout: for how many seconds to wait for the client all in all; from then on it has a
        second for each 4 KiB that it has sent
    """

    def __init__(
        self, receive: Receive, timeout: float | None = None, has_more: bool = True
    ) -> None:
        self._receive = receive
        self._timeout = timeout
        self._waited = 0.0
        self._size = 0
        self._has_more = has_more

    @property
    def was_asked_for(self) -> bool:
        """Whether the client was told to go on, if it waits for that."""
        return self._waited > 0

    async def discard(self, length: int = 0) -> None:
        """Take what still comes, for nobody; on the loop.

        :param length: what is announced; nothing is taken where that is too much
        """
        if length - self._size > _MOST_DISCARDED:
            return
        from asyncio import timeout

        left = _MOST_DISCARDED
        with suppress(TimeoutError):
            async with timeout(_DISCARDING):
                while self._has_more and left > 0:
                    async with timeout(_PAUSE):
                        message = await self._receive()
                    self._has_more = message.get("more_body", False)
                    left -= len(message.get("body", b""))

    async def _message(self) -> Any:
        """The next message of the server.

        :raises RequestTimeout: (408) if the client is too slow
        """
        timeout = self._timeout
        if timeout is None:
            self._waited = 1
            return await self._receive()
        # The time that the application took between two pieces is not the client's.
        began = monotonic()
        left = timeout + self._size / _SLOWEST - self._waited
        try:
            return await within(self._receive(), max(left, 0))
        except TimeoutError:
            self._has_more = False
            raise RequestTimeout("The body of the request came too slowly.") from None
        finally:
            self._waited += monotonic() - began

    async def _next(self) -> bytes:
        """The next piece; ``b""`` at the end.

        :raises ClientDisconnected: (400) if the client went away before
        :raises RequestTimeout: (408) if it is too slow
        """
        while self._has_more:
            message = await self._message()
            if message["type"] != "http.request":
                self._has_more = False
                raise ClientDisconnected()
            self._has_more = message.get("more_body", False)
            piece: bytes = message.get("body", b"")
            if piece:
                self._size += len(piece)
                return piece
        return b""

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        raise NotImplementedError

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view: Any = memoryview(buffer).cast("B")
        data = self.read(len(view))
        view[: len(data)] = data
        return len(data)

    def readall(self) -> bytes:
        return b"".join(iter(lambda: self.read(_PIECE), b""))


class AsyncBody(_Body):
    """The body for a view on the event loop: received first, or streamed."""

    # Where it is once it was received.
    _file: Any = None
    _unread = UNREAD
    #: Whether somebody has read of it.
    was_read: bool = False

    async def receive_all(self, limit: int | None, length: int | None = None) -> bool:
        """Receive the body; on disk, if it is large.

        :param limit: go no further than one message beyond so many bytes
        :param length: what is announced; nothing is received if that is more
        :returns: whether its end has come
        :raises ClientDisconnected: (400) if the client went away before its end
        """
        self._unread = _OVER_LIMIT
        if limit is not None and length is not None and length > limit:
            return False
        first = await self._next()
        if not self._has_more and len(first) <= _SMALL:
            self._file = BytesIO(first)
            return True
        file = SpooledUpload()
        try:
            size = 0
            piece = first
            while piece:
                size += len(piece)
                if not file.keep(piece):
                    await run_in_thread(file.write, piece)
                if limit is not None and size > limit:
                    break
                piece = await self._next()
            file.seek(0)
        except BaseException:
            file.close()
            raise
        self._file = file
        return not self._has_more

    @property
    def memory(self) -> BytesIO | None:
        """The file of a small body that was received to its end, for who reads it."""
        file = self._file
        if file.__class__ is not BytesIO or self._has_more:
            return None
        self.was_read = True
        return file

    def read(self, size: int | None = -1, /) -> bytes:
        file = self._file
        if size is None:
            size = -1
        data: bytes = b"" if file is None else file.read(size)
        if data:
            self.was_read = True
        if (size < 0 or (size and not data)) and (file is None or self._has_more):
            raise RuntimeError(self._unread)
        return data

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if self._file is not None:
            while piece := self._file.read(_PIECE):
                self.was_read = True
                yield piece
        while piece := await self._next():
            self.was_read = True
            yield piece

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
        super().close()


class ThreadBody(_Body):
    """The body for a view on a thread: reading waits for the server, piece by piece.

    :param loop: where the server's messages come
    :param first: what was received already
    """

    def __init__(
        self,
        receive: Receive,
        timeout: float | None,
        loop: AbstractEventLoop,
        first: bytes = b"",
    ) -> None:
        super().__init__(receive, timeout)
        self._loop = loop
        self._left = first
        # Where the rest is, if it was received at once.
        self._file: SpooledUpload | None = None

    def receive_all(self, limit: int | None) -> None:
        """Receive what is left, for code that reads it on the loop; on disk, if it is large.

        :param limit: go no further than one message beyond so many bytes
        :raises ClientDisconnected: (400) if the client went away before the end
        :raises RequestTimeout: (408) if it is too slow
        """
        if self._file is not None or not self._has_more:
            return
        file = SpooledUpload()
        try:
            size = file.write(self._left)
            while (limit is None or size <= limit) and (piece := self._wait()):
                size += file.write(piece)
            file.seek(0)
        except BaseException:
            file.close()
            raise
        self._left, self._file = b"", file

    def _wait(self) -> bytes:
        """The next piece.

        :raises RuntimeError: on the loop itself
        :raises ServiceUnavailable: (503) if too many threads wait for their clients already
        """
        from asyncio import _get_running_loop, run_coroutine_threadsafe

        if _get_running_loop() is self._loop:
            raise RuntimeError(_ON_THE_LOOP)
        piece = run_coroutine_threadsafe(self._next(), self._loop)
        pool = getattr(home, "pool", None)
        try:
            with nullcontext() if pool is None else pool.stand_aside():
                return piece.result()
        except PoolFull:
            piece.cancel()
            self._has_more = False
            raise ServiceUnavailable(retry_after=1) from None

    def read(self, size: int | None = -1, /) -> bytes:
        if size is None or size < 0:
            return self.readall()
        if self._file is not None and (data := self._file.read(size)):
            return data  # type: ignore[no-any-return]
        if not self._left and self._has_more:
            self._left = self._wait()
        data = self._left[:size]
        self._left = self._left[size:]
        return data

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
        super().close()
