"""Whether requests leave anything behind: reference cycles, or memory.

The collector of cycles is off throughout, so that whatever it would have to find stays, and shows.

``make garbage`` sends a million requests, all scenarios in turn; the test suite sends fewer.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import io
import os
import sys
from collections.abc import Callable
from typing import Any

import asgi_apps
import asgi_worker
import scenarios
import worker
from memory import resident

REQUESTS = 1_000_000
# A large body once in so many rounds: it takes most of the time, and tells the same each time.
RARE = {"upload 10 MB": 100}
# The parts of the whole after which memory is looked at, and what it may have grown by since the
# first of them. What is left is how full the allocator's own pages are.
LOOKS = 10
MOST_BLOCKS = 200
MOST_MB = 2.0

Call = Callable[[], None]


class collector_off:
    """Cycles stay where they are; on the way in what is there already is put aside."""

    def __enter__(self) -> None:
        gc.collect()
        gc.disable()

    def __exit__(self, *error: object) -> None:
        gc.enable()


def wsgi_calls() -> dict[str, tuple[Call, int]]:
    """What sends one request, by scenario, and how often it is its turn."""
    calls: dict[str, tuple[Call, int]] = {}
    for name, (app, environ, _) in scenarios.erlen().items():
        body = environ["wsgi.input"].getvalue()

        def call(app: Any = app, environ: Any = environ, body: bytes = body) -> None:
            request = {**environ, "wsgi.input": io.BytesIO(body)}
            answer = app(request, worker.start_response)
            for _ in answer:
                pass
            if hasattr(answer, "close"):
                answer.close()

        calls[name] = call, RARE.get(name, 1)
    return calls


def asgi_calls(loop: asyncio.AbstractEventLoop) -> dict[str, tuple[Call, int]]:
    """The same on ASGI; the first request starts the application."""
    scenarios = asgi_worker.scenarios()
    scenarios["sync"] = asgi_apps.erlen(), asgi_worker.make_scope("/sync"), b"", 200
    calls: dict[str, tuple[Call, int]] = {}
    for name, (app, scope, body, _) in scenarios.items():

        def call(app: Any = app, scope: Any = scope, body: bytes = body) -> None:
            loop.run_until_complete(asgi_worker.run(app, scope, 1, body))

        calls[f"ASGI {name}"] = call, 1
    return calls


def cycles(call: Call, count: int) -> int:
    """How many objects ``count`` requests leave that only the collector can free."""
    # The first requests make what is kept.
    for _ in range(100):
        call()
    with collector_off():
        for _ in range(count):
            call()
        return gc.collect()


def rounds(calls: dict[str, tuple[Call, int]], count: int, first: int = 0) -> int:
    """Send ``count`` rounds of all; returns how many requests they were."""
    sent = 0
    for number in range(first, first + count):
        for call, turn in calls.values():
            if number % turn == 0:
                call()
                sent += 1
    return sent


def taken() -> tuple[int, float]:
    """Python's blocks, and the megabytes of the process (Linux)."""
    return sys.getallocatedblocks(), resident(os.getpid())


def main() -> int:
    """Look for cycles, then send all those requests."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--requests", type=int, default=REQUESTS)
    options = parser.parse_args()
    loop = asyncio.new_event_loop()
    calls = wsgi_calls() | asgi_calls(loop)
    failed = False
    count = options.requests // 10
    for name in ("hello", "dynamic rule", "JSON", "ASGI hello", "ASGI JSON"):
        left = cycles(calls[name][0], count)
        failed |= left > 0
        print(f"{name:20}{count:10,} requests leave {left} objects in cycles", flush=True)
    each = options.requests // len(calls) // LOOKS
    print(f"\n{'requests':>12}{'blocks':>12}{'MB':>9}")
    with collector_off():
        sent = rounds(calls, max(100, each))
        # What the first requests imported is over, and what the collector emptied is filled again.
        gc.collect()
        sent += rounds(calls, 100)
        first_blocks, first_mb = taken()
        print(f"{sent:12,}{first_blocks:12,}{first_mb:9.2f}", flush=True)
        for look in range(1, LOOKS):
            sent += rounds(calls, each, look * each)
            blocks, mb = taken()
            print(f"{sent:12,}{blocks:12,}{mb:9.2f}", flush=True)
        left = gc.collect()
    loop.close()
    print(f"\nblocks grew by {blocks - first_blocks}, memory by {mb - first_mb:.2f} MB;")
    print(f"{left} objects in cycles")
    failed |= blocks - first_blocks > MOST_BLOCKS or mb - first_mb > MOST_MB or left > 0
    print("FAILED" if failed else "flat")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
