"""The cost of a byte is the same in a megabyte as in a kilobyte, for every case about parsing."""

from __future__ import annotations

from contextlib import suppress
from io import BytesIO

import pytest

from erlen.http.accept import CharsetAccept, LanguageAccept, MIMEAccept, parse_accept_header
from erlen.http.auth import Authorization
from erlen.http.caching import parse_cache_control_header
from erlen.http.cookies import parse_cookie
from erlen.http.csp import parse_csp_header
from erlen.http.dates import parse_date
from erlen.http.etags import parse_etags
from erlen.http.exceptions import RequestEntityTooLarge
from erlen.http.forms import FormDataParser, MalformedForm, MultiPartParser
from erlen.http.grammar import parse_dict_header, parse_list_header, parse_options_header
from erlen.http.multidict import MultiDict
from erlen.http.ranges import (
    parse_content_range_header,
    parse_if_range_header,
    parse_range_header,
)
from erlen.http.urls import iri_to_uri, parse_query, uri_to_iri

NAMED = b'--b\r\nContent-Disposition: form-data; name="a"\r\n'
BASE64 = NAMED + b"Content-Transfer-Encoding: base64\r\n\r\n"


def form(body):
    # A malformed form may be refused; what counts is how long that takes.
    with suppress(MalformedForm, RequestEntityTooLarge):
        MultiPartParser().parse(BytesIO(body), "b", len(body))


def urlencoded(body):
    FormDataParser().parse(BytesIO(body), "application/x-www-form-urlencoded", len(body))


def ranges(value):
    parse_range_header(value)
    parse_content_range_header(value)
    parse_if_range_header(value)


def accept(value):
    for kind in (MIMEAccept, LanguageAccept, CharsetAccept):
        parse_accept_header(value, kind).best_match(["text/html", "de/x"])


def headers(value):
    for parse in (
        parse_date, parse_etags, parse_cache_control_header, parse_csp_header, parse_list_header,
        parse_dict_header, Authorization.from_header,
    ):  # fmt: skip
        parse(value)


def urls(value):
    for parse in (iri_to_uri, uri_to_iri, parse_query):
        with suppress(ValueError):
            parse(value)


def keys(value):
    found = MultiDict((value[at : at + 8], at) for at in range(0, len(value), 8))
    assert all(value[at : at + 8] in found for at in range(0, len(value), 8))


def case(name, parse, start, repeated, end=None):
    return pytest.param(parse, start, repeated, repeated[:0] if end is None else end, id=name)


@pytest.mark.parametrize(
    ("parse", "start", "repeated", "end"),
    [
        case("case-07-preamble", form, b"", b"\r\n", NAMED + b"\r\nx\r\n--b--"),
        case("case-07-half-boundaries", form, b"", b"\r\n--\r\n-", NAMED + b"\r\nx\r\n--b--"),
        case("case-07-epilogue", form, NAMED + b"\r\nx\r\n--b--", b"\r\n"),
        case("case-07-content", form, NAMED + b"\r\n", b"\r\n--", b"\r\n--b--"),
        case("case-07-preamble-of-lf", form, b"", b"\n", NAMED.replace(b"\r", b"") + b"\nx\n--b--"),
        case("case-08-headers", form, NAMED, b"X: y\r\n"),
        case("case-08-one-header", form, NAMED + b"X: ", b"y"),
        case("case-08-folded", form, NAMED + b"X: y\r\n", b" z\r\n"),
        case("case-08-parts", form, b"", NAMED + b"X: y\r\n" * 9 + b"\r\nx\r\n", b"--b--"),
        case("case-09-backslashes", parse_options_header, 'a; b="', "\\"),
        case("case-09-open-quotes", parse_options_header, "a", '; b="\\'),
        case("case-09-spaces", parse_options_header, "a;", " "),
        case("case-09-token", parse_options_header, "a; ", "b"),
        case("case-10-semicolons", parse_options_header, "a", ";"),
        case("case-10-parameters", parse_options_header, "a", "; b=c"),
        case("case-10-continuations", parse_options_header, "a", "; b*0=c"),
        case("case-10-extended", parse_options_header, "a", "; b*=utf-8''%ff"),
        case("case-12-semicolons", urlencoded, b"a=1", b";b=2"),
        case("case-12-ampersands", urlencoded, b"a=1", b"&"),
        case("case-12-fields", urlencoded, b"", b"a=%ff+&"),
        case("case-13-spaces", form, BASE64, b"Z ", b"\r\n--b--"),
        case("case-13-lines", form, BASE64, b"Z\r\n", b"\r\n--b--"),
        case("case-36-no-names", parse_cookie, "", "=__Host-x=bad; "),
        case("case-36-equals", parse_cookie, "", "="),
        case("case-36-blanks", parse_cookie, "", " \t; "),
        case("case-37-backslashes", parse_cookie, 'a="', "\\"),
        case("case-37-quotes", parse_cookie, 'a="', '\\"'),
        case("case-37-octals", parse_cookie, 'a="', "\\012", '"'),
        case("case-37-open-quotes", parse_cookie, "", 'a="x; '),
        case("case-37-closing-quotes", parse_cookie, "", 'a="x; y"; '),
        case("case-37-no-pairs-behind-a-quote", parse_cookie, 'a="', 'x\\"; '),
        case("case-41-ranges", ranges, "bytes=", "0-1,"),
        case("case-41-suffixes", ranges, "bytes=", "-1,"),
        case("case-42-digits", ranges, "bytes=0-", "9"),
        case("case-42-other-digits", ranges, "bytes=", "\u0664"),
        case("case-42-dashes", ranges, "bytes=", "-"),
        case("case-42-tags", ranges, 'W/"', 'W/"'),
        case("case-54-invalid", urls, "/", "%ff"),
        case("case-54-cut", urls, "/?a=", "%e2%98"),
        case("case-54-text", urls, "/", "\u2603"),
        case("case-54-host", urls, "http://", "\u2603.", "/"),
        case("case-54-slashes", urls, "", "/"),
        case("case-55-languages", accept, "", "a-b;q=0.5,"),
        case("case-55-subtags", accept, "", "a_"),
        case("case-55-commas", accept, "", ","),
        case("case-55-quotes", accept, "", '"'),
        case("case-57-keys", keys, "", "".join(f"{n:08x}" for n in range(997))),
        case("case-57-one-key", keys, "", "aaaaaaaa"),
        case("case-57-dates", headers, "Sun, ", "06 Nov 1994 "),
        case("case-57-digits", headers, "", "9"),
        case("case-57-tags", headers, "", 'W/"a" '),
        case("case-57-half-tags", headers, "", 'W/"'),
        case("case-57-types", headers, "", 'a/b;c="d",'),
        case("case-57-basic", headers, "Basic ", "QUFB"),
    ],
)
def test_a_byte_costs_the_same_from_a_kilobyte_to_a_megabyte(
    assert_linear, parse, start, repeated, end
):
    def make(size):
        return start + repeated * max(1, size // len(repeated)) + end

    assert_linear(parse, make, small=1024, large=1024 * 1024)
