from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erlen.http import form_parts
from erlen.http.form_parts import MalformedForm, Part, read_parts
from erlen.http.forms import MultiPartParser

LINES = [
    b"--b",
    b'Content-Disposition: form-data; name="a"',
    b"",
    b"one",
    b"--b",
    b"content-disposition: form-field; name=f; filename=x.txt",
    b"Content-Type: text/plain",
    b"",
    b"two",
    b"--b--",
]


def read(body: bytes, size: int = 65536) -> list[tuple[str, str | None, bytes]]:
    found: list[tuple[Part, list[bytes]]] = []
    for event in read_parts(BytesIO(body), b"b", size):
        if isinstance(event, Part):
            found.append((event, []))
        elif event is not None:
            found[-1][1].append(bytes(event))
    return [(part.name, part.filename, b"".join(pieces)) for part, pieces in found]


@pytest.mark.parametrize("size", [1, 7, 64, 65536])
@pytest.mark.parametrize("before", [b"", b"\r\n", b"text\r\n" * 20], ids=["none", "empty", "text"])
@pytest.mark.parametrize("line_break", [b"\r\n", b"\n", b"\r"], ids=["crlf", "lf", "cr"])
def test_lines_may_end_in_any_way(line_break: bytes, before: bytes, size: int) -> None:
    body = before.replace(b"\r\n", line_break) + line_break.join(LINES)
    assert read(body, size) == [("a", None, b"one"), ("f", "x.txt", b"two")]


def test_line_breaks_must_not_change_within_a_form() -> None:
    body = b"\r\n".join(LINES[:5]) + b"\n" + b"\n".join(LINES[5:])
    with pytest.raises(MalformedForm):
        read(body)


@pytest.mark.parametrize(
    ("disposition", "filename"),
    [
        ('form-data; name=f; filename="C:\\\\dir\\\\x.txt"', "x.txt"),
        ('form-data; name=f; filename=""', ""),
        ("FORM-DATA; name=f; filename=x", "x"),
    ],
)
def test_file_names(disposition: str, filename: str) -> None:
    body = f"--b\r\nContent-Disposition: {disposition}\r\n\r\n1\r\n--b--".encode()
    assert read(body) == [("f", filename, b"1")]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--b\n",
        b"--b\nContent-Disposition: form-data; name=a\n\n1\n--b",
        b"--b\nContent-Disposition: attachment; name=a\n\n1\n--b--",
        b"--b\nContent-Disposition: form-data\n\n1\n--b--",
        b"--b\nno colon\n\n1\n--b--",
        b"--b\r\nContent-Disposition: attachment; name=a\r\n\r\n1\r\n--b--",
    ],
)
def test_malformed_forms(body: bytes) -> None:
    with pytest.raises(MalformedForm):
        read(body)


def outcome(body: bytes, size: int) -> object:
    try:
        fields, files = MultiPartParser(buffer_size=size).parse(BytesIO(body), "b", len(body))
    except MalformedForm:
        return "malformed"
    return fields.to_dict(flat=False), sorted(files)


ONE = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n--b--\r\n'


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (ONE, ({"a": ["x"]}, [])),
        (b"text\r\n" + ONE, ({"a": ["x"]}, [])),
        (b"\r\n" * 20_000 + ONE, ({"a": ["x"]}, [])),
        (ONE.replace(b"\r\n", b"\n"), ({"a": ["x"]}, [])),
        (b"text\n" + ONE.replace(b"\r\n", b"\n"), ({"a": ["x"]}, [])),
        # Longer than what is kept to find out about the line breaks.
        (b"\n" * 40_000 + ONE.replace(b"\r\n", b"\n"), "malformed"),
        # The boundary of no line, whatever is left of the text in front of it.
        (b"x--b--\r\n", "malformed"),
        (b"-" + ONE, "malformed"),
        (b"--\x85\n--b--part\r\n" + ONE, "malformed"),
        (b"\n--b--\r\n", "malformed"),
        (b"\r\n--bx\r\n" + ONE, "malformed"),
        (ONE.replace(b"Content", b"\nContent"), "malformed"),
        (ONE.replace(b"Content", b"\n\nX: y\r\nContent"), "malformed"),
        (b"--b", "malformed"),
        (b"--b\r", "malformed"),
        (b"\r\n--", "malformed"),
        (b"--b--", ({}, [])),
    ],
)
def test_any_split_has_the_same_answer(body: bytes, expected: object) -> None:
    sizes = {1, 2, 3, 4, 5, 7, 64, 4096, 16 * 1024, 16 * 1024 + 1, len(body)}
    assert {size: outcome(body, size) for size in sizes} == dict.fromkeys(sizes, expected)


HEADERS = st.lists(
    st.lists(
        st.sampled_from(
            (
                *(b"Content-Disposition", b"content-disposition", b"Content-Type", b"X", b": "),
                *(b":", b" ", b"\t", b"\r", b"\n", b"\0", b"\xc3\xa9", b"\xff", b'"', b"\\"),
                *(b"%22", b"C:\\x", b'form-data; name="a"', b'; filename="b c.txt"', b"x" * 9000),
            )
        ),
        max_size=6,
    ).map(b"".join),
    max_size=20,
)


def parts_of(body: bytes) -> object:
    """What is in a form; or what is wrong with it."""
    parts: list[list[object]] = []
    stream = BytesIO(body)
    try:
        for event in read_parts(stream, b"b", 65536):
            if isinstance(event, Part):
                pairs = event.headers.to_wsgi_list()
                parts.append([event.name, event.filename, event.content_type, pairs, b""])
            elif event is not None:
                parts[-1][-1] += event  # type: ignore[operator]
    except MalformedForm as error:
        return str(error)
    return parts, stream.read()


def by_the_parser(body: bytes) -> object:
    """The same without a shortcut."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(form_parts, "_usual_parts", lambda *args: None)
        return parts_of(body)


@given(HEADERS)
def test_the_headers_of_browsers_are_read_as_all_are(lines: list[bytes]) -> None:
    usual = [b'Content-Disposition: form-data; name="a"; filename="b.txt"', *lines]
    for head in (lines, usual):
        body = b"--b\r\n" + b"\r\n".join(head) + b"\r\n\r\nx\r\n--b--\r\n"
        assert parts_of(body) == by_the_parser(body)


FIELD = b'Content-Disposition: form-data; name="a"\r\n\r\n'
FILE = (
    b'Content-Disposition: form-data; name=""; filename="b c.txt"\r\n'
    b"Content-Type: text/plain; charset=latin-1\r\n\r\n"
)


@given(
    st.lists(
        st.sampled_from(
            (
                *(FIELD, FILE, b"\r\n", b"--b", b"--", b"x", b"\r", b"\n", b"-", b"\r\n--b\r\n"),
                *(
                    b"\r\n--b\r\n" + FIELD,
                    b"\r\n--b\r\n" + FILE,
                    b"\r\n--b--",
                    FIELD[:-2],
                    FILE[:50],
                ),
            )
        ),
        max_size=12,
    ).map(b"".join)
)
def test_a_form_of_usual_parts_is_read_as_all_are(rest: bytes) -> None:
    for body in (rest, b"--b\r\n" + FIELD + rest, b"--b\r\n" + FILE + rest + b"\r\n--b--\r\n"):
        assert parts_of(body) == by_the_parser(body)


@pytest.mark.parametrize("count", [1, 63, 64, 65, 200])
def test_a_form_may_have_many_parts(count: int) -> None:
    body = (b"--b\r\n" + FIELD + b"1\r\n") * count + b"--b--"
    assert read(body) == [("a", None, b"1")] * count
    assert parts_of(body) == by_the_parser(body)
    assert (form_parts._usual_parts(body, b"b") is None) is (count > 64)


@pytest.mark.parametrize("boundary", [b"", b"b\n"])
def test_a_boundary_that_is_none_is_refused(boundary: bytes) -> None:
    body = ONE.replace(b"--b", b"--" + boundary)
    with pytest.raises(MalformedForm):
        list(read_parts(BytesIO(body), boundary, 65536))


def test_a_part_has_so_many_headers_of_such_a_length() -> None:
    line = b'Content-Disposition: form-data; name="a"\r\n'

    def is_read(head: bytes) -> bool:
        return isinstance(parts_of(b"--b\r\n" + head + b"\r\nx\r\n--b--\r\n"), tuple)

    longest = b"Content-Type: " + b"x" * (8 * 1024 - 14) + b"\r\n"
    assert is_read(line * 16)
    assert not is_read(line * 17)
    assert is_read(line + longest)
    assert not is_read(line + longest.replace(b": ", b": x"))
