from __future__ import annotations

import os
import sys
import types

import pytest

from erlen import Erlen
from erlen.cli import NoAppException, find_app_by_string, find_best_app, locate_app, prepare_import


def module(**values):
    made = types.ModuleType("the_module")
    made.__dict__.update(values)
    return made


def factory():
    return Erlen("made")


def needs_arguments(name, *, suffix=""):
    return Erlen(name + suffix)


def fails_inside():
    return Erlen("a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l")


def raises_type_error():
    raise TypeError("mine")


ONE, TWO = Erlen("one"), Erlen("two")


# -- the application of a module ---------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"app": ONE, "application": TWO}, "one"),
        ({"application": TWO, "other": ONE}, "two"),
        ({"server": ONE}, "one"),
        ({"app": "no application", "server": ONE}, "one"),
        ({"create_app": factory}, "made"),
        ({"make_app": factory}, "made"),
        ({"create_app": lambda: None, "make_app": factory}, "made"),
        ({"create_app": lambda name="d": Erlen(name)}, "d"),
        ({"create_app": factory, "own": ONE}, "one"),
    ],
)
def test_the_best_application(values, name):
    assert find_best_app(module(**values)).name == name


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, ["Failed to find", "the_module"]),
        ({"app": 1}, ["Failed to find"]),
        ({"one": ONE, "two": TWO}, ["multiple", "'the_module:name'"]),
        ({"create_app": lambda: "text"}, ["Failed to find"]),
        (
            {"create_app": needs_arguments},
            ["create_app", "without arguments", "'the_module:create_app(args)'"],
        ),
    ],
    ids=["nothing", "wrong type", "several", "wrong result", "arguments"],
)
def test_no_application_says_what_to_write(values, words):
    with pytest.raises(NoAppException) as caught:
        find_best_app(module(**values))
    for word in words:
        assert word in str(caught.value)


def test_a_type_error_inside_of_a_factory_is_shown_as_it_is():
    with pytest.raises(TypeError):
        find_best_app(module(create_app=fails_inside))
    with pytest.raises(TypeError, match="mine"):
        find_app_by_string(module(create_app=raises_type_error), "create_app()")


# -- a name or a call --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("app", "one"),
        (" app ", "one"),
        ("factory", "made"),
        ("factory()", "made"),
        ("needs('x')", "x"),
        ("needs('x', suffix='y')", "xy"),
        ("needs(name='x')", "x"),
        ("needs('x',)", "x"),
    ],
)
def test_an_expression(text, name):
    found = find_app_by_string(module(app=ONE, factory=factory, needs=needs_arguments), text)
    assert found.name == name


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("none", "Failed to find attribute 'none' in 'the_module'"),
        ("a.b", "Failed to parse 'a.b' as an attribute name or function call"),
        ("a.b()", "simple name"),
        ("app[0]", "Failed to parse"),
        ("1 + 1", "Failed to parse"),
        ("a b", "Failed to parse"),
        ("", "Failed to parse"),
        ("factory(", "Failed to parse"),
        ("factory(x)", "as literal values"),
        ("factory(1)", "could not be called with the specified arguments"),
        ("text", "A valid .*application was not obtained"),
        ("returns_text", "A valid .*application was not obtained"),
    ],
)
def test_an_expression_that_leads_nowhere(text, words):
    values = {"app": ONE, "factory": factory, "text": "text", "returns_text": lambda: "text"}
    with pytest.raises(NoAppException, match=words):
        find_app_by_string(module(**values), text)


def test_literals_alone_are_arguments(monkeypatch):
    """No code of the command line is run."""
    called = []
    made = module(factory=lambda *args: Erlen(str(args)))
    made.danger = lambda: called.append(1)
    with pytest.raises(NoAppException):
        find_app_by_string(made, "factory(danger())")
    assert called == []
    assert find_app_by_string(made, "factory([1, {'a': None}], True)").name == (
        "([1, {'a': None}], True)"
    )


# -- files and modules -------------------------------------------------------------------


@pytest.fixture
def path(monkeypatch):
    """``sys.path``, which is put back."""
    monkeypatch.setattr(sys, "path", sys.path[:])


@pytest.mark.usefixtures("path")
@pytest.mark.parametrize(
    ("file", "name", "folder"),
    [
        ("alone.py", "alone", ""),
        ("alone", "alone", ""),
        ("package/__init__.py", "package", ""),
        ("package/inner.py", "package.inner", ""),
        ("package/sub/deep.py", "package.sub.deep", ""),
        ("plain/module.py", "module", "plain"),
        ("test.a.b", "test.a.b", ""),
        ("package.inner", "package.inner", ""),
        ("missing/__init__.py", "missing", ""),
    ],
)
def test_the_import_name_of_a_file(tmp_path, file, name, folder):
    for marker in ("package/__init__.py", "package/sub/__init__.py"):
        (tmp_path / marker).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / marker).touch()
    assert prepare_import(str(tmp_path / file)) == name
    assert sys.path[0] == str(tmp_path / folder).rstrip("/")


@pytest.mark.usefixtures("path")
def test_the_folder_is_added_once(tmp_path):
    prepare_import(str(tmp_path / "a.py"))
    length = len(sys.path)
    prepare_import(str(tmp_path / "b.py"))
    assert len(sys.path) == length


@pytest.fixture
def modules(tmp_path, monkeypatch):
    """Modules on the path, forgotten behind the test."""
    files = {
        "located_app.py": "from erlen import Erlen\napp = Erlen('located')\n"
        "def make(n):\n    return Erlen(n)\n",
        "located_empty.py": "",
        "located_broken.py": "import a_module_that_is_not_there\n",
        "located_fails.py": "1 / 0\n",
        "located_package/__init__.py": "",
        "located_package/inner.py": "from erlen import Erlen\nserver = Erlen('inner')\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    for name in [name for name in sys.modules if name.startswith("located_")]:
        del sys.modules[name]


@pytest.mark.usefixtures("modules")
@pytest.mark.parametrize(
    ("module_name", "app_name", "name"),
    [
        ("located_app", None, "located"),
        ("located_app", "app", "located"),
        ("located_app", "make('x')", "x"),
        ("located_package.inner", None, "inner"),
    ],
)
def test_the_application_of_a_module(module_name, app_name, name):
    assert locate_app(module_name, app_name).name == name


@pytest.mark.usefixtures("modules")
def test_a_missing_module():
    with pytest.raises(NoAppException, match="Could not import 'located_nowhere'"):
        locate_app("located_nowhere", None)
    assert locate_app("located_nowhere", None, raise_if_not_found=False) is None


@pytest.mark.usefixtures("modules")
@pytest.mark.parametrize("required", [True, False])
def test_a_module_whose_own_import_fails_shows_where(required):
    with pytest.raises(NoAppException) as caught:
        locate_app("located_broken", None, raise_if_not_found=required)
    text = str(caught.value)
    assert "While importing 'located_broken', an ImportError was raised" in text
    assert "located_broken.py" in text
    assert "a_module_that_is_not_there" in text


@pytest.mark.usefixtures("modules")
def test_another_error_of_a_module_is_shown_as_it_is():
    with pytest.raises(ZeroDivisionError):
        locate_app("located_fails", None)
    with pytest.raises(NoAppException):
        locate_app("located_empty", None)


def test_the_error_is_one_of_the_command_line():
    import click

    assert issubclass(NoAppException, click.UsageError)


def test_a_relative_file(modules, monkeypatch):
    monkeypatch.setattr(sys, "path", sys.path[:])
    monkeypatch.chdir(modules)
    assert prepare_import(os.path.join("located_package", "inner.py")) == "located_package.inner"
