"""A function on a thread, as the task that awaits it sees it."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import threading
import time
import weakref
from contextvars import ContextVar, copy_context

import pytest
from freeing import let_go

from erlen.workers.call import Call, run_in_thread
from erlen.workers.exits import ExitInRequest
from erlen.workers.pool import PoolFull, ThreadPool

variable: ContextVar[str] = ContextVar("variable", default="unset")


@pytest.fixture
def pool():
    return ThreadPool(2, 2)


def run(main):
    return asyncio.run(asyncio.wait_for(main, 20))


def call(pool, function, *args, **kwargs):
    made = Call(function, *args, **kwargs)
    made.pool = pool
    return made


def test_it_gives_what_the_function_returns(pool):
    async def main():
        return await call(pool, dict, [("a", 1)], b=2)

    assert run(main()) == {"a": 1, "b": 2}


def test_tokens_of_the_thread_reset_in_the_task_and_the_other_way_round(pool):
    async def main():
        variable.set("set by the task")
        token = await call(pool, variable.set, "set by the thread")
        assert variable.get() == "set by the thread"
        variable.reset(token)
        assert variable.get() == "set by the task"
        token = variable.set("set again")
        assert await call(pool, variable.get) == "set again"
        await call(pool, variable.reset, token)
        assert variable.get() == "set by the task"

    run(main())


class In:
    """Drives an awaitable in a Context of its own."""

    def __init__(self, awaitable, context):
        self.awaitable, self.context = awaitable, context

    def __await__(self):
        iterator = self.awaitable.__await__()
        while True:
            try:
                waited = self.context.run(iterator.send, None)
            except StopIteration as done:
                return done.value
            yield waited


def test_where_something_drives_the_coroutine_in_another_context_it_sees_that_one(pool):
    async def inner():
        variable.set("inner")
        assert await call(pool, variable.get) == "inner"
        await call(pool, variable.set, "by the thread")
        return variable.get()

    async def main():
        variable.set("outer")
        assert await In(inner(), copy_context()) == "by the thread"
        return variable.get()

    assert run(main()) == "outer"


def test_a_context_that_is_given(pool):
    context = copy_context()
    context.run(variable.set, "given")

    async def main():
        made = call(pool, variable.get)
        made.context = context
        assert await made == "given"
        assert variable.get() == "unset"

    run(main())


def test_many_at_once_have_each_their_own(pool):
    async def one(n):
        variable.set(str(n))
        await call(pool, variable.set, variable.get() + "!")
        return variable.get()

    async def main():
        pool.max_waiting = 100
        return await asyncio.gather(*map(one, range(50)))

    assert run(main()) == [f"{n}!" for n in range(50)]


@pytest.mark.parametrize("raised", [SystemExit, KeyboardInterrupt])
def test_what_would_end_the_loop_is_contained(pool, raised):
    def fail():
        raise raised("told")

    async def main():
        with pytest.raises(ExitInRequest, match="told") as contained:
            await call(pool, fail)
        assert isinstance(contained.value.__cause__, raised)
        return await call(pool, int)

    assert run(main()) == 0


@pytest.mark.parametrize("raised", [ValueError, asyncio.CancelledError])
def test_what_it_raises_is_raised_where_it_is_awaited(pool, raised):
    def fail():
        raise raised("told")

    async def main():
        with pytest.raises(raised, match="told"):
            await call(pool, fail)
        return await call(pool, int)

    assert run(main()) == 0


def test_an_error_keeps_nothing(pool):
    class Kept:
        pass

    refs = []

    def fail(error):
        kept = Kept()
        refs.append(weakref.ref(kept))
        raise KeyError

    async def main():
        error = ValueError()
        error.kept = Kept()
        refs.append(weakref.ref(error.kept))
        with contextlib.suppress(KeyError):
            await call(pool, fail, error)

    gc.collect()
    gc.disable()
    try:
        run(main())
        # The thread may still be on its way to wait for its next call.
        limit = time.monotonic() + 10
        while (left := [ref() for ref in refs if ref() is not None]) and time.monotonic() < limit:
            del left
            time.sleep(0.001)
            let_go()
        assert not left
    finally:
        gc.enable()


@pytest.mark.parametrize("interrupts", [False, True])
def test_a_task_that_is_cancelled_waits(pool, interrupts):
    began, may_end, calls = threading.Event(), threading.Event(), []

    def function():
        began.set()
        assert may_end.wait(20)
        variable.set("set late")

    async def waits():
        made = call(pool, function)
        if interrupts:
            made.interrupt = lambda: (calls.append("interrupted"), may_end.set())
        try:
            await made
        finally:
            calls.append(variable.get())

    async def main():
        task = asyncio.create_task(waits())
        while not began.is_set():
            await asyncio.sleep(0.001)
        task.cancel()
        if not interrupts:
            await asyncio.sleep(0.01)
            task.cancel()
            await asyncio.sleep(0.01)
            assert not task.done()
            may_end.set()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(main())
    assert calls == ["interrupted"] * interrupts + ["set late"]


@pytest.mark.parametrize("when", ["before", "inside", "late"])
def test_a_result_that_nobody_waits_for_is_dropped(pool, when):
    began, may_end, dropped = threading.Event(), threading.Event(), []

    def function():
        began.set()
        assert may_end.wait(20)
        return "result"

    async def waits():
        made = call(pool, function)
        made.drop, made.context = dropped.append, copy_context()
        await made

    async def main():
        task = asyncio.create_task(waits())
        if when == "before":
            # It is cancelled in the step that begins it.
            await asyncio.sleep(0)
            task.cancel()
        else:
            while not began.is_set():
                await asyncio.sleep(0.001)
            if when == "late":
                may_end.set()
                # The thread is done, and the loop has not heard of it.
                threading.Event().wait(0.05)
            task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        may_end.set()
        if when == "before":
            # What had not begun is left out; both threads have come to this.
            await asyncio.gather(call(pool, time.sleep, 0.1), call(pool, time.sleep, 0.1))
        while began.is_set() and not dropped:
            await asyncio.sleep(0.001)

    run(main())
    assert dropped == ["result"] * began.is_set()
    assert began.is_set() or when == "before"


def test_what_nobody_waits_for_any_more_is_not_begun(pool):
    goes_on, begun = threading.Event(), []

    async def waits():
        made = call(pool, begun.append, "too late")
        made.drop, made.context = begun.append, copy_context()
        await made

    async def main():
        busy = [asyncio.create_task(run_in_thread(goes_on.wait, 10, pool=pool)) for _ in range(2)]
        task = asyncio.create_task(waits())
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        goes_on.set()
        await asyncio.gather(*busy)
        await asyncio.gather(call(pool, time.sleep, 0.05), call(pool, time.sleep, 0.05))

    run(main())
    assert begun == []


def test_a_pool_that_is_full(pool):
    goes_on = threading.Event()

    async def main():
        tasks = [asyncio.ensure_future(waits()) for _ in range(4)]
        await asyncio.sleep(0)
        new = call(pool, int)
        new.is_new = True
        with pytest.raises(PoolFull):
            await new
        # What belongs to a request that was begun waits.
        begun = asyncio.ensure_future(waits())
        await asyncio.sleep(0)
        goes_on.set()
        await asyncio.gather(*tasks, begun)
        assert await call(pool, int) == 0

    async def waits():
        await call(pool, goes_on.wait, 20)

    run(main())


def test_a_task_that_ends_its_loop_leaves_the_results_of_others(pool):
    """What is raised through the loop must not lose what came with it."""
    results = []

    async def quits():
        await call(pool, int)
        raise SystemExit

    async def other():
        results.append(await call(pool, str))

    loop = asyncio.new_event_loop()
    pool.max_waiting = 100
    tasks = [loop.create_task(other()) for _ in range(10)]
    quitting = loop.create_task(quits())
    tasks += [loop.create_task(other()) for _ in range(10)]
    with pytest.raises(SystemExit):
        loop.run_until_complete(asyncio.gather(*tasks, quitting))
    for task in tasks:
        loop.run_until_complete(task)
    assert results == [""] * 20
    assert isinstance(quitting.exception(), SystemExit)
    loop.close()
