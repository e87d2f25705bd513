"""What one request costs, step by step: where a sampling profiler finds it.

py-spy reads the stack of the running process from outside, a thousand times a second.  The code
runs as it does without it: nothing is called or compiled in another way, as a tracing profiler
would do, whose own cost falls on every call and makes short functions look long.  What the
benchmark itself does is left out.

Prints the steps of each scenario, and draws them into ``docs/images/``.
"""

from __future__ import annotations

import argparse
import linecache
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import cost_plot
import real_views
from environment import ROOT
from ratios import HERE

PACKAGE = ROOT / "src" / "erlen"
IMAGES = ROOT / "docs/images"
MAPPED = "hello"
SCENARIOS = [
    "hello", "dynamic rule", "JSON", "query", "form", "upload 1 kB", "session read",
    "session write", "template", "url_for", "redirect", "abort", "404", "static 200",
    "hooks, blueprint", "ASGI hello", "ASGI dynamic rule", "ASGI JSON",
]  # fmt: skip
NAMES = [*SCENARIOS, *(way + name for way in ("", "ASGI ") for name in real_views.NAMES)]
RATE = 1000
_FRAME = re.compile(r"(?P<name>.*) \((?P<path>[^()]*?)(?::(?P<line>\d+))?\)")


@dataclass
class Step:
    """A function at its place in the walk, or a line of one."""

    name: str
    path: str = ""
    samples: int = 0
    lines: Counter[int] = field(default_factory=Counter)
    below: dict[tuple[str, str], Step] = field(default_factory=dict)

    def step(self, name: str, path: str) -> Step:
        """A function that this one calls."""
        return self.below.setdefault((name, path), Step(name, path))

    def sorted(self) -> list[Step]:
        """What this one calls, the most expensive first."""
        return sorted(self.below.values(), key=lambda step: -step.samples)


def sample(scenario: str, seconds: float) -> list[tuple[list[tuple[str, str, int]], int]]:
    """The stacks inside of the application: name, path and line of each frame; and how often."""
    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder) / "raw.txt"
        worker = subprocess.Popen(
            [sys.executable, HERE / "cost_worker.py", scenario, str(seconds + 1)],
            stdout=subprocess.PIPE,
        )
        assert worker.stdout is not None
        worker.stdout.readline()
        command = [spy(), "record", "--pid", str(worker.pid), "--rate", str(RATE)]
        command += ["--duration", str(round(seconds)), "--format", "raw", "--output", str(raw)]
        done = subprocess.run([*command, "--full-filenames"], capture_output=True, text=True)
        worker.kill()
        worker.wait()
        if done.returncode:
            sys.exit(f"py-spy: {done.stderr}")
        text = raw.read_text()
    stacks = []
    for line in text.splitlines():
        frames, _, number = line.rpartition(" ")
        found = [_FRAME.fullmatch(frame) for frame in frames.split(";")]
        stack = [(f["name"], f["path"], int(f["line"] or 0)) for f in found if f is not None]
        # Behind the last function of the benchmark's own is the application.
        own = [n for n, frame in enumerate(stack) if frame[0] == "run" and is_harness(frame[1])]
        if own and len(stack) > own[-1] + 1 and not is_harness(stack[own[-1] + 1][1]):
            stacks.append((stack[own[-1] + 1 :], int(number)))
    return stacks


def is_harness(path: str) -> bool:
    """Whether a file drives the application."""
    return Path(path).name in ("worker.py", "asgi_worker.py", "cost_worker.py")


def spy() -> str:
    """The profiler."""
    beside = Path(sys.executable).parent / "py-spy"
    found = str(beside) if beside.exists() else shutil.which("py-spy")
    if found is None:
        sys.exit("The cost map is made with py-spy: pip install --group profile")
    return found


def grow(scenario: str, stacks: list[tuple[list[tuple[str, str, int]], int]]) -> Step:
    """The tree of the steps."""
    root = Step(scenario)
    for stack, number in stacks:
        root.samples += number
        step = root
        line = 0
        for name, path, line in stack:  # noqa: B007
            step = step.step(name, path)
            step.samples += number
        # Where it was itself, not in what it calls.
        step.lines[line] += number
    return root


def room(path: str) -> str:
    """Which part of the whole a file belongs to."""
    file = Path(path)
    if file.is_relative_to(PACKAGE):
        return file.relative_to(PACKAGE).parts[0].removesuffix(".py")
    if file.is_relative_to(HERE):
        return "view"
    if "site-packages" in file.parts:
        return file.parts[file.parts.index("site-packages") + 1].removesuffix(".py")
    return "view" if file.suffix != ".py" else "Python's library"


def rooms(root: Step) -> Counter[str]:
    """Samples by part."""
    found: Counter[str] = Counter()

    def add(step: Step) -> None:
        found[room(step.path)] += sum(step.lines.values())
        for below in step.below.values():
            add(below)

    for step in root.below.values():
        add(step)
    return found


def tell(root: Step) -> None:
    """Print the tree, with the lines of a function below it."""
    print(f"\n{root.name}: {root.samples:,} samples\n  total   own")

    def show(step: Step, depth: int) -> None:
        share, own = step.samples / root.samples, sum(step.lines.values()) / root.samples
        if share < cost_plot.LEAST:
            return
        print(f"{share:7.1%} {own:5.1%}  {'  ' * depth}{step.name}  ({room(step.path)})")
        for line, number in sorted(step.lines.items()):
            if number / root.samples >= cost_plot.LEAST:
                text = linecache.getline(step.path, line).strip()
                print(f"{'':8}{number / root.samples:5.1%}  {'  ' * depth}  {line}: {text}")
        for below in step.sorted():
            show(below, depth + 1)

    for step in root.sorted():
        show(step, 0)


def main() -> int:
    """Sample, print and draw."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--only",
        choices=NAMES,
        metavar="SCENARIO",
        help="one scenario, of the real views too; nothing is drawn",
    )
    parser.add_argument("--seconds", type=float, default=6, help="for each scenario")
    options = parser.parse_args()
    shares: dict[str, Counter[str]] = {}
    for scenario in [options.only] if options.only else SCENARIOS:
        root = grow(scenario, sample(scenario, options.seconds))
        tell(root)
        shares[scenario] = rooms(root)
        if scenario == MAPPED and not options.only:
            (IMAGES / "cost-hello.svg").write_text(cost_plot.steps(root, room), encoding="utf-8")
    print(f"\n{'where the time is':20}", end="")
    for scenario, found in shares.items():
        parts = (f"{name} {n / found.total():.0%}" for name, n in found.most_common(6))
        print(f"\n{scenario:20}{', '.join(parts)}", end="")
    print()
    if not options.only:
        (IMAGES / "cost-rooms.svg").write_text(cost_plot.bars(shares), encoding="utf-8")
        print(f"written: {IMAGES.relative_to(ROOT)}/cost-hello.svg and cost-rooms.svg")
    return 0


if __name__ == "__main__":
    sys.exit(main())
