from __future__ import annotations

import importlib.metadata
import platform
import subprocess
import sys

import pytest
from click.testing import CliRunner

import erlen
from erlen.cli import cli


@pytest.mark.parametrize("command", [["-m", "erlen"], ["-c", "from erlen.cli import main; main()"]])
def test_the_versions(command):
    shown = subprocess.run(
        [sys.executable, *command, "--version"], capture_output=True, text=True, timeout=60
    )
    assert shown.returncode == 0
    assert shown.stdout.splitlines()[:3] == [
        f"Erlen {erlen.__version__}",
        f"Python {platform.python_version()} ({sys.executable})",
        f"Granian {importlib.metadata.version('granian')}",
    ]


def test_the_option_comes_before_everything_else():
    shown = CliRunner().invoke(cli, ["--version", "no-such-command"])
    assert shown.exit_code == 0
    assert "Erlen" in shown.output


def test_flask_is_named_where_its_names_are_answered_for():
    shown = subprocess.run(
        [sys.executable, "-m", "erlen", "--flask", "--version"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "Flask 3.1.3 (its names, by Erlen)" in shown.stdout


def test_a_server_that_is_missing_does_not_hide_the_versions(monkeypatch):
    """As where there is no wheel of it for this Python."""

    def metadata(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr("erlen.cli.version.metadata", metadata)
    shown = CliRunner().invoke(cli, ["--version"])
    assert shown.exit_code == 0
    assert "Granian is not installed: pip install granian" in shown.output
