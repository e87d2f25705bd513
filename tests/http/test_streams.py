from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from io import BytesIO
from typing import IO, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erlen.http.exceptions import ClientDisconnected, RequestEntityTooLarge
from erlen.http.streams import (
    AsyncBodyIterator,
    ClosingIterator,
    FileWrapper,
    LimitedStream,
    get_content_length,
    get_input_stream,
    responder,
    wrap_file,
)


@pytest.mark.parametrize(
    ("environ", "length"),
    [
        ({"CONTENT_LENGTH": "5"}, 5),
        ({"CONTENT_LENGTH": "0"}, 0),
        ({"CONTENT_LENGTH": " 5 "}, 5),
        ({}, None),
        ({"HTTP_TRANSFER_ENCODING": "chunked"}, None),
        ({"HTTP_TRANSFER_ENCODING": "Chunked", "CONTENT_LENGTH": "5"}, None),
        ({"HTTP_TRANSFER_ENCODING": "gzip, chunked", "CONTENT_LENGTH": "5"}, None),
        *[({"CONTENT_LENGTH": text}, 0) for text in ("x", "-1", "+5", "1_0", "5.0", "٣", "²", "")],
    ],
)
def test_the_announced_length(environ: dict[str, str], length: int | None) -> None:
    assert get_content_length(environ) == length


def test_a_length_that_no_disk_holds_is_beyond_any_limit() -> None:
    length = get_content_length({"CONTENT_LENGTH": "9" * 5000})
    assert length is not None
    assert length > 2**60


def body(**environ: Any) -> dict[str, Any]:
    return {"wsgi.input": BytesIO(b"abcdef"), **environ}


@pytest.mark.parametrize(
    ("environ", "arguments", "content"),
    [
        pytest.param(body(CONTENT_LENGTH="4"), {}, b"abcd", id="ends-where-the-body-ends"),
        pytest.param(body(), {}, b"", id="length-unknown"),
        pytest.param(body(), {"safe_fallback": False}, b"abcdef", id="unsafe"),
        pytest.param(body(CONTENT_LENGTH="x"), {}, b"", id="no-length"),
        pytest.param(body(**{"wsgi.input_terminated": True}), {}, b"abcdef", id="server-ends-it"),
        pytest.param(
            body(HTTP_TRANSFER_ENCODING="chunked", **{"wsgi.input_terminated": True}),
            {"max_content_length": 6},
            b"abcdef",
            id="chunked-within-the-limit",
        ),
        pytest.param(
            body(CONTENT_LENGTH="4"), {"max_content_length": 4}, b"abcd", id="within-the-limit"
        ),
    ],
)
def test_the_body(environ: dict[str, Any], arguments: dict[str, Any], content: bytes) -> None:
    assert get_input_stream(environ, **arguments).read() == content


def test_more_is_announced_than_allowed() -> None:
    for terminated in (True, False):
        environ = body(CONTENT_LENGTH="6", **{"wsgi.input_terminated": terminated})
        with pytest.raises(RequestEntityTooLarge):
            get_input_stream(environ, max_content_length=5)


READERS: list[Callable[[Any], bytes]] = [
    lambda stream: stream.read(),
    lambda stream: stream.read(-1),
    lambda stream: stream.read(None),
    lambda stream: stream.readall(),
    lambda stream: stream.exhaust(),
    lambda stream: b"".join(stream),
    lambda stream: b"".join(stream.readlines()),
    lambda stream: b"".join(iter(lambda: stream.read(2), b"")),
    lambda stream: b"".join(iter(lambda: stream.readline(), b"")),
]


@pytest.mark.parametrize("read", READERS)
def test_a_stream_that_ends_where_it_should(read: Callable[[Any], bytes]) -> None:
    source = BytesIO(b"ab\ncd\nef next")
    stream = LimitedStream(source, 8)  # type: ignore[arg-type]
    assert read(stream) == b"ab\ncd\nef"
    assert stream.is_exhausted
    assert stream.tell() == 8
    assert stream.read() == stream.read(5) == b""
    assert source.read() == b" next"


@pytest.mark.parametrize("read", READERS)
def test_more_comes_than_allowed(read: Callable[[Any], bytes]) -> None:
    with pytest.raises(RequestEntityTooLarge):
        read(LimitedStream(BytesIO(b"ab\ncd\nef"), 7, is_max=True))


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("limit", [8, 9, 100])
def test_as_much_comes_as_allowed(read: Callable[[Any], bytes], limit: int) -> None:
    assert read(LimitedStream(BytesIO(b"ab\ncd\nef"), limit, is_max=True)) == b"ab\ncd\nef"


@pytest.mark.parametrize("read", READERS)
def test_less_comes_than_announced(read: Callable[[Any], bytes]) -> None:
    with pytest.raises(ClientDisconnected):
        read(LimitedStream(BytesIO(b"ab\ncd\nef"), 9))


@pytest.mark.parametrize("error", [OSError("reset"), ValueError("closed")])
@pytest.mark.parametrize("is_max", [True, False])
@pytest.mark.parametrize("read", READERS)
def test_the_connection_fails(error: Exception, is_max: bool, read: Callable[[Any], bytes]) -> None:
    class Broken(BytesIO):
        def read(self, *args: Any) -> bytes:
            raise error

    with pytest.raises(ClientDisconnected):
        read(LimitedStream(Broken(b"x"), 5, is_max=is_max))


def test_reading_piece_by_piece() -> None:
    stream = LimitedStream(BytesIO(b"abcdef"), 5)
    assert stream.readable()
    assert stream.read(0) == b""
    assert stream.read(2) == b"ab"
    assert (stream.tell(), stream.is_exhausted) == (2, False)
    buffer = bytearray(2)
    assert stream.readinto(buffer) == 2
    assert bytes(buffer) == b"cd"
    assert stream.read(9) == b"e"
    assert stream.readinto(buffer) == 0


def test_what_happens_at_the_ends_can_be_changed() -> None:
    events: list[str] = []

    class Stream(LimitedStream):
        def on_exhausted(self) -> None:
            events.append("exhausted")

        def on_disconnect(self, error: Exception | None = None) -> None:
            events.append("disconnected")

    assert Stream(BytesIO(b"ab"), 2).read() == b"ab"
    assert events == []
    stream = Stream(BytesIO(b"ab"), 2)
    stream.read(2)
    stream.read(2)
    assert Stream(BytesIO(b"ab"), 5).read() == b"ab"
    assert events == ["exhausted", "disconnected"]


PIECES = st.lists(st.integers(1, 7), max_size=20)


@given(st.binary(max_size=40), st.integers(0, 40), PIECES)
def test_any_way_of_reading_gives_the_same(data: bytes, limit: int, sizes: list[int]) -> None:
    limit = min(limit, len(data))
    source = BytesIO(data)
    stream: IO[bytes] = LimitedStream(source, limit)  # type: ignore[assignment]
    read = b"".join(stream.read(size) for size in sizes) + stream.read()
    assert read == data[:limit]
    assert source.read() == data[limit:]


def test_async_views_iterate() -> None:
    async def collect(stream: Any) -> bytes:
        return b"".join([piece async for piece in stream])

    async def pieces() -> AsyncIterator[bytes]:
        yield b"ab"
        yield b"cd"

    source: Any = pieces()
    assert asyncio.run(collect(LimitedStream(BytesIO(b"abcd"), 3))) == b"abc"
    assert asyncio.run(collect(LimitedStream(source, 4, is_max=True))) == b"abcd"
    source = pieces()
    with pytest.raises(RequestEntityTooLarge):
        asyncio.run(collect(LimitedStream(source, 3, is_max=True)))


class Body:
    """An iterable that tells when it is closed."""

    def __init__(self, log: list[str]) -> None:
        self.log = log

    def __iter__(self) -> Iterator[bytes]:
        return iter([b"a", b"b"])

    def close(self) -> None:
        self.log.append("body")


def test_closing_iterator() -> None:
    log: list[str] = []
    iterator = ClosingIterator(Body(log), [lambda: log.append("one"), lambda: log.append("two")])
    assert list(iterator) == [b"a", b"b"]
    assert log == []
    iterator.close()
    assert log == ["body", "one", "two"]


def test_closing_iterator_of_little() -> None:
    log: list[str] = []
    iterator = ClosingIterator([b"a"], lambda: log.append("one"))
    assert next(iterator) == b"a"
    iterator.close()
    assert log == ["one"]
    ClosingIterator([]).close()


def test_async_body_on_wsgi() -> None:
    log: list[str] = []

    async def pieces() -> AsyncIterator[str | bytes]:
        try:
            yield "é"
            yield b"b"
        finally:
            log.append("generator")

    iterator = AsyncBodyIterator(pieces(), lambda: log.append("closed"))
    assert list(iterator) == ["é".encode(), b"b"]
    iterator.close()
    assert log == ["generator", "closed"]


def test_async_body_closed_early() -> None:
    log: list[str] = []

    async def pieces() -> AsyncIterator[bytes]:
        try:
            yield b"a"
            yield b"b"
        finally:
            log.append("generator")

    iterator = AsyncBodyIterator(pieces(), lambda: log.append("closed"))
    assert next(iterator) == b"a"
    iterator.close()
    assert log == ["generator", "closed"]


def test_file_wrapper() -> None:
    file = BytesIO(b"abcdef")
    wrapper = FileWrapper(file, 4)
    assert list(wrapper) == [b"abcd", b"ef"]
    assert wrapper.seekable()
    wrapper.seek(5)
    assert wrapper.tell() == 5
    assert list(wrapper) == [b"f"]
    wrapper.close()
    assert file.closed


def test_file_wrapper_of_what_only_reads() -> None:
    class Source:
        def __init__(self) -> None:
            self.pieces = [b"a", b"b", b""]

        def read(self, size: int) -> bytes:
            return self.pieces.pop(0)

    source: Any = Source()
    wrapper = FileWrapper(source)
    assert not wrapper.seekable()
    wrapper.seek(1)
    assert wrapper.tell() is None
    assert list(wrapper) == [b"a", b"b"]
    wrapper.close()


def test_the_server_may_have_a_better_wrapper() -> None:
    file = BytesIO(b"abc")
    assert isinstance(wrap_file({}, file), FileWrapper)
    environ = {"wsgi.file_wrapper": lambda file, size: [file.read(), size]}
    assert wrap_file(environ, file, 10) == [b"abc", 10]


def test_responder() -> None:
    @responder
    def application(environ: Any, start_response: Any) -> Any:
        """Answers."""

        def other(environ: Any, start_response: Any) -> list[Any]:
            return [environ, start_response]

        return other

    assert application("environ", "start") == ["environ", "start"]
    assert application.__doc__ == "Answers."
