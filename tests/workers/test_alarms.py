"""Alarms share one timer of their loop."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar

import pytest

from erlen.workers.alarms import Alarm, alarms_of

colour: ContextVar[str] = ContextVar("colour", default="none")


class Noted(Alarm):
    """Notes its name, and what it sees."""

    __slots__ = ("name", "rung")

    def __init__(self, name, rung):
        self.name = name
        self.rung = rung

    def ring(self):
        self.rung.append((self.name, colour.get()))


@pytest.fixture
def rung():
    return []


def names(rung):
    return [name for name, _ in rung]


def test_they_ring_in_their_order_whatever_was_set_first(rung):
    async def main():
        alarms = alarms_of(asyncio.get_running_loop())
        for name, seconds in (("late", 0.06), ("soon", 0.02), ("between", 0.04)):
            alarms.set(Noted(name, rung), seconds)
        await asyncio.sleep(0.03)
        assert names(rung) in (["soon"], ["soon", "between"], ["soon", "between", "late"])
        while len(rung) < 3:
            await asyncio.sleep(0.01)

    asyncio.run(asyncio.wait_for(main(), 10))
    assert names(rung) == ["soon", "between", "late"]


def test_what_was_taken_back_does_not_ring(rung):
    async def main():
        alarms = alarms_of(asyncio.get_running_loop())
        first, second = Noted("first", rung), Noted("second", rung)
        alarms.set(first, 0.01)
        alarms.set(second, 0.02)
        alarms.take_back(first)
        # Once more changes nothing.
        alarms.take_back(first)
        while not rung:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.02)

    asyncio.run(asyncio.wait_for(main(), 10))
    assert names(rung) == ["second"]


def test_one_that_rings_may_set_another(rung):
    class Again(Noted):
        __slots__ = ()

        def ring(self):
            super().ring()
            if len(rung) < 3:
                alarms_of(asyncio.get_running_loop()).set(self, 0.001)

    async def main():
        alarms_of(asyncio.get_running_loop()).set(Again("again", rung), 0.001)
        while len(rung) < 3:
            await asyncio.sleep(0.001)

    asyncio.run(asyncio.wait_for(main(), 10))
    assert names(rung) == ["again"] * 3


def test_they_see_nothing_of_who_set_them(rung):
    async def main():
        colour.set("red")
        alarms_of(asyncio.get_running_loop()).set(Noted("one", rung), 0.001)
        while not rung:
            await asyncio.sleep(0.001)

    asyncio.run(asyncio.wait_for(main(), 10))
    assert rung == [("one", "none")]


def test_each_loop_has_its_own(rung):
    async def main(name):
        alarms_of(asyncio.get_running_loop()).set(Noted(name, rung), 0.001)
        while name not in names(rung):
            await asyncio.sleep(0.001)

    for name in ("first", "second"):
        asyncio.run(asyncio.wait_for(main(name), 10))
    assert names(rung) == ["first", "second"]
