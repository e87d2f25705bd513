"""The two environments of the extensions: one with Flask and Werkzeug, one with Erlen alone."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
FOLDER = ROOT / ".cache" / "extensions"
PINS = HERE / "extensions.txt"

# What each environment has beside the pinned distributions.
FRAMEWORKS = {
    "flask": ["--no-deps", "flask==3.1.3", "werkzeug==3.1.9"],
    "erlen": ["--constraint", str(PINS), "--editable", str(ROOT)],
}
# The tests of Flask-Migrate call this program.
FLASK_COMMAND = '#!/bin/sh\nexec "$(dirname "$0")/erlen" --flask "$@"\n'
_FIND = "import sys; from importlib.util import find_spec; sys.exit(find_spec(sys.argv[1]) is None)"


def make(name: str) -> Path:
    """The folder of an environment, which is made anew if what it is made of has changed.

    :param name: ``flask`` or ``erlen``
    :raises SystemExit: if it holds the other framework, too
    """
    folder = FOLDER / name
    stamp = folder / "made-of.txt"
    parts = [PINS.read_text(), (ROOT / "pyproject.toml").read_text(), sys.version, str(FRAMEWORKS)]
    made_of = hashlib.sha256("\0".join(parts).encode()).hexdigest()
    if not stamp.exists() or stamp.read_text() != made_of:
        print(f"making the environment with {name.title()}", flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        _run("venv", "--without-pip", str(folder))
        _install(folder, "--no-deps", "--requirement", str(PINS))
        _install(folder, *FRAMEWORKS[name])
        if name == "erlen":
            command = folder / "bin" / "flask"
            command.write_text(FLASK_COMMAND)
            command.chmod(0o755)
        stamp.write_text(made_of)
    for module in ("flask", "werkzeug", "erlen"):
        wanted = (module == "erlen") is (name == "erlen")
        found = subprocess.run([python(folder), "-c", _FIND, module], check=False).returncode == 0
        if found is not wanted:
            sys.exit(f"{module} is {'' if found else 'not '}installed in {folder}.")
    return folder


def python(folder: Path) -> Path:
    """The interpreter of an environment."""
    return folder / "bin" / "python"


def _run(module: str, *arguments: str) -> None:
    subprocess.run([sys.executable, "-m", module, *arguments], check=True)


def _install(folder: Path, *arguments: str) -> None:
    options = ["--quiet", "--disable-pip-version-check", "--python", str(python(folder))]
    _run("pip", *options, "install", "--no-compile", *arguments)
