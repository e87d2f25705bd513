"""Dates and ages in headers (RFC 9110, section 5.6.7; RFC 9111, section 5.1)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from math import floor
from time import gmtime, struct_time, time

from .grammar import digits

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = (
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
)  # fmt: skip
_MONTH_NUMBERS = {name.lower(): number for number, name in enumerate(_MONTHS, 1)}

# IMF-fixdate and rfc850-date, with the looseness of RFC 5322 dates: the day name is optional and
# the zone may be an offset.  Every part is bounded, so the match is linear.
_DATE = re.compile(
    r"\s{0,8}(?:[^\d,]{3,20},\s{0,4}|[a-z]{3,9}\s{1,4})?"
    r"(?P<day>\d{1,2})[ -](?P<month>[a-z]{3})[a-z]{0,6}[ -]"
    r"(?P<year>\d{2}|\d{4})\s{1,4}(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?"
    r"(?:\s{1,4}(?P<zone>[a-z]{1,4}|[+-]\d{4}))?\s{0,8}\Z",
    re.IGNORECASE | re.ASCII,
)
# asctime-date: "Sun Nov  6 08:49:37 1994".
_ASCTIME = re.compile(
    r"\s{0,8}[a-z]{3} (?P<month>[a-z]{3}) {1,2}(?P<day>\d{1,2}) (?P<hour>\d{2}):(?P<minute>\d{2})"
    r":(?P<second>\d{2}) (?P<year>\d{4})\Z",
    re.IGNORECASE | re.ASCII,
)
# RFC 5322, section 4.3, in hours; all other names of zones are taken for UTC.
_ZONES = {"est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7}
# Longer values are no dates; the bound keeps hostile ones cheap.
_LONGEST = 64


def parse_date(value: str | None) -> datetime | None:
    """A date header as an aware ``datetime`` in UTC, or ``None`` if it is none.

    >>> parse_date("Sun, 06 Nov 1994 08:49:37 GMT")
    datetime.datetime(1994, 11, 6, 8, 49, 37, tzinfo=datetime.timezone.utc)
    """
    if value is None or len(value) > _LONGEST:
        return None
    match = _DATE.match(value) or _ASCTIME.match(value)
    if match is None:
        return None
    part = match.groupdict()
    month = _MONTH_NUMBERS.get(part["month"].lower())
    if month is None:
        return None
    year = int(part["year"])
    if len(part["year"]) == 2:
        # RFC 5322, section 4.3.
        year += 2000 if year < 69 else 1900
    try:
        moment = datetime(
            year,
            month,
            int(part["day"]),
            int(part["hour"]),
            int(part["minute"]),
            int(part["second"] or 0),
            tzinfo=UTC,
        )
        zone = part.get("zone")
        if zone and zone[0] in "+-":
            offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[3:]))
            moment = moment - offset if zone[0] == "+" else moment + offset
        elif zone:
            moment -= timedelta(hours=_ZONES.get(zone.lower(), 0))
    except (ValueError, OverflowError):
        return None
    return moment


def http_date(timestamp: datetime | date | int | float | struct_time | None = None) -> str:
    """A date as headers carry it (IMF-fixdate).

    :param timestamp: a date (naive is UTC), seconds since 1970, a UTC time tuple, or ``None``
        for now
    :raises ValueError: for a year that has not four digits

    >>> http_date(0)
    'Thu, 01 Jan 1970 00:00:00 GMT'
    """
    if isinstance(timestamp, date):
        if isinstance(timestamp, datetime) and timestamp.tzinfo is not None:
            timestamp = timestamp.astimezone(UTC)
        parts = timestamp.timetuple()
    elif timestamp is None:
        return _at(int(time()))
    elif isinstance(timestamp, (int, float)):
        return _at(floor(timestamp))
    elif isinstance(timestamp, struct_time):
        # The day of the week is derived: not every tuple has it right.
        parts = datetime(*timestamp[:6]).timetuple()
    else:
        raise TypeError(
            f"A date is a datetime, seconds or a struct_time, not {type(timestamp).__name__}."
        )
    return _imf_fixdate(parts)


# PERF: most dates are of this second, or as far from it as those before.
@lru_cache(maxsize=64)
def _at(second: int) -> str:
    parts = gmtime(second)
    if not 0 < parts[0] < 10_000:
        raise ValueError(f"The year {parts[0]} does not fit in a header: it has four digits.")
    return _imf_fixdate(parts)


def _imf_fixdate(parts: struct_time) -> str:
    return (
        f"{_DAYS[parts[6]]}, {parts[2]:02d} {_MONTHS[parts[1] - 1]} {parts[0]:04d}"
        f" {parts[3]:02d}:{parts[4]:02d}:{parts[5]:02d} GMT"
    )


def parse_age(value: str | None = None) -> timedelta | None:
    """The ``Age`` header as a duration, or ``None`` if it is no number of seconds."""
    try:
        return timedelta(seconds=digits((value or "").strip()))
    except (ValueError, OverflowError):
        return None


def dump_age(age: timedelta | int | None = None) -> str | None:
    """A duration, or seconds, as the ``Age`` header carries it.

    :raises ValueError: for a negative one
    """
    if age is None:
        return None
    seconds = int(age.total_seconds()) if isinstance(age, timedelta) else int(age)
    if seconds < 0:
        raise ValueError("age cannot be negative")
    return str(seconds)
