from __future__ import annotations

import os
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from erlen import Erlen
from erlen.cli import ErlenGroup, load_dotenv

pytest.importorskip("dotenv")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A working folder, and an environment that is put back."""
    monkeypatch.chdir(tmp_path)
    before = dict(os.environ)
    for name in ("FLASK_SKIP_DOTENV", "ERLEN_SKIP_DOTENV"):
        os.environ.pop(name, None)
    yield tmp_path
    os.environ.clear()
    os.environ.update(before)


def write(folder, **files):
    for name, text in files.items():
        (folder / f".{name}").write_text(text, encoding="utf-8")


def test_both_files_are_read(folder):
    write(folder, env="OWN_A=env\nOWN_B=env\n", flaskenv="OWN_B=flaskenv\nOWN_C=größe\n")
    assert load_dotenv() is True
    assert (os.environ["OWN_A"], os.environ["OWN_B"]) == ("env", "env")
    assert os.environ["OWN_C"] == "größe"


def test_the_environment_wins(folder, monkeypatch):
    monkeypatch.setenv("OWN_A", "set")
    write(folder, env="OWN_A=env\n")
    load_dotenv()
    assert os.environ["OWN_A"] == "set"


def test_a_named_file_wins_over_the_two(folder):
    write(folder, env="OWN_A=env\nOWN_B=env\n")
    (folder / "named").write_text("OWN_A=named\n")
    assert load_dotenv("named") is True
    assert (os.environ["OWN_A"], os.environ["OWN_B"]) == ("named", "env")


def test_a_named_file_alone(folder):
    write(folder, env="OWN_B=env\n")
    (folder / "named").write_text("OWN_A=named\n")
    assert load_dotenv(folder / "named", load_defaults=False) is True
    assert os.environ["OWN_A"] == "named"
    assert "OWN_B" not in os.environ


def test_files_of_the_folders_above(folder, monkeypatch):
    write(folder, env="OWN_A=above\n")
    (folder / "a" / "b").mkdir(parents=True)
    monkeypatch.chdir(folder / "a" / "b")
    assert load_dotenv() is True
    assert os.environ["OWN_A"] == "above"
    assert os.getcwd() == str(folder / "a" / "b")


def test_nothing_to_read(folder):
    assert load_dotenv("none", load_defaults=False) is False


def test_lines_of_all_kinds(folder):
    write(folder, env="# a comment\nexport OWN_A='a b'\nOWN_B=\"x=y\"\nOWN_C=\nOWN_D\n")
    load_dotenv()
    assert (os.environ["OWN_A"], os.environ["OWN_B"], os.environ["OWN_C"]) == ("a b", "x=y", "")
    assert "OWN_D" not in os.environ


# -- the options of the command ------------------------------------------------------------


def show_of(name, **kwargs):
    """A group with a command that prints a variable."""
    group = ErlenGroup(create_app=lambda: Erlen("dotenv"), **kwargs)

    @group.command("show")
    def show():
        click.echo(os.environ.get(name))

    return group


def test_commands_read_the_files(folder):
    write(folder, env="OWN_A=env\n")
    assert CliRunner().invoke(show_of("OWN_A"), ["show"]).output == "env\n"


def test_the_option_names_a_file(folder):
    write(folder, env="OWN_A=env\n")
    (folder / "named").write_text("OWN_A=named\n")
    shown = CliRunner().invoke(show_of("OWN_A"), ["-e", "named", "show"])
    assert shown.output == "named\n"


def test_a_file_that_is_missing_is_told():
    shown = CliRunner().invoke(show_of("OWN_A"), ["--env-file", "none", "show"])
    assert shown.exit_code == 2
    assert "'none' does not exist" in shown.output


@pytest.mark.parametrize("switch", ["option", "variable"])
def test_they_can_be_left_alone(folder, switch):
    write(folder, env="OWN_A=env\n")
    if switch == "variable":
        os.environ["FLASK_SKIP_DOTENV"] = "1"
    group = show_of("OWN_A", load_dotenv=switch != "option")
    assert CliRunner().invoke(group, ["show"]).output == "\n"


def test_the_application_of_the_help_comes_from_a_file(folder):
    write(folder, flaskenv="FLASK_APP=named_by_file\n")
    (folder / "named_by_file.py").write_text(
        "from erlen import Erlen\napp = Erlen('x')\napp.cli.command('listed')(lambda: None)\n"
    )
    shown = subprocess.run(
        [sys.executable, "-m", "erlen", "--help"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "listed" in shown.stdout, shown.stderr


# -- without python-dotenv -----------------------------------------------------------------


@pytest.fixture
def without(monkeypatch):
    monkeypatch.setitem(sys.modules, "dotenv", None)


@pytest.mark.usefixtures("without")
def test_without_the_package_a_tip_is_given(folder, capsys):
    assert load_dotenv() is False
    assert capsys.readouterr().err == ""
    write(folder, env="OWN_A=env\n")
    assert load_dotenv() is False
    error = capsys.readouterr().err
    assert "Tip: There are .env files present" in error
    assert "pip install" in error and "dotenv" in error


@pytest.mark.usefixtures("without")
def test_without_the_package_the_option_says_what_to_install(folder):
    (folder / "named").write_text("")
    shown = CliRunner().invoke(show_of("OWN_A"), ["-e", "named", "show"])
    assert shown.exit_code == 2
    assert "python-dotenv must be installed" in shown.output
