"""Hosts one framework's scenarios and times rounds of them on request.

Reads lines of JSON from the standard input, ``{"scenario": …, "count": …}``, and answers each with
the seconds that the calls took.
"""

from __future__ import annotations

import gc
import io
import json
import sys
from time import perf_counter
from typing import Any

import scenarios


def check(framework: str, name: str, app: Any, environ: dict[str, Any], wanted: int) -> None:
    """End the process if a scenario does not answer with its status."""
    request = {**environ, "wsgi.input": io.BytesIO(environ["wsgi.input"].getvalue())}
    status = _status_of(app, request)
    if status != wanted:
        sys.exit(f"{framework}: {name} answers {status}, not {wanted}")


def _status_of(app: Any, environ: dict[str, Any]) -> int:
    seen: list[int] = []

    def start_response(status: str, headers: Any, exc_info: Any = None) -> Any:
        seen.append(int(status.split()[0]))

    body = app(environ, start_response)
    b"".join(body)
    if hasattr(body, "close"):
        body.close()
    return seen[0]


def start_response(status: str, headers: Any, exc_info: Any = None) -> None:
    """The server's side of the head of an answer, which costs nothing."""
    return None


def run(app: Any, environ: dict[str, Any], count: int) -> float:
    """Seconds for ``count`` requests: the body is iterated and closed, as a server does."""
    body_bytes = environ["wsgi.input"].getvalue()
    total = 0.0
    for _ in range(count):
        # Outside of the time: a fresh environment, as a server makes one.
        request = environ.copy()
        request["wsgi.input"] = io.BytesIO(body_bytes)
        start = perf_counter()
        body = app(request, start_response)
        for _piece in body:
            pass
        close = getattr(body, "close", None)
        if close is not None:
            close()
        total += perf_counter() - start
    return total


def main() -> None:
    """Serve rounds until the input ends."""
    made = getattr(scenarios, sys.argv[1])()
    for name, (app, environ, status) in made.items():
        check(sys.argv[1], name, app, environ, status)
    gc.collect()
    gc.freeze()
    print(json.dumps(list(made)), flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        app, environ, _ = made[order["scenario"]]
        print(json.dumps(run(app, environ, order["count"])), flush=True)


if __name__ == "__main__":
    main()
