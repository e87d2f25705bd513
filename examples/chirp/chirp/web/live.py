"""Live connections: a page hears that its time line has changed, and then asks for what is new.

A message is a nudge, such as ``{"type": "chirp", "id": 7}``. The page gets the chirps themselves
from ``/fresh``, with the rights of its person and with nothing missing after a pause.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

from erlen import Blueprint, Erlen, Response, abort, current_app, request, websocket

from ..database import database
from ..services.audience import Audience, Event
from ..services.live import Broadcaster, broadcaster_for
from .login import person_of
from .streams import Stream

blueprint = Blueprint("live", __name__, url_prefix="/live")

#: Proxies close a connection on which nothing is said for a minute or so.
PING_SECONDS = 25.0


def init_app(app: Erlen) -> None:
    broadcaster = broadcaster_for(app.config["REDIS_URL"])
    app.extensions["chirp.broadcaster"] = broadcaster
    app.after_serving(broadcaster.close)
    app.add_template_global(is_live)
    app.register_blueprint(blueprint)


def is_live() -> bool:
    """Whether this server can keep connections open for pages: ASGI can, WSGI cannot."""
    return "asgi.scope" in request.environ


@blueprint.websocket("")
async def socket() -> None:
    audience = await _audience(websocket.args.get("stream", "everyone"))
    async with _broadcaster().subscribe() as events:
        await websocket.accept()
        while True:
            event = await events.next(PING_SECONDS)
            if event is None:
                await websocket.send('{"type": "ping"}')
            elif audience(event):
                await websocket.send(_told(event))


@blueprint.get("/events")
async def server_sent_events() -> Response:
    if not is_live():
        # Each open page would keep one of the few threads of a WSGI server.
        abort(501, "This server has no live connections: pages ask again every few seconds.")
    audience = await _audience(request.args.get("stream", "everyone"))
    response = Response(_stream(audience, _broadcaster()), mimetype="text/event-stream")
    response.headers["Cache-Control"] = "no-store"
    # nginx would collect the messages.
    response.headers["X-Accel-Buffering"] = "no"
    return response


async def _stream(audience: Audience, broadcaster: Broadcaster) -> AsyncIterator[str]:
    async with broadcaster.subscribe() as events:
        # Begins the answer, so that the browser knows that it is connected.
        yield ": connected\n\n"
        while True:
            event = await events.next(PING_SECONDS)
            if event is None:
                yield ": ping\n\n"
            elif audience(event):
                yield f"data: {_told(event)}\n\n"


def _broadcaster() -> Broadcaster:
    return current_app.extensions["chirp.broadcaster"]


def _told(event: Event) -> str:
    """What a page hears of an event: not who follows whom."""
    return json.dumps({key: event[key] for key in ("type", "id") if key in event})


async def _audience(text: str) -> Audience:
    """What the person of this request hears of a stream."""

    def find() -> Audience:
        stream = Stream.parse(text)
        # A connection that lasts for hours must not hold one to the database.
        with database().session(reading=True) as session:
            return stream.audience(session, person_of(lambda: session))

    return await asyncio.to_thread(find)
