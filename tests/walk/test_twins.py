"""The synchronous twins are what the tool makes, line by line."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOL = ROOT / "tools/to_sync.py"


@pytest.fixture
def tool():
    spec = spec_from_file_location("to_sync", TOOL)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_twins_in_the_repository_fit():
    done = subprocess.run(
        [sys.executable, str(TOOL), "--check"], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_lint_asks_whether_they_fit():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    lint = makefile.partition("\nlint:")[2].partition("\n\n")[0]
    assert "tools/to_sync.py --check" in lint


def test_async_and_await_are_cut_and_names_exchanged(tool):
    source = """\
\"\"\"A walk.
\"\"\"
from .on_loop import GONE


# It will await nothing, async or not.
async def step(x):
    async with x as y, x:
        return [await y, "await", (await x()).awaited] + [z async for z in x]
"""
    assert (
        tool.twin(source, "walk.py")
        == """\
\"\"\"Made of walk.py by tools/to_sync.py: change that file.
\"\"\"
from .on_thread import GONE


# It will await nothing, async or not.
def step(x):
    with x as y, x:
        return [y, "await", (x()).awaited] + [z for z in x]
"""
    )


def test_what_is_no_python_without_them_is_refused(tool):
    with pytest.raises(SyntaxError):
        tool.twin('"""One.\n\n"""\nlambda: await\n', "walk.py")


@pytest.mark.parametrize("name", ["walk.py", "steps.py"])
def test_line_numbers_agree(tool, name):
    lines = [
        (tool.WALK / file).read_text(encoding="utf-8").splitlines()
        for file in (name, tool.TWINS[name])
    ]
    assert len(lines[0]) == len(lines[1]) > 100


def test_a_twin_that_does_not_fit_is_told_and_made_again(tool, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(tool, "WALK", tmp_path)
    monkeypatch.setattr(tool, "TWINS", {"one.py": "two.py"})
    (tmp_path / "one.py").write_text('"""One.\n\nMore.\n"""\n\nasync def f():\n    await f()\n')
    monkeypatch.setattr(sys, "argv", ["to_sync.py", "--check"])
    assert tool.main() == 1
    assert "two.py" in capsys.readouterr().out
    monkeypatch.setattr(sys, "argv", ["to_sync.py"])
    assert tool.main() == 0
    monkeypatch.setattr(sys, "argv", ["to_sync.py", "--check"])
    assert tool.main() == 0
    (tmp_path / "two.py").write_text("changed by hand")
    assert tool.main() == 1
