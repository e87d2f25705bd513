"""Cases 40 to 42: the names of downloads, and parts of them."""

from __future__ import annotations

from io import BytesIO

import pytest

from erlen import Response, request, send_file
from erlen.http.ranges import parse_range_header


def case(name, *values):
    return pytest.param(*values, id=f"case-{name}")


@pytest.mark.parametrize(
    ("name", "header"),
    [
        case("40-token", "a.txt", "attachment; filename=a.txt"),
        case("40-space", "a b.txt", 'attachment; filename="a b.txt"'),
        case("40-quote", 'a".txt', 'attachment; filename="a\\".txt"'),
        case("40-quote-and-parameter", 'a"; x="b', 'attachment; filename="a\\"; x=\\"b"'),
        case("40-backslash", "a\\b", 'attachment; filename="a\\\\b"'),
        case("40-backslash-and-quote", 'a\\"', 'attachment; filename="a\\\\\\""'),
        case("40-semicolon", "a;b", 'attachment; filename="a;b"'),
        case("40-comma", "a,b", 'attachment; filename="a,b"'),
        case("40-percent", "a%22b", "attachment; filename=a%22b"),
        case("40-html", "<script>", 'attachment; filename="<script>"'),
        case("40-crlf", "a\r\nX: b", 'attachment; filename="a__X: b"'),
        case("40-nul", "a\0.txt", "attachment; filename=a_.txt"),
        case("40-tab", "a\tb", "attachment; filename=a_b"),
        case("40-escape", "a\x1b[31m", 'attachment; filename="a_[31m"'),
        case(
            "40-umlaut",
            "r\u00e9sum\u00e9.pdf",
            "attachment; filename=resume.pdf; filename*=UTF-8''r%C3%A9sum%C3%A9.pdf",
        ),
        case(
            "40-unicode",
            "\u2603 \u65e5.txt",
            "attachment; filename=\" .txt\"; filename*=UTF-8''%E2%98%83%20%E6%97%A5.txt",
        ),
        case(
            "40-unicode-quote",
            '\u2603"; x="',
            'attachment; filename="\\"; x=\\""; filename*=UTF-8\'\'%E2%98%83%22%3B%20x%3D%22',
        ),
        case(
            "40-full-width-quote",
            "\uff02; x=\uff02b",
            'attachment; filename="\\"; x=\\"b"; filename*=UTF-8\'\'%EF%BC%82%3B%20x%3D%EF%BC%82b',
        ),
        case(
            "40-unicode-crlf",
            "\u2603\r\nX: b",
            "attachment; filename=\"__X: b\"; filename*=UTF-8''%E2%98%83__X%3A%20b",
        ),
        case(
            "40-line-separator",
            "a\u2028b",
            "attachment; filename=ab; filename*=UTF-8''a%E2%80%A8b",
        ),
        case(
            "40-c1-control",
            "a\x85b",
            "attachment; filename=ab; filename*=UTF-8''a%C2%85b",
        ),
        case(
            "40-apostrophe",
            "\u2603'x",
            "attachment; filename='x; filename*=UTF-8''%E2%98%83%27x",
        ),
    ],
)
def test_download_names_are_escaped(respond, name, header):
    response = respond(
        lambda: send_file(
            BytesIO(b"x"), mimetype="text/plain", as_attachment=True, download_name=name
        )
    )
    assert response.headers["Content-Disposition"] == header
    assert "X" not in response.headers


@pytest.mark.parametrize(
    "name",
    [case("40-surrogate", "a\udc80.txt"), case("40-surrogates", "\ud83d\ude00\ud800.txt")],
)
def test_download_names_that_are_no_text(respond, name):
    # Such names come from folders whose files were not named in UTF-8.
    response = respond(
        lambda: send_file(
            BytesIO(b"x"), mimetype="text/plain", as_attachment=True, download_name=name
        )
    )
    assert response.status_code == 200
    disposition = response.headers["Content-Disposition"]
    assert disposition.startswith("attachment; filename=")
    assert disposition.isascii() and disposition.isprintable()


@pytest.mark.parametrize(
    "value",
    [
        case("41-many", ",".join(f"{n}-{n}" for n in range(10_000))),
        case("41-many-of-all", ",".join(["0-"] * 10_000)),
        case("41-overlapping", ",".join(["0-9"] * 10_000)),
        case("41-suffixes", ",".join(f"-{n}" for n in range(1, 10_000))),
        case("41-commas", "," * 10_000),
        case("41-spaces", " " * 10_000 + "0-1," * 10_000),
        case("41-sixty-five", ",".join(f"{n}-{n}" for n in range(65))),
        case("41-two", "0-1,3-4"),
        case("41-dashes", "-" * 10_000),
        case("41-digits", "9" * 10_000 + "-"),
    ],
)
def test_many_ranges(respond, value):
    body = b"0123456789" * 100
    response = respond(
        lambda: send_file(BytesIO(body), mimetype="text/plain"),
        headers={"Range": f"bytes={value}"},
    )
    assert response.status_code in (200, 416)
    assert len(response.data) <= len(body)


@pytest.mark.parametrize(
    ("start", "repeated"),
    [
        case("41-linear-ranges", "bytes=", "1-2,"),
        case("41-linear-open", "bytes=", "1-,"),
        case("41-linear-commas", "bytes=", ","),
        case("41-linear-spaces", "bytes=", " "),
        case("41-linear-dashes", "bytes=", "-"),
        case("41-linear-digits", "bytes=", "9"),
        case("41-linear-suffix", "bytes=-", "9"),
        case("41-linear-units", "", "b"),
        case("41-linear-equals", "bytes", "="),
    ],
)
def test_ranges_are_parsed_in_linear_time(assert_linear, start, repeated):
    def make(size):
        return start + repeated * (size // len(repeated))

    assert_linear(parse_range_header, make, small=1024, large=65_536)


BODY = b"0123456789"


def ranged(tag="tag", weak=False, last_modified=None):
    """A view with a body that can be asked for in part."""

    def view():
        response = Response(BODY)
        if tag:
            response.set_etag(tag, weak)
        response.last_modified = last_modified
        return response.make_conditional(request, accept_ranges=True, complete_length=len(BODY))

    return view


@pytest.mark.parametrize(
    ("value", "status", "body"),
    [
        case("42-first-two", "bytes=0-1", 206, b"01"),
        case("42-unit-in-upper-case", "Bytes=0-1", 206, b"01"),
        case("42-arabic-digits", "bytes=\u0660-\u0661", 416, None),
        case("42-full-width-digits", "bytes=\uff10-\uff11", 416, None),
        case("42-superscript-digit", "bytes=0-\u00b2", 416, None),
        case("42-underscore", "bytes=0_0-1", 416, None),
        case("42-plus", "bytes=+0-1", 416, None),
        case("42-hexadecimal", "bytes=0x0-0x1", 416, None),
        case("42-exponent", "bytes=0-1e0", 416, None),
        case("42-inverted", "bytes=5-2", 416, None),
        case("42-inverted-behind-another", "bytes=0-1,5-2", 416, None),
        case("42-outside", "bytes=10-", 416, None),
        case("42-far-outside", "bytes=99999999999999999999-", 416, None),
        case("42-to-far-outside", "bytes=8-18446744073709551615", 206, b"89"),
        case("42-huge-suffix", "bytes=-" + "9" * 400, 416, None),
        case("42-huge-start", "bytes=" + "9" * 5_000 + "-", 416, None),
        case("42-huge-end", "bytes=0-" + "9" * 5_000, 416, None),
        # RFC 9110, section 14.1.2: it is the whole of it.
        case("42-suffix-longer-than-the-body", "bytes=-11", 206, BODY),
        case("42-suffix-of-nothing", "bytes=-0", 416, None),
        case("42-suffix", "bytes=-2", 206, b"89"),
        case("42-two-dashes", "bytes=--1", 416, None),
        case("42-dash-behind", "bytes=-1-", 416, None),
        case("42-no-range", "bytes=", 416, None),
        case("42-no-unit", "=0-1", 416, None),
        case("42-no-equals", "bytes 0-1", 416, None),
        case("42-other-unit", "lines=0-1", 200, BODY),
        case("42-nul", "bytes=0\x00-1", 416, None),
    ],
)
def test_odd_ranges(respond, value, status, body):
    response = respond(
        ranged(), headers={"Range": value.encode().decode("latin-1").replace("\x00", "%00")}
    )
    assert response.status_code == status
    if body is None:
        assert response.headers["Content-Range"] == "bytes */10"
        assert "<script" not in response.text
    else:
        assert response.data == body
        assert response.headers["Content-Length"] == str(len(body))


@pytest.mark.parametrize(
    ("view", "if_range", "status"),
    [
        case("42-if-range-fits", ranged(), '"tag"', 206),
        case("42-if-range-weak", ranged(), 'W/"tag"', 200),
        case("42-if-range-weak-in-lower-case", ranged(), 'w/"tag"', 200),
        case("42-if-range-strong-of-weak", ranged(weak=True), '"tag"', 200),
        case("42-if-range-weak-of-weak", ranged(weak=True), 'W/"tag"', 200),
        case("42-if-range-another", ranged(), '"other"', 200),
        case("42-if-range-star", ranged(), "*", 200),
        case("42-if-range-list", ranged(), '"other", "tag"', 200),
        case("42-if-range-no-tag", ranged(tag=None), '"tag"', 200),
        case("42-if-range-no-tag-star", ranged(tag=None), "*", 200),
        case("42-if-range-date", ranged(), "Sun, 06 Nov 2094 08:49:37 GMT", 200),
        case(
            "42-if-range-date-fits",
            ranged(last_modified=0),
            "Thu, 01 Jan 1970 00:00:00 GMT",
            206,
        ),
        case(
            "42-if-range-older-date",
            ranged(last_modified=86_400),
            "Thu, 01 Jan 1970 00:00:00 GMT",
            200,
        ),
        case("42-if-range-odd-date", ranged(), "Sun, 32 Nov 1994 08:49:37 GMT", 200),
    ],
)
def test_conditional_ranges(respond, view, if_range, status):
    headers = {"Range": "bytes=0-1", "If-Range": if_range}
    response = respond(view, headers=headers)
    assert response.status_code == status
    assert response.data == (b"01" if status == 206 else BODY)
    # A date of another condition does not stand in for it.
    headers["If-Modified-Since"] = "Sun, 06 Nov 1960 08:49:37 GMT"
    assert respond(view, headers=headers).status_code == status
