"""Compare Erlen with other frameworks, in one run.

Every figure is a ratio: rounds of the frameworks alternate, each round gives one ratio, and the
median and the spread (the quartiles) of the ratios are printed.  The results are written below
``results/`` and into the documents.  ``--quick`` makes few and short rounds, to see that everything
still runs, and ``--only`` measures one subject; both write nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import download_memory
import idle_memory
import imports
import memory
import middleware
import plot
import routes
import served
import tables
import template_cost
import toolkit
import websocket_echo
from bounds import FEATURES, REAL, group_of
from cores import MEASURED, kept_to
from environment import FRAMEWORKS, ROOT, SERVER, peers_python
from ratios import HERE, Worker, compare, verdict

# The largest ratio that is good enough, by peer and scenario.
TO_FLASK = {"hello": 1 / 20, "session read": 1 / 5, "session write": 1 / 4, "url_for": 1 / 8}
WORST_TO_FLASK = 1 / 3
MEAN_TO_FLASK = 1 / 10
# Most of the page is Jinja2's own cost, which has a row of its own.
WITHOUT_TARGET = {"template"}
PAYLOADS = {"form, 1,000 fields": 1 / 3, "JSON, 10 kB": 1 / 2, "JSON, 10 kB, orjson": 1 / 2}
WSGI = {"falcon": {"hello": 0.8}, "bottle": {"hello": 0.5}}
ASGI = {
    "raw": {},
    "starlette": {},
    "fastapi": {},
    "litestar": {},
    "blacksheep": {"hello": 1.0},
    "falcon": {"hello": 1.0},
    "quart": {},
}
UPLOAD_GROWTH_MB = 20


@dataclass
class Effort:
    """How much is measured."""

    rounds: int = 61
    seconds: float = 0.02
    toolkit_seconds: float = 0.003
    imports: int = 15
    transfer_mb: int = 1024
    served_rounds: int = 15
    served_seconds: int = 1
    echo_rounds: int = 15
    echo_seconds: float = 1.0
    idle_rounds: int = 3
    idle_connections: int = 10_000


QUICK = Effort(
    rounds=3,
    seconds=0.01,
    toolkit_seconds=0.001,
    imports=3,
    transfer_mb=64,
    served_rounds=2,
    echo_rounds=2,
    echo_seconds=0.3,
    idle_rounds=2,
    idle_connections=300,
)


def measure_wsgi(peers: str, effort: Effort) -> dict[str, Any]:
    """WSGI in process, against Flask, Falcon and Bottle."""
    results: dict[str, Any] = {}
    own = Worker(sys.executable, "erlen")
    # What real views do has its bounds in the gate.
    features = [name for name in own.scenarios if group_of(name) == FEATURES]
    to_flask = dict.fromkeys(features, WORST_TO_FLASK) | TO_FLASK
    for name in WITHOUT_TARGET:
        del to_flask[name]
    for name, targets in {"flask": to_flask, **WSGI}.items():
        print(f"\n{name:20}{'Erlen µs':>10}{'peer µs':>10}{'ratio':>9}   quartiles        target")
        peer = Worker(peers, name)
        results[name] = compare(own, peer, targets, effort.rounds, effort.seconds)
        peer.close()
    own.close()
    ratios: dict[str, list[float]] = {FEATURES: [], REAL: []}
    for name, row in results["flask"].items():
        ratios[group_of(name)].append(row["median"])
    mean = {"median": statistics.geometric_mean(ratios[FEATURES]), "target": MEAN_TO_FLASK}
    real = {"median": statistics.geometric_mean(ratios[REAL])}
    print(f"\ngeometric mean to Flask, {FEATURES}: {mean['median']:.3f}, target{verdict(mean)}")
    print(f"geometric mean to Flask, {REAL}: {real['median']:.3f}")
    return results | {"mean": mean, "real mean": real}


def measure_payloads(peers: str, effort: Effort) -> dict[str, Any]:
    """Large bodies, and what a page costs on top of Jinja2, against Flask."""
    own, peer = Worker(sys.executable, "erlen_payloads"), Worker(peers, "flask_payloads")
    print(
        f"\n{'payloads':22}{'Erlen µs':>10}{'Flask µs':>10}{'ratio':>9}   quartiles        target"
    )
    results = compare(own, peer, PAYLOADS, effort.rounds, effort.seconds)
    for worker in (own, peer):
        worker.close()
    return {
        "payloads": results | template_cost.compare(peers, effort.rounds, effort.seconds),
    }


def measure_asgi(peers: str, effort: Effort) -> dict[str, Any]:
    """ASGI in process, against the frameworks for it and an application without one."""
    results = {}
    own = Worker(sys.executable, "erlen", "asgi_worker.py")
    for name, targets in ASGI.items():
        title = f"ASGI: {served.name_of(name)}"
        print(f"\n{title:20}{'Erlen µs':>10}{'peer µs':>10}{'ratio':>9}   quartiles        target")
        peer = Worker(peers, name, "asgi_worker.py")
        results[name] = compare(own, peer, targets, effort.rounds, effort.seconds)
        peer.close()
    own.close()
    return {"asgi": results}


def measure_routes(peers: str, effort: Effort) -> dict[str, Any]:
    """A match among few and many rules."""
    print(f"\n{'routing':20}{'Erlen µs':>10}{'ratio':>19}   quartiles        target")
    return {"routes": routes.compare(effort.rounds)}


def measure_toolkit(peers: str, effort: Effort) -> dict[str, Any]:
    """The data structures, the parsers and the builders, against Werkzeug's."""
    title = "toolkit"
    print(f"\n{title:32}{'Erlen µs':>10}{'peer µs':>10}{'ratio':>9}   quartiles        target")
    return {"toolkit": toolkit.compare(peers, effort.rounds, effort.toolkit_seconds)}


def measure_imports(peers: str, effort: Effort) -> dict[str, Any]:
    """The import, against Flask."""
    print(f"\n{'import':20}{'Erlen':>10}{'Flask':>10}{'ratio':>9}   quartiles        target")
    return {"import": imports.compare(peers, effort.imports)}


def measure_upload(peers: str, effort: Effort) -> dict[str, Any]:
    """The growth of memory by a large upload."""
    code = f"import upload_memory; print(upload_memory.growth({effort.transfer_mb << 20}))"
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=HERE
    )
    growth: dict[str, Any] = {
        "upload_mb": effort.transfer_mb,
        "median": float(out.stdout),
        "target": UPLOAD_GROWTH_MB,
    }
    print(
        f"\nan upload of {effort.transfer_mb} MB grows memory by {growth['median']:.1f} MB,"
        f" target{verdict(growth)}"
    )
    return {"upload growth": growth}


def measure_download(peers: str, effort: Effort) -> dict[str, Any]:
    """The growth of memory by a large stream to a slow reader."""
    if not memory.knows_others():
        print("\nslow reader: skipped, the memory of a server is only known on Linux")
        return {}
    print(f"\nmemory grows by a stream of {effort.transfer_mb} MB to a slow reader")
    return {"download growth": download_memory.measure(effort.transfer_mb << 20)}


def measure_served(peers: str, effort: Effort) -> dict[str, Any]:
    """Requests per second behind a server."""
    reason = served.why_not()
    if reason:
        print(f"\nserved throughput: skipped, {reason}")
        return {}
    table = served.compare(peers, effort.served_rounds, effort.served_seconds)
    return {"served": {"rounds": effort.served_rounds, "groups": table}}


def measure_middleware(peers: str, effort: Effort) -> dict[str, Any]:
    """The rate behind WSGI middleware on ASGI."""
    print(
        "\nWSGI middleware on ASGI, async view: requests/s without it, behind it, and their ratio"
    )
    reason = served.why_not()
    if reason:
        print(f"  skipped, {reason}")
        return {}
    row = middleware.compare(effort.served_rounds, effort.served_seconds)
    middleware.tell(row)
    return {} if row is None else {"middleware": row}


def measure_websockets(peers: str, effort: Effort) -> dict[str, Any]:
    """Messages through WebSockets, and memory of idle ones."""
    print(f"\n{'WebSocket echo':20}{'messages/s':>12}{'Erlen to it':>14}   quartiles")
    echo = websocket_echo.compare(peers, effort.echo_rounds, effort.echo_seconds)
    if not memory.knows_others():
        print("\nidle WebSockets: skipped, the memory of a server is only known on Linux")
        return {"echo": echo}
    count = idle_memory.possible(effort.idle_connections)
    if count < effort.idle_connections:
        print(f"\n{effort.idle_connections} connections are more than the limit on open files")
    title = f"{count} idle WebSockets"
    print(f"\n{title:24}{'kB each':>8}{'framework':>11}{'Erlen to it':>12}   quartiles")
    idle = idle_memory.compare(peers, count, effort.idle_rounds)
    return {"echo": echo, "idle": {"connections": count, "table": idle}}


SUBJECTS = {
    "wsgi": measure_wsgi,
    "payloads": measure_payloads,
    "asgi": measure_asgi,
    "routes": measure_routes,
    "toolkit": measure_toolkit,
    "imports": measure_imports,
    "upload": measure_upload,
    "download": measure_download,
    "served": measure_served,
    "middleware": measure_middleware,
    "websockets": measure_websockets,
}
# The two sides of a ratio take turns on one core.
IN_PROCESS = ("wsgi", "payloads", "asgi", "routes", "toolkit", "imports")


def main() -> int:
    """Run, print and write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few rounds; nothing is written")
    parser.add_argument("--only", choices=SUBJECTS, help="one subject; nothing is written")
    options = parser.parse_args()
    effort = QUICK if options.quick else Effort()
    peers = peers_python()
    busy = os.getloadavg()[0]
    if busy > tables.BUSY:
        print(f"other programs are busy (load {busy:.1f}): the figures will be spread widely")
    results: dict[str, Any] = {
        "load": busy,
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "python": platform.python_version(),
        "rounds": effort.rounds,
        "peers": FRAMEWORKS,
        "server": SERVER,
    }
    for name, measure in SUBJECTS.items():
        if options.only in (None, name):
            with kept_to(MEASURED) if name in IN_PROCESS else nullcontext():
                results.update(measure(peers, effort))
    if not options.quick and options.only is None:
        folder = HERE / "results"
        folder.mkdir(exist_ok=True)
        (folder / "latest.json").write_text(json.dumps(results, indent=1) + "\n")
        for name, picture in plot.draw(results).items():
            (folder / name).write_text(picture)
        tables.write(ROOT, results)
        print("written: benchmarks/results/, and the tables in README.md and docs/benchmarks.md")
    return 0


if __name__ == "__main__":
    sys.exit(main())
