from __future__ import annotations

import warnings
from datetime import UTC, datetime, timedelta
from time import process_time
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from erlen.http.cookies import SentCookies, dump_cookie, find_cookie, parse_cookie
from erlen.http.dates import parse_date
from erlen.http.multidict import ImmutableMultiDict


def wsgi(text: str) -> str:
    """What a server hands over for the UTF-8 bytes of ``text``."""
    return text.encode().decode("latin-1")


@pytest.mark.parametrize(
    ("header", "pairs"),
    [
        pytest.param("a=b", [("a", "b")], id="one"),
        pytest.param("a=b; c=d;e=f", [("a", "b"), ("c", "d"), ("e", "f")], id="several"),
        pytest.param("a=b; a=c", [("a", "b"), ("a", "c")], id="twice"),
        pytest.param(" a = b ;", [("a", "b")], id="blanks"),
        pytest.param("a", [("a", "")], id="name-alone"),
        pytest.param("a=; b", [("a", ""), ("b", "")], id="empty-values"),
        pytest.param("a=b=c", [("a", "b=c")], id="equals-in-value"),
        pytest.param('a="b c"', [("a", "b c")], id="quoted"),
        pytest.param('a=""', [("a", "")], id="quoted-empty"),
        pytest.param(r'a="b\"c\\d"', [("a", 'b"c\\d')], id="escapes"),
        pytest.param(r'a="\054\073\303\251"', [("a", ",;é")], id="octal-escapes"),
        pytest.param(r'a="\999\8"', [("a", "9998")], id="no-octal-escapes"),
        pytest.param(wsgi("a=é; é=b"), [("a", "é"), ("é", "b")], id="utf-8"),
        pytest.param("a=\xff", [("a", "�")], id="not-utf-8"),
        pytest.param("a=%20", [("a", "%20")], id="percent-stays"),
        pytest.param('a={"x":1,"y":[2, 3]}', [("a", '{"x":1,"y":[2, 3]}')], id="json-of-a-script"),
        pytest.param('a="b', [("a", '"b')], id="quote-without-an-end"),
        pytest.param(r'a="b\"', [("a", r'"b\"')], id="escaped-end"),
        pytest.param('a="b"c"', [("a", '"b"c"')], id="quote-inside"),
        pytest.param("a.b=1; a[c]=2; $d=3", [("a.b", "1"), ("a[c]", "2"), ("$d", "3")], id="names"),
        pytest.param('"a"=1; b c=2; b\td=3; e=4', [("e", "4")], id="names-that-are-none"),
        pytest.param("=__Host-a=b; ==c; ;=", [], id="no-name"),
        pytest.param("\xa0__Host-a=b", [("�__Host-a", "b")], id="a-blank-that-is-none"),
        pytest.param("", [], id="empty"),
        pytest.param(None, [], id="no-header"),
    ],
)
def test_parsing(header: str | None, pairs: list[tuple[str, str]]) -> None:
    assert list(parse_cookie(header).items(multi=True)) == pairs


def test_a_quote_does_not_take_in_the_cookies_behind_it() -> None:
    cookies = parse_cookie('a="x; session=secret; b=y"')
    assert cookies.to_dict() == {"a": '"x', "session": "secret", "b": 'y"'}


def test_the_class_of_the_result() -> None:
    assert type(parse_cookie("a=b", ImmutableMultiDict)) is ImmutableMultiDict


@pytest.mark.parametrize(
    ("arguments", "header"),
    [
        ({}, "a=b; Path=/"),
        ({"path": None}, "a=b"),
        ({"path": "/x y/é"}, "a=b; Path=/x%20y/%C3%A9"),
        ({"path": "/%20"}, "a=b; Path=/%20"),
        ({"domain": "example.org"}, "a=b; Domain=example.org; Path=/"),
        ({"domain": ".example.org:8080"}, "a=b; Domain=example.org; Path=/"),
        ({"domain": "bücher.example"}, "a=b; Domain=xn--bcher-kva.example; Path=/"),
        ({"secure": True, "httponly": True}, "a=b; Secure; HttpOnly; Path=/"),
        ({"samesite": "lax"}, "a=b; Path=/; SameSite=Lax"),
        ({"samesite": "NONE"}, "a=b; Path=/; SameSite=None"),
        ({"partitioned": True}, "a=b; Secure; Path=/; Partitioned"),
        ({"max_age": 5, "sync_expires": False}, "a=b; Max-Age=5; Path=/"),
        ({"max_age": timedelta(days=1), "sync_expires": False}, "a=b; Max-Age=86400; Path=/"),
        ({"expires": 0}, "a=b; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/"),
        (
            {"expires": datetime(2020, 1, 2, tzinfo=UTC)},
            "a=b; Expires=Thu, 02 Jan 2020 00:00:00 GMT; Path=/",
        ),
        ({"expires": "soon"}, "a=b; Expires=soon; Path=/"),
        (
            {
                "max_age": 0, "expires": 0, "path": "/x", "domain": "x.org", "secure": True,
                "httponly": True, "samesite": "Strict", "partitioned": True,
            },
            "a=b; Domain=x.org; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Secure;"
            " HttpOnly; Path=/x; SameSite=Strict; Partitioned",
        ),
    ],
)  # fmt: skip
def test_attributes(arguments: dict[str, Any], header: str) -> None:
    assert dump_cookie("a", "b", **arguments) == header


def test_an_age_sets_the_date_too() -> None:
    header = dump_cookie("a", "b", max_age=3600)
    date = parse_date(header.split("Expires=")[1].split(";")[0])
    assert date is not None
    assert 3590 < (date - datetime.now(UTC)).total_seconds() <= 3600
    assert "Max-Age=3600" in header


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("", ""),
        ("abc-123_.~", "abc-123_.~"),
        ("a=b&c/d:e", "a=b&c/d:e"),
        ("a b", '"a b"'),
        ("a,b;c", r'"a\054b\073c"'),
        ('"\\', r'"\"\\"'),
        ("é", r'"\303\251"'),
        ("\r\n\0\x7f", r'"\015\012\000\177"'),
    ],
)
def test_values(value: str, written: str) -> None:
    assert dump_cookie("a", value, path=None) == f"a={written}"


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        *[(name, {}) for name in ("", "a b", "a=b", "a;b", "a,b", "a\nb", "a\0b", "a\x7fb")],
        *[
            ("a", {key: f"x{breaker}y"})
            for key in ("path", "domain", "expires", "samesite")
            for breaker in (";", "\r\n", "\0")
        ],
        ("a", {"samesite": "sometimes"}),
    ],
)
def test_what_would_break_the_header_is_refused(name: str, arguments: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        dump_cookie(name, "b", **arguments)


def test_a_name_outside_of_ascii_reaches_the_client_as_utf_8() -> None:
    header = dump_cookie("é", "b", path=None)
    assert header.encode("latin-1") == "é=b".encode()
    assert parse_cookie(header).to_dict() == {"é": "b"}


def test_a_large_cookie_warns() -> None:
    with pytest.warns(UserWarning, match="'a' cookie is too large"):
        dump_cookie("a", "b" * 5000)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        dump_cookie("a", "b" * 5000, max_size=0)
        dump_cookie("a", "b" * 4000)
    with pytest.warns(UserWarning, match="limit is 10 bytes"):
        dump_cookie("a", "b" * 10, max_size=10)


@pytest.mark.parametrize("piece", ["\\", '"', "; ", "=", 'a="', "a=b; ", '\\"', "\\073"])
def test_hostile_headers_are_cheap(piece: str) -> None:
    start = process_time()
    for header in (piece * 40_000, 'a="' + piece * 40_000, 'a="' + piece * 40_000 + '"'):
        parse_cookie(header)
    assert process_time() - start < 2


NAMES = st.text("abcdefghijklmnopqrstuvwxyzABC0123456789-_.!#$", min_size=1, max_size=10)


@given(st.dictionaries(NAMES, st.text(max_size=30), max_size=5))
def test_round_trip(cookies: dict[str, str]) -> None:
    written = [dump_cookie(name, value, path=None) for name, value in cookies.items()]
    assert all(header.isascii() for header in written)
    assert parse_cookie("; ".join(written)).to_dict() == cookies


@given(st.binary(max_size=60))
def test_any_bytes_give_an_answer(raw: bytes) -> None:
    for name, value in parse_cookie(raw.decode("latin-1")).items(multi=True):
        assert name
        assert not set(name) & set('"; \t=')
        assert isinstance(value, str)


NAMES = ["session", "a", "__Host-s", "b c", "b\td", 'q"', "é", "", " a", "a=b", "a;b", "="]
HEADERS = st.lists(
    st.sampled_from([*NAMES, *'=;"\\, \t\xa0\xff\x0b{}', "; ", '="', "\\073", wsgi("é")])
    | st.text()
).map("".join)


@given(HEADERS, st.sampled_from(NAMES) | st.text(max_size=3))
@example("a=1; a=2", "a")
@example("aa=1; a =\t2 ", "a")
@example("a; a=2", "a")
@example('a="b;a=c"', "a")
@example("\xa0__Host-s=b", "__Host-s")
@example(wsgi("é=1"), "é")
@example("é=1", "é")
@example("b c=1", "b c")
@example("=x", "")
def test_one_cookie_is_found_as_parsing_all_finds_it(header: str, name: str) -> None:
    expected = parse_cookie(header).get(name)
    assert find_cookie(header, name) == expected
    sent = SentCookies({"HTTP_COOKIE": header})
    assert sent.cookies.get(name) == expected
    assert sent.cookies.get(name, "default") == parse_cookie(header).get(name, "default")


def test_no_header_has_no_cookie() -> None:
    assert find_cookie(None, "a") is find_cookie("", "a") is SentCookies({}).get("a") is None


def test_cookies_that_share_a_part_do_not_share_the_others() -> None:
    cases: list[dict[str, Any]] = [
        {},
        {"secure": True},
        {"httponly": True},
        {"partitioned": True},
        {"path": None},
        {"path": "/x"},
        {"domain": "x.org"},
        {"samesite": "Lax"},
        {"samesite": "lax"},
    ]
    headers = [dump_cookie("a", value, **case) for value in "bcb" for case in cases]
    assert headers[: len(cases)] == headers[-len(cases) :]
    assert headers[: len(cases)] == [
        "a=b; Path=/",
        "a=b; Secure; Path=/",
        "a=b; HttpOnly; Path=/",
        "a=b; Secure; Path=/; Partitioned",
        "a=b",
        "a=b; Path=/x",
        "a=b; Domain=x.org; Path=/",
        "a=b; Path=/; SameSite=Lax",
        "a=b; Path=/; SameSite=Lax",
    ]
    for _ in range(2):
        with pytest.raises(ValueError):
            dump_cookie("a", path="/;")


@pytest.mark.parametrize("cookie", ["a=1; b=2; a=3", 'a=1; b="2"; a=3'])
def test_the_class_of_the_result_may_be_a_plain_dictionary(cookie):
    assert parse_cookie(cookie, cls=dict) == {"a": "3", "b": "2"}
