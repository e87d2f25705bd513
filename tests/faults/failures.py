"""Functions that raise where it is least wanted."""

from __future__ import annotations

import asyncio

from erlen import Blueprint, current_app, g, request

failures = Blueprint("failures", __name__, url_prefix="/failures")


class Failed(Exception):
    pass


class HandledBadly(Exception):
    pass


def fail_in(place):
    """Raise if this is the place that the address names."""
    if request.view_args.get("place") == place:
        raise Failed(place)


@failures.before_request
def before():
    g.fails = True
    fail_in("before")


@failures.before_request
async def async_before():
    fail_in("async-before")
    if request.view_args.get("place") == "waiting-hook":
        await wait()


@failures.after_request
def after(response):
    fail_in("after")
    return response


@failures.after_request
async def async_after(response):
    fail_in("async-after")
    return response


@failures.errorhandler(HandledBadly)
def handle(error):
    raise Failed("handler")


@failures.get("/sync/<place>")
def view(place):
    if place == "handler":
        raise HandledBadly
    fail_in("view")
    return "ok"


@failures.get("/async/<place>")
async def async_view(place):
    await asyncio.sleep(0)
    if place == "handler":
        raise HandledBadly
    fail_in("view")
    return "ok"


async def wait():
    """For a client that goes away meanwhile."""
    count = current_app.extensions["count"]
    count("waiting")
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        count("cancelled")
        raise


@failures.get("/waiting/<place>")
async def waiting_view(place):
    await wait()
    return "waited"


@failures.teardown_request
def first_registered(error):
    _torn_down("first")


@failures.teardown_request
def failing(error):
    _torn_down("second")
    fail_in("teardown")


@failures.teardown_request
async def last_registered(error):
    await asyncio.sleep(0)
    _torn_down("third")


@failures.record_once
def of_the_application(state):
    @state.app.teardown_appcontext
    def teardown(error):
        # The request is gone by then.
        if "fails" in g:
            _torn_down("application's")


def _torn_down(name):
    current_app.extensions["count"](f"teardown: {name}")
