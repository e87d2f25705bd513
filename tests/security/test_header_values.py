"""Case 57: headers whose values are expensive to read."""

from __future__ import annotations

from contextlib import suppress

import pytest

from erlen import Erlen, request
from erlen.http.accept import CharsetAccept, LanguageAccept, MIMEAccept, parse_accept_header
from erlen.http.auth import Authorization, WWWAuthenticate
from erlen.http.caching import parse_cache_control_header
from erlen.http.csp import parse_csp_header
from erlen.http.dates import parse_age, parse_date
from erlen.http.etags import parse_etags
from erlen.http.grammar import parse_dict_header, parse_list_header
from erlen.http.header_set import parse_set_header
from erlen.http.ranges import parse_content_range_header, parse_if_range_header


def case(name, *values):
    return pytest.param(*values, id=f"case-{name}")


PARSERS = {
    "accept": parse_accept_header,
    "accept-media-type": lambda text: parse_accept_header(text, MIMEAccept).best_match(
        ["text/html", "application/json"]
    ),
    "accept-language": lambda text: parse_accept_header(text, LanguageAccept).best_match(
        ["de", "en-GB"]
    ),
    "accept-charset": lambda text: parse_accept_header(text, CharsetAccept).best_match(["utf-8"]),
    "etags": parse_etags,
    "date": parse_date,
    "age": parse_age,
    "if-range": parse_if_range_header,
    "content-range": parse_content_range_header,
    "cache-control": parse_cache_control_header,
    "authorization": Authorization.from_header,
    "challenge": WWWAuthenticate.from_header,
    "list": parse_list_header,
    "dictionary": parse_dict_header,
    "set": parse_set_header,
    "policy": parse_csp_header,
}  # fmt: skip


HOSTILE_HEADERS = {
    "letters": ("", "a"),
    "digits": ("", "9"),
    "spaces": ("", " "),
    "tabs": ("", "\t"),
    "spaces-behind-a-letter": ("a", " "),
    "spaces-behind-a-day": ("Sun,", " "),
    "commas": ("", ","),
    "semicolons": ("a", ";"),
    "quotes": ("", '"'),
    "open-quote": ('"', "a"),
    "open-quote-of-a-value": ('a="', "\\"),
    "escaped-quotes": ('a="', '\\"'),
    "equals": ("a", "="),
    "stars": ("", "*"),
    "items": ("", "a,"),
    "quoted-items": ("", '"a",'),
    "weak-tags": ("", 'W/"a",'),
    "half-tags": ("", "W/"),
    "open-tags": ("", ',"a'),
    "tags-without-end": ('"', "a,"),
    "commas-and-spaces": ("", ", "),
    "pairs": ("", "a=b,"),
    "quoted-pairs": ("", 'a="b",'),
    "extended-pairs": ("", "a*=utf-8''%ff,"),
    "parameters": ("a", ";a=b"),
    "cut-parameters": ("a", ";a*0=b"),
    "weights": ("", "a;q=0.5,"),
    "odd-weights": ("a;q=", "0"),
    "types": ("", "a/b;c=d,"),
    "slashes": ("", "/"),
    "dashes": ("", "-"),
    "dots": ("", "."),
    "colons": ("", ":"),
    "months": ("", "Jan "),
    "dates": ("", "Sun, 06 Nov 1994 08:49:37 GMT "),
    "basic": ("Basic ", "A"),
    "digest": ("Digest ", 'a="b",'),
    "percent-signs": ("", "%"),
    "other-characters": ("", "\xe9"),
}


@pytest.mark.parametrize("parse", PARSERS.values(), ids=PARSERS)
@pytest.mark.parametrize(
    ("start", "repeated"),
    [case(f"57-{name}", *pattern) for name, pattern in HOSTILE_HEADERS.items()],
)
def test_headers_are_parsed_in_linear_time(assert_linear, parse, start, repeated):
    def run(value):
        # A malformed value may be refused; what counts is how long that takes.
        with suppress(ValueError):
            parse(value)

    def make(size):
        return start + repeated * (size // len(repeated))

    assert_linear(run, make, small=1024, large=65_536)


@pytest.mark.parametrize(
    ("start", "repeated"),
    [case(f"57-sent-{name}", *pattern) for name, pattern in HOSTILE_HEADERS.items()],
)
def test_hostile_headers_in_a_request(interface, start, repeated):
    app = Erlen(__name__)

    @app.route("/")
    def index():
        for name in (
            "accept_charsets", "accept_encodings", "accept_languages", "accept_mimetypes",
            "access_control_request_headers", "access_route", "authorization", "cache_control",
            "cookies", "date", "if_match", "if_modified_since", "if_none_match", "if_range",
            "if_unmodified_since", "max_forwards", "mimetype_params", "origin", "pragma", "range",
            "referrer", "user_agent",
        ):  # fmt: skip
            repr(getattr(request, name))
        return ""

    text = start + repeated * (8_000 // len(repeated))
    names = (
        "Accept", "Accept-Charset", "Accept-Encoding", "Accept-Language", "Authorization",
        "Access-Control-Request-Headers", "Cache-Control", "Content-Type", "Cookie", "Date",
        "If-Match", "If-Modified-Since", "If-None-Match", "If-Range", "If-Unmodified-Since",
        "Max-Forwards", "Origin", "Pragma", "Range", "Referer", "User-Agent", "X-Forwarded-For",
    )  # fmt: skip
    client = app.test_client(use_cookies=False)
    assert client.get("/", headers=dict.fromkeys(names, text)).status_code == 200
