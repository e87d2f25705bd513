"""``python -m erlen.compat``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """\
import sys
from flask import Flask
import neighbour

print(__name__, sys.argv, Flask.__module__.partition(".")[0], neighbour.name)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    program = tmp_path / "program"
    program.mkdir()
    (program / "app.py").write_text(PROGRAM)
    (program / "neighbour.py").write_text("name = 'next door'\n")
    return tmp_path


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "erlen.compat", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=60)


def test_a_script_gets_its_arguments_and_its_folder(folder: Path) -> None:
    out = run("program/app.py", "--port", "1", cwd=folder)
    assert out.stderr == ""
    assert out.stdout == "__main__ ['program/app.py', '--port', '1'] erlen next door\n"


def test_a_module(folder: Path) -> None:
    out = run("-m", "app", "x", cwd=folder / "program")
    assert out.stderr == ""
    path = str(folder / "program" / "app.py")
    assert out.stdout == f"__main__ {[path, 'x']} erlen next door\n"


def test_python_m_flask(folder: Path) -> None:
    out = run("-m", "flask", "--version", cwd=folder)
    assert (out.returncode, out.stderr) == (0, "")
    assert "3.1.3" in out.stdout


@pytest.mark.parametrize("arguments", [(), ("-m",), ("--unknown",)])
def test_usage(folder: Path, arguments: tuple[str, ...]) -> None:
    out = run(*arguments, cwd=folder)
    assert out.returncode == 2
    assert "usage: python -m erlen.compat" in out.stderr


def test_help(folder: Path) -> None:
    out = run("--help", cwd=folder)
    assert (out.returncode, out.stderr) == (0, "")
    assert "usage:" in out.stdout


def test_no_such_file(folder: Path) -> None:
    out = run("nothing.py", cwd=folder)
    assert out.returncode == 2
    assert "there is no file 'nothing.py'" in out.stderr
    assert "Traceback" not in out.stderr


def test_pytest_plugin(folder: Path) -> None:
    (folder / "test_it.py").write_text(
        "from flask import Flask\n\n\ndef test_it():\n    assert 'erlen' in Flask.__module__\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "erlen.compat.pytest_plugin"]
    out = subprocess.run(
        [*command, "-p", "no:cacheprovider", "test_it.py"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert out.returncode == 0, out.stdout + out.stderr
