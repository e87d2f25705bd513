"""``ERLEN_COMPAT=1``: Flask's names are Erlen's from the start of Python on."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "src/_erlen_compat.pth"
# What an agent does that starts with the interpreter: its file is read by Python, too.
AGENT = (
    "import importlib.util as u, sys; sys.found = u.find_spec('flask') and __import__('flask')\n"
)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    shutil.copy(FILE, tmp_path)
    (tmp_path / "agent.pth").write_text(AGENT)
    return tmp_path


def start(site: Path, code: str, **environ: str) -> subprocess.CompletedProcess[str]:
    # As the interpreter reads the files of site-packages, one by one in their order.
    program = f"import site, sys\nsite.addsitedir({str(site)!r})\n{code}"
    env = {name: value for name, value in os.environ.items() if name != "ERLEN_COMPAT"}
    return subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        env={**env, **environ},
    )


def test_an_agent_that_imports_flask_at_start_gets_erlen(site: Path) -> None:
    code = "import flask, erlen; print(sys.found is flask, flask.Flask is erlen.Erlen)"
    done = start(site, code, ERLEN_COMPAT="1")
    assert (done.stdout, done.stderr) == ("True True\n", "")


@pytest.mark.parametrize("environ", [{}, {"ERLEN_COMPAT": "0"}, {"ERLEN_COMPAT": ""}])
def test_without_it_nothing_is_imported(site: Path, environ: dict[str, str]) -> None:
    (site / "agent.pth").unlink()
    code = "print([name for name in sys.modules if name.partition('.')[0] == 'erlen'])"
    done = start(site, code, **environ)
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_the_wheel_has_the_file_beside_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    included = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert included == {"src/_erlen_compat.pth": FILE.name}
    # Python takes them in the order of their names; the first is that of an editable Erlen.
    assert (
        "_editable_impl_erlen.pth"
        < FILE.name
        < min("a1_coverage.pth", "ddtrace.pth", "logfire.pth")
    )
