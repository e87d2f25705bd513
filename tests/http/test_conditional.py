from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erlen.http.conditional import (
    is_entity_header,
    is_hop_by_hop_header,
    is_resource_modified,
    remove_entity_headers,
    remove_hop_by_hop_headers,
)
from erlen.http.etags import generate_etag, parse_etags, quote_etag, unquote_etag
from erlen.http.headers import Headers

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


@given(
    st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters='"'), min_size=1),
    st.booleans(),
)
def test_a_written_tag_fits_itself(tag: str, weak: bool) -> None:
    assert unquote_etag(quote_etag(tag, weak)) == (tag, weak)
    environ = {"HTTP_IF_NONE_MATCH": quote_etag(tag, weak)}
    assert not is_resource_modified(environ, etag=quote_etag(tag))
    assert is_resource_modified(environ, etag=f"{tag}x")


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
