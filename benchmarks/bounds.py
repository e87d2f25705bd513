"""What a request may take.

A bound is to hold, a goal is what is tried for.  What misses its bound fails the gate, but for what
stands in HELD with what was reached: that holds until the bound does, and is said as MISSED.
"""

from __future__ import annotations

from typing import NamedTuple

import overrides
import real_views

FEATURES, REAL = "one feature each", "what real views do"
GROUPS = (FEATURES, REAL)


class Target(NamedTuple):
    """A bound, and the goal behind it."""

    bound: float
    goal: float


class Calls(NamedTuple):
    """The most Python functions of the framework that a request calls, and files they stand in."""

    functions: int
    files: int

    def is_within(self, bound: Calls) -> bool:
        """Whether neither is more."""
        return self.functions <= bound.functions and self.files <= bound.files


# How many times fewer instructions than Flask: geometric means of the groups, and scenarios.
MEANS = {FEATURES: Target(7.5, 8.3), REAL: Target(7, 8.5)}
SCENARIOS = {
    "hooks with g": Target(4, 5),
    "url_for, queries": Target(4.5, 7),
    "page": Target(3.6, 4.3),
    "session, cookie": Target(6, 8),
}
# How many times the instructions of the plain hello.
OVERRIDE = Target(2, 1.6)
ATTRIBUTE = Target(1.1, 1)
# The rate of an async view behind WSGI middleware, to the rate without.
MIDDLEWARE = Target(0.5, 0.7)
# Bound and goal.
CALLS = {
    "hello": (Calls(4, 4), Calls(3, 3)),
    "ASGI hello": (Calls(4, 4), Calls(3, 3)),
    "int parameter": (Calls(12, 7), Calls(9, 5)),
    "hooks with g": (Calls(30, 10), Calls(25, 8)),
    "JSON post": (Calls(32, 12), Calls(25, 10)),
}

# The same program is counted up to 2% apart on two machines: a bound that is missed by so little is
# said as MISSED, and fails nothing.
SPREAD = 1.02
# Reached, and short of the bound: the figures as the gate says them, rounded to the worse side.
HELD_TIMES: dict[str, float] = {
    f"{REAL}, mean": 5.4,
    "page": 3.2,
    "session, cookie": 4.9,
}
HELD_OVERRIDES: dict[str, float] = {
    "create_url_adapter": 4.8,
    "full_dispatch_request": 2.5,
    "ASGI create_url_adapter": 7.1,
    "ASGI dispatch_request": 7.8,
    "ASGI do_teardown_appcontext": 4,
    "ASGI do_teardown_request": 4.1,
    "ASGI finalize_request": 5.8,
    "ASGI full_dispatch_request": 10.3,
    "ASGI make_response": 4.5,
    "ASGI preprocess_request": 3.6,
    "ASGI process_response": 5.8,
    "ASGI request_context": 7.8,
    overrides.ATTRIBUTE: 1.17,
}
HELD_CALLS: dict[str, Calls] = {
    "hooks with g": Calls(32, 13),
    "JSON post": Calls(20, 13),
}


def group_of(scenario: str) -> str:
    """The group that a scenario is told in."""
    return REAL if scenario.removeprefix("ASGI ") in real_views.NAMES else FEATURES


def override_target(overridden: str) -> Target | None:
    """What an override may cost, as a multiple of the plain hello."""
    if overridden == overrides.ATTRIBUTE:
        return ATTRIBUTE
    return None if overridden == overrides.PLAIN else OVERRIDE
