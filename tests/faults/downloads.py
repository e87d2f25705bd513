"""Bodies that are long, endless, or end badly."""

from __future__ import annotations

import asyncio
from functools import partial

from erlen import Blueprint, current_app, request, stream_with_context

downloads = Blueprint("downloads", __name__)
PIECE = b"x" * (1 << 16)


def counter():
    return current_app.extensions["count"]


def endless(count):
    count("opened")
    try:
        while True:
            yield PIECE
    finally:
        count("closed")


async def async_endless(count):
    count("opened")
    try:
        while True:
            await asyncio.sleep(0)
            yield PIECE
    finally:
        count("closed")


def endless_with_context(count):
    count("opened")
    try:
        while request.path:
            yield PIECE
    finally:
        # The request is there until the end.
        assert request.path.startswith("/endless")
        count("closed")


async def async_endless_with_context(count):
    count("opened")
    try:
        while request.path:
            await asyncio.sleep(0)
            yield PIECE
    finally:
        assert request.path.startswith("/endless")
        count("closed")


STREAMS = {
    "generator": endless,
    "async generator": async_endless,
    "context": lambda count: stream_with_context(endless_with_context(count)),
    "async context": lambda count: stream_with_context(async_endless_with_context(count)),
}


def start(name):
    return STREAMS[name](counter())


@downloads.get("/endless/sync/<name>")
def endless_view(name):
    return start(name)


@downloads.get("/endless/async/<name>")
async def async_endless_view(name):
    return start(name)


@downloads.get("/huge/<int:size>")
def huge(size):
    return (PIECE for _ in range(size // len(PIECE)))


@downloads.get("/async/huge/<int:size>")
async def async_huge(size):
    async def generate():
        for _ in range(size // len(PIECE)):
            yield PIECE

    return generate()


def three(fail):
    for n in range(3):
        yield f"chunk {n}\n"
    fail()


async def async_three(fail):
    for n in range(3):
        await asyncio.sleep(0)
        yield f"chunk {n}\n"
    fail()


def failing():
    return three(partial(divmod, 1, 0))


def async_failing():
    return async_three(partial(divmod, 1, 0))


downloads.get("/failing/sync/generator", endpoint="failing 1")(failing)
downloads.get("/failing/sync/async generator", endpoint="failing 2")(async_failing)


@downloads.get("/failing/async/generator")
async def async_view_failing():
    return failing()


@downloads.get("/failing/async/async generator")
async def async_view_async_failing():
    return async_failing()


@downloads.get("/waiting")
async def waiting():
    """Nothing is sent, and the client does not wait for it."""
    count = counter()
    count("opened")
    try:
        await asyncio.sleep(60)
    finally:
        count("closed")
    return "waited"
