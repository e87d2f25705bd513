from __future__ import annotations

from datetime import UTC, datetime
from time import process_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erlen.http.conditional import (
    ETags,
    generate_etag,
    is_entity_header,
    is_hop_by_hop_header,
    is_resource_modified,
    parse_etags,
    quote_etag,
    remove_entity_headers,
    remove_hop_by_hop_headers,
    unquote_etag,
)
from erlen.http.headers import Headers


@pytest.mark.parametrize(
    ("header", "strong", "weak"),
    [
        ('"a"', {"a"}, set()),
        ('"a", "b"', {"a", "b"}, set()),
        ('W/"a", "b",w/"c"', {"b"}, {"a", "c"}),
        ("a, W/b", {"a"}, {"b"}),
        ('"a, b", "c"', {"a, b", "c"}, set()),
        ('"*"', {"*"}, set()),
        ('*, "a"', {"*", "a"}, set()),
        (',"a",, "b",', {"a", "b"}, set()),
        ('""', {""}, set()),
        ('"a', set(), set()),
        ('a"b', set(), set()),
        ('"a" "b", "c"', {"c"}, set()),
        ("a b", set(), set()),
        ("", set(), set()),
        (None, set(), set()),
    ],
)
def test_parsing(header: str | None, strong: set[str], weak: set[str]) -> None:
    tags = parse_etags(header)
    assert tags.as_set() == set(tags) == strong
    assert tags.as_set(include_weak=True) == strong | weak
    assert len(tags) == len(strong)
    assert bool(tags) == bool(strong or weak)
    assert not tags.star_tag


@pytest.mark.parametrize("header", ["*", " * "])
def test_star_fits_any_tag(header: str) -> None:
    tags = parse_etags(header)
    assert tags.star_tag
    assert tags
    assert "anything" in tags
    assert tags.contains_weak("anything")
    assert not tags.is_strong("anything")
    assert tags.to_header() == "*"
    assert len(tags) == 0


def test_comparison() -> None:
    tags = ETags(["strong"], ["weak"])
    assert tags.contains("strong")
    assert tags.contains_weak("strong")
    assert not tags.contains("weak")
    assert tags.contains_weak("weak")
    assert tags.is_weak("weak")
    assert not tags.is_weak("strong")
    assert tags.is_strong("strong")
    assert "weak" not in tags
    assert 5 not in tags
    assert tags.contains_raw('"strong"')
    assert tags.contains_raw('W/"strong"')
    assert tags.contains_raw('W/"weak"')
    assert not tags.contains_raw('"weak"')
    assert not tags.contains_raw("")


def test_calling() -> None:
    tags = ETags([generate_etag(b"data")], ["weak"])
    assert tags(data=b"data")
    assert not tags(data=b"other")
    assert not tags("weak")
    assert tags("weak", include_weak=True)
    with pytest.raises(TypeError, match="'data' is required"):
        tags()


def test_text() -> None:
    tags = ETags(["a"], ["b"])
    assert tags.to_header() == str(tags) == '"a", W/"b"'
    assert repr(tags) == '<ETags \'"a", W/"b"\'>'


@pytest.mark.parametrize(
    ("value", "tag"),
    [
        ('"a"', ("a", False)),
        ('W/"a"', ("a", True)),
        ('w/"a"', ("a", True)),
        ("a", ("a", False)),
        ('"a', ('"a', False)),
        ('""', ("", False)),
        ("", (None, None)),
        (None, (None, None)),
    ],
)
def test_unquoting(value: str | None, tag: tuple[str | None, bool | None]) -> None:
    assert unquote_etag(value) == tag


def test_quoting() -> None:
    assert quote_etag("a") == '"a"'
    assert quote_etag("a", weak=True) == 'W/"a"'
    with pytest.raises(ValueError, match="invalid etag"):
        quote_etag('a"')


def test_a_tag_is_made_of_the_data() -> None:
    assert generate_etag(b"a") == generate_etag(b"a") != generate_etag(b"b")
    assert generate_etag(b"").isalnum()


DATE = datetime(2008, 1, 1, 12, 30, tzinfo=UTC)
SAME = "Tue, 01 Jan 2008 12:30:00 GMT"
EARLIER = "Tue, 01 Jan 2008 12:29:59 GMT"
LATER = "Tue, 01 Jan 2008 12:30:01 GMT"


@pytest.mark.parametrize(
    ("headers", "modified"),
    [
        pytest.param({}, True, id="no-condition"),
        pytest.param({"IF_NONE_MATCH": '"tag"'}, False, id="same-tag"),
        pytest.param({"IF_NONE_MATCH": 'W/"tag"'}, False, id="same-weak-tag"),
        pytest.param({"IF_NONE_MATCH": '"x", "tag"'}, False, id="one-of-the-tags"),
        pytest.param({"IF_NONE_MATCH": '"x"'}, True, id="other-tag"),
        pytest.param({"IF_NONE_MATCH": "*"}, False, id="any-tag"),
        pytest.param({"IF_MODIFIED_SINCE": SAME}, False, id="same-date"),
        pytest.param({"IF_MODIFIED_SINCE": LATER}, False, id="later"),
        pytest.param({"IF_MODIFIED_SINCE": EARLIER}, True, id="earlier"),
        pytest.param({"IF_MODIFIED_SINCE": "soon"}, True, id="no-date"),
        pytest.param(
            {"IF_NONE_MATCH": '"x"', "IF_MODIFIED_SINCE": SAME}, True, id="tag-before-date"
        ),
        pytest.param(
            {"IF_NONE_MATCH": '"tag"', "IF_MODIFIED_SINCE": EARLIER}, False, id="tag-alone-counts"
        ),
        pytest.param({"IF_MATCH": '"tag"'}, True, id="must-match"),
        pytest.param({"IF_MATCH": "*"}, True, id="must-match-any"),
        pytest.param({"IF_MATCH": '"x"'}, False, id="must-match-other"),
        pytest.param({"IF_MATCH": 'W/"tag"'}, False, id="must-match-strongly"),
    ],
)
@pytest.mark.parametrize("etag", ["tag", '"tag"', 'W/"tag"'])
@pytest.mark.parametrize("date", [DATE, DATE.replace(tzinfo=None, microsecond=5), SAME])
def test_conditions(headers: dict[str, str], modified: bool, etag: str, date: Any) -> None:
    environ = {"REQUEST_METHOD": "GET"} | {f"HTTP_{key}": text for key, text in headers.items()}
    assert is_resource_modified(environ, etag=etag, last_modified=date) is modified


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE"])
def test_any_method_may_ask(method: str) -> None:
    environ = {"REQUEST_METHOD": method, "HTTP_IF_NONE_MATCH": '"tag"'}
    assert not is_resource_modified(environ, etag="tag")
    assert is_resource_modified(environ, etag="other")
    assert is_resource_modified({"REQUEST_METHOD": method})


def test_a_tag_of_the_data() -> None:
    environ = {"HTTP_IF_NONE_MATCH": quote_etag(generate_etag(b"data"))}
    assert not is_resource_modified(environ, data=b"data")
    assert is_resource_modified(environ, data=b"other")
    with pytest.raises(TypeError, match="both data and etag"):
        is_resource_modified(environ, "tag", b"data")


@pytest.mark.parametrize(
    ("condition", "modified"),
    [
        ('"tag"', False),
        ('"x"', True),
        ('W/"tag"', True),
        (SAME, False),
        (EARLIER, True),
    ],
)
def test_if_range(condition: str, modified: bool) -> None:
    environ = {"HTTP_IF_RANGE": condition, "HTTP_RANGE": "bytes=0-"}
    answer: dict[str, Any] = {"etag": '"tag"', "last_modified": DATE}
    assert is_resource_modified(environ, **answer, ignore_if_range=False) is modified
    assert is_resource_modified(environ, **answer)
    del environ["HTTP_RANGE"]
    assert is_resource_modified(environ, **answer, ignore_if_range=False)


def test_what_describes_a_body() -> None:
    pairs = [
        ("Content-Type", "a"), ("ALLOW", "b"), ("Date", "c"), ("Expires", "d"),
        ("Content-Location", "e"), ("Last-Modified", "f"), ("ETag", "g"), ("X-Own", "h"),
    ]  # fmt: skip
    for headers in (Headers(pairs), list(pairs)):
        remove_entity_headers(headers)
        assert [key for key, _ in headers] == [
            "Date", "Expires", "Content-Location", "ETag", "X-Own",
        ]  # fmt: skip
    headers = Headers(pairs)
    remove_entity_headers(headers, allowed=["ALLOW"])
    assert [key for key, _ in headers] == ["ALLOW", "Date", "ETag", "X-Own"]
    assert is_entity_header("content-LENGTH")
    assert not is_entity_header("content-disposition")


def test_what_holds_for_one_connection() -> None:
    for headers in (Headers, list):
        pairs = headers([("Connection", "close"), ("TE", "x"), ("Date", "now"), ("Upgrade", "h2c")])
        remove_hop_by_hop_headers(pairs)
        assert list(pairs) == [("Date", "now")]
    assert is_hop_by_hop_header("transfer-ENCODING")
    assert not is_hop_by_hop_header("Content-Encoding")


@pytest.mark.parametrize("piece", ['"', 'W/"', ",", " ", '",', "a", 'a" ', ', "', "W/"])
def test_hostile_tags_are_cheap(piece: str) -> None:
    start = process_time()
    for header in (piece * 50_000, "," + piece * 50_000, piece * 50_000 + '"'):
        parse_etags(header)
    assert process_time() - start < 2


TAGS = st.text(
    st.characters(min_codepoint=33, max_codepoint=126, exclude_characters='"'),
    min_size=1,
    max_size=20,
)


@given(st.sets(TAGS, max_size=5), st.sets(TAGS, max_size=5))
def test_round_trip(strong: set[str], weak: set[str]) -> None:
    tags = parse_etags(ETags(strong, weak).to_header())
    assert tags.as_set() == strong
    assert all(tags.is_weak(tag) for tag in weak)
    assert tags.as_set(include_weak=True) == strong | weak


@given(TAGS, st.booleans())
def test_round_trip_of_one(tag: str, weak: bool) -> None:
    assert unquote_etag(quote_etag(tag, weak)) == (tag, weak)
    environ = {"HTTP_IF_NONE_MATCH": quote_etag(tag, weak)}
    assert not is_resource_modified(environ, etag=quote_etag(tag))
    assert is_resource_modified(environ, etag=f"{tag}x")


@given(st.text('ab", W/*', max_size=30))
def test_any_text_gives_an_answer(text: str) -> None:
    tags = parse_etags(text)
    assert all('"' not in tag for tag in tags.as_set(include_weak=True))


@given(
    st.text('"W/w, *ab', max_size=8),
    st.sampled_from(['"ab"', 'W/"ab"', '"a,b"', '""', '"a"b"', "ab", '"']),
)
def test_one_tag_is_compared_as_a_list_of_them(value: str, etag: str) -> None:
    tag, _ = unquote_etag(etag)
    for header in (value, etag, f"W/{etag}", f"w/{etag}", f" {etag}", f"{etag}{value}"):
        tags = parse_etags(header)
        modified = not (bool(tags) and tag is not None and tags.contains_weak(tag))
        assert is_resource_modified({"HTTP_IF_NONE_MATCH": header}, etag=etag) is modified
