from __future__ import annotations

import os.path
from pathlib import Path

import pytest

from erlen.app.importing import ImportStringError, find_modules, import_string


@pytest.mark.parametrize("name", ["os.path.join", "os.path:join"])
def test_an_object_by_its_name(name: str) -> None:
    assert import_string(name) is os.path.join


def test_a_module_by_its_name() -> None:
    assert import_string("os.path") is os.path


@pytest.mark.parametrize("name", ["no_such_module", "os.no_such_name", "os.path.x.y"])
def test_what_is_missing(name: str) -> None:
    assert import_string(name, silent=True) is None
    with pytest.raises(ImportStringError) as caught:
        import_string(name)
    assert caught.value.import_name == name
    assert name in str(caught.value)
    assert repr(caught.value).startswith(f"<ImportStringError({name!r}, ")


def test_the_error_tells_how_far_it_got() -> None:
    with pytest.raises(ImportStringError, match=r"'os' was found in .*os\.py"):
        import_string("os.nothing")
    with pytest.raises(ImportStringError, match="No part of it was found"):
        import_string("nothing_at_all.here")


def test_an_attribute_error_inside_the_module_is_shown_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "importing_raises.py").write_text("raise AttributeError('mine')")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(AttributeError, match="mine"):
        import_string("importing_raises")


def test_find_modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "importing_package"
    (package / "inner").mkdir(parents=True)
    for file in ("__init__.py", "a.py", "inner/__init__.py", "inner/b.py"):
        (package / file).write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    name = "importing_package"
    assert list(find_modules(name)) == [f"{name}.a"]
    assert list(find_modules(name, include_packages=True)) == [f"{name}.a", f"{name}.inner"]
    assert list(find_modules(name, recursive=True)) == [f"{name}.a", f"{name}.inner.b"]


def test_find_modules_needs_a_package() -> None:
    with pytest.raises(ValueError, match="package"):
        list(find_modules("os.path"))
