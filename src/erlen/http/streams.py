"""Bodies as streams: bounded input, iterated files, iterators that close."""

from __future__ import annotations

from functools import update_wrapper
from io import BytesIO, RawIOBase
from typing import TYPE_CHECKING, Any

from .exceptions import ClientDisconnected, RequestEntityTooLarge

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import IO

    from _typeshed import WriteableBuffer

# What is read from the server at once.
CHUNK = 1024 * 1024


def responder(f: Callable[..., Any]) -> Callable[..., Any]:
    """Let a WSGI application return another one, such as a response, to be called."""
    return update_wrapper(lambda *a: f(*a)(*a[-2:]), f)


def get_content_length(environ: dict[str, Any]) -> int | None:
    """The announced length of a request's body in bytes; ``None`` if it is chunked or not
    announced properly."""
    if "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower():
        return None
    value = environ.get("CONTENT_LENGTH")
    # RFC 9110, 8.6: digits alone.  More than 19 of them are more than any disk holds.
    if value is None or not (value.isascii() and value.isdigit()) or len(value) > 19:
        return None
    return int(value)


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
        raise RequestEntityTooLarge()
    if environ.get("wsgi.input_terminated"):
        if max_content_length is not None:
            return LimitedStream(stream, max_content_length, is_max=True)  # type: ignore[return-value]
        return stream
    if length is None:
        return BytesIO() if safe_fallback else stream
    return LimitedStream(stream, length)  # type: ignore[return-value]


class LimitedStream(RawIOBase):
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

    def readinto(self, b: WriteableBuffer, /) -> int | None:
        """Read into ``b``; the number of bytes, 0 at the end."""
        view: Any = b
        wanted = len(view)
        remaining = self.limit - self._pos
        if remaining <= 0:
            if self._limit_is_max:
                # One byte more than the most means that the body is too large.
                try:
                    more = self._stream.read(1)
                except (OSError, ValueError) as error:
                    self.on_disconnect(error)
                    return 0
                if more:
                    self.on_exhausted()
                return 0
            self.on_exhausted()
            return 0
        try:
            data = self._stream.read(min(wanted, remaining))
        except (OSError, ValueError) as error:
            self.on_disconnect(error)
            return 0
        if not data:
            self.on_disconnect()
            return 0
        size = len(data)
        view[:size] = data
        self._pos += size
        return size

    def read(self, size: int | None = -1, /) -> bytes:
        """Read up to ``size`` bytes, or all that is left."""
        if size is None or size < 0:
            return self.readall()
        remaining = self.limit - self._pos
        # PERF: one read without a copy through readinto; it goes past nothing but that.
        if size > 0 and remaining > 0:
            try:
                data = self._stream.read(min(size, remaining))
            except (OSError, ValueError) as error:
                self.on_disconnect(error)
                return b""
            if not data:
                self.on_disconnect()
            self._pos += len(data)
            return data
        return super().read(size) or b""

    def readall(self) -> bytes:
        """Read what is left."""
        if self.is_exhausted:
            if self._limit_is_max:
                self.read(1)
            else:
                self.on_exhausted()
            return b""
        chunks = []
        while chunk := self.read(CHUNK):
            chunks.append(chunk)
            if not self._limit_is_max and self.is_exhausted:
                break
        return b"".join(chunks)

    def tell(self) -> int:
        """How many bytes were read."""
        return self._pos

    def readable(self) -> bool:
        """Always."""
        return True


class ClosingIterator:
    """An iterator that calls functions when the server closes it (PEP 3333, ``close``).

    :param iterable: what is iterated
    :param callbacks: a function or several, called behind the iterable's own ``close``
    """

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
        return self._next()

    def close(self) -> None:
        """Call the functions."""
        for function in self._callbacks:
            function()


class FileWrapper:
    """A file as an iterator of blocks.

    :param file: a file object in binary mode
    :param buffer_size: the length of a block in bytes
    """

    def __init__(self, file: IO[bytes], buffer_size: int = 8192) -> None:
        self.file = file
        self.buffer_size = buffer_size

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
        data = self.file.read(self.buffer_size)
        if data:
            return data
        raise StopIteration


def wrap_file(environ: dict[str, Any], file: IO[bytes], buffer_size: int = 8192) -> Iterable[bytes]:
    """A file as the server likes to send it best: through its ``wsgi.file_wrapper`` if it has
    one."""
    return environ.get("wsgi.file_wrapper", FileWrapper)(file, buffer_size)  # type: ignore[no-any-return]
