"""A thread and the task that waits for it take turns."""

from __future__ import annotations

import asyncio
import contextvars
import threading

import pytest

from erlen.workers.attend import Disconnected
from erlen.workers.conversation import Conversation
from erlen.workers.loop import home
from erlen.workers.pool import ThreadPool

variable = contextvars.ContextVar("variable", default="unset")


class Client:
    """One that stays, or leaves at once."""

    def __init__(self, leaves=False):
        self.leaves = leaves

    async def receive(self):
        if not self.leaves:
            await asyncio.Event().wait()
        return {"type": "http.disconnect"}


def talk(function, client=None, drop=None):
    """Run ``function`` on a thread, with a task that waits for it."""
    pool = ThreadPool(2, 10)
    loop = asyncio.get_running_loop()
    conversation = Conversation(loop, client or Client())
    return conversation.run(pool, contextvars.copy_context(), function, drop=drop)


def wait(coroutine):
    return home.conversation.wait(coroutine)


@pytest.mark.parametrize("pause", [False, True], ids=["at once", "after a while"])
def test_what_is_asynchronous_is_awaited_by_the_task(pause):
    async def ask(n):
        if pause:
            await asyncio.sleep(0)
        return n, asyncio.current_task(), threading.get_ident()

    def work():
        return [wait(ask(n)) for n in range(3)], threading.get_ident()

    async def main():
        found, thread = await talk(work)
        here = asyncio.current_task(), threading.get_ident()
        assert found == [(n, *here) for n in range(3)]
        assert thread != here[1]
        assert not hasattr(home, "conversation")

    asyncio.run(main())


def test_errors_go_to_who_waits():
    async def fails():
        raise KeyError("awaited")

    def work():
        with pytest.raises(KeyError, match="awaited"):
            wait(fails())
        raise LookupError("worked")

    async def main():
        with pytest.raises(LookupError, match="worked"):
            await talk(work)

    asyncio.run(main())


def test_context_variables_are_seen_on_both_sides():
    async def sets(value):
        before = variable.get()
        variable.set(value)
        return before

    def work():
        variable.set("thread")
        first = wait(sets("task"))
        return first, variable.get(), wait(sets("again"))

    async def main():
        assert await talk(work) == ("thread", "task", "task")

    asyncio.run(main())


def test_a_token_is_reset_where_it_was_made():
    async def sets():
        return variable.set("task")

    async def resets(token):
        variable.reset(token)

    def work():
        wait(resets(wait(sets())))
        return variable.get()

    async def main():
        variable.set("outer")
        return await talk(work), variable.get()

    assert asyncio.run(main()) == ("outer", "outer")


def test_a_client_that_leaves_ends_what_is_awaited():
    seen = []

    def work():
        try:
            wait(asyncio.Event().wait())
        except Disconnected:
            seen.append("gone")
            raise

    async def main():
        with pytest.raises(Disconnected):
            await talk(work, Client(leaves=True))
        # It is the client that has gone: the task goes on.
        await asyncio.sleep(0)

    asyncio.run(main())
    assert seen == ["gone"]


@pytest.mark.parametrize("when", ["thread works", "task awaits"])
def test_a_thread_goes_on_when_its_task_is_cancelled(when):
    ended, goes_on = threading.Event(), threading.Event()
    seen, dropped, began = [], [], []

    async def tear_down():
        await asyncio.sleep(0)
        seen.append("torn down")

    async def for_ever():
        began.append(when)
        await asyncio.Event().wait()

    def work():
        try:
            if when == "task awaits":
                wait(for_ever())
            began.append(when)
            goes_on.wait(10)
        except asyncio.CancelledError:
            seen.append("cancelled")
        wait(tear_down())
        ended.set()
        return "too late"

    async def main():
        task = asyncio.ensure_future(talk(work, drop=dropped.append))
        while not began:
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        goes_on.set()
        assert await asyncio.to_thread(ended.wait, 10)
        while not dropped:
            await asyncio.sleep(0)

    asyncio.run(asyncio.wait_for(main(), 20))
    assert seen == ["cancelled"] * (when == "task awaits") + ["torn down"]
    assert dropped == ["too late"]


def test_many_at_once():
    async def ask(n):
        await asyncio.sleep(0)
        return n

    async def main():
        pool, loop = ThreadPool(4, 1000), asyncio.get_running_loop()

        def one(n):
            conversation = Conversation(loop, Client())
            context = contextvars.copy_context()
            return conversation.run(pool, context, lambda: wait(ask(n)), drop=None)

        assert await asyncio.gather(*map(one, range(200))) == list(range(200))

    asyncio.run(asyncio.wait_for(main(), 20))
