"""Range requests (RFC 9110, section 14)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from .dates import http_date, parse_date
from .etags import quote_etag, unquote_etag
from .header_value import HeaderValue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

# RFC 9110, 14.4; clients also send more than one space. A run of blanks ends where a digit or the
# star begins, so that it is linear.
_CONTENT_RANGE = re.compile(
    r"([!#$%&'*+\-.^_`|~0-9A-Za-z]+) +(?:([0-9]{1,20})-([0-9]{1,20})|\*)/([0-9]{1,20}|\*)\Z"
)
# RFC 9110, 14.2 lets a server ignore a request for very many ranges.
MAX_RANGES = 64


class IfRange(HeaderValue):
    """The condition on a range: a tag or a date.

    :param etag: a tag without quotes
    :param date: a date in UTC
    """

    def __init__(self, etag: str | None = None, date: datetime | None = None) -> None:
        self.etag = etag
        self.date = date

    def to_header(self) -> str:
        """The condition as a header value."""
        if self.date is not None:
            return http_date(self.date)
        if self.etag is None:
            return ""
        # What a client sent need not be a tag.
        return self.etag if '"' in self.etag else quote_etag(self.etag)


class Range(HeaderValue):
    """The ranges that a client asks for.

    :param units: mostly ``"bytes"``
    :param ranges: pairs of start and end (not included); ``None`` as the end is the end of the
        body, and a negative start with it counts from there
    :raises ValueError: for an end before its start
    """

    def __init__(self, units: str, ranges: Iterable[tuple[int, int | None]]) -> None:
        self.units = units
        self.ranges: list[tuple[int, int | None]] = list(ranges)
        for start, end in self.ranges:
            if start is None or (end is not None and (start < 0 or start >= end)):
                raise ValueError(f"{(start, end)} is not a valid range.")

    def range_for_length(self, length: int | None) -> tuple[int, int] | None:
        """Start and end of the only range within a body of ``length`` bytes; ``None`` if there
        are several, or it is outside."""
        if self.units != "bytes" or length is None or len(self.ranges) != 1:
            return None
        start, end = self.ranges[0]
        if end is None:
            end = length
            if start < 0:
                # A suffix longer than the body is the whole of it.
                start = max(0, start + length)
        if not is_byte_range_valid(start, end, length):
            return None
        return start, min(end, length)

    def make_content_range(self, length: int | None) -> ContentRange | None:
        """The ``Content-Range`` of the answer, or ``None`` if it cannot be served."""
        bounds = self.range_for_length(length)
        return None if bounds is None else ContentRange(self.units, bounds[0], bounds[1], length)

    def to_header(self) -> str:
        """The ranges as a header value."""
        parts = []
        for start, end in self.ranges:
            if end is None:
                parts.append(f"{start}-" if start >= 0 else str(start))
            else:
                parts.append(f"{start}-{end - 1}")
        return f"{self.units}={','.join(parts)}"

    def to_content_range_header(self, length: int | None) -> str | None:
        """The ``Content-Range`` value of the answer, or ``None`` if it cannot be served."""
        content_range = self.make_content_range(length)
        return None if content_range is None else content_range.to_header()


def _told_of(name: str) -> property:
    """An attribute whose changes ``on_update`` is told of."""

    def read(self: ContentRange) -> Any:
        return getattr(self, name)

    def write(self: ContentRange, value: Any) -> None:
        setattr(self, name, value)
        if self.on_update is not None:
            self.on_update(self)

    return property(read, write)


class ContentRange(HeaderValue):
    """Which part of the whole a body is.

    :param units: mostly ``"bytes"``; ``None`` is no range at all
    :param start: the first byte; ``None`` for "the range is not satisfiable"
    :param stop: the byte behind the last one
    :param length: the length of the whole, ``None`` if unknown
    :param on_update: called when it is changed
    """

    def __init__(
        self,
        units: str | None,
        start: int | None,
        stop: int | None,
        length: int | None = None,
        on_update: Callable[[ContentRange], Any] | None = None,
    ) -> None:
        self.on_update: Callable[[ContentRange], Any] | None = None
        self.set(start, stop, length, units)
        self.on_update = on_update

    units: property = _told_of("_units")
    start: property = _told_of("_start")
    stop: property = _told_of("_stop")
    length: property = _told_of("_length")

    def set(
        self,
        start: int | None,
        stop: int | None,
        length: int | None = None,
        units: str | None = "bytes",
    ) -> None:
        """Change all parts at once.

        :raises AssertionError: for a range outside of the length
        """
        if not is_byte_range_valid(start, stop, length) or (
            stop is not None and length is not None and stop > length
        ):
            raise AssertionError("Bad range provided")
        self._units: str | None = units
        self._start: int | None = start
        self._stop: int | None = stop
        self._length: int | None = length
        if self.on_update is not None:
            self.on_update(self)

    def unset(self) -> None:
        """Make it no range."""
        self.set(None, None, units=None)

    def to_header(self) -> str:
        """The range as a header value; ``""`` for none."""
        if self._units is None:
            return ""
        length: str | int = "*" if self._length is None else self._length
        if self._start is None or self._stop is None:
            return f"{self._units} */{length}"
        return f"{self._units} {self._start}-{self._stop - 1}/{length}"

    def __bool__(self) -> bool:
        return self._units is not None


def is_byte_range_valid(start: int | None, stop: int | None, length: int | None) -> bool:
    """Whether ``start`` to ``stop`` (not included) is a range of ``length`` bytes."""
    if start is None or stop is None:
        return start is stop and (length is None or length >= 0)
    return 0 <= start < stop and (length is None or start < length)


def _number(text: str) -> int | None:
    """ASCII digits as a number; ``None`` for anything else, or for more than 20 digits."""
    text = text.strip()
    # Some clients write 2**64 - 1 for "to the end".
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 20 else None


def parse_range_header(value: str | None, make_inclusive: bool = True) -> Range | None:
    """The ``Range`` header (RFC 9110, section 14.1): ranges in order, and at most one suffix, at
    their end.

    ``None`` if it is none, malformed, or asks for too many ranges: the whole body is sent.
    """
    if not value or "=" not in value:
        return None
    units, _, specs = value.partition("=")
    units = units.strip().lower()
    items = specs.split(",", MAX_RANGES)
    if len(items) > MAX_RANGES:
        return None
    ranges: list[tuple[int, int | None]] = []
    last_end: int | None = 0
    for item in items:
        item = item.strip()
        if "-" not in item:
            return None
        if item.startswith("-"):
            # A suffix: nothing can follow it.
            if last_end is None or last_end < 0:
                return None
            suffix = _number(item[1:])
            if not suffix or item[1].isspace():
                # RFC 9110, 14.1.2: the last 0 bytes cannot be served.
                return None
            ranges.append((-suffix, None))
            last_end = -1
            continue
        first, _, last = item.partition("-")
        start = _number(first)
        if start is None or last_end is None or start < last_end or last_end < 0:
            return None
        end: int | None = None
        if last.strip():
            number = _number(last)
            if number is None:
                return None
            end = number + 1
            if start >= end:
                return None
        ranges.append((start, end))
        last_end = end
    try:
        return Range(units, ranges)
    except ValueError:
        return None


def is_in_bytes(value: str) -> bool:
    """Whether a ``Range`` header is one of bytes, or malformed, and no range of another unit."""
    unit, has_ranges, _ = value.partition("=")
    return not has_ranges or unit.strip().lower() in ("bytes", "")


def satisfiable_ranges(value: str, length: int) -> list[tuple[int, int]]:
    """Start and end (not included) of the ranges of bytes that there are in a body of ``length``;
    none if the header is malformed, or asks for too many (RFC 9110, section 14.1.2)."""
    unit, _, specs = value.partition("=")
    items = specs.split(",", MAX_RANGES)
    if unit.strip().lower() != "bytes" or len(items) > MAX_RANGES:
        return []
    ranges: list[tuple[int, int]] = []
    for item in items:
        first, has_last, last = item.strip().partition("-")
        start, end = _number(first), _number(last)
        if not has_last or (last and end is None) or (first and start is None):
            return []
        if start is None:
            if end is None or last[0].isspace():
                return []
            start, stop = max(length - end, 0), length
        else:
            if end is not None and end < start:
                return []
            stop = length if end is None else min(end + 1, length)
        if start < stop:
            ranges.append((start, stop))
    return ranges


def parse_content_range_header(
    value: str | None, on_update: Callable[[ContentRange], Any] | None = None
) -> ContentRange | None:
    """The ``Content-Range`` header (RFC 9110, section 14.4); ``None`` if it is none or malformed,
    or if its last byte is before the first, or beyond the length."""
    if value is None:
        return None
    match = _CONTENT_RANGE.match(value.strip(" \t"))
    if match is None:
        return None
    units, first, last, total = match.groups()
    length = None if total == "*" else int(total)
    if first is None:
        return ContentRange(units, None, None, length, on_update=on_update)
    start, stop = int(first), int(last) + 1
    if start >= stop or (length is not None and stop > length):
        return None
    return ContentRange(units, start, stop, length, on_update=on_update)


def parse_if_range_header(value: str | None) -> IfRange:
    """The ``If-Range`` header: a date if it can be one, otherwise a tag."""
    if not value:
        return IfRange()
    date = parse_date(value)
    if date is not None:
        return IfRange(date=date)
    return IfRange(unquote_etag(value)[0])
