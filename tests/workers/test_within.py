"""What is awaited has its time."""

from __future__ import annotations

import asyncio
import time

import pytest

from erlen.workers.within import within


async def there():
    return "there"


async def later(seconds=0.01):
    await asyncio.sleep(seconds)
    return "later"


def run(main):
    return asyncio.run(asyncio.wait_for(main, 10))


@pytest.mark.parametrize("awaited", [there, later])
def test_what_comes_in_time_is_given(awaited):
    async def main():
        return await within(awaited(), 5)

    assert run(main()) == awaited.__name__


def test_what_is_there_at_once_has_no_time_to_lose():
    async def main():
        return await within(there(), 0)

    assert run(main()) == "there"


def test_what_takes_longer_is_cancelled_and_the_task_goes_on():
    ended = []

    async def long():
        try:
            await asyncio.sleep(10)
        finally:
            ended.append(True)

    async def main():
        with pytest.raises(TimeoutError):
            await within(long(), 0.01)
        assert ended == [True]
        assert not asyncio.current_task().cancelling()
        await asyncio.sleep(0.01)
        return "went on"

    assert run(main()) == "went on"


def test_an_error_comes_as_it_is():
    async def fail():
        await asyncio.sleep(0)
        raise KeyError("told")

    async def main():
        with pytest.raises(KeyError, match="told"):
            await within(fail(), 5)

    run(main())


def test_who_is_cancelled_from_outside_is_cancelled():
    async def inner():
        await within(later(10), 5)

    async def outer():
        task = asyncio.create_task(inner())
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(outer())


def test_cancelled_and_late_at_once_is_cancelled():
    async def main():
        async def inner():
            try:
                await within(later(10), 0.01)
            except TimeoutError:
                return "late"

        task = asyncio.create_task(inner())
        await asyncio.sleep(0)
        # Both come while the loop is busy.
        asyncio.get_running_loop().call_later(0.01, task.cancel)
        time.sleep(0.03)
        with pytest.raises(asyncio.CancelledError):
            await task

    run(main())


class Iterator:
    """What is awaited as Granian's messages are: an iterator with no ``send`` and no ``throw``."""

    def __init__(self, future):
        self.future = future

    def __await__(self):
        return self

    def __iter__(self):
        return self

    def __next__(self):
        if self.future.done():
            raise StopIteration(self.future.result())
        self.future._asyncio_future_blocking = True
        return self.future


def watched(awaitable):
    from types import SimpleNamespace

    from erlen.workers.attend import attend

    async def receive():
        await asyncio.Event().wait()

    return attend(awaitable, SimpleNamespace(receive=receive))


@pytest.mark.parametrize("is_there", [True, False])
@pytest.mark.parametrize("wait", [lambda a: within(a, 10), watched], ids=["within", "attend"])
def test_any_iterator_may_be_awaited(wait, is_there):
    async def main():
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        if is_there:
            future.set_result("it")
        else:
            loop.call_later(0.01, future.set_result, "it")
        return await wait(Iterator(future))

    assert asyncio.run(main()) == "it"


@pytest.mark.parametrize("wait", [lambda a: within(a, 10), watched], ids=["within", "attend"])
def test_an_iterator_that_nothing_can_be_thrown_into_is_cancelled(wait):
    async def main():
        future = asyncio.get_running_loop().create_future()

        async def waits():
            await wait(Iterator(future))

        task = asyncio.create_task(waits())
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert future.cancelled()

    asyncio.run(main())
