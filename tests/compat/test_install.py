from __future__ import annotations

import importlib
import importlib.metadata
import subprocess
import sys
import textwrap
import types
from collections.abc import Iterator
from pathlib import Path

import pytest

import erlen.compat
from erlen.compat import AlreadyImportedError


@pytest.fixture
def compat() -> Iterator[None]:
    was_installed = erlen.compat.is_installed()
    erlen.compat.install(flask_script=True)
    yield
    if not was_installed:
        erlen.compat.uninstall()


def run(code: str, **kwargs: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", textwrap.dedent(code)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, **kwargs)  # type: ignore[call-overload,no-any-return]


@pytest.mark.parametrize(
    ("name", "twin"),
    [
        ("flask", "erlen.compat.flask"),
        ("flask.cli", "erlen.cli"),
        ("flask.json.tag", "erlen.json.tag"),
        ("flask.testing", "erlen.testing"),
        ("werkzeug.exceptions", "erlen.http.exceptions"),
        ("werkzeug.serving", "erlen.serve.development"),
        ("werkzeug.middleware.proxy_fix", "erlen.middleware.proxy_fix"),
        ("flask_script", "erlen.compat.flask_script"),
        ("flask_script.commands", "erlen.compat.flask_script.commands"),
    ],
)
def test_both_names_are_one_module(compat: None, name: str, twin: str) -> None:
    module = importlib.import_module(name)
    assert module is importlib.import_module(twin)
    assert sys.modules[name] is sys.modules[twin]
    # The module must still know itself by its own name: reload and relative imports need it.
    assert module.__spec__ is not None
    assert module.__spec__.name == twin


def test_what_does_not_exist_is_not_found(compat: None) -> None:
    with pytest.raises(ModuleNotFoundError, match=r"flask\.nothing"):
        importlib.import_module("flask.nothing")
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("werkzeug.exceptions.nothing")
    with pytest.raises(ImportError):
        exec("from flask import Module")


def test_a_patched_attribute_reaches_the_code(
    compat: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    serving = importlib.import_module("werkzeug.serving")
    calls: list[object] = []
    monkeypatch.setattr(serving, "run_simple", lambda *args, **kwargs: calls.append(args))
    app = importlib.import_module("flask").Flask("patched")
    app.run(port=1234, load_dotenv=False)
    assert calls == [("127.0.0.1", 1234, app)]


def test_install_twice_and_uninstall() -> None:
    out = run("""
        import sys
        import erlen.compat
        before = list(sys.meta_path)
        erlen.compat.install()
        erlen.compat.install()
        assert len(sys.meta_path) == len(before) + 2
        import flask.json, werkzeug.http
        erlen.compat.uninstall()
        erlen.compat.uninstall()
        assert sys.meta_path == before
        assert not [n for n in sys.modules if n.partition(".")[0] in {"flask", "werkzeug"}]
        assert "erlen.json" in sys.modules
    """)
    assert (out.returncode, out.stderr) == (0, "")


def test_the_real_one_was_imported_before(monkeypatch: pytest.MonkeyPatch) -> None:
    if erlen.compat.is_installed():
        pytest.skip("compat is installed for this whole run")
    foreign = types.ModuleType("werkzeug.http")
    foreign.__file__ = "/somewhere/werkzeug/http.py"
    monkeypatch.setitem(sys.modules, "werkzeug.http", foreign)
    with pytest.raises(AlreadyImportedError, match=r"werkzeug\.http.*/somewhere") as caught:
        erlen.compat.install()
    assert "erlen.compat.install()" in str(caught.value)
    assert caught.value.names == ["werkzeug.http"]
    assert not erlen.compat.is_installed()


def test_installed_modules_lose_to_erlen_but_flask_script_wins(tmp_path: Path) -> None:
    for name in ("flask", "flask_script"):
        (tmp_path / f"{name}.py").write_text("real = True\n")
    out = run(
        """
        import sys
        sys.path.insert(0, "")
        import erlen.compat
        erlen.compat.install(flask_script=True)
        import flask, flask_script
        print(hasattr(flask, "real"), hasattr(flask_script, "real"))
        """,
        cwd=str(tmp_path),
    )
    assert out.stdout == "False True\n", out.stderr


@pytest.mark.parametrize("name", ["flask", "Flask", "werkzeug", "Werkzeug"])
def test_metadata_answers(compat: None, name: str) -> None:
    expected = {"flask": "3.1.3", "werkzeug": "3.1.9"}[name.lower()]
    assert importlib.metadata.version(name) == expected
    distribution = importlib.metadata.distribution(name)
    assert distribution.metadata["Name"] == name.title()
    assert distribution.entry_points == ()
    assert not distribution.files


def test_metadata_of_everything(compat: None) -> None:
    names = [d.metadata["Name"] for d in importlib.metadata.distributions()]
    assert names.count("Flask") == names.count("Werkzeug") == 1
    with pytest.raises(importlib.metadata.PackageNotFoundError):
        importlib.metadata.version("no-such-distribution-at-all")


def test_an_installed_distribution_answers_for_itself(
    compat: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "flask-2.0.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: Flask\nVersion: 2.0.0\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert importlib.metadata.version("flask") == "2.0.0"
    names = [d.metadata["Name"] for d in importlib.metadata.distributions()]
    assert names.count("Flask") == 1


def test_importing_flask_is_lazy() -> None:
    out = run("""
        import erlen.compat
        erlen.compat.install()
        import flask, sys
        heavy = {"click", "jinja2", "erlen.cli", "erlen.testing", "importlib.metadata"}
        print(sorted(heavy & set(sys.modules)))
        flask.cli.AppGroup
    """)
    assert (out.stdout, out.stderr) == ("[]\n", "")


def test_flask_script_is_answered_for_who_asks_for_it() -> None:
    out = run("""
        from importlib.util import find_spec
        import erlen.compat
        erlen.compat.install()
        print(find_spec("flask_script"))
        try:
            import flask_script.commands
        except ModuleNotFoundError as error:
            print(error.name, "--flask-script" in str(error))
        erlen.compat.install(flask_script=True)
        from flask_script import Manager
        from flask_script.commands import Command, Server, ShowUrls, Clean, InvalidCommand
        print(Manager.__name__, find_spec("flask_script.commands").origin.endswith("commands.py"))
    """)
    assert (out.stdout, out.stderr) == ("None\nflask_script True\nManager True\n", "")


def test_an_installed_flask_script_keeps_its_own_modules(tmp_path: Path) -> None:
    (tmp_path / "flask_script").mkdir()
    (tmp_path / "flask_script/__init__.py").write_text("real = True\n")
    out = run(
        """
        import sys
        sys.path.insert(0, "")
        import erlen.compat
        erlen.compat.install(flask_script=True)
        import flask_script.commands
        """,
        cwd=str(tmp_path),
    )
    assert "No module named 'flask_script.commands'" in out.stderr
