"""What ``erlen.http`` gives: the names that an editor sees are those that the interpreter finds."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import erlen
import erlen.http

SOURCE = Path(erlen.http.__file__ or "").read_text(encoding="utf-8")


def seen_by_editors() -> dict[str, str]:
    """The module of each name that is imported for typing."""
    block = next(node for node in ast.parse(SOURCE).body if isinstance(node, ast.If))
    return {
        name: node.module or ""
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        for name in ([alias.asname or ""] if alias.name != "*" else defined_in(node.module))
    }


def defined_in(module: str | None) -> list[str]:
    """What ``import *`` gives to an editor: what a module makes, not what it imports."""
    home = importlib.import_module(f"erlen.http.{module}")
    public = [name for name in vars(home) if not name.startswith("_")]
    tree = ast.parse(Path(home.__file__ or "").read_text(encoding="utf-8"))
    imported = {
        (alias.asname or alias.name).partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for alias in node.names
    }
    return [name for name in public if name not in imported]


def test_editors_and_the_interpreter_see_the_same() -> None:
    assert seen_by_editors() == erlen.http._HOMES
    assert set(seen_by_editors()) <= set(dir(erlen.http))


@pytest.mark.parametrize(("name", "module"), seen_by_editors().items())
def test_a_name_is_that_of_its_module(name: str, module: str) -> None:
    home = importlib.import_module(f"erlen.http.{module}")
    assert getattr(erlen.http, name) is getattr(home, name)


def test_other_names_are_missing() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        erlen.http.Nothing  # type: ignore[attr-defined]  # noqa: B018
    with pytest.raises(ImportError, match="Nothing"):
        from erlen.http import Nothing  # type: ignore[attr-defined]  # noqa: F401


def test_a_name_loads_no_more_than_it_needs() -> None:
    # A package in place of Erlen's own, which loads most of this room.
    code = (
        "import sys, types; package = sys.modules['erlen'] = types.ModuleType('erlen');"
        "package.__path__ = [sys.argv[1]]; from erlen.http import dump_query;"
        "print(*sorted(m for m in sys.modules if m.startswith('erlen.http.')))"
    )
    path = str(Path(erlen.__file__).parent)
    done = subprocess.run(
        [sys.executable, "-c", code, path], capture_output=True, text=True, timeout=60
    )
    loaded = done.stdout.split()
    assert "erlen.http.urls" in loaded, done.stderr
    assert {"erlen.http.auth", "erlen.http.forms", "erlen.http.request"}.isdisjoint(loaded)
