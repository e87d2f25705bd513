"""Running a suite on Erlen, and what became of its tests."""

from __future__ import annotations

import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from suites import Suite

HERE = Path(__file__).resolve().parent
# Of the checkout that this stands in, whichever one is installed.
SOURCES = HERE.parent / "src"


@dataclass
class Outcomes:
    """Counts, and what did not pass by name."""

    counts: dict[str, int] = field(default_factory=lambda: {"passed": 0, "failed": 0, "skipped": 0})
    missed: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, outcome: str) -> None:
        """Count one test."""
        self.counts[outcome] += 1
        if outcome != "passed":
            self.missed[name] = outcome


@dataclass(frozen=True)
class Runner:
    """What runs a suite.

    :param python: the interpreter, and with it the environment
    :param plugins: of pytest
    :param variables: what is added to the environment variables
    :param log: the file for what pytest prints, if it is not shown
    """

    python: Path = Path(sys.executable)
    plugins: tuple[str, ...] = ("erlen.compat.pytest_plugin", "program_python")
    variables: Mapping[str, str] = field(default_factory=dict)
    log: Path | None = None

    def run(self, folder: Path, report: Path, arguments: list[str]) -> Outcomes:
        """Run pytest in a folder.

        :param report: the file for its report
        :raises SystemExit: if it ended without one
        """
        environ = {k: v for k, v in os.environ.items() if not k.startswith(("FLASK_", "ERLEN_"))}
        environ.update(self.variables)
        command = [str(self.python), "-m", "pytest", "-q"]
        for plugin in (*self.plugins, "no:cacheprovider"):
            command += ["-p", plugin]
        command += ["--tb=short", f"--junit-xml={report}", *arguments]
        if self.log is None:
            subprocess.run(command, cwd=folder, env=environ, check=False)
        else:
            with self.log.open("wb") as log:
                subprocess.run(
                    command, cwd=folder, env=environ, stdout=log, stderr=log, check=False
                )
        if not report.exists():
            sys.exit(f"pytest ended before it wrote its report: see {self.log or 'above'}.")
        return read_report(report)


def run_suite(
    suite: Suite, root: Path, arguments: list[str], runner: Runner | None = None
) -> Outcomes:
    """Run the tests that were unpacked to a folder.

    :param arguments: what pytest runs
    :param runner: by default Erlen in this environment
    """
    (root / "pytest.ini").write_text("\n".join(["[pytest]", *suite.settings, ""]))
    runner = runner or Runner(variables={"PYTHONPATH": f"{SOURCES}{os.pathsep}{HERE}"})
    return runner.run(root, root / "report.xml", ["--timeout=120", *arguments])


def read_report(report: Path) -> Outcomes:
    """What a file in JUnit's format says."""
    outcomes = Outcomes()
    for case in ET.parse(report).iter("testcase"):
        name = f"{case.get('classname', '')}::{case.get('name')}"
        if case.find("skipped") is not None:
            outcomes.add(name, "skipped")
        elif case.find("failure") is not None or case.find("error") is not None:
            outcomes.add(name, "failed")
        else:
            outcomes.add(name, "passed")
    return outcomes
