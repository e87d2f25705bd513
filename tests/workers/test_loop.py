from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from contextvars import ContextVar, copy_context

import pytest

from erlen.workers.loop import _Run, make_runner, run_blocking, run_soon
from erlen.workers.variables import Variables

colour: ContextVar[str] = ContextVar("colour")


async def current():
    return asyncio.get_running_loop(), threading.current_thread()


def test_one_loop_on_one_thread_for_the_process():
    first, again = run_blocking(current()), run_blocking(current())
    assert first == again
    assert first[1] is not threading.current_thread()
    assert first[1].daemon
    seen = []
    thread = threading.Thread(target=lambda: seen.append(run_blocking(current())))
    thread.start()
    thread.join()
    assert seen == [first]


def test_an_exception_comes_out_as_it_was():
    error = KeyError("x")

    async def fail():
        raise error

    with pytest.raises(KeyError) as caught:
        run_blocking(fail())
    assert caught.value is error


class SlowLock:
    """A lock that is free just after the waiting for it was given up."""

    def __init__(self, task):
        self.lock = threading.Lock()
        self.lock.acquire()
        self.release = self.lock.release
        self.task = task

    def acquire(self, blocking=True, timeout=-1):
        if timeout > 0:
            while not (task := self.task()) or not task.done():
                time.sleep(0.001)
            return False
        return self.lock.acquire(blocking, timeout)


def test_a_result_that_comes_as_the_wait_is_looked_at_is_no_cancellation():
    async def answer():
        return "here"

    run = _Run(answer(), Variables(), run_blocking(current())[0])
    run._is_running = SlowLock(lambda: run._task)
    assert run.wait() == "here"


def test_context_variables_go_in_and_come_out():
    async def change():
        seen = colour.get()
        colour.set("red")
        return seen

    token = colour.set("green")
    try:
        assert run_blocking(change()) == "green"
        assert colour.get() == "red"
    finally:
        colour.reset(token)


def test_what_was_set_before_an_exception_comes_out_too():
    async def fail():
        colour.set("red")
        raise KeyError

    token = colour.set("green")
    try:
        with pytest.raises(KeyError):
            run_blocking(fail())
        assert colour.get() == "red"
    finally:
        colour.reset(token)


def test_a_task_that_is_cancelled():
    async def cancel():
        asyncio.current_task().cancel()
        await asyncio.sleep(10)

    with pytest.raises(asyncio.CancelledError):
        run_blocking(cancel())


def test_waiting_for_the_loop_on_its_own_thread_is_refused():
    async def inner():
        raise AssertionError("never run")

    async def outer():
        return run_blocking(inner())

    with pytest.raises(RuntimeError, match="Await it instead"):
        run_blocking(outer())


def test_inside_of_another_loop_the_background_loop_is_waited_for():
    async def other():
        return run_blocking(current())[0] is not asyncio.get_running_loop()

    assert asyncio.run(other())


def test_coroutines_of_several_threads_run_together():
    barrier = threading.Barrier(4)
    meeting = []

    async def meet(n):
        meeting.append(n)
        while len(meeting) < 4:
            await asyncio.sleep(0)
        return n

    def work(n):
        barrier.wait(10)
        results.append(run_blocking(meet(n)))

    results: list[int] = []
    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(results) == [0, 1, 2, 3]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_process_has_a_loop_of_its_own():
    run_blocking(current())
    child = os.fork()
    if child == 0:
        try:
            _, thread = run_blocking(current())
            os._exit(0 if thread.is_alive() else 1)
        except BaseException:
            os._exit(2)
    assert os.waitpid(child, 0)[1] == 0


@pytest.mark.parametrize("error", [SystemExit, KeyboardInterrupt, GeneratorExit])
def test_what_would_end_the_loop_goes_to_the_caller(error):
    async def fail():
        raise error("told")

    before = run_blocking(current())
    with pytest.raises(error, match="told"):
        run_blocking(fail())
    with pytest.raises(error, match="told"):
        run_soon(fail()).result(10)
    assert run_blocking(current()) == before


def test_a_task_that_is_cancelled_before_it_begins():
    async def main():
        task = asyncio.current_task()
        # All that the loop runs, as at its end.
        while len(others := asyncio.all_tasks() - {task}) < 1:
            await asyncio.sleep(0)
        for other in others:
            other.cancel()

    async def never():
        raise AssertionError("it began")

    loop = run_blocking(current())[0]
    outcome = run_soon(main())
    loop.call_soon_threadsafe(asyncio.Event)
    with pytest.raises(asyncio.CancelledError):
        run_blocking(never())
    assert outcome.result(10) is None


def test_runs_of_one_runner_share_a_context():
    tokens = []

    async def change():
        tokens.append(colour.set("red"))

    async def restore():
        colour.reset(tokens.pop())
        return colour.get("none")

    def work():
        run = make_runner()
        run(change())
        assert colour.get() == "red"
        assert run(restore()) == "none"
        # What was carried here is taken back too.
        return colour.get("none")

    assert copy_context().run(work) == "none"


# -- run_soon ----------------------------------------------------------------------------


def test_soon_is_behind_the_caller_and_without_its_context():
    async def work():
        return colour.get("none")

    seen = []

    async def record():
        seen.append(await work())

    token = colour.set("green")
    try:
        outcome = run_soon(record())
        assert outcome.result(10) is None
    finally:
        colour.reset(token)
    assert seen == ["none"]


def test_the_outcome_has_the_exception():
    async def fail():
        raise KeyError("x")

    with pytest.raises(KeyError):
        run_soon(fail()).result(10)


def test_on_a_running_loop_it_runs_there():
    async def main():
        seen = []

        async def record():
            seen.append(asyncio.get_running_loop() is loop)

        loop = asyncio.get_running_loop()
        outcome = run_soon(record())
        await asyncio.wrap_future(outcome)
        return seen

    assert asyncio.run(main()) == [True]


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="no signals to threads")
def test_a_caller_that_is_interrupted_cancels_the_task():
    # Whatever another test's server has left there.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    cancelled = threading.Event()
    waiting = threading.get_ident()

    async def work():
        # As Ctrl-C does to the waiting thread.
        signal.pthread_kill(waiting, signal.SIGINT)
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.set()
            raise

    try:
        with pytest.raises(KeyboardInterrupt):
            run_blocking(work())
    finally:
        signal.signal(signal.SIGINT, before)
    assert cancelled.wait(10)


def test_what_runs_soon_can_be_cancelled():
    started, cancelled = threading.Event(), threading.Event()

    async def work():
        started.set()
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.set()
            raise

    outcome = run_soon(work())
    assert started.wait(10)
    assert outcome.cancel()
    assert cancelled.wait(10)
    assert outcome.cancelled()
