"""Views that take bodies."""

from __future__ import annotations

import asyncio
import time

from erlen import Blueprint, current_app, request, stream_request_body
from erlen.http.spool import SpooledUpload

bodies = Blueprint("bodies", __name__)


def take():
    return {
        "form": {name: len(value) for name, value in request.form.items()},
        "files": {name: len(file.read()) for name, file in request.files.items()},
    }


@bodies.post("/form")
def form():
    return take()


@bodies.post("/async/form")
async def async_form():
    return take()


LIMIT = 1000


@bodies.post("/limited")
def limited():
    request.max_content_length = LIMIT
    return {"length": len(request.get_data())}


@bodies.post("/async/limited")
@stream_request_body
async def async_limited():
    request.max_content_length = LIMIT
    return {"length": sum([len(piece) async for piece in request.stream])}


# -- views that keep what they are given -----------------------------------------------------


def store(data):
    current_app.extensions["count"]("stored")
    return {"stored": len(data)}


def begin():
    current_app.extensions["count"]("storing")


@bodies.post("/store")
def store_data():
    begin()
    return store(request.get_data())


@bodies.post("/store/pieces")
def store_pieces():
    begin()
    return store(b"".join(iter(lambda: request.stream.read(65536), b"")))


@bodies.post("/store/file")
def store_file():
    begin()
    return store(request.files["file"].read())


@bodies.post("/async/store")
async def async_store():
    begin()
    return store(request.get_data())


@bodies.post("/async/store/file")
async def async_store_file():
    begin()
    return store(request.files["file"].read())


@bodies.post("/async/store/pieces")
@stream_request_body
async def async_store_pieces():
    begin()
    return store(b"".join([piece async for piece in request.stream]))


# -- a slow disk -----------------------------------------------------------------------------

# Far more than a busy machine makes an event loop wait.
WRITE_SECONDS = 1.0
_write = SpooledUpload.write
slowed = False
writes = 0


def write_slowly(self, data):
    global writes
    if slowed:
        writes += 1
        time.sleep(WRITE_SECONDS)
    return _write(self, data)


SpooledUpload.write = write_slowly


@bodies.post("/slow-disk/<any(on, off):state>")
def slow_disk(state):
    global slowed, writes
    slowed, writes = state == "on", 0
    return "set"


@bodies.get("/async/longest-pause/<float:seconds>")
async def longest_pause(seconds):
    """How long the event loop did nothing else, at most, while this was served."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    longest = 0.0
    while (now := loop.time()) < end:
        await asyncio.sleep(0.005)
        longest = max(longest, loop.time() - now)
    return {"longest": longest, "writes": writes}
