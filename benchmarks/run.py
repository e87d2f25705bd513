"""Compare Erlen with Flask, Falcon and Bottle, in one run.

Every figure is a ratio: rounds of the frameworks alternate, each round gives one ratio, and the
median and the spread (the quartiles) of the ratios are printed.  Falcon and Bottle answer three
scenarios.  The results are written below ``results/`` and into the documents.  ``--quick`` makes
few rounds, to see that everything still runs.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import plot
import tables

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
CACHE = ROOT / ".cache" / "bench"
# Libraries that Erlen and its peers share have the same versions on both sides.
SHARED = ("blinker", "click", "itsdangerous", "jinja2", "markupsafe")
PEERS = [
    "flask==3.1.3",
    "werkzeug==3.1.9",
    "falcon==4.4.0",
    "bottle==0.13.4",
    *(f"{name}=={version(name)}" for name in SHARED),
]
# The largest ratio that is good enough, by peer and scenario.
TARGETS = {("flask", "hello"): 1 / 15, ("falcon", "hello"): 1.0}
WORST_TO_FLASK = 1 / 2
MEAN_TO_FLASK = 1 / 7
ROUTES = 1.5
IMPORT = {"import time": 0.6, "memory": 1.0}
UPLOAD_GROWTH_MB = 20


def peers_python() -> str:
    """The interpreter of the environment that holds the peers."""
    python = str(CACHE / "venv" / "bin" / "python")
    stamp = CACHE / "made.txt"
    wanted = "\n".join([platform.python_version(), *PEERS])
    if not stamp.exists() or stamp.read_text() != wanted:
        print("installing the peers", flush=True)
        CACHE.mkdir(parents=True, exist_ok=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(CACHE / "venv")], check=True)
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, *PEERS], check=True)
        stamp.write_text(wanted)
    return python


class Worker:
    """A process that hosts the scenarios of one framework."""

    def __init__(self, python: str, framework: str) -> None:
        self.process = subprocess.Popen(
            [python, str(HERE / "worker.py"), framework],
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


def summary(ratios: list[float]) -> dict[str, float]:
    """Median and quartiles."""
    low, _, high = statistics.quantiles(ratios, n=4)
    return {"median": statistics.median(ratios), "low": low, "high": high}


def compare(own: Worker, name: str, peer: Worker, rounds: int, seconds: float) -> dict[str, Any]:
    """Ratios own/peer of each scenario that both have."""
    table = {}
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
            "own_us": statistics.median(mine),
            "peer_us": statistics.median(theirs),
        }
        target = TARGETS.get((name, scenario), WORST_TO_FLASK if name == "flask" else None)
        if target is not None:
            row["target"] = target
        print(
            f"  {scenario:18}{row['own_us']:10.1f}{row['peer_us']:10.1f}"
            f"{row['median']:9.3f}   {row['low']:.3f} to {row['high']:.3f}{verdict(row)}",
            flush=True,
        )
    return table


def verdict(row: dict[str, Any]) -> str:
    """The target of a row, and whether it is met."""
    if "target" not in row:
        return ""
    return f"   {row['target']:.3f}{'' if row['median'] <= row['target'] else '  MISSED'}"


def compare_routes(rounds: int) -> dict[str, Any]:
    """Microseconds per match by the number of rules, and the ratios to ten rules."""
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
            "target": ROUTES,
        }
        print(
            f"  {name:18}{row['own_us']:10.2f}{row['median']:19.3f}"
            f"   {row['low']:.3f} to {row['high']:.3f}{verdict(row)}"
        )
    return table


MEASURE_IMPORT = """\
import sys
from time import perf_counter
start = perf_counter()
import {name}
seconds = perf_counter() - start
from memory import peak
print(seconds, peak())
"""


def fresh_import(python: str, name: str) -> tuple[float, float]:
    """Seconds and megabytes of an import in a fresh process."""
    # Both sides load compiled modules, as an installed package does.
    skipped = ("PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX")
    out = subprocess.run(
        [python, "-c", MEASURE_IMPORT.format(name=name)],
        capture_output=True,
        text=True,
        check=True,
        cwd=HERE,
        env={key: value for key, value in os.environ.items() if key not in skipped},
    ).stdout.split()
    return float(out[0]), float(out[1])


def compare_imports(peers: str, rounds: int) -> dict[str, Any]:
    """Time and memory of ``import erlen`` against ``import flask``."""
    fresh_import(sys.executable, "erlen")
    fresh_import(peers, "flask")
    pairs = [
        (fresh_import(sys.executable, "erlen"), fresh_import(peers, "flask")) for _ in range(rounds)
    ]
    result = {}
    for index, label, unit, scale in ((0, "import time", "ms", 1e3), (1, "memory", "MB", 1)):
        result[label] = {
            **summary([own[index] / peer[index] for own, peer in pairs]),
            "own": statistics.median(own[index] for own, _ in pairs) * scale,
            "peer": statistics.median(peer[index] for _, peer in pairs) * scale,
            "unit": unit,
            "target": IMPORT[label],
        }
        row = result[label]
        print(
            f"  {label + ', ' + unit:18}{row['own']:10.1f}{row['peer']:10.1f}{row['median']:9.3f}"
            f"   {row['low']:.3f} to {row['high']:.3f}{verdict(row)}"
        )
    return result


def upload_memory(size: int) -> float:
    """Megabytes by which a process grows that takes an upload of ``size`` bytes."""
    code = f"import upload_memory; print(upload_memory.growth({size}))"
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=HERE
    )
    return float(out.stdout)


def main() -> int:
    """Run, print and write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few rounds; nothing is written")
    options = parser.parse_args()
    rounds, seconds = (3, 0.01) if options.quick else (21, 0.08)
    peers = peers_python()
    results: dict[str, Any] = {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "python": platform.python_version(),
        "rounds": rounds,
        "peers": PEERS,
    }
    own = Worker(sys.executable, "erlen")
    for name in ("flask", "falcon", "bottle"):
        print(f"\n{name:20}{'Erlen µs':>10}{'peer µs':>10}{'ratio':>9}   quartiles        target")
        peer = Worker(peers, name)
        results[name] = compare(own, name, peer, rounds, seconds)
        peer.close()
    own.close()
    ratios = [row["median"] for row in results["flask"].values()]
    mean = results["mean"] = {"median": statistics.geometric_mean(ratios), "target": MEAN_TO_FLASK}
    print(f"\ngeometric mean to Flask: {mean['median']:.3f}, target{verdict(mean)}")

    print(f"\n{'routing':20}{'Erlen µs':>10}{'ratio':>19}   quartiles        target")
    results["routes"] = compare_routes(rounds)

    print(f"\n{'import':20}{'Erlen':>10}{'Flask':>10}{'ratio':>9}   quartiles        target")
    results["import"] = compare_imports(peers, 3 if options.quick else 15)

    size = (64 if options.quick else 1024) << 20
    growth = results["upload growth"] = {
        "upload_mb": size >> 20,
        "median": upload_memory(size),
        "target": UPLOAD_GROWTH_MB,
    }
    print(
        f"\nan upload of {size >> 20} MB grows memory by {growth['median']:.1f} MB,"
        f" target{verdict(growth)}"
    )

    if not options.quick:
        folder = HERE / "results"
        folder.mkdir(exist_ok=True)
        (folder / "latest.json").write_text(json.dumps(results, indent=1) + "\n")
        (folder / "latest.svg").write_text(plot.draw(results))
        tables.write(ROOT, results)
        print("written: benchmarks/results/, and the tables in README.md and docs/benchmarks.md")
    return 0


if __name__ == "__main__":
    sys.exit(main())
