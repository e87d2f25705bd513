"""Takes each scenario of one framework through two numbers of requests, for ``instructions.py``.

It runs under valgrind, which counts the instructions of each process.  Every measurement is a fork
of this process: it starts from the same state as all others, and its requests are all that it
does.  Prints a line ``process number, count, scenario`` for each.

With ``once`` in place of the number of processes it sends each request a few times.  Behind that it
takes the names of the scenarios; by default it takes all.
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
import overrides
import real_views
import scenarios
import worker

# What the other figures contain beside the application: the environment, the loop over the body.
HARNESS = {"wsgi": "harness, WSGI", "asgi": "harness, ASGI"}
# The first part is long enough for the interpreter to have adapted the code to what it does.
COUNTS = (100, 400)
HEAVY = {
    **dict.fromkeys(real_views.NAMES, (50, 150)),
    "session write": (50, 150),
    "template": (50, 150),
    "upload 1 kB": (50, 150),
    "upload 10 MB": (1, 6),
    "static 200": (50, 150),
    "static 304": (50, 150),
}
# Flask's figures are to look at, and take ten times as long.
PARTS = {"erlen": 1, "flask": 5, "overrides": 2}
Run = Callable[[int], None]


def runs_of(what: str) -> dict[str, Run]:
    """What sends a number of requests, by scenario.

    :param what: ``erlen``, ``flask``, or ``overrides``
    """
    if what == "flask":
        return wsgi_runs(scenarios.flask())
    if what == "erlen":
        return wsgi_runs(scenarios.erlen()) | asgi_runs(asgi_worker.scenarios())
    environ, scope = scenarios.environ("/"), asgi_worker.make_scope("/")
    synchronous = {name: (app, environ, 200) for name, app in overrides.make().items()}
    asynchronous = {name: (app, scope, b"", 200) for name, app in overrides.make(True).items()}
    return wsgi_runs(synchronous) | asgi_runs(asynchronous)


def wsgi_runs(made: dict[str, tuple[Any, dict[str, Any], int]]) -> dict[str, Run]:
    """What sends a number of requests on WSGI, by scenario."""

    def nothing(environ: Any, start_response: Any) -> Any:
        start_response("200 OK", [])
        return ()

    runs: dict[str, Run] = {}
    harness = {HARNESS["wsgi"]: (nothing, scenarios.environ("/"), 200)}
    for name, (app, environ, status) in (made | harness).items():
        worker.check(sys.argv[1], name, app, environ, status)

        def run(count: int, app: Any = app, environ: Any = environ) -> None:
            worker.run(app, environ, count)

        runs[name] = run
    return runs


def asgi_runs(made: dict[str, tuple[Any, dict[str, Any], bytes, int]]) -> dict[str, Run]:
    """The same on ASGI."""

    async def nothing(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await asgi_apps.lifespan(receive, send)

    async def started(
        name: str, count: int, app: Any, scope: Any, body: bytes, status: int
    ) -> None:
        lifespan = asgi_worker.Lifespan(app)
        await lifespan.go("startup")
        if app is not nothing:
            await asgi_worker.check_status(name, app, scope, body, status)
        await asgi_worker.run(app, scope, count, body)

    runs: dict[str, Run] = {}

    def add(name: str, *of: Any) -> None:
        runs[name] = lambda count: asyncio.run(started(name, count, *of))

    for name, of in made.items():
        add(f"ASGI {name}", *of)
    add(HARNESS["asgi"], nothing, asgi_worker.make_scope("/"), b"", 200)
    return runs


def main() -> None:
    """Fork for one measurement after the other, a few at a time."""
    what, at_once, *only = sys.argv[1:]
    # What is kept for a second, and what the time is written into, would depend on the second.
    time.time = repeat(1_750_000_000.0).__next__
    runs = runs_of(what)
    if only:
        runs = {name: runs[name] for name in (*only, *HARNESS.values())}
    if at_once == "once":
        for run in runs.values():
            run(3)
        return
    gc.collect()
    gc.freeze()
    running = 0
    for name, run in runs.items():
        for most in HEAVY.get(name.removeprefix("ASGI "), COUNTS):
            count = -(-most // PARTS[what])
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
