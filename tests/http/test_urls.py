from __future__ import annotations

import re
import time
import urllib.parse

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erlen.http.multidict import ImmutableMultiDict, MultiDict
from erlen.http.urls import (
    TooManyFields,
    dump_query,
    iri_to_uri,
    make_quote,
    parse_query,
    query_dict,
    uri_to_iri,
)


@pytest.mark.parametrize(
    ("iri", "uri"),
    [
        ("", ""),
        ("/a/b?c=d#e", "/a/b?c=d#e"),
        ("http://☃.net/påth?q=èry#ö", "http://xn--n3h.net/p%C3%A5th?q=%C3%A8ry#%C3%B6"),
        ("http://ü:ö@h:80/", "http://%C3%BC:%C3%B6@h:80/"),
        ("HTTP://Example.ORG/Path", "http://example.org/Path"),
        ("http://[::1]:80/", "http://[::1]:80/"),
        ("/a b", "/a%20b"),
        ("/a[b]?c[]=1#[x]", "/a%5Bb%5D?c%5B%5D=1#%5Bx%5D"),
        ("/%C3%A5?a=%26", "/%C3%A5?a=%26"),
        ('/"<>\\^`{|}', "/%22%3C%3E%5C%5E%60%7B%7C%7D"),
        ("/a;b,c=d+e&f$g!h*i'j(k)~", "/a;b,c=d+e&f$g!h*i'j(k)~"),
        ("////ü?ö#ä", "////%C3%BC?%C3%B6#%C3%A4"),
        ("http:////ü", "http:////%C3%BC"),
        ("http://" + "ä" * 64, "http://" + "%c3%a4" * 64),
        ("http://" + "ä." * 128, "http://" + "%c3%a4." * 128),
        ("http://" + "ä." * 127 + "a", "http://" + "xn--4ca." * 127 + "a"),
        ("http://a\x1f|b☃.net/", "http://xn--a%1f%7cb-8g3b.net/"),
        ("http://a\x1f|b.net/", "http://a%1f%7cb.net/"),
        ("itms-services://?action=a&url=https://b/c", "itms-services://?action=a&url=https://b/c"),
    ],
)
def test_iri_to_uri(iri: str, uri: str) -> None:
    assert iri_to_uri(iri) == uri
    assert iri_to_uri(uri) == uri
    assert uri.isascii()


@pytest.mark.parametrize(
    ("uri", "iri"),
    [
        ("", ""),
        ("http://xn--n3h.net/p%C3%A5th?q=%C3%A8ry%DF", "http://☃.net/påth?q=èry%DF"),
        ("http://%C3%BC:p%3A@h/", "http://ü:p%3A@h/"),
        ("/%2F%3F%23%25", "/%2F%3F%23%25"),
        ("/?a=%26%3D%2B%23%25%20", "/?a=%26%3D%2B%23%25%20"),
        ("/%E2%98%83%FF%C3", "/☃%FF%C3"),
        ("/%7F%00%1F", "/%7F%00%1F"),
        ("/%zz%", "/%zz%"),
        ("http://[::1]:80/", "http://[::1]:80/"),
        ("/%41%7e", "/A~"),
        ("////%C3%BC?%C3%B6", "////ü?ö"),
    ],
)
def test_uri_to_iri(uri: str, iri: str) -> None:
    assert uri_to_iri(uri) == iri


@pytest.mark.parametrize("iri", ["/å?ü=ö#☃", "http://☃.net/å%2F%25?a=%26"])
def test_there_and_back(iri: str) -> None:
    assert uri_to_iri(iri_to_uri(iri)) == iri


@pytest.mark.parametrize(
    "url", ["http://" + "ä" * 70 + ".com/", "http://a..b/ä", "http://h:x/ä", "http://h:99999/ä"]
)
def test_a_host_that_cannot_be_encoded_does_not_fail(url: str) -> None:
    assert iri_to_uri(url).isascii()
    assert uri_to_iri(url)


@pytest.mark.parametrize(
    ("query", "pairs"),
    [
        ("", []),
        ("a=1&b=2&a=3", [("a", "1"), ("b", "2"), ("a", "3")]),
        ("a", [("a", "")]),
        ("a=", [("a", "")]),
        ("=1", [("", "1")]),
        ("&&a=1&", [("a", "1")]),
        ("a=b=c", [("a", "b=c")]),
        ("a=1;b=2", [("a", "1;b=2")]),
        ("a+b=c+d", [("a b", "c d")]),
        ("a%20b=%2B%26%3D", [("a b", "+&=")]),
        ("%C3%A5=å", [("å", "å")]),
        ("a=%ff%C3%A5", [("a", "%FFå")]),
        ("a=%&b=%zz", [("a", "%"), ("b", "%zz")]),
    ],
)
def test_parse_query(query: str, pairs: list[tuple[str, str]]) -> None:
    assert parse_query(query) == pairs
    assert parse_query(query.encode()) == pairs


def test_bytes_that_are_not_utf8_are_replaced() -> None:
    assert parse_query(b"a=\xff") == [("a", "\ufffd")]


def test_quoted_and_plain_fields_are_parsed_alike() -> None:
    plain = "a=1&&b&=2&c=d=e&"
    # Another field that is quoted sends all of them down the slow path.
    assert parse_query(plain + "&%7A=") == [*parse_query(plain), ("z", "")]


def test_fields_are_counted_before_they_are_parsed() -> None:
    assert len(parse_query("a&b&c", max_fields=3)) == 3
    with pytest.raises(TooManyFields, match="2"):
        parse_query("a&b&c", max_fields=2)
    with pytest.raises(ValueError):
        parse_query(b"a&" * 1_000_000, max_fields=1000)


QUOTED = st.sampled_from(
    ["%20", "%2B", "%c3", "%A9", "%e4%b8%ad", "%F0%9F%98%80", "%ff", "%zz", "a"]
)


@given(
    st.text("%aAfF019gG=\r\n\xe9 ", max_size=20) | st.lists(QUOTED, max_size=9).map("".join),
)
def test_a_value_is_what_urllib_makes_of_it(text: str) -> None:
    expected = urllib.parse.unquote(text, errors="surrogateescape")
    assert parse_query("q=" + text)[0][1].encode("utf-8") == re.sub(
        "[\udc80-\udcff]", lambda m: f"%{ord(m.group()) - 0xDC00:02X}", expected
    ).encode("utf-8")


class Other(ImmutableMultiDict[str, str]):
    """A class of which nobody knows how it is made."""


@given(st.text("%aAfF0197gG=&+\xe9 ", max_size=30))
def test_a_dictionary_of_fields_has_them_all(text: str) -> None:
    for query in (text, text.encode()):
        found = query_dict(ImmutableMultiDict, query)
        assert type(found) is ImmutableMultiDict
        assert found == MultiDict(parse_query(query))
        assert list(found) == list(MultiDict(parse_query(query)))
        assert type(query_dict(Other, query)) is Other
        assert query_dict(Other, query) == found


@pytest.mark.parametrize("cls", [MultiDict, ImmutableMultiDict, Other])
def test_the_fields_of_a_dictionary_are_counted(cls: type[MultiDict[str, str]]) -> None:
    assert query_dict(cls, "", 0) == MultiDict()
    assert len(query_dict(cls, "a&b&c", 3)) == 3
    with pytest.raises(TooManyFields, match="2"):
        query_dict(cls, "a&b&c", 2)


@pytest.mark.parametrize("text", ["%", "%ff", "+", "&", "=", "%C3", "a%"])
def test_time_is_linear(text: str) -> None:
    hostile = text * (65_536 // len(text))
    start = time.process_time()
    parse_query(hostile)
    iri_to_uri("/?" + hostile)
    uri_to_iri("/?" + hostile)
    assert time.process_time() - start < 2


def test_dump_query() -> None:
    pairs = [("a", "x y"), ("b", None), ("c", "å&"), ("a", 1)]
    assert dump_query(pairs) == "a=x+y&c=%C3%A5%26&a=1"
    assert dump_query({"a": [1, 2]}) == "a=1&a=2"
    assert parse_query(dump_query(MultiDict([("ä", "=&+ "), ("ä", "")]))) == [
        ("ä", "=&+ "),
        ("ä", ""),
    ]


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@given(st.lists(st.tuples(TEXT, TEXT), max_size=6))
def test_a_query_is_read_as_it_was_written(fields: list[tuple[str, str]]) -> None:
    written = dump_query(fields)
    assert written.isascii()
    assert not set(written) & set(" #\r\n")
    assert parse_query(written) == parse_query(written.encode()) == fields
    assert dump_query(MultiDict(fields)) == dump_query(MultiDict(parse_query(written)))


@given(st.binary(max_size=30))
def test_any_bytes_of_a_query_come_back(raw: bytes) -> None:
    fields = parse_query(raw)
    assert parse_query(dump_query(fields)) == fields


PATHS = st.lists(
    TEXT.map(lambda text: urllib.parse.quote(text, safe="!$&'()*+,;=:@")), max_size=4
).map(lambda parts: "/" + "/".join(parts).lstrip("/"))
LABELS = st.sampled_from(["example", "xn--n3h", "a-b", "127.0.0.1", "xn--tda"])


@given(st.sampled_from(["", "http://{}", "https://{}:81", "//{}"]), LABELS, PATHS, TEXT)
def test_a_uri_is_the_same_behind_its_iri(start: str, host: str, path: str, field: str) -> None:
    uri = f"{start.format(host)}{path}?{dump_query({'q': field})}"
    iri = uri_to_iri(uri)
    again = iri_to_uri(iri)
    assert again.isascii()
    assert uri_to_iri(again) == iri
    assert urllib.parse.unquote(again) == urllib.parse.unquote(uri)
    assert parse_query(again.partition("?")[2]) == [("q", field)]
    assert iri_to_uri(again) == again


@given(st.text(), st.sampled_from(["", "/", "!$&'()*+,/:;=@", "%!#$&()*+,/:;=?@'[]^ "]))
def test_text_is_quoted_as_the_library_quotes_it(text: str, safe: str) -> None:
    quote = make_quote(safe)
    try:
        expected = urllib.parse.quote(text, safe=safe)
    except UnicodeEncodeError:
        with pytest.raises(UnicodeEncodeError):
            quote(text)
    else:
        assert quote(text) == expected


def test_each_character_is_quoted_as_the_library_quotes_it() -> None:
    text = "".join(map(chr, range(0x500)))
    assert make_quote("/")(text) == urllib.parse.quote(text)
    with pytest.raises(UnicodeEncodeError):
        make_quote("/")("\ud800")
