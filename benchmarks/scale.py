"""How the cost of a request grows with what it has to do with.

Each curve is measured over its whole range, in process, and compared with the shape that it should
have: flat, or linear, in which case a step further costs the same at the end as at the beginning.
The least time of several rounds counts, and the rounds of all points of a curve take turns: what
else the machine does makes a request slower and never faster.

Prints the curves, and writes them to ``results/scale.json``, ``docs/images/scale.svg`` and
``docs/performance.md``; ``--only`` measures one and writes nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import io
import json
import platform
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter, thread_time
from typing import Any

import asgi_worker
import scale_plot
import sections
import worker
from environment import ROOT
from ratios import HERE
from scenarios import BOUNDARY, MULTIPART, environ

import erlen

ROUNDS = 40
# How long a round takes about: short enough to pass between two turns of another program.
SECONDS = 0.004
# How much more a flat curve may have at its highest than at its lowest point, and a linear one for
# a step in its second half than in its first: the processor's caches are neither.
LARGEST = 1.5

# Seconds for so many requests.
Timed = Callable[[int], float]


@dataclass
class Curve:
    """The cost against one quantity."""

    title: str
    unit: str
    points: list[int]
    make: Callable[[int], Timed]
    is_flat: bool = True


def wsgi(app: Any, request: dict[str, Any]) -> Timed:
    """Requests to the application, on WSGI."""
    worker.check("erlen", "scale", app, request, 200)
    return lambda count: worker.run(app, request, count)


def by_processor(timed: Timed) -> Timed:
    """The processor's time, for what takes longer than a turn of this program."""

    def run(count: int) -> float:
        start = thread_time()
        timed(count)
        return thread_time() - start

    return run


def asgi(app: Any, scope: dict[str, Any]) -> Timed:
    """Requests to the application, on ASGI."""

    async def run(count: int) -> float:
        total = 0.0
        for _ in range(count):
            exchange = asgi_worker.Exchange()
            start = perf_counter()
            await app(scope, exchange.receive, exchange.send)
            total += perf_counter() - start
            exchange.close()
        return total

    return lambda count: asyncio.run(run(count))


def plain() -> Any:
    """An application that answers ``/``."""
    app = erlen.Erlen("scale")
    app.add_url_rule("/", "hello", lambda: "Hello, World!")
    return app


def static_rules(count: int) -> Timed:
    """The last of so many rules without variables."""
    app = plain()
    for n in range(count - 1):
        app.add_url_rule(f"/page{n}", f"view{n}", lambda: "")
    app.add_url_rule("/last", "last", lambda: "found")
    return wsgi(app, environ("/last"))


def rules(count: int) -> Timed:
    """The last of so many rules with a variable."""
    app = plain()
    for n in range(count):
        app.add_url_rule(f"/part{n}/<name>/edit", f"view{n}", lambda name: name)
    return wsgi(app, environ(f"/part{count - 1}/x/edit"))


def rules_below(count: int) -> Timed:
    """The last of so many rules that begin with the same variable."""
    app = plain()
    for n in range(count):
        app.add_url_rule(f"/<name>/part{n}", f"view{n}", lambda name: name)
    return wsgi(app, environ(f"/x/part{count - 1}"))


def adding_rules(count: int) -> Timed:
    """A rule of so many, from its declaration until the first match."""

    def view(name: str) -> str:
        return name

    def run(times: int) -> float:
        apps = max(1, times // count)
        total = 0.0
        for _ in range(apps):
            app = plain()
            request = environ(f"/part{count - 1}/x/edit")
            # The collector looks at all that there is, again and again while it grows.
            gc.disable()
            start = thread_time()
            for n in range(count):
                app.add_url_rule(f"/part{n}/<name>/edit", f"view{n}", view)
            app(request, worker.start_response)
            total += thread_time() - start
            gc.enable()
        return total / (apps * count) * times

    return run


def building(count: int) -> Timed:
    """``url_for`` among so many rules."""
    app = plain()
    for n in range(count):
        app.add_url_rule(f"/part{n}/<name>/edit", f"view{n}", lambda name: name)
    endpoint = f"view{count - 1}"
    app.add_url_rule("/urls", "urls", lambda: app.url_for(endpoint, name="x"))
    return wsgi(app, environ("/urls"))


def blueprints(depth: int) -> Timed:
    """A view in so many blueprints, each in the one before."""
    app = plain()
    inner: Any = None
    for n in reversed(range(depth)):
        part = erlen.Blueprint(f"part{n}", __name__, url_prefix=f"/part{n}")
        if inner is None:
            part.add_url_rule("/view", "view", lambda: "found")
        else:
            part.register_blueprint(inner)
        inner = part
    path = "/"
    if inner is not None:
        app.register_blueprint(inner)
        path = "".join(f"/part{n}" for n in range(depth)) + "/view"
    return wsgi(app, environ(path))


def hooks(count: int) -> Timed:
    """So many hooks before the view, and as many behind it."""
    app = plain()
    for _ in range(count):
        app.before_request(lambda: None)
        app.after_request(lambda response: response)
    return wsgi(app, environ("/"))


def with_headers(count: int) -> dict[str, Any]:
    request = environ("/")
    request.update({f"HTTP_X_FIELD_{n}": "value" for n in range(count)})
    return request


def untouched_headers(count: int) -> Timed:
    """Headers that no code asks for."""
    return wsgi(plain(), with_headers(count))


def one_header(count: int) -> Timed:
    """One header that is asked for, among many."""
    app = plain()
    app.view_functions["hello"] = lambda: erlen.request.headers.get("User-Agent")
    return wsgi(app, with_headers(count))


def all_headers(count: int) -> Timed:
    """Every header."""
    app = plain()
    app.view_functions["hello"] = lambda: str(len(list(erlen.request.headers)))
    return wsgi(app, with_headers(count))


def scope_headers(count: int) -> Timed:
    """Headers that an async view asks for, on ASGI."""
    app = erlen.Erlen("scale")

    @app.route("/")
    async def hello() -> Any:
        return erlen.request.headers.get("User-Agent")

    scope = asgi_worker.make_scope("/")
    scope["headers"] += [(b"x-field-%d" % n, b"value") for n in range(count)]
    return asgi(app, scope)


def query_fields(count: int) -> Timed:
    """Fields in the query."""
    app = plain()
    app.view_functions["hello"] = lambda: erlen.request.args.get("field0", "none")
    return wsgi(app, environ("/", query="&".join(f"field{n}=value+{n}" for n in range(count))))


def form_fields(count: int) -> Timed:
    """Fields in a form that is a body of its own."""
    app = erlen.Erlen("scale")
    app.add_url_rule(
        "/", "form", lambda: erlen.request.form.get("field0", "none"), methods=["POST"]
    )
    body = "&".join(f"field{n}=value+{n}" for n in range(count)).encode()
    kind = "application/x-www-form-urlencoded"
    return wsgi(app, environ("/", "POST", body=body, content_type=kind))


def body(megabytes: int) -> Timed:
    """A body that is read as bytes."""
    app = erlen.Erlen("scale")
    app.add_url_rule("/", "read", lambda: str(len(erlen.request.get_data())), methods=["POST"])
    return by_processor(wsgi(app, environ("/", "POST", body=b"x" * (megabytes << 20))))


def upload(megabytes: int) -> Timed:
    """A file in a form."""
    app = erlen.Erlen("scale")
    app.add_url_rule("/", "upload", lambda: erlen.request.files["file"].filename, methods=["POST"])
    mark = BOUNDARY.encode()
    head = b'Content-Disposition: form-data; name="file"; filename="a.bin"\r\n\r\n'
    content = bytes(range(256)) * (megabytes << 12)
    form = b"--" + mark + b"\r\n" + head + content + b"\r\n--" + mark + b"--\r\n"
    return by_processor(wsgi(app, environ("/", "POST", body=form, content_type=MULTIPART)))


def threads(count: int) -> Timed:
    """So many threads at once: the processor's time for each request, which counts what they do to
    take turns."""
    app, request = plain(), environ("/")
    worker.check("erlen", "scale", app, request, 200)

    def run(requests: int) -> float:
        each = max(300, requests // count)
        ready = threading.Barrier(count)
        took: list[float] = []

        def serve() -> None:
            ready.wait()
            start = thread_time()
            for _ in range(each):
                asked = request.copy()
                asked["wsgi.input"] = io.BytesIO()
                for _piece in app(asked, worker.start_response):
                    pass
            took.append(thread_time() - start)

        pool = [threading.Thread(target=serve) for _ in range(count)]
        for thread in pool:
            thread.start()
        for thread in pool:
            thread.join()
        return sum(took) / (each * count) * requests

    return run


MANY = [10, 100, 1_000, 10_000, 100_000]
HOOKS = [0, 1, 2, 5, 10, 15, 20]
FIELDS = [0, 10, 50, 100, 200, 500, 1_000]
HEADERS = [0, 10, 25, 50, 75, 100]
SIZES = [0, 1, 5, 10, 25, 50, 100]
CURVES = {
    "static rules": Curve("a path without variables", "rules", MANY, static_rules),
    "rules": Curve("a path with a variable", "rules", MANY, rules),
    "rules below": Curve("rules behind one variable", "rules", MANY, rules_below),
    # Among ten rules the first request's own cost, which is no rule's, would be a third.
    "adding rules": Curve("adding a rule", "rules", MANY[1:-1], adding_rules),
    "url_for": Curve("url_for", "rules", MANY, building),
    "blueprints": Curve("nested blueprints", "deep", [0, 1, 2, 4, 6, 8, 10], blueprints),
    "hooks": Curve("hooks, before and after", "of each", HOOKS, hooks, False),
    "headers untouched": Curve("headers, none asked for", "headers", HEADERS, untouched_headers),
    "one header": Curve("headers, one asked for", "headers", HEADERS, one_header),
    "all headers": Curve("headers, all asked for", "headers", HEADERS, all_headers, False),
    "ASGI headers": Curve("headers, on ASGI", "headers", HEADERS, scope_headers, False),
    "query": Curve("query", "fields", FIELDS, query_fields, False),
    "form": Curve("form", "fields", FIELDS, form_fields, False),
    "body": Curve("body, read", "MB", SIZES, body, False),
    "upload": Curve("body, a file in a form", "MB", SIZES, upload, False),
    "threads": Curve("threads at once", "threads", [1, 2, 4, 8, 16, 32], threads),
}


def measure(curve: Curve, rounds: int) -> list[float]:
    """Microseconds for a request, at each point."""
    timed = [curve.make(point) for point in curve.points]
    gc.collect()
    gc.freeze()
    counts = []
    for run in timed:
        run(2)
        counts.append(max(1, min(5_000, int(SECONDS / max(run(3) / 3, 1e-7)))))
    seen: list[list[float]] = [[] for _ in timed]
    for _ in range(rounds):
        for times, run, count in zip(seen, timed, counts, strict=True):
            times.append(run(count) / count * 1e6)
    gc.unfreeze()
    return [min(times) for times in seen]


def growth(curve: Curve, times: list[float]) -> float:
    """For a flat curve the highest point to the lowest; for a linear one a step in its second half
    to one in its first."""
    if curve.is_flat:
        return max(times) / min(times)
    points = curve.points
    middle = min(range(len(points)), key=lambda n: abs(points[n] - points[-1] / 2))
    early = (times[middle] - times[0]) / (points[middle] - points[0])
    late = (times[-1] - times[middle]) / (points[-1] - points[middle])
    # Where a step costs next to nothing, there is no slope to compare.
    if times[-1] <= LARGEST * times[0]:
        return times[-1] / times[0]
    return late / max(early, 1e-9)


def main() -> int:
    """Measure, print, draw."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", choices=CURVES, help="one curve; nothing is written")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args()
    results: dict[str, Any] = {}
    for name in [options.only] if options.only else CURVES:
        curve = CURVES[name]
        times = measure(curve, options.rounds)
        grown = growth(curve, times)
        shape = "flat" if curve.is_flat else "linear"
        results[name] = {
            "title": curve.title, "unit": curve.unit, "points": curve.points, "us": times,
            "shape": shape, "growth": grown,
        }  # fmt: skip
        cells = ", ".join(f"{n:,}: {t:,.4g}" for n, t in zip(curve.points, times, strict=True))
        verdict = "" if grown <= LARGEST else f"  NOT {shape.upper()}"
        print(f"{curve.title:26} {shape:6} {grown:5.2f}{verdict}\n    µs by {curve.unit}: {cells}")
        sys.stdout.flush()
    others = [row["title"] for row in results.values() if row["growth"] > LARGEST]
    print(f"\nof another shape than they should be: {', '.join(others) or 'none'}")
    if not options.only:
        write(results)
    return 0


def write(results: dict[str, Any]) -> None:
    """Keep the results, and show them."""
    made = {"python": platform.python_version(), "machine": platform.machine(), "curves": results}
    (HERE / "results" / "scale.json").write_text(json.dumps(made, indent=1) + "\n")
    picture = scale_plot.draw(results, f"Python {made['python']}, in process, least of {ROUNDS}")
    (ROOT / "docs/images/scale.svg").write_text(picture, encoding="utf-8")
    lines = [
        "| cost against | from | to | µs at first | µs at last | should be | growth |",
        "| --- | ---: | ---: | ---: | ---: | --- | ---: |",
    ]
    for row in results.values():
        points, times = row["points"], row["us"]
        lines.append(
            f"| {row['title']} | {points[0]:,} | {points[-1]:,} {row['unit']} | {times[0]:,.1f} |"
            f" {times[-1]:,.1f} | {row['shape']} | {row['growth']:.2f} |"
        )
    sections.replace(ROOT / "docs/performance.md", "scale", lines)


if __name__ == "__main__":
    sys.exit(main())
