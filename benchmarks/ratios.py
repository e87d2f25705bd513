"""Ratios of rounds that alternate: their medians, quartiles and targets."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent


def summary(ratios: list[float]) -> dict[str, float]:
    """Median and quartiles."""
    low, _, high = statistics.quantiles(ratios, n=4)
    return {"median": statistics.median(ratios), "low": low, "high": high}


def verdict(row: dict[str, Any]) -> str:
    """The target of a row, which is a largest or a least value, and whether it is met."""
    if "target" in row:
        met = row["median"] <= row["target"]
        return f"   {row['target']:.3f}{'' if met else '  MISSED'}"
    if "least" in row:
        met = row["median"] >= row["least"]
        return f"   at least {row['least']:.2f}{'' if met else '  MISSED'}"
    return ""


def spread(row: dict[str, Any]) -> str:
    """Median, quartiles and target, for the end of a printed line."""
    return f"{row['median']:9.3f}   {row['low']:.3f} to {row['high']:.3f}{verdict(row)}"


class Worker:
    """A process that hosts the scenarios of one framework.

    :param script: the file beside this one that the process runs
    """

    def __init__(self, python: str, framework: str, script: str = "worker.py") -> None:
        self.process = subprocess.Popen(
            [python, str(HERE / script), framework],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONHASHSEED": "0"},
        )
        self.scenarios: list[str] = self._read()

    def _read(self) -> Any:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"a worker ended: {self.process.args!r}")
        return json.loads(line)

    def time(self, scenario: str, count: int) -> float:
        """Microseconds per request."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"scenario": scenario, "count": count}) + "\n")
        self.process.stdin.flush()
        return float(self._read()) / count * 1e6

    def close(self) -> None:
        """End the process."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(10)


def compare(
    own: Worker,
    peer: Worker,
    targets: dict[str, float],
    rounds: int,
    seconds: float,
    block: int = 1,
) -> dict[str, Any]:
    """Ratios own/peer of each scenario that both have.

    :param targets: by scenario, the largest ratio that is good enough
    :param seconds: how long a round takes about
    :param block: what a worker counts as one is so many in truth
    """
    table = {}
    wide = max(18, *map(len, peer.scenarios))
    digits = 1 if block == 1 else 2
    for scenario in peer.scenarios:
        count = {}
        for worker in (own, peer):
            worker.time(scenario, 3)
            cost = worker.time(scenario, 5)
            count[worker] = max(1, min(20_000, int(seconds * 1e6 / cost)))
            worker.time(scenario, max(1, count[worker] // 4))
        mine, theirs = [], []
        for _ in range(rounds):
            mine.append(own.time(scenario, count[own]))
            theirs.append(peer.time(scenario, count[peer]))
        ratios = [a / b for a, b in zip(mine, theirs, strict=True)]
        row = table[scenario] = {
            **summary(ratios),
            "own_us": statistics.median(mine) / block,
            "peer_us": statistics.median(theirs) / block,
        }
        if scenario in targets:
            row["target"] = targets[scenario]
        print(
            f"  {scenario:{wide}}{row['own_us']:10.{digits}f}{row['peer_us']:10.{digits}f}"
            f"{spread(row)}",
            flush=True,
        )
    return table
