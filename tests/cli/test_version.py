from __future__ import annotations

import platform
import subprocess
import sys

import pytest
from click.testing import CliRunner

from erlen.cli import cli


@pytest.mark.parametrize("command", [["-m", "erlen"], ["-c", "from erlen.cli import main; main()"]])
def test_the_versions(command):
    shown = subprocess.run(
        [sys.executable, *command, "--version"], capture_output=True, text=True, timeout=60
    )
    assert shown.returncode == 0
    lines = shown.stdout.splitlines()
    assert lines[0] == f"Python {platform.python_version()}"
    assert lines[1].startswith("Erlen ")


def test_the_option_comes_before_everything_else():
    shown = CliRunner().invoke(cli, ["--version", "no-such-command"])
    assert shown.exit_code == 0
    assert "Erlen" in shown.output
