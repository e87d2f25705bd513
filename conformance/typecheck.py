"""A suite's tests for type checkers, checked against Erlen's types."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from outcomes import SOURCES

from erlen.compat.names import module_names, target_of


def check_types(root: Path, folder: str) -> bool:
    """Check the files with mypy; the names ``flask`` and ``werkzeug`` are stubs of Erlen's."""
    stubs = root / "stubs"
    for name in module_names():
        target = target_of(name)
        path = stubs / name.replace(".", "/") / "__init__.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"from {target} import *\n")
    command = [sys.executable, "-m", "mypy", "--strict", "--no-incremental"]
    # What mypy says of Erlen's own files, "make types" says.
    command += ["--follow-imports=silent", folder]
    environ = {**os.environ, "MYPYPATH": f"{stubs}{os.pathsep}{SOURCES}"}
    return subprocess.run(command, cwd=root, env=environ, check=False).returncode == 0
