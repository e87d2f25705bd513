"""A suite's tests for type checkers, checked against Erlen's types."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from outcomes import SOURCES

from erlen.compat.stubs import write_stubs


def check_types(root: Path, folder: str) -> bool:
    """Check the files with mypy; the names ``flask`` and ``werkzeug`` are stubs of Erlen's."""
    stubs = root / "stubs"
    write_stubs(stubs)
    command = [sys.executable, "-m", "mypy", "--strict", "--no-incremental"]
    # What mypy says of Erlen's own files, "make types" says.
    command += ["--follow-imports=silent", folder]
    environ = {**os.environ, "MYPYPATH": f"{stubs}{os.pathsep}{SOURCES}"}
    return subprocess.run(command, cwd=root, env=environ, check=False).returncode == 0
