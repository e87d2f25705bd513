"""What a match costs, by the number of rules."""

from __future__ import annotations

import statistics
import sys
from typing import Any

from ratios import Worker, spread, summary

LARGEST = 1.5


def compare(rounds: int) -> dict[str, Any]:
    """Microseconds per match, and the ratios to ten rules."""
    worker = Worker(sys.executable, "routes")
    times: dict[str, list[float]] = {name: [] for name in worker.scenarios}
    for name in times:
        worker.time(name, 200)
    for _ in range(rounds):
        for name, seen in times.items():
            # A call makes ten matches.
            seen.append(worker.time(name, 500) / 10)
    worker.close()
    base = times["match among 10"]
    table = {}
    for name, seen in times.items():
        row = table[name] = {
            **summary([a / b for a, b in zip(seen, base, strict=True)]),
            "own_us": statistics.median(seen),
            "target": LARGEST,
        }
        print(f"  {name:18}{row['own_us']:10.2f}{'':10}{spread(row)}")
    return table
