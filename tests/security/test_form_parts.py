"""Cases 8 to 11, 13 and 14: the parts of a form, their headers, and forms that are none."""

from __future__ import annotations

import gzip
import subprocess
import sys
from io import BytesIO

import pytest

from erlen.http.forms import FormDataParser, MultiPartParser
from erlen.http.grammar import parse_options_header

MULTIPART = "multipart/form-data; boundary=b"
FIELD = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n'
FILE = b'--b\r\nContent-Disposition: form-data; name="f"; filename="x"\r\n\r\n'
END = b"\r\n--b--\r\n"
NAMED = b'Content-Disposition: form-data; name="a"'


def case(name, *values):
    return pytest.param(*values, id=f"case-{name}")


def part(*headers, content=b"x"):
    """A form with one part, and its headers as they are given."""
    return b"\r\n".join([b"--b", *headers, b"", content]) + END


def lf(body):
    """The same in lines that end in LF alone, as some programs send them."""
    return body.replace(b"\r\n", b"\n")


def upload(disposition):
    """A form with one file, and the rest of its disposition as it is given."""
    return part(b'Content-Disposition: form-data; name="f"; ' + disposition)


@pytest.fixture
def app(form_app):
    return form_app


@pytest.fixture
def client(form_app):
    return form_app.test_client()


@pytest.mark.parametrize(
    "body",
    [
        case("08-many", part(NAMED, *[b"X: y"] * 10_000)),
        case("08-seventeen", part(NAMED, *[b"X: y"] * 16)),
        case("08-long-value", part(b"Content-Disposition: form-data; name=a" + b"x" * 100_000)),
        case("08-long-name", part(NAMED, b"X" * 10_000 + b":")),
        case(
            "08-folded",
            part(NAMED, b"X: y", *[b" z"] * 10_000),
        ),
        case("08-without-end", b"--b\r\n" + b"X: y" * 100_000),
        case("08-no-colon", part(NAMED, b"X")),
        case("08-huge", part(NAMED, b"X: " + b"y" * 9_000)),
        case("08-many-in-lines-of-lf", lf(part(NAMED, *[b"X: y"] * 10_000))),
        case("08-seventeen-in-lines-of-lf", lf(part(NAMED, *[b"X: y"] * 16))),
        case("08-huge-in-lines-of-lf", lf(part(NAMED, b"X: " + b"y" * 100_000))),
        case("08-folded-in-lines-of-lf", lf(part(NAMED, b"X: y", *[b" z"] * 40_000))),
        case("08-without-end-in-lines-of-lf", b"--b\n" + b"X: y" * 100_000),
        case("08-no-colon-in-lines-of-lf", lf(part(NAMED, b"X"))),
    ],
)
def test_part_headers_are_bounded(client, body):
    response = client.post("/", data=body, content_type=MULTIPART)
    assert response.status_code == 400
    assert "multipart form" in response.text


@pytest.mark.parametrize("in_lf", [False, True], ids=["crlf", "lf"])
@pytest.mark.parametrize(
    ("header", "repeated"),
    [
        case("08-folded-is-linear", b"X: y\r\n", b" z\r\n" * 2_000),
        case("08-many-is-linear", b"", b"X: y\r\n" * 15),
        case("08-long-is-linear", b"X: ", b"y" * 8_000 + b"\r\n"),
    ],
)
def test_part_headers_up_to_the_bounds(assert_linear, in_lf, header, repeated):
    one = b'--b\r\nContent-Disposition: form-data; name="a"\r\n' + header + repeated + b"\r\nx\r\n"

    def parse(body):
        assert MultiPartParser().parse(BytesIO(body), "b", len(body))[0]

    def make(size):
        body = one * (size // len(one) + 1) + END[2:]
        return lf(body) if in_lf else body

    assert_linear(parse, make)


OPTION_HEADERS = [
    case("09-backslashes", 'form-data; name="', "\\"),
    case("09-escaped-quotes", 'form-data; name="', '\\"'),
    case("09-quotes-that-do-not-end", 'form-data; !="', "\\\\"),
    case("09-spaces", "form-data;", " "),
    case("09-tabs", "form-data;\t", "\t"),
    case("09-token-without-end", "form-data; ", "a"),
    case("09-token-and-spaces", "form-data; a", " "),
    case("09-quotes", "form-data; name=", '"'),
    case("09-equals", "form-data; name", "="),
    case("09-asterisks", "form-data; name", "*0"),
    case("09-percent-signs", "form-data; name*=utf-8''", "%"),
    case("09-percent-encoded-bytes", "form-data; name*=utf-8''", "%ff"),
    case("10-semicolons", "form-data", ";"),
    case("10-semicolons-and-spaces", "form-data", "; "),
    case("10-parameters", "form-data", "; a=b"),
    case("10-quoted-parameters", "form-data", '; a="b"'),
    case("10-parameters-without-value", "form-data", "; a"),
    case("10-parameters-without-name", "form-data", ";=b"),
    case("10-continuations", "form-data", "; a*0=b"),
    case("10-extended-parameters", "form-data", "; a*=utf-8''b"),
]


@pytest.mark.parametrize(("start", "repeated"), OPTION_HEADERS)
def test_an_option_header_is_parsed_in_linear_time(assert_linear, start, repeated):
    def make(size):
        return start + repeated * (size // len(repeated))

    assert_linear(parse_options_header, make, small=1024, large=65_536)


@pytest.mark.parametrize("header", ["Content-Disposition", "Content-Type"])
@pytest.mark.parametrize(("start", "repeated"), OPTION_HEADERS)
def test_the_header_of_a_part_is_parsed_in_linear_time(assert_linear, header, start, repeated):
    def make(size):
        text = f"{header}: {start}{repeated * (size // len(repeated))}".encode()
        # Another name each time: equal headers are parsed once.
        heads = [b'--b\r\nContent-Disposition: form-data; name="%d"' % n for n in range(20)]
        return b"".join(head + b"\r\n" + text + b"\r\n\r\nx\r\n" for head in heads) + END[2:]

    def parse(body):
        parser = FormDataParser()
        parser.parse(BytesIO(body), "multipart/form-data", len(body), {"boundary": "b"})

    assert_linear(parse, make, small=500, large=8_000)


@pytest.mark.parametrize(
    "content_type",
    [
        case("10-of-the-request", MULTIPART + "; a=b" * 10_000),
        case("10-before-the-boundary", "multipart/form-data" + "; a=b" * 10_000 + "; boundary=b"),
        case("10-continuations-of-the-boundary", MULTIPART + "; a*0=b" * 10_000),
    ],
)
def test_thousands_of_parameters(client, content_type):
    response = client.post("/", data=upload(b'filename="x"'), content_type=content_type)
    assert response.json["files"] == [["f", "x", "x"]]


@pytest.mark.parametrize(
    "boundary",
    [
        case("10-no-boundary", ""),
        case("10-empty-boundary", '; boundary=""'),
        case("10-endless-boundary", "; boundary=" + "b" * 60_000),
    ],
)
def test_boundaries_that_are_none(client, boundary):
    response = client.post("/", data=b"x", content_type="multipart/form-data" + boundary)
    assert response.status_code == 400
    assert "boundary" in response.text


@pytest.mark.parametrize(
    ("disposition", "filename"),
    [
        case("11-extended-behind", b"filename=\"a.txt\"; filename*=UTF-8''b.txt", "b.txt"),
        case("11-extended-before", b"filename*=UTF-8''b.txt; filename=\"a.txt\"", "b.txt"),
        case("11-extended-between", b"filename=a; filename*=UTF-8''b.txt; filename=c", "b.txt"),
        case("11-extended-alone", b"filename*=UTF-8''%e2%98%83", "\u2603"),
        case("11-invalid-utf-8", b"filename*=UTF-8''%ff.txt", "\ufffd.txt"),
        case("11-path", b"filename=a; filename*=UTF-8''..%2f..%2fx", "../../x"),
        case("11-cut", b'filename*0="a"; filename*1=".txt"', "a.txt"),
    ],
)
def test_the_extended_file_name_wins(client, disposition, filename):
    # RFC 6266, section 4.3, wherever it stands.
    response = client.post("/", data=upload(disposition), content_type=MULTIPART)
    assert response.json["files"] == [["f", filename, "x"]]


@pytest.mark.parametrize(
    ("header", "content"),
    [
        case("13-base64", b"Content-Transfer-Encoding: base64", b"Zm9v"),
        case("13-base64-and-spaces", b"Content-Transfer-Encoding: base64", b"Zm9v" + b" " * 9_999),
        case("13-quoted-printable", b"Content-Transfer-Encoding: quoted-printable", b"=41=\r\n"),
        case("13-unknown", b"Content-Transfer-Encoding: x-gzip64", b"x"),
        case("13-content-encoding", b"Content-Encoding: gzip", gzip.compress(b"x" * 99)),
    ],
)
def test_transfer_encodings_of_parts_are_ignored(client, header, content):
    # RFC 7578, section 4.7, deprecates the header.
    field = part(NAMED, header, content=content)
    response = client.post("/", data=field, content_type=MULTIPART)
    assert response.json["form"] == {"a": [content.decode("utf-8", "replace")]}
    file = part(b'Content-Disposition: form-data; name="f"; filename=x', header, content=content)
    response = client.post("/", data=file, content_type=MULTIPART)
    assert response.json["files"] == [["f", "x", content.decode("latin-1")]]


@pytest.mark.parametrize("white", [case("13-spaces", b" "), case("13-lines", b"\r\n")])
def test_base64_with_whitespace_is_linear(assert_linear, white):
    head = FILE[:-2] + b"Content-Transfer-Encoding: base64\r\n\r\n"

    def parse(body):
        assert MultiPartParser().parse(BytesIO(body), "b", len(body))[1]

    assert_linear(parse, lambda size: head + (b"Z" + white) * (size // 3) + END)


MALFORMED = [
    case("14-garbage", b"garbage"),
    case("14-cut", FIELD + b"cut"),
    case("14-cut-in-the-header", FIELD[:20]),
    case("14-cut-in-the-end", FIELD + b"x\r\n--b-"),
    case("14-cut-behind-the-delimiter", FIELD + b"x\r\n--b"),
    case("14-another-boundary", FIELD.replace(b"--b", b"--c") + b"x\r\n--c--\r\n"),
    case("14-text-before", b"text" + FIELD + b"x" + END),
    case("14-no-headers", part()),
    case("14-no-disposition", part(b"Content-Type: text/plain")),
    case("14-no-name", part(b"Content-Disposition: form-data")),
    case("14-attachment", part(b'Content-Disposition: attachment; name="a"')),
    case("14-nul-in-a-header", part(b'Content-Disposition: form-data; name="a\0b"')),
    case("14-cr-in-a-header", part(b'Content-Disposition: form-data; name="a\rb"')),
    case("14-lf-in-a-header", part(b'Content-Disposition: form-data; name="a\nb"')),
    case("14-nul-in-another-header", part(NAMED, b"X: \0")),
    case("14-nul-in-a-name", part(b"Content-Disposition: form-data; name*=utf-8''a%00b")),
    case("14-no-utf-8", part(b'Content-Disposition: form-data; name="\xff"')),
    case("14-header-name", part(NAMED, b"X y: z")),
    case("14-fold-at-the-beginning", part(b" x", NAMED)),
    case("14-length-too-long", part(NAMED, b"Content-Length: 9")),
    case("14-length-too-short", part(NAMED, b"Content-Length: 0")),
    case("14-length-odd", part(NAMED, b"Content-Length: -1")),
    case(
        "14-length-of-many-digits",
        part(NAMED, b"Content-Length: " + b"9" * 5_000),
    ),
    case("14-lf-cut", lf(FIELD + b"cut")),
    case("14-lf-cut-in-the-header", lf(FIELD)[:20]),
    case("14-lf-and-another-boundary", lf(FIELD) + b"x\n--c--\n"),
    case("14-lf-no-disposition", lf(part(b"Content-Type: text/plain"))),
    case("14-lf-no-headers", lf(part())),
    case("14-lf-no-name", lf(part(b"Content-Disposition: form-data"))),
    case("14-lf-nul", lf(part(b'Content-Disposition: form-data; name="a\0b"'))),
    case("14-lf-and-nul-in-a-name", lf(part(b"Content-Disposition: form-data; name*=utf-8''a%00"))),
    case("14-line-breaks-of-two-kinds", b"--b\r\n" + lf(FIELD[5:]) + b"x" + END),
]  # fmt: skip


@pytest.mark.parametrize("body", MALFORMED)
def test_malformed_multipart(app, client, body):
    response = client.post("/", data=body, content_type=MULTIPART)
    assert response.status_code == 400
    assert "multipart form" in response.text
    assert all(file.closed for file in app.request_class.opened)


@pytest.mark.parametrize("in_lf", [False, True], ids=["crlf", "lf"])
@pytest.mark.parametrize("piece", [case("14-every-prefix", 4096), case("14-byte-by-byte", 1)])
def test_a_form_cut_anywhere(app, client, pieces, in_lf, piece, send_form):
    whole = FILE + b"file\r\n" + FIELD + b"text" + END
    whole = lf(whole) if in_lf else whole
    complete = whole.rindex(b"--") + 2
    for end in range(1, len(whole) + 1):
        sent = pieces(whole[at : min(at + piece, end)] for at in range(0, end, piece))
        expected = 200 if end >= complete else 400
        assert send_form(client, sent, length=end).status_code == expected, end
    assert all(file.closed for file in app.request_class.opened)


@pytest.mark.parametrize("flag", [case("14-optimized", "-O"), case("14-without-docstrings", "-OO")])
def test_malformed_multipart_without_assertions(flag):
    program = """
import sys
from erlen import Erlen, request

assert False, "assertions are on"
app = Erlen("app")
app.add_url_rule("/", "index", lambda: dict(request.form), methods=["POST"])
client = app.test_client()
for body in eval(sys.stdin.read()):
    print(client.post("/", data=body, content_type="multipart/form-data; boundary=b").status_code)
"""
    whole = FILE + b"file\r\n" + FIELD + b"text" + END
    bodies = [values[0] for values, *_ in MALFORMED]
    bodies += [whole[:end] for end in range(1, len(whole) - 2)]
    done = subprocess.run(
        [sys.executable, flag, "-c", program],
        input=repr(bodies),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.split() == ["400"] * len(bodies)
