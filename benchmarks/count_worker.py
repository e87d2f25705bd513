"""Takes each scenario of one framework through two numbers of requests, for ``instructions.py``.

It runs under valgrind, which counts the instructions of each process.  Every measurement is a fork
of this process: it starts from the same state as all others, and its requests are all that it
does.  Prints a line ``process number, count, scenario`` for each.

With ``once`` in place of the number of processes it sends each request a few times.
"""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import time
from collections.abc import Callable
from itertools import repeat
from typing import Any

import asgi_apps
import asgi_worker
import scenarios
import worker

# What the other figures contain beside the application: the environment, the loop over the body.
HARNESS = {"wsgi": "harness, WSGI", "asgi": "harness, ASGI"}
# The first part is long enough for the interpreter to have adapted the code to what it does.
COUNTS = (100, 400)
HEAVY = {
    "session write": (50, 150),
    "template": (50, 150),
    "upload 1 kB": (50, 150),
    "upload 10 MB": (1, 6),
    "static 200": (50, 150),
    "static 304": (50, 150),
}
# Flask's figures are to look at, and take ten times as long.
PARTS = {"erlen": 1, "flask": 5}
Run = Callable[[int], None]


def wsgi_runs(framework: str) -> dict[str, Run]:
    """What sends a number of requests, by scenario."""
    made = getattr(scenarios, framework)()

    def nothing(environ: Any, start_response: Any) -> Any:
        start_response("200 OK", [])
        return ()

    made[HARNESS["wsgi"]] = (nothing, scenarios.environ("/"), 200)
    runs: dict[str, Run] = {}
    for name, (app, environ, status) in made.items():
        worker.check(framework, name, app, environ, status)

        def run(count: int, app: Any = app, environ: Any = environ) -> None:
            worker.run(app, environ, count)

        runs[name] = run
    return runs


def asgi_runs(framework: str) -> dict[str, Run]:
    """The same on ASGI, where the framework has it."""
    make = getattr(asgi_apps, framework, None)
    if make is None:
        return {}
    app = make()

    async def nothing(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await asgi_apps.lifespan(receive, send)

    async def started(app: Any, path: str, count: int) -> None:
        lifespan = asgi_worker.Lifespan(app)
        await lifespan.go("startup")
        if app is not nothing:
            await asgi_worker.check(app)
        await asgi_worker.run(app, path, count)

    runs: dict[str, Run] = {}

    def add(name: str, app: Any, path: str) -> None:
        runs[name] = lambda count: asyncio.run(started(app, path, count))

    for name, path in asgi_worker.PATHS.items():
        add(f"ASGI {name}", app, path)
    add(HARNESS["asgi"], nothing, "/")
    return runs


def main() -> None:
    """Fork for one measurement after the other, a few at a time."""
    framework, at_once = sys.argv[1:]
    # What is kept for a second, and what the time is written into, would depend on the second.
    time.time = repeat(1_750_000_000.0).__next__
    runs = wsgi_runs(framework) | asgi_runs(framework)
    if at_once == "once":
        for run in runs.values():
            run(3)
        return
    gc.collect()
    gc.freeze()
    running = 0
    for name, run in runs.items():
        for most in HEAVY.get(name, COUNTS):
            count = -(-most // PARTS[framework])
            if running == int(at_once):
                wait()
                running -= 1
            process = os.fork()
            if not process:
                run(count)
                os._exit(0)
            running += 1
            print(process, count, name, flush=True)
    while running:
        wait()
        running -= 1


def wait() -> None:
    """Wait for the end of one measurement; end with it if it failed."""
    process, status = os.wait()
    if status:
        sys.exit(f"the measurement {process} ended with {os.waitstatus_to_exitcode(status)}")


if __name__ == "__main__":
    main()
