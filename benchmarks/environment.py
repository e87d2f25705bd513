"""The environment that the peers live in."""

from __future__ import annotations

import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache" / "bench"
FRAMEWORKS = [
    "flask==3.1.3",
    "werkzeug==3.1.9",
    "falcon==4.4.0",
    "bottle==0.13.4",
    "starlette==1.10.0",
    "fastapi==0.165.0",
    "litestar==2.25.0",
    "blacksheep==2.6.4",
    "quart==0.22.0",
]
# Libraries that Erlen and its peers share, and the server, have the same versions on both sides.
SHARED = ("blinker", "click", "granian", "itsdangerous", "jinja2", "markupsafe")
SERVER = f"granian=={version('granian')}"


def peers_python() -> str:
    """The interpreter of the environment, which is made if it is not there as it should be."""
    python = str(CACHE / "venv" / "bin" / "python")
    stamp = CACHE / "made.txt"
    packages = [*FRAMEWORKS, *(f"{name}=={version(name)}" for name in SHARED)]
    wanted = "\n".join([platform.python_version(), *packages])
    if not stamp.exists() or stamp.read_text() != wanted:
        print("installing the peers", flush=True)
        CACHE.mkdir(parents=True, exist_ok=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(CACHE / "venv")], check=True)
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, *packages], check=True)
        stamp.write_text(wanted)
    return python
