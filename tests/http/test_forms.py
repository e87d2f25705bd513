from __future__ import annotations

from io import BytesIO, RawIOBase
from time import process_time
from typing import IO, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erlen.http.exceptions import BadRequest, RequestEntityTooLarge
from erlen.http.forms import (
    FormDataParser,
    MalformedForm,
    MultiPartParser,
    default_stream_factory,
    parse_form_data,
)
from erlen.http.multidict import ImmutableMultiDict, MultiDict
from erlen.http.urls import urlencode

BOUNDARY = "X-boundary"
URLENCODED = "application/x-www-form-urlencoded"


def part(body: bytes, disposition: str, *headers: str) -> bytes:
    lines = [f"--{BOUNDARY}", f"Content-Disposition: form-data{disposition}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body + b"\r\n"


def field(name: str, value: str) -> bytes:
    return part(value.encode(), f'; name="{name}"')


def upload(name: str, filename: str, body: bytes, *headers: str) -> bytes:
    return part(body, f'; name="{name}"; filename="{filename}"', *headers)


END = f"--{BOUNDARY}--\r\n".encode()


class Dribble(RawIOBase):
    """A stream that gives its bytes in pieces of these sizes, as a network does."""

    def __init__(self, data: bytes, sizes: list[int]) -> None:
        self.data = data
        self.sizes = sizes

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        if size is None or size < 0:
            size = len(self.data)
        elif self.sizes:
            size = min(size, self.sizes.pop(0))
        piece, self.data = self.data[:size], self.data[size:]
        return piece


Parsed = tuple[list[tuple[str, str]], list[tuple[str, str | None, str | None, bytes]]]


def parse(body: bytes, stream: IO[bytes] | None = None, **limits: Any) -> Parsed:
    """What a multipart body has, fields and files."""
    parser = MultiPartParser(**limits)
    fields, files = parser.parse(stream or BytesIO(body), BOUNDARY, len(body))
    return list(fields.items(multi=True)), [
        (name, file.filename, file.content_type, file.read())
        for name, file in files.items(multi=True)
    ]


def test_fields_and_files() -> None:
    fields, files = parse(
        field("a", "1")
        + upload("f", "x.txt", b"one\r\ntwo", "Content-Type: text/plain")
        + field("b", "ä€")
        + field("a", "2")
        + upload("f", "größe.bin", b"\x00\xff")
        + field("empty", "")
        + upload("none", "", b"", "Content-Type: application/octet-stream")
        + END
    )
    assert fields == [("a", "1"), ("a", "2"), ("b", "ä€"), ("empty", "")]
    assert files == [
        ("f", "x.txt", "text/plain", b"one\r\ntwo"),
        ("f", "größe.bin", None, b"\x00\xff"),
        ("none", "", "application/octet-stream", b""),
    ]


def test_the_headers_of_a_file() -> None:
    body = upload("f", "x", b"abc", "Content-Type: Text/HTML; charset=x", "X-Own: y") + END
    file = MultiPartParser().parse(BytesIO(body), BOUNDARY, len(body))[1]["f"]
    assert file.name == "f"
    assert file.mimetype == "text/html"
    assert file.mimetype_params == {"charset": "x"}
    assert file.headers["X-Own"] == "y"
    assert file.headers["Content-Disposition"] == 'form-data; name="f"; filename="x"'


@pytest.mark.parametrize(
    ("disposition", "name", "filename"),
    [
        ("; name=f; filename=x.txt", "f", "x.txt"),
        ('; NAME="f"; FileName="x.txt"', "f", "x.txt"),
        ('; name="a;b"; filename="c;d.txt"', "a;b", "c;d.txt"),
        ('; name="a%22b"; filename="c%22d.txt"', 'a"b', 'c"d.txt'),
        (r'; name="a\"b"; filename="c\"d.txt"', 'a"b', 'c"d.txt'),
        ("; name=\"f\"; filename*=UTF-8''%c3%a9.txt", "f", "é.txt"),
        ('; name="f"; filename="plain"; filename*=UTF-8\'\'%c3%a9.txt', "f", "é.txt"),
        ('; name=""; filename="x"', "", "x"),
    ],
)
def test_names(disposition: str, name: str, filename: str) -> None:
    assert parse(part(b"1", disposition) + END)[1] == [(name, filename, None, b"1")]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        pytest.param(part("é".encode(), '; name="a"'), "é", id="utf-8"),
        pytest.param(part(b"\xe9", '; name="a"'), "�", id="not-utf-8"),
        pytest.param(
            part(b"\xe9", '; name="a"', "Content-Type: text/plain; charset=ISO-8859-1"),
            "é",
            id="latin-1",
        ),
        pytest.param(
            part("é".encode(), '; name="a"', "Content-Type: text/plain; charset=utf-7"),
            "é",
            id="other-character-sets-are-utf-8",
        ),
        pytest.param(
            part(b"YQ==", '; name="a"', "Content-Transfer-Encoding: base64"),
            "YQ==",
            id="transfer-encoding-is-ignored",
        ),
    ],
)
def test_text(body: bytes, text: str) -> None:
    assert parse(body + END)[0] == [("a", text)]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"preamble\r\n" + field("a", "1") + END, id="preamble"),
        pytest.param(b"\r\n" + field("a", "1") + END, id="leading-line-break"),
        pytest.param(field("a", "1") + END + b"epilogue\r\n--" + b"x" * 9, id="epilogue"),
        pytest.param(field("a", "1") + END.rstrip(), id="no-line-break-at-the-end"),
    ],
)
def test_what_stands_around_the_parts(body: bytes) -> None:
    assert parse(body) == ([("a", "1")], [])


def test_what_looks_like_a_boundary() -> None:
    value = f"--{BOUNDARY[:-1]}\r\n--\r\n\r\n-{BOUNDARY}\r\n--"
    assert parse(field("a", value) + END)[0] == [("a", value)]


def test_no_parts() -> None:
    assert parse(END) == ([], [])


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"hello", id="no-boundary"),
        pytest.param(field("a", "1"), id="no-end"),
        pytest.param(upload("f", "x", b"1"), id="no-end-behind-a-file"),
        pytest.param(field("a", "1")[:-5], id="cut-in-a-field"),
        pytest.param(f"--{BOUNDARY}\r\nConte".encode(), id="cut-in-a-header"),
        pytest.param(f"--{BOUNDARY}\r\n\r\n1\r\n".encode() + END, id="no-headers"),
        pytest.param(f"--{BOUNDARY}\r\nfoo\r\n\r\n1\r\n".encode() + END, id="no-header"),
        pytest.param(part(b"1", "") + END, id="no-name"),
        pytest.param(part(b"1", '; filename="x"') + END, id="filename-alone"),
        pytest.param(part(b"1", '; name="a"', *["X: y"] * 100) + END, id="many-headers"),
        pytest.param(part(b"1", '; name="a"', "X: " + "y" * 10**5) + END, id="huge-header"),
    ],
)
def test_malformed(body: bytes) -> None:
    with pytest.raises(MalformedForm) as caught:
        parse(body)
    assert isinstance(caught.value, (BadRequest, ValueError))
    assert caught.value.code == 400


@pytest.mark.parametrize(
    ("limits", "allowed"),
    [
        ({"max_form_parts": 3}, True),
        ({"max_form_parts": 2}, False),
        ({"max_form_memory_size": 10}, True),
        ({"max_form_memory_size": 9}, False),
    ],
)
def test_limits(limits: dict[str, int], allowed: bool) -> None:
    body = field("a", "12345") + upload("f", "x", b"x" * 1000) + field("b", "12345") + END
    for sizes in ([], [1] * len(body)):
        stream: Any = Dribble(body, list(sizes))
        if allowed:
            assert len(parse(body, stream, **limits)[0]) == 2
        else:
            with pytest.raises(RequestEntityTooLarge):
                parse(body, stream, **limits)


def test_the_files_of_a_form_that_failed_are_closed() -> None:
    opened: list[BytesIO] = []

    def factory(*args: Any, **kwargs: Any) -> IO[bytes]:
        opened.append(BytesIO())
        return opened[-1]

    body = upload("f", "x", b"1") + upload("g", "y", b"2") + upload("h", "z", b"3")[:-2]
    with pytest.raises(MalformedForm):
        parse(body, stream_factory=factory)
    assert len(opened) == 3
    assert all(file.closed for file in opened)


def test_the_factory_is_told_what_is_known() -> None:
    calls: list[tuple[Any, ...]] = []

    def factory(*args: Any) -> IO[bytes]:
        calls.append(args)
        return BytesIO()

    body = upload("f", "x.png", b"1", "Content-Type: image/png") + END
    parse(body, stream_factory=factory)
    assert calls == [(len(body), "image/png", "x.png", None)]


@pytest.mark.parametrize(("length", "in_memory"), [(1000, True), (10**7, False), (None, False)])
def test_large_files_are_spooled(length: int | None, in_memory: bool) -> None:
    with default_stream_factory(length, None) as file:
        assert isinstance(file, BytesIO) is in_memory
        file.write(b"abc")
        file.seek(0)
        assert file.read() == b"abc"


def environ(body: bytes, content_type: str, **more: Any) -> dict[str, Any]:
    return {
        "REQUEST_METHOD": "POST",
        "wsgi.input": BytesIO(body),
        "CONTENT_LENGTH": str(len(body)),
        "CONTENT_TYPE": content_type,
        **more,
    }


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("a=b&c=d&a=e", [("a", "b"), ("a", "e"), ("c", "d")]),
        ("a=b;c=d", [("a", "b;c=d")]),
        ("a&=b&&c=", [("a", ""), ("", "b"), ("c", "")]),
        ("a+b=%2B%20", [("a b", "+ ")]),
        ("%C3%A9=%E2%82%AC", [("é", "€")]),
        ("a=b=c", [("a", "b=c")]),
        ("a=%zz", [("a", "%zz")]),
        ("a=%ff", [("a", "%FF")]),
        ("", []),
    ],
)
def test_urlencoded(query: str, fields: list[tuple[str, str]]) -> None:
    stream, form, files = parse_form_data(environ(query.encode(), URLENCODED))
    assert list(form.items(multi=True)) == fields
    assert not files
    assert stream.read() == b""


@pytest.mark.parametrize(
    ("limits", "allowed"),
    [
        ({"max_form_memory_size": 11}, True),
        ({"max_form_memory_size": 10}, False),
        ({"max_form_parts": 3}, True),
        ({"max_form_parts": 2}, False),
        ({"max_content_length": 11}, True),
        ({"max_content_length": 10}, False),
    ],
)
@pytest.mark.parametrize("announced", [True, False])
def test_limits_of_urlencoded_forms(limits: dict[str, Any], allowed: bool, announced: bool) -> None:
    sent = environ(b"a=1&b=2&c=3", URLENCODED)
    if not announced:
        del sent["CONTENT_LENGTH"]
        sent["wsgi.input_terminated"] = True
    if allowed:
        form = parse_form_data(sent, silent=False, **limits)[1]
        assert form.to_dict() == {"a": "1", "b": "2", "c": "3"}
    else:
        with pytest.raises(RequestEntityTooLarge):
            parse_form_data(sent, silent=False, **limits)


@pytest.mark.parametrize(
    "content_type", ["", "text/plain", "application/json", "multipart/mixed; boundary=x"]
)
def test_other_types_are_left_alone(content_type: str) -> None:
    stream, form, files = parse_form_data(environ(b"a=b", content_type))
    assert not form
    assert not files
    assert stream.read() == b"a=b"


MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"


@pytest.mark.parametrize(
    "content_type", [MULTIPART, MULTIPART.replace(BOUNDARY, f'"{BOUNDARY}"'), MULTIPART.title()]
)
def test_multipart_of_an_environment(content_type: str) -> None:
    content_type = content_type.replace(BOUNDARY.title(), BOUNDARY)
    _, form, files = parse_form_data(environ(field("a", "1") + END, content_type))
    assert form == MultiDict({"a": "1"})
    assert not files


@pytest.mark.parametrize(
    "content_type",
    ["multipart/form-data", "multipart/form-data; boundary=", MULTIPART + "x" * 1000],
)
def test_silence(content_type: str) -> None:
    body = field("a", "1") + END
    _, form, files = parse_form_data(environ(body, content_type))
    assert not form
    assert not files
    with pytest.raises(MalformedForm):
        parse_form_data(environ(body, content_type), silent=False)


def test_the_class_of_the_results() -> None:
    sent = field("a", "1") + upload("f", "x", b"") + END
    for cls in (MultiDict, ImmutableMultiDict):
        parsed = parse_form_data(environ(sent, MULTIPART), cls=cls)
        assert [type(result) for result in parsed[1:]] == [cls, cls]
    assert FormDataParser().cls is MultiPartParser().cls is MultiDict


@pytest.mark.parametrize("filler", [b"\r\n", b"\r", b"\n", b"-", b"--", b"\r\n--", b"\r\n--X"])
def test_hostile_bodies_are_cheap(filler: bytes) -> None:
    start = process_time()
    noise = filler * (2**21 // len(filler))
    assert parse(upload("f", "x", noise) + END)[1][0][3] == noise
    for body in (noise + END, field("a", "1") + END + noise):
        try:
            parse(body)
        except MalformedForm:
            continue
    assert process_time() - start < 5


# Any split of the same bytes gives the same answer.

NAMES = st.text("abcdefgh é-_", min_size=1, max_size=8)
DELIMITER = f"--{BOUNDARY}".encode()
# What is a boundary cannot be content; anything that is nearly one can.
CONTENTS = (
    st.lists(
        st.sampled_from([b"\r\n", b"\r", b"\n", b"-", b"--", DELIMITER[1:], b"x", b"\xc3\xa9"]),
        max_size=8,
    )
    .map(b"".join)
    .filter(lambda content: DELIMITER not in content)
)
PIECES = st.lists(st.integers(1, 40), max_size=60)


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    pieces = []
    for _ in range(draw(st.integers(0, 4))):
        name, content = draw(NAMES), draw(CONTENTS)
        is_file = draw(st.booleans())
        if is_file:
            pieces.append(upload(name, draw(NAMES), content, "Content-Type: text/plain"))
        else:
            pieces.append(part(content, f'; name="{name}"'))
    return b"".join(pieces) + END + draw(st.sampled_from([b"", b"\r\n", b"epilogue"]))


@given(bodies(), PIECES, st.integers(1, 50))
def test_any_split_of_a_multipart_body(body: bytes, sizes: list[int], buffer_size: int) -> None:
    whole = parse(body)
    stream: Any = Dribble(body, sizes)
    assert parse(body, stream) == whole
    assert parse(body, buffer_size=buffer_size) == whole


@given(bodies(), PIECES, st.integers(0, 200))
def test_any_split_of_a_cut_body(body: bytes, sizes: list[int], length: int) -> None:
    body = body[:length]

    def outcome(stream: Any) -> Any:
        try:
            return parse(body, stream)
        except MalformedForm:
            return None

    assert outcome(Dribble(body, sizes)) == outcome(BytesIO(body))


@given(st.lists(st.tuples(st.text(max_size=8), st.text(max_size=8)), max_size=6), PIECES)
def test_any_split_of_an_urlencoded_body(fields: list[tuple[str, str]], sizes: list[int]) -> None:
    body = urlencode(fields).encode()
    for limit in (None, len(body)):
        stream: Any = Dribble(body, list(sizes))
        parser = FormDataParser(max_form_memory_size=limit)
        form = parser.parse(stream, URLENCODED, len(body))[1]
        assert form == MultiDict(fields)


@given(NAMES, NAMES, st.binary(max_size=200))
def test_round_trip_of_a_file(name: str, filename: str, content: bytes) -> None:
    content = content.replace(b"--", b"-")
    assert parse(upload(name, filename, content) + END)[1] == [(name, filename, None, content)]
