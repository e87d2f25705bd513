"""What an import costs in a fresh process."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from typing import Any

from ratios import HERE, spread, summary

LARGEST = {"import time": 0.5, "memory": 0.8, "first request": 1.0}
# The application is the benchmark's own, with a view that says hello.
MEASURE = """\
import sys
from time import perf_counter
start = perf_counter()
import {name}
seconds = perf_counter() - start
from memory import peak
size = peak()
from scenarios import environ
cls = getattr({name}, "Flask", None) or {name}.Erlen
app = cls("first")
app.add_url_rule("/", view_func=lambda: "Hello, World!")
request = environ("/")
start = perf_counter()
for piece in app(request, lambda status, headers: None):
    assert piece == b"Hello, World!"
print(seconds, size, perf_counter() - start)
"""


def fresh(python: str, name: str) -> tuple[float, ...]:
    """Seconds of the import, megabytes behind it, and seconds of the first request."""
    # Both sides load compiled modules, as an installed package does.
    skipped = ("PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX")
    out = subprocess.run(
        [python, "-c", MEASURE.format(name=name)],
        capture_output=True,
        text=True,
        check=True,
        cwd=HERE,
        env={key: value for key, value in os.environ.items() if key not in skipped},
    ).stdout.split()
    return tuple(map(float, out))


def compare(peers: str, rounds: int) -> dict[str, Any]:
    """Time and memory of ``import erlen`` against ``import flask``, and the first request.

    :param peers: the interpreter of the peers' environment
    """
    fresh(sys.executable, "erlen")
    fresh(peers, "flask")
    pairs = [(fresh(sys.executable, "erlen"), fresh(peers, "flask")) for _ in range(rounds)]
    result = {}
    for index, label, unit, scale in (
        (0, "import time", "ms", 1e3),
        (1, "memory", "MB", 1),
        (2, "first request", "ms", 1e3),
    ):
        row = result[label] = {
            **summary([own[index] / peer[index] for own, peer in pairs]),
            "own": statistics.median(own[index] for own, _ in pairs) * scale,
            "peer": statistics.median(peer[index] for _, peer in pairs) * scale,
            "unit": unit,
            "target": LARGEST[label],
        }
        print(f"  {label + ', ' + unit:18}{row['own']:10.1f}{row['peer']:10.1f}{spread(row)}")
    return result
