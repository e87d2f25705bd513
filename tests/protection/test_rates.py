"""Rates as text, and what a sliding window lets through."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from erlen.protection.rates import Rate, fits, judge


@pytest.mark.parametrize(
    ("text", "rate", "written"),
    [
        ("5 per minute", Rate(5, 60), "5 per minute"),
        ("100/hour", Rate(100, 3_600), "100 per hour"),
        ("10 per 30 seconds", Rate(10, 30), "10 per 30 seconds"),
        (" 1/ 2 Days ", Rate(1, 172_800), "1 per 2 days"),
        ("3 per 60 seconds", Rate(3, 60), "3 per minute"),
        ("3 per 90 seconds", Rate(3, 90), "3 per 90 seconds"),
    ],
)
def test_a_rate_is_read_and_written(text, rate, written):
    assert Rate.parse(text) == rate
    assert str(rate) == written
    assert Rate.parse(written) == rate


@pytest.mark.parametrize(
    "text",
    ["", "5", "5 per", "per minute", "5 minute", "0 per minute", "5 per 0 minutes", "-5 per minute",
     "5.5 per minute", "5 per week", "5 per minute;", "\u0665 per minute", "5 per minute x",
     "9999999999 per minute"],
)  # fmt: skip
def test_what_is_no_rate_is_an_error_that_helps(text):
    with pytest.raises(ValueError, match=r"is no rate\. Write how often in how long"):
        Rate.parse_all(text)


def test_several_rates():
    assert Rate.parse_all("5/minute; 50 per day") == (Rate(5, 60), Rate(50, 86_400))


class Window:
    """A counter with a clock that the test moves."""

    def __init__(self, rate):
        self.rate = rate
        self.now = 0.0
        self.window = self.current = self.previous = 0

    def ask(self):
        window, over = divmod(self.now, self.rate.seconds)
        if window != self.window:
            self.previous = self.current if window == self.window + 1 else 0
            self.window, self.current = window, 0
        fraction = over / self.rate.seconds
        is_allowed = fits(self.rate, self.previous, self.current, fraction)
        self.current += is_allowed
        return judge(self.rate, is_allowed, self.previous, self.current, fraction)


def test_a_burst_is_let_through_up_to_the_rate():
    window = Window(Rate(5, 60))
    assert [window.ask().remaining for _ in range(5)] == [4, 3, 2, 1, 0]
    verdict = window.ask()
    assert (verdict.is_allowed, verdict.remaining) == (False, 0)


def test_two_windows_that_meet_do_not_let_through_twice_as_much():
    window = Window(Rate(10, 60))
    window.now = 59.9
    assert sum(window.ask().is_allowed for _ in range(20)) == 10
    window.now = 60.1
    assert sum(window.ask().is_allowed for _ in range(20)) == 0
    window.now = 90.0
    assert sum(window.ask().is_allowed for _ in range(20)) == 5
    window.now = 300.0
    assert sum(window.ask().is_allowed for _ in range(20)) == 10


@settings(deadline=None, max_examples=300)
@given(
    st.integers(1, 50),
    st.integers(1, 100),
    st.lists(st.tuples(st.floats(0, 40), st.integers(1, 30)), max_size=20),
)
def test_who_waits_as_told_is_let_through(times, seconds, steps):
    window = Window(Rate(times, seconds))
    for pause, attempts in steps:
        window.now += pause
        for _ in range(attempts):
            verdict = window.ask()
            assert verdict.is_allowed or verdict.wait >= 1
    if not is_exhausted(window):
        return
    wait = judge(window.rate, False, window.previous, window.current, over(window)).wait
    # Whole seconds are rounded up; a hair for the arithmetic of fractions.
    assert 1 <= wait <= 2 * seconds + 1
    window.now += wait + 1e-6
    assert window.ask().is_allowed


def over(window):
    return (window.now % window.rate.seconds) / window.rate.seconds


def is_exhausted(window):
    return not all(window.ask().is_allowed for _ in range(window.rate.times + 1))


@settings(deadline=None, max_examples=200)
@given(st.integers(1, 30), st.integers(1, 60), st.lists(st.floats(0, 30), max_size=200))
def test_no_window_that_begins_with_an_interval_has_more(times, seconds, pauses):
    window = Window(Rate(times, seconds))
    counts: dict[int, int] = {}
    for pause in pauses:
        window.now += pause
        if window.ask().is_allowed:
            number = int(window.now // seconds)
            counts[number] = counts.get(number, 0) + 1
    assert all(count <= times for count in counts.values())
