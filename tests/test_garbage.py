"""Requests leave nothing behind: no reference cycles, and no memory.

What is sent is what the benchmarks send; ``make garbage`` sends a million of them.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

BENCHMARKS = str(Path(__file__).resolve().parents[1] / "benchmarks")


# What other tests of the process left behind is collected here, and is not what is measured.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(scope="module")
def garbage():
    sys.path.insert(0, BENCHMARKS)
    try:
        import garbage
    finally:
        sys.path.remove(BENCHMARKS)
    return garbage


@pytest.fixture(scope="module")
def calls(garbage):
    loop = asyncio.new_event_loop()
    yield garbage.wsgi_calls() | garbage.asgi_calls(loop)
    loop.close()


@pytest.mark.parametrize(
    ("name", "count"), [("hello", 100_000), ("dynamic rule", 10_000), ("ASGI hello", 10_000)]
)
def test_the_plain_path_leaves_no_cycle(garbage, calls, name, count):
    assert garbage.cycles(calls[name][0], count) == 0


def test_no_scenario_leaves_a_cycle(garbage, calls):
    left = {name: garbage.cycles(call, 50) for name, (call, turn) in calls.items() if turn == 1}
    assert {name: count for name, count in left.items() if count} == {}


def test_memory_is_flat_over_all_scenarios(garbage, calls):
    often = {name: (call, turn) for name, (call, turn) in calls.items() if turn == 1}
    with garbage.collector_off():
        garbage.rounds(often, 200)
        before = sys.getallocatedblocks()
        sent = garbage.rounds(often, 300)
        after = sys.getallocatedblocks()
    assert sent > 6000
    # A block for each request of a single scenario would be 300.
    assert after - before < 100


def test_a_cycle_is_found(garbage):
    def call():
        cycle: list = []
        cycle.append(cycle)

    assert garbage.cycles(call, 10) == 10


def test_a_leak_is_found(garbage):
    kept = []
    calls = {"leak": (lambda: kept.append(object()), 1)}
    before = sys.getallocatedblocks()
    garbage.rounds(calls, 300)
    assert sys.getallocatedblocks() - before >= 300
