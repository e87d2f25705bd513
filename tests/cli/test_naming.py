"""How a command is told which application it is about."""

from __future__ import annotations

import os
import sys

import click
import pytest
from click.testing import CliRunner

from erlen import Erlen, current_app
from erlen.cli import ErlenGroup, cli
from erlen.serve import development

SOURCE = """
import click
from erlen import Erlen, current_app

app = Erlen("by name")

def make_app(): ...

@app.cli.command("greet")
def greet():
    click.echo(f"greetings from {current_app.name}")

@app.cli.group("users")
def users():
    pass

@users.command("list")
@click.option("--all", is_flag=True)
def list_users(all):
    click.echo(f"users of {current_app.name} {all}")

@app.cli.command("own")
@click.option("-A", "--app")
def own(app):
    click.echo(f"own {app} of {current_app.name}")
"""


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path):
    for name in list(os.environ):
        if name.startswith(("FLASK_", "ERLEN_")) and name != "ERLEN_VALIDATE_WSGI":
            monkeypatch.delenv(name)
    monkeypatch.setattr(sys, "path", sys.path[:])
    monkeypatch.chdir(tmp_path)
    (tmp_path / "hello.py").write_text(SOURCE)
    (tmp_path / "other.py").write_text(SOURCE.replace("by name", "the other"))
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "__init__.py").write_text("")
    (tmp_path / "shop" / "views.py").write_text(SOURCE)
    yield tmp_path
    for name in ("hello", "other", "shop", "shop.views"):
        sys.modules.pop(name, None)


def invoke(*args, command=cli):
    result = CliRunner().invoke(command, args)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


# -- behind the command --------------------------------------------------------------------


@pytest.mark.parametrize("name", ["hello.py", "hello", "hello:app", "./hello.py", "hello.py:app"])
@pytest.mark.parametrize("command", ["run", "serve"])
def test_what_is_served_may_stand_behind_the_command(monkeypatch, command, name):
    served = []
    monkeypatch.setattr(development, "run_simple", lambda host, port, app, **_: served.append(app))
    from erlen.serve import production

    monkeypatch.setattr(production, "serve", lambda info, *_: served.append(info.load_app()))
    result = invoke(command, "--port", "5001", name)
    assert result.exit_code == 0, result.output
    assert [app.name for app in served] == ["by name"]


@pytest.mark.parametrize("command", ["routes", "shell"])
def test_so_may_that_of_the_other_commands(monkeypatch, command):
    import code

    monkeypatch.setattr(code, "interact", lambda **kwargs: click.echo(kwargs["local"]["app"]))
    for args in (["hello.py"], ["--app", "hello"], ["-A", "hello:app"], ["--app=hello.py"]):
        result = invoke(command, *args)
        assert result.exit_code == 0, result.output
        assert "by name" in result.output or "/static/" in result.output


@pytest.mark.parametrize("option", [["--app", "hello"], ["-A", "hello.py"], ["--app=hello:app"]])
def test_the_option_stands_behind_commands_of_the_application(option):
    assert invoke("greet", *option).output == "greetings from by name\n"
    assert invoke("users", *option, "list").output == "users of by name False\n"
    assert invoke("users", "list", *option, "--all").output == "users of by name True\n"


def test_it_wins_over_the_environment(monkeypatch):
    monkeypatch.setenv("FLASK_APP", "other")
    assert invoke("greet").output == "greetings from the other\n"
    assert invoke("greet", "--app", "hello").output == "greetings from by name\n"


def test_a_command_that_has_such_an_option_keeps_it(monkeypatch):
    assert invoke("--app", "hello", "own", "--app", "x").output == "own x of by name\n"
    monkeypatch.setenv("FLASK_APP", "hello")
    assert invoke("own", "-A", "x").output == "own x of by name\n"


def test_so_does_one_that_passes_on_what_it_does_not_know():
    @click.command("tool", context_settings={"ignore_unknown_options": True})
    @click.argument("args", nargs=-1)
    def tool(args):
        click.echo(" ".join(args))

    group = ErlenGroup()
    group.add_command(tool)
    assert invoke("tool", "--app", "x", command=group).output == "--app x\n"


def test_a_program_that_makes_its_application_has_it():
    group = ErlenGroup(create_app=lambda: Erlen("made"))

    @group.command("show")
    @click.option("--app")
    def show(app):
        click.echo(f"{app} {current_app.name}")

    assert invoke("show", "--app", "x", command=group).output == "x made\n"


def test_a_command_behind_two_dashes_is_not_looked_through():
    group = ErlenGroup()

    @group.command("show", with_appcontext=False)
    @click.argument("args", nargs=-1)
    def show(args):
        click.echo(" ".join(args))

    assert invoke("show", "--", "--app", "x", command=group).output == "--app x\n"


# -- what cannot be --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "question"),
    [
        ("helo", "Did you mean 'hello'?"),
        ("helo.py:app", "Did you mean 'hello'?"),
        ("shop.veiws", "Did you mean 'shop.views'?"),
        ("shp.views", "Did you mean 'shop'?"),
        ("hello:ap", "Did you mean 'app'?"),
        ("hello:make_ap", "Did you mean 'make_app'?"),
    ],
)
def test_a_name_that_is_nearly_right(name, question):
    (shown,) = [line for line in invoke("routes", name).output.splitlines() if "Error" in line]
    assert question in shown


@pytest.mark.parametrize("name", ["nothing_alike", "hello:nothing_alike", "no.such.thing"])
def test_a_name_that_is_like_no_other(name):
    result = invoke("routes", name)
    assert result.exit_code == 2
    assert "Did you mean" not in result.output


def test_a_file_is_no_command():
    shown = invoke("hello.py")
    assert shown.exit_code == 2
    assert "To serve it: erlen run hello.py" in shown.output


def test_a_file_that_a_module_of_python_hides(folder):
    import token  # noqa: F401

    (folder / "token.py").write_text(SOURCE)
    shown = invoke("routes", "token.py")
    assert shown.exit_code == 2
    assert "'token' is a module of Python's own" in shown.output
    assert "another name" in shown.output


def test_no_name_at_all_says_how_to_write_one():
    assert "erlen run hello.py" in invoke("run").output
