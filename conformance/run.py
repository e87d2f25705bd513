"""Run Flask's own test suite, and its type checks, against Erlen.

The tests come from Flask's source distribution on the package registry, pinned by its hash. They
run in this environment, where neither Flask nor Werkzeug may be installed.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tarfile
import tomllib
import xml.etree.ElementTree as ET
from pathlib import Path

HERE = Path(__file__).resolve().parent
CACHE = HERE.parent / ".cache" / "conformance"
VERSION = "3.1.3"
ARCHIVE = f"flask-{VERSION}.tar.gz"
SHA256 = "0ef0e52b8a9cd932855379197dd8f94047b359ca0a78695144304cb45f87c9eb"
# Measured on Flask 3.1.3 with Werkzeug 3.1.9 and pytest 8.
REFERENCE = {"passed": 486, "failed": 1, "skipped": 3}


def fetch() -> Path:
    """The archive, from the cache or from the registry."""
    CACHE.mkdir(parents=True, exist_ok=True)
    archive = CACHE / ARCHIVE
    if not archive.exists():
        print(f"downloading {ARCHIVE}", flush=True)
        # pip compares the hash before it runs anything of the archive.
        pinned = CACHE / "requirements.txt"
        pinned.write_text(f"flask=={VERSION} --hash=sha256:{SHA256}\n")
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        command += ["--disable-pip-version-check", "--no-binary", "flask", "--dest", str(CACHE)]
        subprocess.run([*command, "--require-hashes", "-r", str(pinned)], check=True)
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    if digest != SHA256:
        archive.unlink()
        sys.exit(f"{ARCHIVE} has the hash {digest}, not {SHA256}: it was not used.")
    return archive


def unpack(archive: Path) -> Path:
    """A fresh copy of the tests alone."""
    target = CACHE / "flask"
    shutil.rmtree(target, ignore_errors=True)
    prefix = f"flask-{VERSION}/tests/"
    with tarfile.open(archive) as tar:
        members = [m for m in tar.getmembers() if m.name.startswith(prefix)]
        tar.extractall(target, members, filter="data")
    return target / f"flask-{VERSION}"


def run_suite(root: Path) -> tuple[dict[str, int], dict[str, str]]:
    """Counts, and what did not pass by name."""
    report = CACHE / "report.xml"
    report.unlink(missing_ok=True)
    # The options that Flask's own pyproject sets.
    (root / "pytest.ini").write_text("[pytest]\ntestpaths = tests\nfilterwarnings = error\n")
    subprocess.run(
        [
            sys.executable, "-m", "pytest", "-q", "-p", "erlen.compat.pytest_plugin",
            "-p", "no:cacheprovider", f"--junit-xml={report}", "--tb=short", "tests",
        ],
        cwd=root,
        env={k: v for k, v in os.environ.items() if not k.startswith(("FLASK_", "ERLEN_"))},
        check=False,
    )  # fmt: skip
    if not report.exists():
        sys.exit("pytest ended before it wrote its report: see above.")
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    missed: dict[str, str] = {}
    for case in ET.parse(report).iter("testcase"):
        name = f"{case.get('classname', '')}::{case.get('name')}"
        if case.find("skipped") is not None:
            counts["skipped"] += 1
            missed[name] = "skipped"
        elif case.find("failure") is not None or case.find("error") is not None:
            counts["failed"] += 1
            missed[name] = "failed"
        else:
            counts["passed"] += 1
    return counts, missed


def check_types(root: Path) -> bool:
    """Check Flask's typing tests with mypy; the name ``flask`` is a stub of Erlen's module."""
    stubs = CACHE / "stubs"
    shutil.rmtree(stubs, ignore_errors=True)
    from erlen.compat.names import module_names, target_of

    for name in module_names():
        target = target_of(name)
        path = stubs / name.replace(".", "/") / "__init__.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"from {target} import *\n")
    command = [sys.executable, "-m", "mypy", "--strict", "--no-incremental", "tests/type_check"]
    result = subprocess.run(
        command, cwd=root, env={**os.environ, "MYPYPATH": str(stubs)}, check=False
    )
    return result.returncode == 0


def main() -> int:
    """Print the table; the exit status says whether it is the expected one."""
    for name in ("flask", "werkzeug"):
        if importlib.util.find_spec(name) is not None:
            return print(f"{name} is installed here: the tests would not run on Erlen.") or 1
    root = unpack(fetch())
    counts, missed = run_suite(root)
    expected = tomllib.loads((HERE / "expected.toml").read_text())
    reasons: dict[str, str] = expected.get("reasons", {})
    print(f"\n{'Flask ' + VERSION + ' suite':24}{'passed':>8}{'failed':>8}{'skipped':>8}")
    for label, row in (("on Flask", REFERENCE), ("on Erlen", counts)):
        print(f"{label:24}{row['passed']:8}{row['failed']:8}{row['skipped']:8}")
    for name, outcome in sorted(missed.items()):
        print(f"  {outcome}: {name}: {reasons.get(name, 'NOT EXPECTED')}")
    stale = sorted(set(reasons) - set(missed))
    for name in stale:
        print(f"  passes, though expected.toml has a reason why it would not: {name}")
    print("\ntype checks (mypy --strict on tests/type_check):", flush=True)
    types_fit = check_types(root)
    unexpected = set(missed) - set(reasons)
    good = not unexpected and not stale and counts["passed"] >= REFERENCE["passed"] and types_fit
    print("conformance:", "as expected" if good else "NOT as expected")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
