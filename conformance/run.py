"""Run Flask's and Werkzeug's own test suites, and Flask's type checks, against Erlen.

The tests come from the source distributions on the package registry, pinned by their hashes. They
run in this environment, where neither Flask nor Werkzeug may be installed.

``run.py`` runs all of it; ``run.py werkzeug`` one suite; ``run.py werkzeug tests/test_http.py`` a
part of it, without the comparison with what is expected.
"""

from __future__ import annotations

import importlib.util
import sys
import tomllib
from pathlib import Path
from tempfile import TemporaryDirectory

from outcomes import Outcomes, run_suite
from sources import fetch, unpack
from suites import SUITES, Suite
from typecheck import check_types

EXPECTED = Path(__file__).resolve().parent / "expected.toml"


def compare(suite: Suite, outcomes: Outcomes, reasons: dict[str, str]) -> bool:
    """Print the table and the tests that did not pass; whether they are the expected ones."""
    title = f"{suite.package.title()} {suite.version} suite"
    print(f"\n{title:24}{'passed':>8}{'failed':>8}{'skipped':>8}")
    rows = {f"on {suite.package.title()}": suite.reference, "on Erlen": outcomes.counts}
    for label, row in rows.items():
        print(f"{label:24}{row['passed']:8}{row['failed']:8}{row['skipped']:8}")
    for name, outcome in sorted(outcomes.missed.items()):
        print(f"  {outcome}: {name}: {reasons.get(name, 'NOT EXPECTED')}")
    stale = sorted(set(reasons) - set(outcomes.missed))
    for name in stale:
        print(f"  passes, though expected.toml has a reason why it would not: {name}")
    complete = sum(outcomes.counts.values()) >= sum(suite.reference.values())
    if not complete:
        print(f"  there are fewer tests than on {suite.package.title()}")
    return complete and not stale and set(outcomes.missed) <= set(reasons)


def check(suite: Suite, folder: Path, part: list[str]) -> bool:
    """Run a suite in a folder, all of it or what the arguments for pytest say."""
    print(f"== {suite.package} {suite.version}", flush=True)
    root = unpack(suite, fetch(suite), folder)
    outcomes = run_suite(suite, root, part or ["tests"])
    if part:
        return not outcomes.counts["failed"]
    expected = tomllib.loads(EXPECTED.read_text())
    good = compare(suite, outcomes, expected.get(suite.package, {}))
    if suite.typing is not None:
        print(f"\ntype checks (mypy --strict on {suite.typing}):", flush=True)
        good &= check_types(root, suite.typing)
    return good


def main(arguments: list[str]) -> int:
    """Print the tables; the exit status says whether they are the expected ones."""
    for name in ("flask", "werkzeug"):
        if importlib.util.find_spec(name) is not None:
            return print(f"{name} is installed here: the tests would not run on Erlen.") or 1
    wanted, part = arguments[:1], arguments[1:]
    good = True
    for suite in SUITES:
        if not wanted or suite.package in wanted:
            with TemporaryDirectory(prefix="erlen-conformance-") as folder:
                good &= check(suite, Path(folder), part)
    print("\nconformance:", "as expected" if good else "NOT as expected")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
