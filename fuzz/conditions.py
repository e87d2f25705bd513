"""Conditional requests, against a plain reading of RFC 9110, sections 13.2.2 and 14.2.

Each byte chooses: the method, what is there, each condition, and the range.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from erlen.http.conditional_response import check_preconditions
from erlen.http.dates import http_date
from erlen.http.exceptions import PreconditionFailed, RequestedRangeNotSatisfiable
from erlen.http.response import Response

BODY = b"0123456789"
CHANGED = datetime(2024, 5, 1, 12, tzinfo=UTC)
METHODS = ["GET", "GET", "GET", "HEAD", "PUT", "DELETE"]
# Of what is there: its tag, whether that is weak, and its date.
TAGS = [None, ("a", False), ("a", True), ("a,b", False), ("", False)]
DATES = [None, CHANGED]
SENT_TAGS = ['"a"', 'W/"a"', '"b"', 'W/"b"', '"a,b"', '""', 'W/""', '"\xe9"']
# Nothing, any, or so many of the tags.
LISTS = ["none", "none", "star", "one", "two", "three"]
SENT_DATES = [
    None,
    None,
    *(http_date(CHANGED + timedelta(seconds=seconds)) for seconds in (-86400, -1, 0, 1, 86400)),
    "Wednesday, 01-May-24 12:00:00 GMT",
    "Wed May  1 12:00:00 2024",
    "yesterday",
    "",
]
# What a range comes to, of ten bytes: its bytes, None for all of them, or a refusal.
RANGES: list[tuple[str | None, tuple[int, int] | str | None]] = [
    (None, None),
    (None, None),
    ("bytes=0-3", (0, 4)),
    ("bytes=4-", (4, 10)),
    ("bytes=-3", (7, 10)),
    ("bytes=-30", (0, 10)),
    ("bytes=5-99", (5, 10)),
    ("bytes=10-", "416"),
    ("bytes=99-100, 2-2", (2, 3)),
    ("bytes=0-0, 5-6", None),
    ("items=0-3", None),
    ("bytes=3-1", "416"),
]
CODES = [200, 200, 200, 200, 203, 404, 500]


class Choices:
    """Takes a byte for each choice; behind the last one, the first of what there is."""

    def __init__(self, data: bytes) -> None:
        self.bytes: Iterator[int] = iter(data)

    def of(self, values: Any) -> Any:
        return values[next(self.bytes, 0) % len(values)]

    def tags(self) -> list[str] | None:
        """The tags of a list, ``["*"]`` for any, ``None`` for no header."""
        kind = self.of(LISTS)
        if kind in ("none", "star"):
            return None if kind == "none" else ["*"]
        return [self.of(SENT_TAGS) for _ in range(LISTS.index(kind) - 2)]


def opaque(tag: str) -> str:
    return tag.removeprefix("W/")


def strongly(tag: str, there: tuple[str, bool] | None) -> bool:
    """RFC 9110, 8.8.3.2: both are strong, and alike."""
    return there is not None and not there[1] and tag == f'"{there[0]}"'


def weakly(tag: str, there: tuple[str, bool] | None) -> bool:
    """RFC 9110, 8.8.3.2: alike, whether weak or not."""
    return there is not None and opaque(tag) == f'"{there[0]}"'


def moment(text: str | None) -> datetime | None:
    """The dates of this file, as they were made."""
    if text in (SENT_DATES[-4], SENT_DATES[-3]):
        return CHANGED
    for seconds in (-86400, -1, 0, 1, 86400):
        if text == http_date(CHANGED + timedelta(seconds=seconds)):
            return CHANGED + timedelta(seconds=seconds)
    return None


def plain_reading(
    method: str,
    there: tuple[str, bool] | None,
    changed: datetime | None,
    exists: bool,
    match: list[str] | None,
    unmodified: str | None,
    none: list[str] | None,
    modified: str | None,
) -> int | None:
    """Steps 1 to 4 of section 13.2.2: 412, 304, or ``None`` to go on."""
    is_get = method in ("GET", "HEAD")
    # 1, or 2 where If-Match is not there.
    if match is not None:
        fits = exists if match == ["*"] else any(strongly(tag, there) for tag in match)
        if not fits:
            return 412
    elif (since := moment(unmodified)) is not None and changed is not None and changed > since:
        return 412
    # 3, or 4 where If-None-Match is not there.
    if none is not None:
        fits = exists if none == ["*"] else any(weakly(tag, there) for tag in none)
        if fits:
            return 304 if is_get else 412
    elif (
        is_get
        and (since := moment(modified)) is not None
        and changed is not None
        and changed <= since
    ):
        return 304
    return None


def conditions(data: bytes) -> None:
    """One request, and what comes back."""
    choices = Choices(data)
    method, there, changed = choices.of(METHODS), choices.of(TAGS), choices.of(DATES)
    match, none = choices.tags(), choices.tags()
    unmodified, modified = choices.of(SENT_DATES), choices.of(SENT_DATES)
    joint = choices.of([", ", ",", " ,\t", ", , "])
    sent: dict[str, str | None] = {
        "IF_MATCH": None if match is None else joint.join(match),
        "IF_NONE_MATCH": None if none is None else joint.join(none),
        "IF_UNMODIFIED_SINCE": unmodified,
        "IF_MODIFIED_SINCE": modified,
    }
    asked, bounds = choices.of(RANGES)
    if_range = choices.of([None, None, None, *SENT_TAGS, *filter(None, SENT_DATES)])
    sent |= {"RANGE": asked, "IF_RANGE": if_range}
    environ: dict[str, Any] = {
        f"HTTP_{name}": value for name, value in sent.items() if value is not None
    }
    environ["REQUEST_METHOD"] = method
    code = choices.of(CODES)
    if method not in ("GET", "HEAD"):
        # A change is only told apart by tags that are strong.
        there = None if there is not None and there[1] else there
        exists = choices.of([True, False])
        there, changed = (there, changed) if exists else (None, None)
        wanted = plain_reading(method, there, changed, exists, match, unmodified, none, modified)
        assert refuses(environ, there, changed, exists) == (wanted == 412), environ
        return
    response = Response(BODY, code)
    if there is not None:
        response.set_etag(*there)
    response.last_modified = changed
    wanted = None
    if 200 <= code < 300:
        wanted = plain_reading(method, there, changed, True, match, unmodified, none, modified)
    got = answer(lambda: response.make_conditional(environ, True, len(BODY)), response)
    if wanted is not None:
        assert got[0] == wanted, (environ, got)
        return
    # 5: the range counts where If-Range names what is there, exactly.
    is_same = if_range is None or strongly(if_range, there)
    if changed is not None and moment(if_range) == changed:
        is_same = True
    if method == "HEAD" or code != 200 or asked is None or not is_same or bounds is None:
        assert got == (code, BODY, None), (environ, got)
    elif bounds == "416":
        assert got[0] == 416, (environ, got)
    else:
        assert isinstance(bounds, tuple)
        first, stop = bounds
        shown = f"bytes {first}-{stop - 1}/{len(BODY)}"
        assert got == (206, BODY[first:stop], shown), (environ, got)


def refuses(
    environ: dict[str, Any],
    there: tuple[str, bool] | None,
    changed: datetime | None,
    exists: bool,
) -> bool:
    tag = None if there is None else there[0]
    try:
        check_preconditions(environ, tag, changed, exists=exists)
    except PreconditionFailed:
        return True
    return False


def answer(make: Callable[[], object], response: Response) -> tuple[int, bytes, str | None]:
    """Status, body and ``Content-Range``."""
    try:
        make()
    except RequestedRangeNotSatisfiable:
        return 416, b"", None
    return response.status_code, response.get_data(), response.headers.get("Content-Range")


SEEDS = [bytes(16), *(bytes([0, 1, 1, *(n * m % 11 for n in range(12))]) for m in range(1, 9))]
