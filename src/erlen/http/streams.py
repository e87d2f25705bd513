"""Bodies as streams: bounded input, iterated files, iterators that close."""

from __future__ import annotations

import sys
from contextlib import suppress
from functools import update_wrapper
from io import BytesIO, RawIOBase
from typing import IO, TYPE_CHECKING, Any, ClassVar, NoReturn

from .exceptions import ClientDisconnected, RequestEntityTooLarge

if TYPE_CHECKING:
    from collections.abc import (
        AsyncIterable,
        AsyncIterator,
        Callable,
        Coroutine,
        Iterable,
        Iterator,
    )

    from _typeshed import WriteableBuffer

    class BodyStream(RawIOBase, IO[bytes]):
        """A body: a file to a synchronous view, and an asynchronous one iterates over it."""

        def __aiter__(self) -> AsyncIterator[bytes]: ...
        def read(self, size: int | None = -1, /) -> bytes: ...
else:
    BodyStream = RawIOBase

# What is read from the server at once.
CHUNK = 1024 * 1024
# What is taken of a body that is refused.
_MOST_DISCARDED = 16 * CHUNK


def responder(f: Callable[..., Any]) -> Callable[..., Any]:
    """Let a WSGI application return another one, such as a response, to be called."""
    return update_wrapper(lambda *a: f(*a)(*a[-2:]), f)


def get_content_length(environ: dict[str, Any]) -> int | None:
    """The announced length of a request's body in bytes; ``None`` if it is chunked or not
    announced, 0 if what is announced is no number."""
    coding = environ.get("HTTP_TRANSFER_ENCODING")
    if coding and "chunked" in coding.lower():
        return None
    value = environ.get("CONTENT_LENGTH")
    if value is None:
        return None
    # RFC 9110, 8.6: digits alone.
    if not (value.isdigit() and value.isascii()):
        value = value.strip(" \t")
        if not (value.isdigit() and value.isascii()):
            return 0
    # More than 18 of them are more than any disk holds.
    return int(value) if len(value) < 19 else sys.maxsize


def get_input_stream(
    environ: dict[str, Any],
    safe_fallback: bool = True,
    max_content_length: int | None = None,
) -> IO[bytes]:
    """The body of a request as a stream that ends where the body ends.

    :param safe_fallback: an empty stream where the length is unknown and the server does not
        end the stream itself (``wsgi.input_terminated``), which would otherwise hang
    :param max_content_length: the most bytes to read
    :raises RequestEntityTooLarge: (413) if more is announced; while reading, if more comes
    """
    stream: IO[bytes] = environ["wsgi.input"]
    length = get_content_length(environ)
    if length is not None and max_content_length is not None and length > max_content_length:
        raise _too_large(environ, length)
    if environ.get("wsgi.input_terminated"):
        # PERF: on ASGI the server's stream tells itself when the client has gone away.
        announced = 0 if length is None or "asgi.scope" in environ else length
        if announced or max_content_length is not None:
            limit = sys.maxsize if max_content_length is None else max_content_length
            # As in _too_large().
            discards = "asgi.scope" not in environ
            return _TerminatedStream(stream, limit, announced, discards)
        return stream
    if length is None:
        return BytesIO() if safe_fallback else stream
    return LimitedStream(stream, length)


def _too_large(environ: dict[str, Any], length: int) -> RequestEntityTooLarge:
    """The error for a body of which nothing was read."""
    error = RequestEntityTooLarge()
    # Who expects to be asked waits for the answer before it sends anything; and on ASGI it is the
    # gateway that takes the rest.
    if length <= _MOST_DISCARDED and "HTTP_EXPECT" not in environ and "asgi.scope" not in environ:
        error.unread = environ["wsgi.input"], length
    return error


def discard(stream: IO[bytes], size: int) -> None:
    """Read so many bytes for nobody, or up to the end."""
    with suppress(OSError, ValueError):
        while size > 0 and (piece := stream.read(min(size, CHUNK))):
            size -= len(piece)


def read_at_once(environ: dict[str, Any], max_content_length: int | None) -> bytes | None:
    """What :func:`get_input_stream` would read to its end, where that takes one call; ``None``
    with nothing read where it does not: the length is unknown or large, or the server ends the
    stream.

    :raises RequestEntityTooLarge: (413) if more than ``max_content_length`` is announced
    :raises ClientDisconnected: (400) if less comes than is announced
    """
    if environ.get("wsgi.input_terminated"):
        return _received(environ, max_content_length) if "asgi.scope" in environ else None
    length = get_content_length(environ)
    if length is None or length > CHUNK:
        return None
    if max_content_length is not None and length > max_content_length:
        raise _too_large(environ, length)
    if not length:
        return b""
    stream = environ["wsgi.input"]
    try:
        data: bytes = stream.read(length)
    except (OSError, ValueError):
        raise ClientDisconnected() from None
    if len(data) < length:
        # A server may give less than it is asked for, and nothing at the end.
        rest = LimitedStream(stream, length)
        rest._pos = len(data)
        data += rest.readall()
    return data


def _received(environ: dict[str, Any], max_content_length: int | None) -> bytes | None:
    """What an ASGI server has sent of a body to its end, if that is in memory.

    :raises RequestEntityTooLarge: (413) if it is more than ``max_content_length``
    """
    stream: Any = environ["wsgi.input"]
    memory = stream if stream.__class__ is BytesIO else getattr(stream, "memory", None)
    if memory is None:
        return None
    if max_content_length is not None and memory.getbuffer().nbytes > max_content_length:
        raise RequestEntityTooLarge()
    data: bytes = memory.read()
    return data


class LimitedStream(BodyStream):
    """A stream that ends after ``limit`` bytes.

    :param stream: the server's stream; only its ``read`` (or ``readinto``) is used
    :param limit: the length of the body, or the most that it may be
    :param is_max: ``limit`` is the most, not the length
    """

    def __init__(self, stream: IO[bytes], limit: int, is_max: bool = False) -> None:
        self._stream = stream
        self._pos = 0
        self.limit = limit
        self._limit_is_max = is_max

    @property
    def is_exhausted(self) -> bool:
        """Whether ``limit`` bytes were read."""
        return self._pos >= self.limit

    def on_exhausted(self) -> None:
        """Called when something is read behind the limit.

        :raises RequestEntityTooLarge: (413) if more than the most has come
        """
        if self._limit_is_max:
            raise RequestEntityTooLarge()

    def on_disconnect(self, error: Exception | None = None) -> None:
        """Called when the stream ends before the limit, or fails.

        :raises ClientDisconnected: (400) unless the limit is the most
        """
        if not self._limit_is_max or error is not None:
            raise ClientDisconnected()

    def exhaust(self, chunk_size: int = CHUNK) -> bytes:
        """Read what is left."""
        return self.readall()

    def _end(self) -> None:
        """Something is read behind the limit."""
        if self._limit_is_max:
            # One byte more than the most means that the body is too large.
            try:
                more = self._stream.read(1)
            except (OSError, ValueError) as error:
                self.on_disconnect(error)
                return
            if not more:
                return
        self.on_exhausted()

    def readinto(self, b: WriteableBuffer, /) -> int | None:
        """Read into ``b``; the number of bytes, 0 at the end."""
        view: Any = b
        data = LimitedStream.read(self, len(view))
        view[: len(data)] = data
        return len(data)

    def read(self, size: int | None = -1, /) -> bytes:
        """Read up to ``size`` bytes, or all that is left."""
        if size is None or size < 0:
            return self.readall()
        if size == 0:
            return b""
        remaining = self.limit - self._pos
        if remaining <= 0:
            self._end()
            return b""
        # PERF: one read without a copy through readinto; it goes past nothing but that.
        try:
            data = self._stream.read(size if size < remaining else remaining)
        except (OSError, ValueError) as error:
            self.on_disconnect(error)
            return b""
        if not data:
            self.on_disconnect()
        self._pos += len(data)
        return data

    def readall(self) -> bytes:
        """Read what is left."""
        if self.is_exhausted:
            self._end()
            return b""
        chunks = []
        while chunk := self.read(CHUNK):
            chunks.append(chunk)
            if not self._limit_is_max and self.is_exhausted:
                break
        return b"".join(chunks)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """The body piece by piece, for an async view.

        :raises RequestEntityTooLarge: (413) if more than the most comes
        """
        pieces: Any = self._stream
        if not hasattr(pieces, "__aiter__"):
            while data := self.read(CHUNK):
                yield data
            return
        async for data in pieces:
            self._pos += len(data)
            if self._pos > self.limit:
                self.on_exhausted()
            yield data

    def tell(self) -> int:
        """How many bytes were read."""
        return self._pos

    def readable(self) -> bool:
        """Always."""
        return True


def has_begun(stream: Any) -> bool:
    """Whether something was read of a request's body; ``None`` for one that nobody asked for."""
    return bool(getattr(stream, "_pos", 0)) or getattr(stream, "was_read", False)


class _TerminatedStream(LimitedStream):
    """A stream that the server ends: at the end of the body, or where the client went away.

    :param limit: the most bytes
    :param announced: how many there are, 0 if nobody knows
    :param discards: whether the error tells what is still to come
    """

    _is_over = False

    def __init__(self, stream: IO[bytes], limit: int, announced: int, discards: bool) -> None:
        super().__init__(stream, limit, is_max=True)
        self._announced = announced
        self._discards = discards

    def _end(self) -> None:
        if self._is_over:
            # What was discarded is missing.
            raise RequestEntityTooLarge()
        super()._end()

    def on_exhausted(self) -> None:
        self._is_over = True
        error = RequestEntityTooLarge()
        if self._discards:
            error.unread = self._stream, _MOST_DISCARDED
        raise error

    def on_disconnect(self, error: Exception | None = None) -> None:
        if self._pos < self._announced:
            raise ClientDisconnected()
        super().on_disconnect(error)


class Recovery:
    """Answers an error that the first piece of a body raised, in place of the body.

    :param answer: gives the status line, the headers and the body for the error, or raises it
    :param start: the server's ``start_response``, if it iterates the body itself
    """

    def __init__(
        self, answer: Callable[[Exception], Any], start: Callable[..., Any] | None
    ) -> None:
        self.answer = answer
        self._start = start

    @property
    def starts_again(self) -> bool:
        """Whether the answer can be exchanged while the body is iterated (PEP 3333)."""
        return self._start is not None

    def start_again(self, error: Exception) -> Iterable[bytes]:
        """The body of the other answer, which was started."""
        assert self._start is not None
        try:
            status, pairs, body = self.answer(error)
            self._start(status, pairs, (type(error), error, error.__traceback__))
        finally:
            # The error keeps this frame, which must not keep the error.
            del error
        return body  # type: ignore[no-any-return]


def _nobody_waits(coroutine: Coroutine[Any, Any, Any]) -> NoReturn:
    coroutine.close()
    raise RuntimeError(
        "A synchronous server reads an async body, and no event loop is there to wait on. Import"
        " erlen, or set AsyncBodyIterator.make_runner to a function that gives what runs a"
        " coroutine, such as asyncio.run."
    )


class AsyncBodyIterator:
    """An async iterable as a body: ASGI awaits it, WSGI waits for each piece of it.

    :param iterable: of bytes and text
    :param on_close: called behind the iterable's own ``aclose``
    :param length: what was announced, in bytes; see :class:`Exactly`
    :param is_sent: whether there is content; otherwise it is closed alone, as for HEAD
    """

    #: Gives what runs coroutines one after the other, and gives their results. There is no event
    #: loop in this room: who has one sets it here.
    make_runner: ClassVar[Any] = staticmethod(lambda: _nobody_waits)
    #: What answers an error of the first piece; ``None`` for nobody, and once something was sent.
    recovery: Recovery | None = None
    _wait: Callable[[Coroutine[Any, Any, Any]], Any] | None = None
    _other: ClosingIterator | None = None

    def __init__(
        self,
        iterable: AsyncIterable[Any],
        on_close: Callable[[], Any],
        length: int | None = None,
        is_sent: bool = True,
    ) -> None:
        self._iterable = iterable
        self._iterator: Any = aiter(iterable) if is_sent else _Nothing()
        self._on_close = on_close
        self._left = length

    def __aiter__(self) -> AsyncBodyIterator:
        return self

    async def __anext__(self) -> bytes:
        if self._left is None:
            piece = await anext(self._iterator)
            return piece if piece.__class__ is bytes else as_bytes(piece)
        try:
            piece = await anext(self._iterator)
        except StopAsyncIteration:
            if self._left:
                raise WrongLength(self._left) from None
            raise
        piece = _cut(as_bytes(piece), self._left)
        self._left -= len(piece)
        return piece

    async def aclose(self) -> None:
        """Close the iterable, if it can be closed."""
        try:
            for source in (self._iterator, self._iterable):
                close = getattr(source, "aclose", None)
                if close is not None:
                    await close()
                    break
        finally:
            self._on_close()

    def __iter__(self) -> AsyncBodyIterator:
        return self

    def __next__(self) -> bytes:
        if self._other is not None:
            return next(self._other)
        try:
            piece: bytes = self._run(self.__anext__())
        except StopAsyncIteration:
            raise StopIteration from None
        except Exception as error:
            recovery = self.recovery
            if recovery is None or not recovery.starts_again:
                raise
            self.recovery = None
            self._other = ClosingIterator(recovery.start_again(error))
            return next(self._other)
        if piece:
            self.recovery = None
        return piece

    def close(self) -> None:
        """:meth:`aclose`, waited for."""
        try:
            if self._other is not None:
                self._other.close()
        finally:
            self._run(self.aclose())

    def _run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        wait = self._wait
        if wait is None:
            wait = self._wait = AsyncBodyIterator.make_runner()
        return wait(coroutine)


class _Nothing:
    async def __anext__(self) -> Any:
        raise StopAsyncIteration


def as_bytes(piece: Any) -> bytes:
    """A piece of a body, as it is sent.

    :raises TypeError: for what is neither bytes nor text
    """
    if isinstance(piece, str):
        return piece.encode()
    if isinstance(piece, (bytes, bytearray, memoryview)):
        return bytes(piece)
    if type(piece).__module__ == "string.templatelib":
        raise TypeError(
            "Response() makes no HTML of a template string: return it from the"
            " view as it is, or give it to make_response()."
        )
    raise TypeError(
        f"A piece of the body is {piece!r:.80}: yield bytes or text, such as str(value)."
    )


class WrongLength(ValueError):
    """A body that is not as long as its ``Content-Length``.

    :param missing: the bytes that did not come; 0 where there were too many
    """

    def __init__(self, missing: int) -> None:
        found = f"{missing} bytes less" if missing else "more"
        super().__init__(
            f"The body has {found} than its Content-Length announced, and the answer ends here."
            " Leave the header out: the length need not be told."
        )


def _cut(piece: bytes, left: int) -> bytes:
    """A piece of a body of which so many bytes are left.

    :raises WrongLength: for a piece behind the end
    """
    if not left and piece:
        raise WrongLength(0)
    return piece[:left]


class Exactly:
    """The pieces of a body whose length was announced, and no more: what is behind it, a client
    would take for the next answer.

    :param pieces: of bytes
    :param length: what was announced, in bytes
    :raises WrongLength: at the end of a shorter body, and behind the end of a longer one
    """

    def __init__(self, pieces: Iterable[bytes], length: int) -> None:
        self._pieces = pieces
        self._next = iter(pieces).__next__
        self._left = length

    def __iter__(self) -> Exactly:
        return self

    def __next__(self) -> bytes:
        try:
            piece = _cut(self._next(), self._left)
        except StopIteration:
            if self._left:
                raise WrongLength(self._left) from None
            raise
        self._left -= len(piece)
        return piece

    def close(self) -> None:
        """Close the pieces, if they can be closed."""
        close = getattr(self._pieces, "close", None)
        if close is not None:
            close()


class ClosingIterator:
    """An iterator that calls functions when the server closes it (PEP 3333, ``close``).

    :param iterable: what is iterated
    :param callbacks: a function or several, called behind the iterable's own ``close``
    """

    #: See :class:`AsyncBodyIterator`.
    recovery: Recovery | None = None

    def __init__(
        self,
        iterable: Iterable[bytes],
        callbacks: Callable[[], Any] | Iterable[Callable[[], Any]] | None = None,
    ) -> None:
        iterator = iter(iterable)
        self._next = iterator.__next__
        if callbacks is None:
            functions: list[Callable[[], Any]] = []
        elif callable(callbacks):
            functions = [callbacks]
        else:
            functions = list(callbacks)
        close = getattr(iterable, "close", None)
        if close is not None:
            functions.insert(0, close)
        self._callbacks = functions

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if self.recovery is None:
            return self._next()
        piece = b""
        try:
            # The head is sent with the first piece that is not empty.
            while not piece:
                piece = self._next()
        except StopIteration:
            raise
        except Exception as error:
            recovery = self.recovery
            if not recovery.starts_again:
                raise
            self.recovery = None
            other = ClosingIterator(recovery.start_again(error))
            self._callbacks.append(other.close)
            self._next = other.__next__
            return self._next()
        self.recovery = None
        return piece

    def close(self) -> None:
        """Call the functions."""
        for function in self._callbacks:
            function()


class FileWrapper:
    """A file as an iterator of blocks.

    :param file: a file object in binary mode
    :param buffer_size: the length of a block in bytes
    """

    #: The bytes that were announced and not read yet: a file that grows is sent as long as it was,
    #: and one that shrinks is an error.
    left: int | None = None

    def __init__(self, file: IO[bytes], buffer_size: int = 8192) -> None:
        self.file = file
        self.buffer_size = buffer_size

    def read(self, size: int) -> bytes:
        """The next piece; ``b""`` at the end.

        :raises WrongLength: if the file ends before what was announced
        """
        left = self.left
        if left is None:
            return self.file.read(size)
        if not left:
            return b""
        data = self.file.read(min(size, left))
        if not data:
            raise WrongLength(left)
        self.left = left - len(data)
        return data

    def close(self) -> None:
        """Close the file."""
        if hasattr(self.file, "close"):
            self.file.close()

    def seekable(self) -> bool:
        """Whether the file can be sought."""
        if hasattr(self.file, "seekable"):
            return self.file.seekable()
        return hasattr(self.file, "seek")

    def seek(self, *args: Any) -> None:
        """Seek in the file."""
        if hasattr(self.file, "seek"):
            self.file.seek(*args)

    def tell(self) -> int | None:
        """The position in the file."""
        return self.file.tell() if hasattr(self.file, "tell") else None

    def __iter__(self) -> FileWrapper:
        return self

    def __next__(self) -> bytes:
        data = self.read(self.buffer_size)
        if data:
            return data
        raise StopIteration


def wrap_file(environ: dict[str, Any], file: IO[bytes], buffer_size: int = 8192) -> Iterable[bytes]:
    """A file as the server likes to send it best: through its ``wsgi.file_wrapper`` if it has
    one."""
    return environ.get("wsgi.file_wrapper", FileWrapper)(file, buffer_size)  # type: ignore[no-any-return]
