"""Run the suites of Flask's extensions on Flask and on Erlen, and compare test by test.

Each suite comes from the source distribution on the package registry, pinned by its hash, and runs
unmodified: in an environment with Flask and Werkzeug, and in one with Erlen, which answers for both
names. There the test client calls the application by WSGI and then by ASGI. In the place of an
extension that ships no tests, an application of ours is used in a browser (tests/extensions).

``extensions.py`` runs all of it; ``extensions.py wtf session`` those with such a title.
"""

from __future__ import annotations

import os
import sys
import time
import tomllib
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from environments import FOLDER, ROOT, make, python
from extension_suites import APPLICATIONS, EXTENSIONS, Application, Extension
from outcomes import Outcomes, Runner, run_suite
from sources import fetch, unpack

HERE = Path(__file__).resolve().parent
LOGS = FOLDER / "logs"


@dataclass(frozen=True)
class Column:
    """Where a suite runs: the environment, and the interface that the test client calls."""

    title: str
    environment: str
    interface: str


FLASK = Column("Flask", "flask", "wsgi")
COLUMNS = (FLASK, Column("Erlen, WSGI", "erlen", "wsgi"), Column("Erlen, ASGI", "erlen", "asgi"))


@dataclass
class Row:
    """What became of one suite in each column."""

    of: Extension | Application
    outcomes: dict[Column, Outcomes] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The name of the extension, with its version if it is known."""
        of = self.of
        return f"{of.title} {of.suite.version}" if isinstance(of, Extension) else of.title

    def columns(self) -> list[Column]:
        """Those in which there is something to run."""
        of = self.of
        both = isinstance(of, Application) or of.calls_client
        return [c for c in COLUMNS if both or c.interface == "wsgi"]

    def faults(self, reasons: dict[str, str]) -> list[str]:
        """What is not as expected, a line for each.

        :param reasons: why tests may differ from Flask, by name
        """
        faults = []
        on_flask = self.outcomes[FLASK]
        differ: set[str] = set()
        for column, outcomes in self.outcomes.items():
            if isinstance(self.of, Application):
                failed = [n for n, outcome in outcomes.missed.items() if outcome == "failed"]
                faults += [f"{column.title}: failed: {name}" for name in failed]
            if not sum(outcomes.counts.values()):
                faults.append(f"{column.title}: no test ran")
            if sum(outcomes.counts.values()) != sum(on_flask.counts.values()):
                faults.append(f"{column.title}: not as many tests as on Flask")
            for name in sorted(outcomes.missed.keys() | on_flask.missed.keys()):
                outcome = outcomes.missed.get(name, "passed")
                if outcome != on_flask.missed.get(name, "passed"):
                    differ.add(name)
                    if name not in reasons:
                        faults.append(f"{column.title}: {outcome}, unlike on Flask: {name}")
        faults += [f"has a reason, but does not differ: {n}" for n in sorted(set(reasons) - differ)]
        if isinstance(self.of, Extension):
            reference = self.of.suite.reference
            if on_flask.counts["passed"] < reference["passed"]:
                faults.append(f"Flask: {reference['passed']} passed when the suite was pinned")
        return faults


def run(row: Row, column: Column, environments: dict[str, Future[Path]]) -> Outcomes:
    """Run a suite in one column."""
    environment = environments[column.environment].result()
    log = LOGS / f"{row.of.title}-{column.title}.txt".replace(", ", "-").lower()
    with TemporaryDirectory(prefix="erlen-extensions-") as folder:
        if isinstance(row.of, Extension):
            return _run_extension(row.of, column, environment, log, Path(folder))
        return _run_application(row.of, column, environment, log, Path(folder))


def _run_extension(
    extension: Extension, column: Column, environment: Path, log: Path, folder: Path
) -> Outcomes:
    suite = extension.suite
    # The programs that the tests start are those of the environment.
    variables = {"PATH": f"{environment / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    plugins: tuple[str, ...] = ()
    if column is not FLASK:
        plugins = Runner.plugins
        variables |= {"PYTHONPATH": str(HERE), "ERLEN_TEST_INTERFACE": column.interface}
    root = unpack(suite, fetch(suite), folder)
    runner = Runner(python(environment), plugins, variables, log)
    return run_suite(suite, root, list(suite.arguments or [suite.tests]), runner)


def _run_application(
    application: Application, column: Column, environment: Path, log: Path, folder: Path
) -> Outcomes:
    variables = {
        "EXTENSIONS_ENVIRONMENT": str(environment),
        "EXTENSIONS_INTERFACE": column.interface if column is not FLASK else "flask",
        "ERLEN_REQUIRE_SERVICES": os.environ.get("ERLEN_REQUIRE_SERVICES", ""),
    }
    runner = Runner(plugins=(), variables=variables, log=log)
    arguments = ["-rs", f"tests/extensions/{application.tests}"]
    return runner.run(ROOT, folder / "report.xml", arguments)


def run_all(rows: list[Row]) -> None:
    """Make what is needed and run every row, as much at a time as there are processors."""
    LOGS.mkdir(parents=True, exist_ok=True)
    archives = [r.of.suite for r in rows if isinstance(r.of, Extension)]
    print("== the environments and the archives", flush=True)
    with ThreadPoolExecutor(4) as pool:
        environments = {name: pool.submit(make, name) for name in ("flask", "erlen")}
        for future in [pool.submit(fetch, suite) for suite in archives]:
            future.result()
        for future in environments.values():
            future.result()
    print("== the suites", flush=True)

    def job(row: Row, column: Column) -> None:
        began = time.monotonic()
        outcomes = row.outcomes[column] = run(row, column, environments)
        counts = ", ".join(f"{n} {outcome}" for outcome, n in outcomes.counts.items() if n)
        seconds = time.monotonic() - began
        print(f"{row.title} on {column.title}: {counts} ({seconds:.0f} s)", flush=True)

    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for future in [pool.submit(job, row, column) for row in rows for column in row.columns()]:
            future.result()


def report(rows: list[Row], reasons: dict[str, dict[str, str]]) -> bool:
    """Print the table and what differs; whether that was expected."""
    print("\nThree numbers each: passed, failed, skipped.\n")
    width = max(len(row.title) for row in rows)
    print(f"{'':{width}}" + "".join(f"{column.title:>16}" for column in COLUMNS))
    for row in rows:
        cells = []
        for column in COLUMNS:
            outcomes = row.outcomes.get(column)
            cells.append(" ".join(f"{n:>4}" for n in outcomes.counts.values()) if outcomes else "-")
        print(f"{row.title:{width}}" + "".join(f"{cell:>16}" for cell in cells))
    good = True
    for row in rows:
        known = reasons.get(row.of.title, {})
        for name, reason in known.items():
            print(f"\n{row.title}: {name}\n  differs: {reason}")
        faults = row.faults(known)
        if faults:
            good = False
            print(f"\n{row.title}: NOT as expected (what pytest said is in {LOGS})")
            print("".join(f"  {fault}\n" for fault in faults), end="")
    return good


def main(arguments: list[str]) -> int:
    """Print the table; the exit status says whether it is the expected one."""
    began = time.monotonic()
    rows = [
        Row(of)
        for of in (*APPLICATIONS, *EXTENSIONS)
        if not arguments or any(part.lower() in of.title.lower() for part in arguments)
    ]
    if not rows:
        return print(f"No extension has a title with {' or '.join(arguments)}.") or 1
    run_all(rows)
    expected = tomllib.loads((HERE / "expected.toml").read_text())
    good = report(rows, expected.get("extensions", {}))
    seconds = time.monotonic() - began
    print(f"\nextensions: {'as' if good else 'NOT as'} expected ({seconds:.0f} s)")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
