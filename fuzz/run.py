"""Fuzz the parsers: every target of ``targets.py``, within a time for all of them together.

Three quarters of the time inputs are looked for that a target does not hold for: by coverage
(Atheris, which is libFuzzer for Python) where it can be installed, and otherwise blindly.  The
last quarter stretches the inputs that were found, and looks whether a byte costs more in long ones.
What was found is kept in ``.cache/fuzz``, so that the next run goes on from there.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path

from targets import TARGETS

HERE = Path(__file__).resolve().parent
FOLDER = HERE.parent / ".cache" / "fuzz"


def stage(name: str, seconds: float, engine: str) -> tuple[bool, str]:
    """Run a process of ``one.py``: whether it held, and what it said."""
    command = [sys.executable, str(HERE / "one.py"), name, f"{seconds:.3f}", engine]
    done = subprocess.run(
        [*command, str(FOLDER / name)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        # Ours is the limit: a process that hangs is a failure.
        timeout=seconds + 120,
    )
    return done.returncode == 0, done.stdout


def summary_of(output: str) -> str:
    """How much was tried."""
    for line in output.splitlines():
        if "number_of_executed_units" in line:
            return f"{int(line.split()[-1]):,} inputs"
    return output.strip().rpartition("\n")[2]


def fuzz(name: str, seconds: float, engine: str) -> bool:
    """Both stages of a target; prints what they found."""
    stage(name, 0, "seeds")
    held, output = stage(name, max(1, seconds * 3 / 4), engine)
    if not held:
        print(f"FAILED  {name}\n{output}", flush=True)
        return False
    grown, further = stage(name, seconds / 4, "growth")
    if not grown:
        print(f"FAILED  {name}: {further}", flush=True)
        return False
    print(f"held    {name:16}{summary_of(output):>20}{summary_of(further):>16}", flush=True)
    return True


def main() -> int:
    """Run all targets, as many at once as there are cores."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600, help="for all targets together")
    parser.add_argument("--only", choices=TARGETS, help="one target")
    parser.add_argument("--blindly", action="store_true", help="without Atheris")
    options = parser.parse_args()
    blindly = options.blindly or find_spec("atheris") is None
    names = [options.only] if options.only else list(TARGETS)
    workers = min(len(names), os.cpu_count() or 1)
    seconds = options.seconds * workers / len(names)
    print(f"{len(names)} targets, {seconds:.1f} s each, {'blindly' if blindly else 'by coverage'}")
    with ThreadPoolExecutor(workers) as pool:
        held = list(pool.map(lambda n: fuzz(n, seconds, "blind" if blindly else "atheris"), names))
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
