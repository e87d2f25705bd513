"""How many functions a warm request calls, and in how many files they stand: within the bounds of
``benchmarks/bounds.py``.

They are counted in a process of their own, where no other test has left anything.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))
try:
    import bounds
    import calls
finally:
    sys.path.remove(str(BENCHMARKS))


def ask(*arguments):
    command = [sys.executable, str(BENCHMARKS / "calls.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="module")
def counted():
    return {name: bounds.Calls(*numbers) for name, numbers in json.loads(ask()).items()}


@pytest.mark.parametrize("name", bounds.CALLS)
def test_a_request_is_within_what_holds(counted, name):
    bound, goal = bounds.CALLS[name]
    assert counted[name].is_within(bounds.HELD_CALLS.get(name, bound))
    assert goal.is_within(bound)


def test_what_is_within_its_bound_is_held_by_it(counted):
    assert [n for n in bounds.HELD_CALLS if counted[n].is_within(bounds.CALLS[n][0])] == []


def test_each_bound_has_its_request(counted):
    assert counted.keys() == bounds.CALLS.keys()


def test_what_is_called_can_be_read(counted):
    lines = ask("--trace", "hello").splitlines()
    assert len(lines) == counted["hello"].functions
    assert len({line.split()[0] for line in lines}) == counted["hello"].files


def test_what_is_no_part_of_the_framework_does_not_count():
    def own():
        return json.loads("[1]")

    made: dict = {"__name__": "erlen.made"}
    exec("def made(): pass", made)
    with calls.counted() as called:
        own()
        made["made"]()
    assert called == [("<string>", "made")]
