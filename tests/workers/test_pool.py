"""The threads of synchronous views, as an event loop sees them."""

from __future__ import annotations

import asyncio
import threading

import pytest

from erlen.workers.call import run_in_thread
from erlen.workers.pool import ThreadPool


@pytest.fixture
def pool():
    return ThreadPool(2, 2)


def run(main):
    return asyncio.run(asyncio.wait_for(main, 20))


def test_the_result_of_a_function_comes_back(pool):
    assert run(run_in_thread(divmod, 7, 2, pool=pool)) == (3, 1)


@pytest.mark.parametrize("raised", [ValueError("told"), asyncio.CancelledError("told")])
def test_what_a_function_raises_comes_once(pool, raised):
    """Cancellation too: a function gets it from a task that it waits for."""

    def fail():
        raise raised

    async def main():
        with pytest.raises(type(raised), match="told"):
            await run_in_thread(fail, pool=pool)
        return "went on"

    assert run(main()) == "went on"


@pytest.mark.parametrize("raised", [None, asyncio.CancelledError("its own")])
def test_a_function_whose_caller_is_cancelled_runs_to_its_end(pool, raised):
    began, may_end, ended = threading.Event(), threading.Event(), []

    def function():
        began.set()
        assert may_end.wait(20)
        ended.append(True)
        if raised is not None:
            raise raised

    async def main():
        task = asyncio.create_task(run_in_thread(function, pool=pool))
        while not began.is_set():
            await asyncio.sleep(0.001)
        task.cancel()
        await asyncio.sleep(0.01)
        assert not task.done()
        may_end.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert ended == [True]

    run(main())
