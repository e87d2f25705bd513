"""How often something may happen, and whether it may happen now.

A window slides: what was counted in the window before counts as far as that one still reaches into
the last ``seconds``, as if it had come evenly.  So two windows that meet never let through twice as
much, which fixed windows do, and a counter is two numbers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import ceil
from typing import NamedTuple

_UNITS = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400}
_RATE = re.compile(
    r"\s*(?P<times>[0-9]{1,9})\s*(?:/|\bper\b)\s*(?P<count>[0-9]{1,6})?\s*"
    r"(?P<unit>second|minute|hour|day)s?\s*\Z",
    re.IGNORECASE | re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Rate:
    """So many times in so many seconds."""

    times: int
    seconds: int

    @classmethod
    def parse(cls, text: str) -> Rate:
        """The rate of a text such as ``"5 per minute"``, ``"100/hour"``, ``"10 per 30 seconds"``.

        :raises ValueError: for another one
        """
        match = _RATE.match(text)
        times = int(match["times"]) if match else 0
        seconds = int(match["count"] or 1) * _UNITS[match["unit"].lower()] if match else 0
        if not times or not seconds:
            raise ValueError(
                f"{text!r} is no rate. Write how often in how long: '5 per minute', '100 per hour'"
                " or '10 per 30 seconds', with second, minute, hour or day."
            )
        return cls(times, seconds)

    @classmethod
    def parse_all(cls, text: str) -> tuple[Rate, ...]:
        """The rates of a text in which ``;`` stands between them."""
        return tuple(cls.parse(part) for part in text.split(";"))

    def __str__(self) -> str:
        for unit, seconds in reversed(_UNITS.items()):
            if self.seconds % seconds == 0:
                count = self.seconds // seconds
                return (
                    f"{self.times} per {unit}"
                    if count == 1
                    else f"{self.times} per {count} {unit}s"
                )
        raise AssertionError("every number of seconds is a number of seconds")


class Verdict(NamedTuple):
    """What a counter says: whether it may happen, how often it may after this, and in how many
    seconds it may happen again if it may not now."""

    is_allowed: bool
    remaining: int
    wait: int


def fits(rate: Rate, previous: int, current: int, fraction: float) -> bool:
    """Whether once more fits.

    :param previous: the count of the window before
    :param current: the count of this window
    :param fraction: how much of this window is over, from 0 to 1
    """
    return previous * (1 - fraction) + current + 1 <= rate.times


def judge(rate: Rate, is_allowed: bool, previous: int, current: int, fraction: float) -> Verdict:
    """The verdict, with ``current`` counted already if it is allowed."""
    if is_allowed:
        left = rate.times - previous * (1 - fraction) - current
        return Verdict(True, max(0, int(left)), 0)
    return Verdict(False, 0, max(1, ceil(_wait(rate, previous, current, fraction) * rate.seconds)))


def _wait(rate: Rate, previous: int, current: int, fraction: float) -> float:
    """In how many windows once more fits, if nothing is counted meanwhile."""
    room = rate.times - 1
    if current <= room:
        # As soon as enough of the window before is out of reach.
        return max(0.0, 1 - (room - current) / previous - fraction) if previous else 0.0
    # In the next window this one is the one before.
    return 1 - fraction + 1 - room / current
