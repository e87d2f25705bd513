"""Cases 1 to 7 and 12: forms that are too large, or that seem not to end."""

from __future__ import annotations

import tracemalloc
from io import BytesIO

import pytest

from erlen import Erlen, request
from erlen.http.exceptions import BadRequest
from erlen.http.forms import FormDataParser, MultiPartParser

MULTIPART = "multipart/form-data; boundary=b"
URLENCODED = "application/x-www-form-urlencoded"
FIELD = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n'
FILE = b'--b\r\nContent-Disposition: form-data; name="f"; filename="x"\r\n\r\n'
END = b"\r\n--b--\r\n"
NAMED = b'Content-Disposition: form-data; name="a"'
MEGABYTE = 1024 * 1024


def case(name, *values):
    return pytest.param(*values, id=f"case-{name}")


def part(*headers, content=b"x"):
    """A form with one part, and its headers as they are given."""
    return b"\r\n".join([b"--b", *headers, b"", content]) + END


def lf(body):
    """The same in lines that end in LF alone, as some programs send them."""
    return body.replace(b"\r\n", b"\n")


@pytest.fixture(autouse=True)
def _nothing_is_discarded(monkeypatch):
    """What is read for nobody, so that a client gets its 413, is a thing of its own (case 117)."""
    monkeypatch.setattr("erlen.http.streams._MOST_DISCARDED", 0)
    monkeypatch.setattr("erlen.gateways.asgi_body._MOST_DISCARDED", 0)


@pytest.fixture
def app(form_app):
    return form_app


@pytest.fixture
def client(form_app):
    return form_app.test_client()


@pytest.mark.parametrize("is_announced", [True, False], ids=["announced", "chunked"])
@pytest.mark.parametrize(
    "one_part",
    [
        case("01-empty-fields", FIELD),
        case("01-fields", FIELD + b"x"),
        case("01-files", FILE + b"x"),
        case("01-empty-files", FILE),
        case("01-files-in-lines-of-lf", lf(FILE + b"x")),
    ],
)
def test_very_many_parts(app, client, pieces, one_part, is_announced, send_form):
    count = 1_000_000
    line_break = b"\r\n" if b"\r" in one_part else b"\n"
    body = pieces(one_part + line_break for _ in range(count))
    length = len(one_part + line_break) * count if is_announced else None
    assert send_form(client, body, length=length).status_code == 413
    assert body.sent < 3 * MEGABYTE
    assert all(file.closed for file in app.request_class.opened)
    assert len(app.request_class.opened) == (1_000 if b"filename" in one_part else 0)


@pytest.mark.parametrize("one_part", [FIELD, FILE], ids=["fields", "files"])
@pytest.mark.parametrize(
    ("count", "status"), [case("01-at-the-limit", 3, 200), case("01-beyond-the-limit", 4, 413)]
)
def test_the_limit_of_parts_is_exact(app, client, one_part, count, status):
    app.config["MAX_FORM_PARTS"] = 3
    body = b"\r\n".join([one_part] * count) + END
    assert client.post("/", data=body, content_type=MULTIPART).status_code == status


@pytest.mark.parametrize("piece", [64, 4096, MEGABYTE], ids=["bytes", "pages", "one-read"])
@pytest.mark.parametrize(
    "start",
    [
        case("02-cr", b"\r"),
        case("02-lf", b"\n"),
        case("02-crlf", b"\r\n"),
        case("02-delimiter-begun", b"\r\n--"),
        case("02-delimiter-and-more", b"\r\n-b"),
    ],
)
def test_a_file_that_begins_like_its_end(assert_linear, start, piece):
    head = FILE + start

    def parse(body):
        parser = MultiPartParser(buffer_size=piece)
        files = parser.parse(BytesIO(body), "b", len(body))[1]
        assert len(files["f"].read()) == len(body) - len(FILE) - len(END)

    assert_linear(parse, lambda size: head + b"x" * (size - len(head) - len(END)) + END)


@pytest.mark.parametrize("in_lf", [False, True], ids=["crlf", "lf"])
@pytest.mark.parametrize(
    "line",
    [
        case("02-lines-of-cr", b"\r"),
        case("02-lines-of-crlf", b"\r\n"),
        case("02-lines-like-delimiters", b"\r\n--a"),
        case("02-lines-of-dashes", b"\r\n--"),
        case("02-lines-of-lf", b"\n"),
        case("02-lines-of-lf-and-dashes", b"\n-"),
        case("02-almost-delimiters", b"--bx"),
    ],
)
def test_a_file_of_nothing_but_beginnings_of_its_end(assert_linear, in_lf, line):
    head, end = (lf(FILE), lf(END)) if in_lf else (FILE, END)

    def parse(body):
        parser = MultiPartParser(buffer_size=4096)
        files = parser.parse(BytesIO(body), "b", len(body))[1]
        # A CR before the LF of the end counts as a part of the line break.
        lost = len(body) - len(head) - len(end) - len(files["f"].read())
        assert lost == (in_lf and line == b"\r")

    assert_linear(parse, lambda size: head + line * (size // len(line)) + end)


@pytest.mark.parametrize("is_announced", [True, False], ids=["announced", "chunked"])
@pytest.mark.parametrize(
    ("field", "status"),
    [
        case("03-at-the-cap", [b"x" * 100] * 10, 200),
        case("03-beyond-by-one", [b"x" * 100] * 10 + [b"x"], 413),
        case("03-byte-by-byte", [b"x"] * 1_001, 413),
        case("03-several-fields", [b"x" * 400 + b"\r\n" + FIELD] * 2 + [b"x" * 400], 413),
    ],
)
def test_a_field_in_several_reads(app, client, pieces, field, status, is_announced, send_form):
    app.config["MAX_FORM_MEMORY_SIZE"] = 1_000
    whole = [FIELD, *field, END]
    length = len(b"".join(whole)) if is_announced else None
    assert send_form(client, pieces(whole), length=length).status_code == status


@pytest.mark.parametrize("is_announced", [True, False], ids=["announced", "chunked"])
@pytest.mark.parametrize(
    ("field", "status"),
    [
        case("03-urlencoded-at-the-cap", [b"a=", b"x" * 998], 200),
        case("03-urlencoded-beyond-by-one", [b"a=", b"x" * 998, b"x"], 413),
        case("03-urlencoded-byte-by-byte", [b"a", b"="] + [b"x"] * 1_000, 413),
    ],
)
def test_a_urlencoded_field_in_several_reads(
    app, client, pieces, field, status, is_announced, send_form
):
    app.config["MAX_FORM_MEMORY_SIZE"] = 1_000
    length = len(b"".join(field)) if is_announced else None
    assert send_form(client, pieces(field), URLENCODED, length).status_code == status


@pytest.mark.parametrize(
    ("mimetype", "start", "end"),
    [
        case("03-linear-urlencoded", URLENCODED, b"a=", b""),
        case("03-linear-multipart", "multipart/form-data", FIELD, END),
    ],
)
def test_a_field_in_very_many_reads(assert_linear, pieces, mimetype, start, end):
    def parse(body):
        stream = pieces(body[at : at + 16] for at in range(0, len(body), 16))
        parser = FormDataParser(max_form_memory_size=2 * MEGABYTE)
        form = parser.parse(stream, mimetype, None, {"boundary": "b"})[1]
        assert len(form["a"]) == len(body) - len(start) - len(end)

    assert_linear(parse, lambda size: start + b"x" * (size - len(start) - len(end)) + end)


@pytest.mark.parametrize(
    "head", [case("03-file-in-very-many-reads", FILE), case("03-in-lines-of-lf", lf(FILE))]
)
def test_a_file_in_very_many_reads_takes_no_more_memory(pieces, head):
    size = MEGABYTE // 4
    end = END if head == FILE else lf(END)
    body = pieces([head, *[b"xy"] * (size // 2), end])
    tracemalloc.start()
    try:
        files = MultiPartParser().parse(body, "b", None)[1]
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    with files["f"].stream as file:
        assert len(file.read()) == size
    # The list of the pieces to send is as old as the test.
    assert peak < 4 * size


@pytest.mark.parametrize("is_announced", [True, False], ids=["announced", "chunked"])
@pytest.mark.parametrize(
    ("head", "content_type"),
    [
        case("04-multipart", FIELD, MULTIPART),
        case("04-multipart-in-lines-of-lf", lf(FIELD), MULTIPART),
        case("04-multipart-with-a-type", FIELD[:-2] + b"Content-Type: a/b\r\n\r\n", MULTIPART),
        case("04-urlencoded", b"a=", URLENCODED),
        case("04-urlencoded-name", b"", URLENCODED),
    ],
)
def test_one_huge_field(client, pieces, head, content_type, is_announced, send_form):
    count = 1_000
    body = pieces(head if number == 0 else b"x" * 65_536 for number in range(count))
    length = len(head) + (count - 1) * 65_536 if is_announced else None
    assert send_form(client, body, content_type, length).status_code == 413
    assert body.sent < 3 * MEGABYTE


@pytest.mark.parametrize(
    ("body", "status"),
    [
        case("05-at-the-limit", b"&".join([b"a=1"] * 1_000), 200),
        case("05-beyond-by-one", b"&".join([b"a=1"] * 1_001), 413),
        case("05-names-alone", b"&".join([b"a"] * 1_001), 413),
        case("05-separators-alone", b"&" * 100_000, 413),
        case("05-equals-signs", b"=&" * 2_000, 413),
        case("05-small-body-with-many", b"a&" * 249_999, 413),
        case("05-semicolons-are-no-separators", b"a=1;" * 2_000, 200),
    ],
)
def test_urlencoded_fields_are_counted(client, body, status):
    assert client.post("/", data=body, content_type=URLENCODED).status_code == status


@pytest.mark.parametrize("is_announced", [True, False], ids=["announced", "chunked"])
@pytest.mark.parametrize("one", [case("05-a-million", b"a=1&"), case("05-a-million-names", b"a&")])
def test_very_many_urlencoded_fields(client, pieces, one, is_announced, send_form):
    count = 1_000_000
    body = pieces(one * 1_000 for _ in range(count // 1_000))
    length = len(one) * count if is_announced else None
    assert send_form(client, body, URLENCODED, length).status_code == 413
    assert body.sent < MEGABYTE


@pytest.mark.parametrize("announced", [None, 100], ids=["missing", "understated"])
@pytest.mark.parametrize(
    ("content_type", "head", "read"),
    [
        case("06-raw", "text/plain", b"", "data"),
        case("06-json", "application/json", b"", "json"),
        case("06-stream", "text/plain", b"", "stream"),
        case("06-multipart-file", MULTIPART, FILE, "files"),
        case("06-multipart-field", MULTIPART, FIELD, "form"),
        case("06-urlencoded", URLENCODED, b"", "form"),
    ],
)
def test_the_limit_is_counted(monkeypatch, pieces, content_type, head, read, announced):
    monkeypatch.setenv("ERLEN_TEST_INTERFACE", "wsgi")
    app = Erlen(__name__)
    app.config["MAX_CONTENT_LENGTH"] = 100_000
    seen = []

    @app.post("/")
    def index():
        value = getattr(request, read)
        seen.append(value.read() if read == "stream" else value)
        return ""

    body = pieces([head] + [b"1" * 10_000] * 1_000)
    told = {
        "CONTENT_TYPE": content_type,
        "wsgi.input": body,
        "wsgi.input_terminated": True,
    }
    if announced is not None:
        told["CONTENT_LENGTH"] = str(announced)
    response = app.test_client().post("/", environ_overrides=told)
    assert body.sent <= 100_001 + len(head)
    if announced is not None and content_type == URLENCODED:
        # Nothing behind the announced length is taken for the form.
        assert [len(form["1" * 100]) for form in seen] == [0]
    else:
        assert (response.status_code, seen) == (413, [])


@pytest.mark.parametrize(
    ("length", "status", "got"),
    [
        case("06-a-server-that-goes-on", 10, 200, b"0123456789"),
        case("06-a-server-that-stops", 30, 400, None),
        case("06-nothing-announced", None, 200, b""),
    ],
)
def test_no_more_is_read_than_was_announced(monkeypatch, pieces, length, status, got):
    monkeypatch.setenv("ERLEN_TEST_INTERFACE", "wsgi")
    app = Erlen(__name__)
    app.add_url_rule("/", "index", lambda: request.get_data(), methods=["POST"])
    told = {"wsgi.input": pieces([b"0123456789", b"behind it"])}
    if length is not None:
        told["CONTENT_LENGTH"] = str(length)
    response = app.test_client().post("/", environ_overrides=told)
    assert response.status_code == status
    assert got is None or response.data == got


@pytest.mark.parametrize("value", ["-1", "x", "1e3", "", "9" * 40, "+5", "\u00b2", "1_0"])
@pytest.mark.parametrize("content_type", [case("06-odd-length", MULTIPART)])
def test_odd_content_lengths(client, monkeypatch, value, content_type):
    # The checker refuses such an environment before the application sees it.
    monkeypatch.setenv("ERLEN_VALIDATE_WSGI", "0")
    response = client.post(
        "/", environ_overrides={"CONTENT_LENGTH": value, "CONTENT_TYPE": content_type}
    )
    assert response.status_code in (200, 400)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        case("07-preamble", b"\r\n", b""),
        case("07-preamble-of-cr", b"\r", b""),
        case("07-epilogue", b"", b"\r\n"),
        case("07-epilogue-of-text", b"", b"--b\r\n"),
        case("07-both", b"\r\n", b"\r\n"),
        case("07-preamble-of-text", b"text ", b""),
        case("07-epilogue-of-delimiters", b"", b"\r\n--b"),
    ],
)
def test_preamble_and_epilogue(client, pieces, assert_linear, before, after):
    form = part(NAMED)

    def parse(body):
        parser = MultiPartParser(buffer_size=4096)
        assert parser.parse(BytesIO(body), "b", len(body))[0].to_dict() == {"a": "x"}

    def make(size):
        return (
            before * (size // len(before or b"x"))
            + (b"\r\n" if before else b"")
            + form
            + after * (size // len(after or b"x"))
        )

    def with_sides(size):
        return make(size // 2)

    assert_linear(parse, with_sides)
    response = client.post("/", data=with_sides(2 * MEGABYTE), content_type=MULTIPART)
    assert response.json["form"] == {"a": ["x"]}


@pytest.mark.parametrize(
    ("before", "status"),
    [
        case("07-nothing-of-a-preamble-is-kept", b"\r\n", 200),
        case("07-nothing-of-what-never-begins-is-kept", b"", 400),
    ],
)
def test_a_preamble_takes_no_memory(pieces, before, status):
    size = 16 * MEGABYTE
    form = part(NAMED) if status == 200 else b""
    body = pieces([*[(before or b"x") * 4096] * (size // 4096), form])
    tracemalloc.start()
    try:
        parse = MultiPartParser(buffer_size=65_536).parse
        if status == 200:
            assert parse(body, "b", None)[0].to_dict() == {"a": "x"}
        else:
            with pytest.raises(BadRequest):
                parse(body, "b", None)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < MEGABYTE


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        case("12-semicolon", "a=1;b=2", {"a": ["1;b=2"]}),
        case("12-semicolon-hides-one", "a=1&b=2;a=3", {"a": ["1"], "b": ["2;a=3"]}),
        case("12-quoted-separator", "a=1%26b=2", {"a": ["1&b=2"]}),
        case("12-html-separator", "a=1&amp;b=2", {"a": ["1"], "amp;b": ["2"]}),
    ],
)
def test_only_ampersands_separate(client, fields, expected):
    assert client.get(f"/?{fields}").json["args"] == expected
    assert client.post("/", data=fields, content_type=URLENCODED).json["form"] == expected
