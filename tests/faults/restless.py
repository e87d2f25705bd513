"""Views that never wait for anything, and leave the loop to nobody by themselves."""

from __future__ import annotations

from erlen import Blueprint, current_app, stream_with_context, websocket

restless = Blueprint("restless", __name__, url_prefix="/restless")
PIECES = 3_000_000


@restless.get("/endless")
async def endless():
    return _pieces(current_app.extensions["count"], None)


@restless.get("/finite")
async def finite():
    return _pieces(current_app.extensions["count"], PIECES)


@restless.get("/with-context")
async def with_context():
    return stream_with_context(_pieces(current_app.extensions["count"], None))


async def _pieces(count, most):
    count("opened")
    sent = 0
    try:
        while most is None or sent < most:
            yield b"x" * 16
            sent += 1
    finally:
        count("closed")


@restless.websocket("/socket")
async def socket():
    count = current_app.extensions["count"]
    count("opened")
    try:
        while True:
            await websocket.send("x" * 10_000)
    finally:
        count("closed")
