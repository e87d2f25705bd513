"""A pytest plugin: programs that the tests start with ``sys.executable`` run on Erlen, too.

A child process does not inherit the import finder; ``python -m erlen.compat`` installs it.
"""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

FOLDER = pytest.StashKey[TemporaryDirectory[str]]()


def pytest_configure(config: pytest.Config) -> None:
    """Put a script in the place of the interpreter."""
    folder = config.stash[FOLDER] = TemporaryDirectory(prefix="erlen-conformance-")
    script = Path(folder.name) / "python"
    script.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m erlen.compat "$@"\n')
    script.chmod(0o755)
    sys.executable = str(script)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove it."""
    config.stash[FOLDER].cleanup()
