from __future__ import annotations

import random

import pytest

from erlen.http.exceptions import RequestEntityTooLarge
from erlen.http.headers import Headers
from erlen.http.multipart import (
    NEED_DATA,
    Data,
    Epilogue,
    Event,
    Field,
    File,
    MultipartDecoder,
    MultipartEncoder,
    NeedData,
    Preamble,
    State,
)

DISPOSITION = 'form-data; name="a"'
HEADERS = Headers([("Content-Disposition", DISPOSITION)])


def part(content: bytes, line_break: bytes = b"\r\n", disposition: str = DISPOSITION) -> bytes:
    head = f"Content-Disposition: {disposition}".encode()
    return line_break.join([b"--b", head, b"", content, b""])


def decode(*chunks: bytes, decoder: MultipartDecoder | None = None) -> list[Event]:
    """The events, with the content of a part in one piece."""
    decoder = decoder or MultipartDecoder(b"b")
    events: list[Event] = []
    for chunk in (*chunks, None):
        decoder.receive_data(chunk)
        for event in decoder:
            last = events[-1] if events else None
            if isinstance(event, Data) and isinstance(last, Data) and last.more_data:
                events[-1] = Data(last.data + event.data, event.more_data)
            else:
                events.append(event)
    return events


@pytest.mark.parametrize("line_break", [b"\r\n", b"\n", b"\r"], ids=["crlf", "lf", "cr"])
def test_a_form(line_break: bytes) -> None:
    body = (
        b"before"
        + line_break
        + part(b"1", line_break)
        + part(b"", line_break)
        + part(b"x" + line_break + b"y", line_break, 'form-data; name="f"; filename="x.txt"')
        + b"--b--"
        + line_break
        + b"behind"
    )
    file_headers = Headers([("Content-Disposition", 'form-data; name="f"; filename="x.txt"')])
    assert decode(body) == [
        Preamble(b"before"),
        Field("a", HEADERS),
        Data(b"1", False),
        Field("a", HEADERS),
        Data(b"", False),
        File("f", "x.txt", file_headers),
        Data(b"x" + line_break + b"y", False),
        Epilogue(b"behind"),
    ]


@pytest.mark.parametrize(
    "content",
    [
        b"--",
        b"--b",
        b"\r\n--",
        b"\r\n--bb",
        b"\r\n--b x",
        b"\r\n--b-",
        b"x--b\r\n",
        b"\r",
        b"\n",
        b"\r\n",
        b"\r\r\n\n",
        b"\r\n--\r\n--bx",
        b"\r\n--b" + b" " * 65 + b"\r\n",
    ],
)
def test_content_that_looks_like_a_boundary(content: bytes) -> None:
    events = decode(part(b"x" + content) + b"--b--")
    assert events[2] == Data(b"x" + content, False)


@pytest.mark.parametrize("seed", range(30))
def test_any_pieces_give_the_same_events(seed: int) -> None:
    rng = random.Random(seed)
    content = b"".join(rng.choice([b"\r\n", b"\r", b"--", b"--bx", b"x", b"-"]) for _ in range(20))
    body = b"\r\n" + part(b"x" + content + b"x") + part(b"y") + b"--b--\r\n"
    cuts = sorted(rng.randrange(len(body)) for _ in range(rng.choice([1, 5, len(body)])))
    ends = [*cuts, len(body)]
    pieces = [body[start:end] for start, end in zip([0, *cuts], ends, strict=True)]
    assert decode(*pieces) == decode(body)


def test_events_come_as_early_as_they_can() -> None:
    decoder = MultipartDecoder(b"b")
    assert decoder.next_event() is NEED_DATA
    decoder.receive_data(b"--b\r\nContent-Disposition: form-data;\r\n name=a\r\n")
    assert decoder.next_event() == Preamble(b"")
    assert isinstance(decoder.next_event(), NeedData)
    decoder.receive_data(b"\r\nabc")
    event = decoder.next_event()
    assert isinstance(event, Field)
    assert event.headers["Content-Disposition"] == "form-data; name=a"
    assert decoder.next_event() == Data(b"abc", True)
    decoder.receive_data(b"def\r\n--")
    assert decoder.next_event() == Data(b"def", True)
    assert decoder.next_event() is NEED_DATA
    decoder.receive_data(b"b--")
    assert decoder.next_event() == Data(b"", False)
    assert decoder.state is State.EPILOGUE
    decoder.receive_data(None)
    assert decoder.next_event() == Epilogue(b"")
    assert decoder.next_event() is NEED_DATA


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"text",
        b"--b",
        b"--b\r",
        b"--b\r\n",
        b"--b\r\nContent-Disposition: form-data; name=a",
        part(b"1"),
        part(b"1") + b"--b",
        part(b"1") + b"--b-",
    ],
)
def test_a_body_that_ends_early(body: bytes) -> None:
    with pytest.raises(ValueError, match="cannot parse beyond"):
        decode(body)


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        (b"X: y", "Missing Content-Disposition"),
        (b"Content-Disposition: form-data", "no name"),
        (b"no colon\r\nContent-Disposition: form-data; name=a", "no colon"),
        (b"Content-Disposition: form-data; name=a\r\n" + b"X: y\r\n" * 16, "too many headers"),
        (b"Content-Disposition: form-data; name=a\r\nX: " + b"y" * 70_000, "too long"),
        (b"\r\nContent-Disposition: form-data; name=a", "no headers"),
    ],
)
def test_malformed_headers(headers: bytes, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        decode(b"--b\r\n" + headers.rstrip(b"\r\n") + b"\r\n\r\n1\r\n--b--")


def test_limits() -> None:
    body = part(b"abc") + part(b"def") + b"--b--"
    assert decode(body, decoder=MultipartDecoder(b"b", 6, max_parts=2))
    for decoder in (MultipartDecoder(b"b", 5), MultipartDecoder(b"b", max_parts=1)):
        with pytest.raises(RequestEntityTooLarge):
            decode(body, decoder=decoder)
    # Files do not count as text.
    file = part(b"abcdef", disposition='form-data; name="f"; filename="x"') + b"--b--"
    assert decode(file, decoder=MultipartDecoder(b"b", 5))


def test_the_encoder_writes_what_the_decoder_reads() -> None:
    body = b"\r\n" + part(b"1") + part(b"2", disposition='form-data; name="f"; filename="x.txt"')
    body += b"--b--\r\nbehind"
    encoder = MultipartEncoder(b"b")
    assert b"".join(map(encoder.send_event, decode(body))) == body


def test_the_encoder_escapes_names() -> None:
    encoder = MultipartEncoder(b"b")
    encoder.send_event(Preamble(b""))
    head = encoder.send_event(File('a"\r\nX: y', "ä.txt", Headers([("X-A", "1")])))
    assert head.split(b"\r\n") == [
        b"",
        b"--b",
        'Content-Disposition: form-data; name="a%22%0D%0AX: y"; filename="ä.txt"'.encode(),
        b"X-A: 1",
        b"",
    ]


@pytest.mark.parametrize(
    ("before", "event"),
    [
        ([], Data(b"", False)),
        ([Preamble(b"")], Preamble(b"")),
        ([Field("a", Headers())], Field("b", Headers())),
        ([Field("a", Headers()), Data(b"", True)], Epilogue(b"")),
        ([Epilogue(b"")], Field("a", Headers())),
        ([Epilogue(b"")], Epilogue(b"")),
        ([], NEED_DATA),
    ],
)
def test_the_encoder_knows_the_order(before: list[Event], event: Event) -> None:
    encoder = MultipartEncoder(b"b")
    for earlier in before:
        encoder.send_event(earlier)
    with pytest.raises(ValueError, match="Cannot generate"):
        encoder.send_event(event)
