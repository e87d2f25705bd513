"""What a plan knows of its functions before they are called."""

from __future__ import annotations

import asyncio
from functools import partial, wraps

import pytest

from erlen import Erlen
from erlen.workers.colours import may_suspend


async def answers():
    return "answer"


async def waits():
    await asyncio.sleep(0)
    return "answer"


async def iterates():
    async for _ in stream():
        pass


async def enters():
    async with asyncio.Lock():
        pass


async def defines():
    async def inner():
        await asyncio.sleep(0)

    return inner


async def stream():
    yield "piece"


class Views:
    async def answers(self):
        return "answer"

    async def waits(self):
        await asyncio.sleep(0)


def decorated(f):
    @wraps(f)
    async def inner(*args):
        return await f(*args)

    return inner


@pytest.mark.parametrize("f", [answers, defines, Views().answers])
def test_a_coroutine_without_an_await_cannot_suspend(f):
    assert not may_suspend(f)


@pytest.mark.parametrize(
    "f",
    [
        waits,
        iterates,
        enters,
        Views().waits,
        decorated(answers),
        # What is called there is not told by the function's own code.
        partial(answers),
        lambda: asyncio.sleep(0),
        len,
    ],
)
def test_any_other_may(f):
    assert may_suspend(f)


def test_both_kinds_of_views_answer_alike():
    app = Erlen("plans")
    app.add_url_rule("/answers", view_func=answers)
    app.add_url_rule("/waits", view_func=waits)
    client = app.test_client(interface="asgi")
    for path in ("/answers", "/waits"):
        assert client.get(path).text == "answer"
