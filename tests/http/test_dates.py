from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from time import gmtime, process_time, struct_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erlen.http.dates import dump_age, http_date, parse_age, parse_date

# The example of RFC 9110, section 5.6.7.
MOMENT = datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
        "Sun Nov 06 08:49:37 1994",
        " Sun, 06 Nov 1994 08:49:37 GMT ",
        " Sun Nov  6 08:49:37 1994",
        "sun, 6 nov 1994 8:49:37 gmt",
        "06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 06 Nov 1994 08:49:37 -0000",
        "Mon, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 10:49:37 +0200",
        "Sun, 06 Nov 1994 03:19:37 -0530",
        "Sun, 06 Nov 1994 03:49:37 EST",
        "Sun, 06 Nov 1994 01:49:37 PDT",
    ],
)
def test_parsing(text: str) -> None:
    parsed = parse_date(text)
    assert parsed == MOMENT
    assert parsed is not None
    assert parsed.tzinfo is UTC


@pytest.mark.parametrize(
    ("year", "full"), [("94", 1994), ("69", 1969), ("68", 2068), ("00", 2000), ("1970", 1970)]
)
def test_years_of_two_digits(year: str, full: int) -> None:
    parsed = parse_date(f"Sun, 06 Nov {year} 08:49:37 GMT")
    assert parsed is not None
    assert parsed.year == full


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "0",
        "soon",
        "1994-11-06T08:49:37Z",
        "Sun, 06 Nov 1994",
        "Sun, 31 Feb 1994 08:49:37 GMT",
        "Sun, 00 Nov 1994 08:49:37 GMT",
        "Sun, 06 Foo 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 25:49:37 GMT",
        "Sun, 06 Nov 1994 08:60:37 GMT",
        "Sun, 06 Nov 1994 08:49:61 GMT",
        "Sun, 06 Nov 19994 08:49:37 GMT",
        "Mon, 01 Jan 0001 00:00:00 +0100",
        "Fri, 31 Dec 9999 23:59:59 -0100",
        "Sun, ٠٦ Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 GMT" + " " * 100,
    ],
)
def test_no_date(text: str | None) -> None:
    assert parse_date(text) is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
        (1.9, "Thu, 01 Jan 1970 00:00:01 GMT"),
        (-1, "Wed, 31 Dec 1969 23:59:59 GMT"),
        (-0.5, "Wed, 31 Dec 1969 23:59:59 GMT"),
        (datetime(2020, 1, 2, 3, 4, 5, 999_999), "Thu, 02 Jan 2020 03:04:05 GMT"),
        (
            datetime(2020, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=5))),
            "Wed, 01 Jan 2020 22:04:05 GMT",
        ),
        (date(2020, 1, 2), "Thu, 02 Jan 2020 00:00:00 GMT"),
        (date(1, 1, 1), "Mon, 01 Jan 0001 00:00:00 GMT"),
        (gmtime(5), "Thu, 01 Jan 1970 00:00:05 GMT"),
        (struct_time((2020, 1, 2, 3, 4, 5, 0, 0, 0)), "Thu, 02 Jan 2020 03:04:05 GMT"),
    ],
)
def test_writing(value: Any, text: str) -> None:
    assert http_date(value) == text


@pytest.mark.parametrize("value", [10**12, -(10**12)])
def test_a_year_has_four_digits(value: int) -> None:
    with pytest.raises(ValueError, match="four digits"):
        http_date(value)


@pytest.mark.parametrize("value", ["now", [], (2020, 1, 2, 3, 4, 5, 0, 0, 0)])
def test_only_dates_are_written(value: Any) -> None:
    with pytest.raises(TypeError, match="A date is"):
        http_date(value)


def test_now() -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    written = parse_date(http_date())
    assert written is not None
    assert before <= written <= datetime.now(UTC)


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("0", timedelta()),
        ("3600", timedelta(hours=1)),
        (" 5 ", timedelta(seconds=5)),
        ("-1", None),
        ("x", None),
        ("5.5", None),
        ("", None),
        (None, None),
        ("9" * 30, None),
        ("9" * 5000, None),
    ],
)
def test_ages(text: str | None, age: timedelta | None) -> None:
    assert parse_age(text) == age


@pytest.mark.parametrize(
    ("age", "text"),
    [(None, None), (0, "0"), (5.9, "5"), (timedelta(days=1, milliseconds=5), "86400")],
)
def test_writing_ages(age: Any, text: str | None) -> None:
    assert dump_age(age) == text


@pytest.mark.parametrize("age", [-1, timedelta(seconds=-1)])
def test_no_age_is_negative(age: Any) -> None:
    with pytest.raises(ValueError, match="negative"):
        dump_age(age)


@pytest.mark.parametrize("piece", [" ", "Sun, ", "0", "06 ", "a", "\t", ":", "Sun Nov  "])
def test_hostile_dates_are_cheap(piece: str) -> None:
    start = process_time()
    for length in (10, 60, 100_000):
        for _ in range(100):
            parse_date((piece * length)[:length])
    assert process_time() - start < 2


ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31))


@given(MOMENTS, ZONES)
def test_round_trip(moment: datetime, zone: timezone) -> None:
    whole = moment.replace(microsecond=0, tzinfo=zone)
    assert parse_date(http_date(whole)) == whole
    offset = whole.strftime("%z")
    months = [f"{datetime(2000, number, 1):%b}" for number in range(1, 13)]
    local = f"{whole.day} {months[whole.month - 1]} {whole.year:04} {whole:%H:%M:%S} {offset}"
    assert parse_date(local) == whole


@given(st.integers(0, 10**9))
def test_round_trip_of_ages(seconds: int) -> None:
    assert parse_age(dump_age(seconds)) == timedelta(seconds=seconds)


@given(st.text("SunNov0123456789:,-+ GMT", max_size=40))
def test_any_text_gives_an_answer(text: str) -> None:
    parsed = parse_date(text)
    assert parsed is None or parse_date(http_date(parsed)) == parsed


@given(
    st.from_regex(
        r"[A-Z][a-z]{2}, [0-3][0-9] (Jan|Nov|Xyz) [0-9]{4} [0-2][0-9]:[0-6][0-9]:[0-6][0-9] GMT",
        fullmatch=True,
    )
)
def test_the_short_way_reads_what_the_long_one_does(value: str) -> None:
    # A second blank is what the short way does not take.
    assert parse_date(value) == parse_date(value.replace(" GMT", "  GMT"))
