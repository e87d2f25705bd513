"""Sends one request over and over, for ``cost_map.py`` to look at from outside.

Prints a line when it has warmed up, and goes on for so many seconds.
"""

from __future__ import annotations

import asyncio
import gc
import sys
from time import monotonic

import asgi_worker
import scenarios
import worker

ROUND = 200


def wsgi(scenario: str, seconds: float) -> None:
    """A scenario of ``scenarios.py``."""
    app, environ, _ = scenarios.erlen()[scenario]
    worker.run(app, environ, ROUND)
    gc.collect()
    gc.freeze()
    print("warm", flush=True)
    end = monotonic() + seconds
    while monotonic() < end:
        worker.run(app, environ, ROUND)


async def asgi(scenario: str, seconds: float) -> None:
    """One of the scenarios that are async."""
    app, scope, body, _ = asgi_worker.scenarios()[scenario]
    await asgi_worker.Lifespan(app).go("startup")
    await asgi_worker.run(app, scope, ROUND, body)
    gc.collect()
    gc.freeze()
    print("warm", flush=True)
    end = monotonic() + seconds
    while monotonic() < end:
        await asgi_worker.run(app, scope, ROUND, body)


if __name__ == "__main__":
    name, duration = sys.argv[1], float(sys.argv[2])
    if name.startswith("ASGI "):
        asyncio.run(asgi(name.removeprefix("ASGI "), duration))
    else:
        wsgi(name, duration)
