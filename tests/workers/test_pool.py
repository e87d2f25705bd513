"""The threads of synchronous views, as an event loop sees them."""

from __future__ import annotations

import asyncio
import threading
import time
from contextlib import ExitStack

import pytest

from erlen.workers.call import run_in_thread
from erlen.workers.loop import run_blocking
from erlen.workers.pool import PoolFull, ThreadPool


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


def test_who_waits_for_a_client_leaves_its_place_to_others():
    pool, inside, goes_on = ThreadPool(1, 10), [], threading.Event()

    def wait():
        with pool.stand_aside():
            inside.append(threading.current_thread())
            goes_on.wait(10)
        return threading.current_thread()

    async def main():
        waiting = [asyncio.ensure_future(run_in_thread(wait, pool=pool)) for _ in range(3)]
        while len(inside) < 3:
            await asyncio.sleep(0.001)
        # One thread of the pool is there for others.
        assert await run_in_thread(int, pool=pool) == 0
        goes_on.set()
        return await asyncio.gather(*waiting)

    assert set(run(main())) == set(inside)
    # Those that are too many leave when they are through.
    limit = time.monotonic() + 10
    while pool._threads > 1 and time.monotonic() < limit:
        run(run_in_thread(int, pool=pool))
    assert pool._threads == 1


def test_no_more_than_a_few_stand_aside():
    pool = ThreadPool(1, 100)
    with ExitStack() as stack:
        for _ in range(8):
            stack.enter_context(pool.stand_aside())
        with pytest.raises(PoolFull), pool.stand_aside():
            pass
    with pool.stand_aside():
        pass


def test_threads_that_all_wait_for_what_needs_a_thread():
    """SECURITY 85: the loop cannot go on without another one."""
    pool = ThreadPool(2, 100)

    async def needs_a_thread():
        return await run_in_thread(lambda: threading.current_thread(), pool=pool)

    def wait():
        return run_blocking(needs_a_thread())

    async def main():
        return await asyncio.gather(*[run_in_thread(wait, pool=pool) for _ in range(6)])

    assert len(run(main())) == 6
    limit = time.monotonic() + 10
    while pool._threads > 2 and time.monotonic() < limit:
        run(run_in_thread(int, pool=pool))
    assert pool._threads <= 2
    assert pool._waiting == 0


@pytest.mark.parametrize("ends", [True, False], ids=["others end", "nobody ends"])
def test_threads_that_only_wait_for_long_do_not_make_many(ends):
    pool = ThreadPool(4, 1000)

    def wait(seconds):
        run_blocking(asyncio.sleep(seconds))

    async def main():
        seconds = [0.1, 0.2, 0.15] if ends else [1.5]
        calls = [run_in_thread(wait, seconds[n % len(seconds)], pool=pool) for n in range(40)]
        waiting = [asyncio.ensure_future(call) for call in calls]
        most = 0
        for _ in range(20):
            await asyncio.sleep(0.05)
            most = max(most, pool._threads)
        for one in waiting:
            one.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        return most

    # One each quarter of a second, where nothing moves.
    assert run(main()) <= (4 if ends else 9)
