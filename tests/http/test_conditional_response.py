from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erlen.http.conditional_response import RangeIterator
from erlen.http.exceptions import RequestedRangeNotSatisfiable
from erlen.http.request import Request
from erlen.http.response import Response
from erlen.testing.builder import create_environ

SAME = "Thu, 02 Jan 2020 00:00:00 GMT"
LATER = "Fri, 03 Jan 2020 00:00:00 GMT"
EARLIER = "Wed, 01 Jan 2020 00:00:00 GMT"
BODY = b"0123456789"


def answer(
    body: Any = BODY,
    *,
    method: str = "GET",
    accept_ranges: bool | str = True,
    length: Any = 10,
    **headers: str,
) -> tuple[int, bytes, dict[str, str]]:
    """Status, body and headers of a conditional answer."""
    environ = create_environ(
        method=method, headers={name.replace("_", "-"): text for name, text in headers.items()}
    )
    response = Response(body)
    response.set_etag("tag")
    response.last_modified = datetime(2020, 1, 2)
    assert response.make_conditional(environ, accept_ranges, length) is response
    iterable, _, pairs = response.get_wsgi_response(environ)
    return response.status_code, b"".join(iterable), dict(pairs)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"If_None_Match": '"tag"'}, 304),
        ({"If_None_Match": 'W/"tag"'}, 304),
        ({"If_None_Match": '"x", "tag"'}, 304),
        ({"If_None_Match": "*"}, 304),
        ({"If_None_Match": '"x"'}, 200),
        ({"If_Modified_Since": SAME}, 304),
        ({"If_Modified_Since": LATER}, 304),
        ({"If_Modified_Since": EARLIER}, 200),
        ({"If_Modified_Since": "x"}, 200),
        ({"If_None_Match": '"x"', "If_Modified_Since": SAME}, 200),
        ({"If_Match": '"tag"'}, 200),
        ({"If_Match": "*"}, 200),
        ({"If_Match": '"x"'}, 412),
        ({"If_Match": 'W/"tag"'}, 412),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_conditions(headers: dict[str, str], status: int, method: str) -> None:
    code, body, sent = answer(method=method, **headers)
    assert code == status
    assert body == (BODY if status in (200, 412) and method == "GET" else b"")
    assert ("Content-Length" in sent) == (status != 304)
    assert sent["ETag"] == '"tag"'
    assert "Date" in sent


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_other_methods_have_no_conditions(method: str) -> None:
    code, body, sent = answer(method=method, If_None_Match='"tag"', Range="bytes=0-1")
    assert (code, body) == (200, BODY)
    assert "Accept-Ranges" not in sent


@pytest.mark.parametrize(
    ("wanted", "part", "content_range"),
    [
        ("bytes=0-3", b"0123", "bytes 0-3/10"),
        ("bytes=5-", b"56789", "bytes 5-9/10"),
        ("bytes=-3", b"789", "bytes 7-9/10"),
        ("bytes=-99", BODY, "bytes 0-9/10"),
        ("bytes=9-99", b"9", "bytes 9-9/10"),
        ("bytes=0-9", BODY, "bytes 0-9/10"),
    ],
)
@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: BODY, id="bytes"),
        pytest.param(lambda: BODY.decode(), id="text"),
        pytest.param(lambda: [b"01", b"", "2345", b"6789"], id="list"),
        pytest.param(lambda: iter([b"01", b"2345", b"6789"]), id="iterator"),
        pytest.param(lambda: BytesIO(BODY), id="file"),
    ],
)
def test_ranges(make: Any, wanted: str, part: bytes, content_range: str) -> None:
    code, body, sent = answer(make(), Range=wanted)
    assert (code, body) == (206, part)
    assert sent["Content-Range"] == content_range
    assert sent["Content-Length"] == str(len(part))
    assert sent["Accept-Ranges"] == "bytes"


@pytest.mark.parametrize("wanted", ["bytes=0-1,3-4", "items=0-1"])
def test_ranges_that_are_passed_over(wanted: str) -> None:
    assert answer(Range=wanted)[:2] == (200, BODY)


@pytest.mark.parametrize("wanted", ["bytes=10-", "bytes=x", "bytes=5-3"])
def test_ranges_that_cannot_be_served(wanted: str) -> None:
    with pytest.raises(RequestedRangeNotSatisfiable) as caught:
        answer(Range=wanted)
    assert caught.value.code == 416
    assert dict(caught.value.get_headers())["Content-Range"] == "bytes */10"


@pytest.mark.parametrize(
    ("condition", "status"),
    [('"tag"', 206), ('"x"', 200), ('W/"tag"', 200), (SAME, 206), (EARLIER, 200)],
)
def test_if_range(condition: str, status: int) -> None:
    code, body, sent = answer(Range="bytes=0-1", If_Range=condition)
    assert (code, body) == (status, b"01" if status == 206 else BODY)
    assert ("Content-Range" in sent) == (status == 206)


@pytest.mark.parametrize(
    ("arguments", "header"),
    [
        ({"accept_ranges": False}, None),
        ({"accept_ranges": "none"}, "none"),
        ({"body": b"", "length": 0}, "bytes"),
    ],
)
def test_no_ranges_are_served(arguments: dict[str, Any], header: str | None) -> None:
    code, body, sent = answer(Range="bytes=0-1", **arguments)
    assert (code, body) == (200, arguments.get("body", BODY))
    assert "Content-Range" not in sent
    if header is not None:
        assert sent["Accept-Ranges"] == header


def test_ranges_are_advertised() -> None:
    assert answer()[2]["Accept-Ranges"] == "bytes"
    assert answer(accept_ranges="bytes")[2]["Accept-Ranges"] == "bytes"


def test_a_request_is_as_good_as_its_environment() -> None:
    environ = create_environ(headers={"If-None-Match": '"tag"'})
    response = Response("x")
    response.set_etag("tag")
    assert response.make_conditional(Request(environ)).status_code == 304


def test_a_date_that_is_set_stays() -> None:
    response = Response("x")
    response.date = datetime(2020, 1, 1)
    response.make_conditional(create_environ())
    assert response.headers.getlist("Date") == [EARLIER]


def test_the_range_iterator_reads_no_further_than_it_must() -> None:
    read: list[int] = []

    def pieces() -> Iterator[bytes]:
        for number in range(9):
            read.append(number)
            yield f"{number}{number}".encode()

    assert b"".join(RangeIterator(pieces(), 3, 4)) == b"1223"
    assert read == [0, 1, 2, 3]


def test_the_range_iterator_seeks() -> None:
    class File(BytesIO):
        def __next__(self) -> bytes:
            positions.append(self.tell())
            return self.read(2) or self.close()  # type: ignore[return-value]

    positions: list[int] = []
    file = File(BODY)
    iterator = RangeIterator(file, 6, 3)
    assert b"".join(iterator) == b"678"
    assert positions == [6, 8]
    iterator.close()
    assert file.closed
    RangeIterator(iter([b"x"]), 0, 1).close()


PIECES = st.lists(st.binary(max_size=5), max_size=8)


@given(PIECES, st.integers(0, 40), st.integers(1, 40))
def test_any_range_of_any_body(pieces: list[bytes], start: int, size: int) -> None:
    whole = b"".join(pieces)
    assert b"".join(RangeIterator(iter(pieces), start, size)) == whole[start : start + size]
    assert b"".join(RangeIterator(BytesIO(whole), start, size)) == whole[start : start + size]


def test_of_several_tags_the_first_counts() -> None:
    for tags, status in ((("x", "y"), 304), (("y", "x"), 200)):
        response = Response("body")
        for tag in tags:
            response.headers.add("etag", f'"{tag}"')
        environ = create_environ(headers={"If-None-Match": '"x"'})
        assert response.make_conditional(environ).status_code == status
