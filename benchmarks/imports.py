"""What an import costs in a fresh process."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from typing import Any

from ratios import HERE, spread, summary

LARGEST = {"import time": 0.6, "memory": 1.0}
MEASURE = """\
import sys
from time import perf_counter
start = perf_counter()
import {name}
seconds = perf_counter() - start
from memory import peak
print(seconds, peak())
"""


def fresh(python: str, name: str) -> tuple[float, float]:
    """Seconds and megabytes."""
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
    return float(out[0]), float(out[1])


def compare(peers: str, rounds: int) -> dict[str, Any]:
    """Time and memory of ``import erlen`` against ``import flask``.

    :param peers: the interpreter of the peers' environment
    """
    fresh(sys.executable, "erlen")
    fresh(peers, "flask")
    pairs = [(fresh(sys.executable, "erlen"), fresh(peers, "flask")) for _ in range(rounds)]
    result = {}
    for index, label, unit, scale in ((0, "import time", "ms", 1e3), (1, "memory", "MB", 1)):
        row = result[label] = {
            **summary([own[index] / peer[index] for own, peer in pairs]),
            "own": statistics.median(own[index] for own, _ in pairs) * scale,
            "peer": statistics.median(peer[index] for _, peer in pairs) * scale,
            "unit": unit,
            "target": LARGEST[label],
        }
        print(f"  {label + ', ' + unit:18}{row['own']:10.1f}{row['peer']:10.1f}{spread(row)}")
    return result
