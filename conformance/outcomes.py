"""Running a suite on Erlen, and what became of its tests."""

from __future__ import annotations

import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from pathlib import Path

from suites import Suite

HERE = Path(__file__).resolve().parent


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


def run_suite(suite: Suite, root: Path, arguments: list[str]) -> Outcomes:
    """Run the tests with pytest.

    :param arguments: further ones for pytest
    :raises SystemExit: if pytest ended without a report
    """
    report = root / "report.xml"
    (root / "pytest.ini").write_text("\n".join(["[pytest]", *suite.settings, ""]))
    environ = {k: v for k, v in os.environ.items() if not k.startswith(("FLASK_", "ERLEN_"))}
    environ["PYTHONPATH"] = str(HERE)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "erlen.compat.pytest_plugin"]
    command += ["-p", "program_python", "-p", "no:cacheprovider", f"--junit-xml={report}"]
    command += ["--tb=short", "--timeout=120", *arguments]
    subprocess.run(command, cwd=root, env=environ, check=False)
    if not report.exists():
        sys.exit("pytest ended before it wrote its report: see above.")
    return read_report(report)


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
