"""Views that notice when they see what belongs to another request."""

from __future__ import annotations

import asyncio
import json
import time
from contextvars import ContextVar

from erlen import Blueprint, g, request, session, stream_with_context

canary = Blueprint("canary", __name__, url_prefix="/canary")
variable: ContextVar[str] = ContextVar("variable", default="")


@canary.before_request
def before():
    # Nothing of another request is left.
    g.left = "id" in g
    g.variable_before = variable.get()
    g.id = request.args["id"]
    variable.set(g.id)


@canary.before_request
async def async_before():
    await asyncio.sleep(0)
    g.async_id = request.args["id"]


@canary.after_request
def after(response):
    response.headers["X-Id"] = f"{g.id} {g.async_id} {variable.get()} {request.args['id']}"
    return response


def seen():
    return {
        "g": g.id,
        "async g": g.async_id,
        "variable": variable.get(),
        "request": request.args["id"],
        "session": session.get("id"),
        "left": g.left,
        "variable before": g.variable_before,
    }


def take_turns():
    time.sleep(len(request.args["id"]) * int(request.args["id"][-1]) % 7 / 1000)


async def take_turns_async():
    await asyncio.sleep(len(request.args["id"]) * int(request.args["id"][-1]) % 7 / 1000)


@canary.get("/sync")
def sync_view():
    first = seen()
    take_turns()
    return {"first": first, "last": seen()}


@canary.get("/async")
async def async_view():
    first = seen()
    await take_turns_async()
    return {"first": first, "last": seen()}


@canary.get("/set/sync")
def set_session():
    session["id"] = request.args["id"]
    take_turns()
    return {"first": seen(), "last": seen()}


@canary.get("/set/async")
async def set_session_async():
    session["id"] = request.args["id"]
    await take_turns_async()
    return {"first": seen(), "last": seen()}


def lines():
    yield '{"first": ' + json.dumps(seen()) + ","
    take_turns()
    yield '"last": ' + json.dumps(seen()) + "}"


async def async_lines():
    yield '{"first": ' + json.dumps(seen()) + ","
    await take_turns_async()
    yield '"last": ' + json.dumps(seen()) + "}"


@canary.get("/stream/sync")
def stream():
    return stream_with_context(lines())


@canary.get("/stream/async")
async def async_stream():
    return stream_with_context(async_lines())


@canary.get("/error/sync")
def error():
    take_turns()
    raise LookupError


@canary.get("/error/async")
async def async_error():
    await take_turns_async()
    raise LookupError


@canary.errorhandler(LookupError)
def handle(raised):
    return {"first": seen(), "last": seen()}
