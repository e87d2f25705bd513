from __future__ import annotations

import importlib.metadata
import os
import sys

import click
import pytest
from click.testing import CliRunner

from erlen import Blueprint, Erlen, current_app
from erlen.cli import (
    AppGroup,
    ErlenGroup,
    NoAppException,
    ScriptInfo,
    cli,
    pass_script_info,
    with_appcontext,
)
from erlen.serve import development


@pytest.fixture(autouse=True)
def environment(monkeypatch, tmp_path):
    """Commands set variables and read files of the working folder."""
    for name in list(os.environ):
        if name.startswith(("FLASK_", "ERLEN_")) and name != "ERLEN_VALIDATE_WSGI":
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def invoke():
    def call(command, *args, **kwargs):
        return CliRunner().invoke(command, args, catch_exceptions=False, **kwargs)

    return call


def group(app=None, **kwargs):
    return ErlenGroup(create_app=lambda: app or Erlen("grouped"), **kwargs)


# -- ScriptInfo --------------------------------------------------------------------------


def test_the_application_is_made_once():
    made = []

    def create():
        made.append(Erlen("created"))
        return made[-1]

    info = ScriptInfo(create_app=create)
    assert info.load_app() is info.load_app() is made[0]
    assert len(made) == 1


@pytest.mark.parametrize(
    ("file", "path", "name"),
    [
        ("own_module.py", "own_module", "own_module"),
        ("own_module.py", "own_module.py", "own_module"),
        ("own_module.py", "own_module:app", "own_module"),
        ("own_module.py", "own_module.py:app", "own_module"),
        ("own_module.py", "own_module:make('x')", "x"),
        ("wsgi.py", None, "wsgi"),
        ("app.py", None, "app"),
    ],
)
def test_the_application_of_a_path(tmp_path, monkeypatch, file, path, name):
    monkeypatch.setattr(sys, "path", sys.path[:])
    text = "from erlen import Erlen\napp = Erlen(__name__)\ndef make(n): return Erlen(n)\n"
    (tmp_path / file).write_text(text)
    try:
        assert ScriptInfo(path).load_app().name == name
    finally:
        sys.modules.pop(file.removesuffix(".py"), None)


def test_no_application_says_three_ways_out():
    with pytest.raises(NoAppException) as caught:
        ScriptInfo().load_app()
    for words in ("'--app'", "'FLASK_APP'", "'wsgi.py' or 'app.py'"):
        assert words in str(caught.value)


@pytest.mark.parametrize(("switch", "debug"), [(True, True), (False, False)])
def test_debug_mode_follows_the_environment(monkeypatch, switch, debug):
    app = Erlen("debugging")
    monkeypatch.setenv("FLASK_DEBUG", "1")
    assert ScriptInfo(create_app=lambda: app, set_debug_flag=switch).load_app().debug is debug


# -- the context -------------------------------------------------------------------------


def test_commands_of_an_application_have_its_context():
    app = Erlen("with_context")

    @app.cli.command()
    def show():
        click.echo(current_app.name)

    @app.cli.command(with_appcontext=False)
    def bare():
        click.echo(bool(current_app))

    runner = app.test_cli_runner()
    assert runner.invoke(show).output == "with_context\n"
    assert runner.invoke(bare).output == "False\n"


def test_decorators_without_parentheses():
    app = Erlen(__name__)

    @app.cli.command
    def show():
        click.echo(current_app.name)

    @app.cli.group
    def people():
        """People."""

    @people.command
    def count():
        click.echo(current_app.name)

    run = app.test_cli_runner().invoke
    assert run(args=["show"]).output == run(args=["people", "count"]).output == f"{app.name}\n"


def test_a_context_that_is_there_is_used(invoke):
    @click.command()
    @with_appcontext
    def show():
        click.echo(current_app.name)

    with Erlen("outer").app_context():
        assert invoke(show, obj=ScriptInfo(create_app=lambda: Erlen("inner"))).output == "outer\n"
    shown = invoke(show, obj=ScriptInfo(create_app=lambda: Erlen("inner")))
    assert shown.output == "inner\n"


def test_teardown_runs_when_the_command_has_ended():
    app = Erlen("teardown")
    events = []
    app.teardown_appcontext(lambda error: events.append("teardown"))
    app.cli.command("show")(lambda: events.append("command"))
    app.test_cli_runner().invoke(args=["show"])
    assert events == ["command", "teardown"]


def test_groups_nest_and_keep_the_context():
    app = Erlen("nested")

    @app.cli.group()
    def outer():
        pass

    @outer.command()
    def one():
        click.echo(f"one {current_app.name}")

    @outer.group(cls=click.Group)
    def plain():
        pass

    @plain.command()
    def two():
        click.echo(f"two {bool(current_app)}")

    runner = app.test_cli_runner()
    assert isinstance(outer, AppGroup)
    assert not isinstance(plain, AppGroup)
    assert runner.invoke(args=["outer", "one"]).output == "one nested\n"
    assert runner.invoke(args=["outer", "plain", "two"]).output == "two False\n"


def test_the_script_info_is_passed(invoke):
    @click.command()
    @pass_script_info
    def show(info):
        info.data["n"] = 1
        click.echo(f"{info.load_app().name} {info.data}")

    assert invoke(show, obj=ScriptInfo(create_app=lambda: Erlen("x"))).output == "x {'n': 1}\n"


# -- ErlenGroup --------------------------------------------------------------------------


def test_the_help_lists_the_commands_of_both(invoke):
    app = Erlen("listed")

    @app.cli.command("own")
    def own():
        """The words of a command."""

    shown = invoke(group(app), "--help")
    assert shown.exit_code == 0
    for name in ("run", "shell", "routes", "own", "--app", "--debug", "--env-file", "--version"):
        assert name in shown.output
    assert "The words of a command." in shown.output


def test_the_help_without_an_application_is_still_help(invoke):
    shown = invoke(cli, "--help")
    assert shown.exit_code == 0
    assert "routes" in shown.output
    assert "Could not locate" in shown.output


def test_the_help_of_an_application_that_fails_shows_the_trace(invoke):
    def fail():
        raise ZeroDivisionError("in the factory")

    shown = invoke(ErlenGroup(create_app=fail), "--help")
    assert shown.exit_code == 0
    assert "ZeroDivisionError: in the factory" in shown.output
    assert "routes" in shown.output


def test_a_command_of_an_application_that_is_missing(invoke):
    shown = invoke(cli, "own")
    assert shown.exit_code == 2
    assert "Could not locate" in shown.output
    assert "No such command 'own'" in shown.output


def test_a_command_of_the_application(invoke):
    app = Erlen("commands")

    @app.cli.command("hello")
    @click.argument("name")
    def hello(name):
        click.echo(f"Hello {name} {current_app.name}")

    assert invoke(group(app), "hello", "Ada").output == "Hello Ada commands\n"


def test_a_built_in_command_wins_over_one_of_the_application(invoke):
    app = Erlen("wins")
    app.cli.command("routes")(lambda: click.echo("mine"))
    assert "/static" in invoke(group(app), "routes").output


def test_a_group_without_the_built_in_commands(invoke):
    bare = group(add_default_commands=False, add_version_option=False)
    shown = invoke(bare, "--help").output
    assert "routes" not in shown
    assert "--version" not in shown


@pytest.mark.parametrize(("flag", "debug"), [("--debug", True), ("--no-debug", False)])
@pytest.mark.parametrize("before", ["0", "1"])
def test_the_debug_option(invoke, monkeypatch, flag, debug, before):
    monkeypatch.setenv("FLASK_DEBUG", before)
    app = Erlen("debug_option")
    app.cli.command("show")(lambda: click.echo(current_app.debug))
    assert invoke(group(app), flag, "show").output == f"{debug}\n"
    assert invoke(group(Erlen("x")), "routes").exit_code == 0


def test_the_app_option(invoke, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", sys.path[:])
    (tmp_path / "app_option.py").write_text(
        "from erlen import Erlen\nserver = Erlen('by option')\n"
    )
    monkeypatch.setattr(sys, "modules", dict(sys.modules))

    for args in (["--app", "app_option"], ["-A", "app_option:server"], ["--app=app_option.py"]):
        assert "/static/<path:filename>" in invoke(cli, *args, "routes").output
    for name in ("FLASK_APP", "ERLEN_APP"):
        monkeypatch.setenv(name, "app_option")
        assert "/static/<path:filename>" in invoke(cli, "routes").output
        monkeypatch.delenv(name)
        monkeypatch.delenv("FLASK_APP", raising=False)


@pytest.mark.parametrize(
    ("args", "debug"),
    [
        (["--debug"], True),
        (["--no-debug"], False),
        ([], False),
        (["--debug", "--app", "x.py"], True),
    ],
)
def test_run_takes_options_of_the_group(invoke, tmp_path, monkeypatch, args, debug):
    (tmp_path / "x.py").write_text("from erlen import Erlen\napp = Erlen('x')\n")
    monkeypatch.setattr(sys, "path", sys.path[:])
    monkeypatch.setattr(sys, "modules", dict(sys.modules))
    seen = []
    monkeypatch.setattr(development, "run_simple", lambda *args, **kwargs: seen.append(kwargs))
    first = [] if "--app" in args else ["--app", "x.py"]
    done = invoke(cli, *first, "run", *args)
    assert done.exit_code == 0, done.output
    assert f"Debug mode: {'on' if debug else 'off'}" in done.output
    assert [call["use_debugger"] for call in seen] == [debug]


def test_a_wrong_app_option(invoke):
    shown = invoke(cli, "--app", "not_there", "routes")
    assert shown.exit_code == 2
    assert "Could not import 'not_there'" in shown.output


def test_an_app_run_at_module_level_does_not_serve(invoke, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", sys.path[:])
    monkeypatch.setattr(sys, "modules", dict(sys.modules))
    (tmp_path / "runs.py").write_text("from erlen import Erlen\napp = Erlen('runs')\napp.run()\n")
    assert "/static" in invoke(cli, "--app", "runs", "routes").output


def test_commands_of_plug_ins(invoke, monkeypatch):
    @click.command()
    def loaded():
        click.echo(f"plug-in {bool(current_app)}")

    class Entry:
        name = "plugged"

        @staticmethod
        def load():
            return loaded

    def entry_points(*, group):
        return [Entry] if group == "flask.commands" else []

    monkeypatch.setattr(importlib.metadata, "entry_points", entry_points)
    made = group()
    assert "plugged" in invoke(made, "--help").output
    assert invoke(made, "plugged").output == "plug-in False\n"


# -- the commands of a blueprint -----------------------------------------------------------


@pytest.mark.parametrize(
    ("of_blueprint", "of_registration", "command"),
    [
        ({}, {}, ["part", "work"]),
        ({"cli_group": "own"}, {}, ["own", "work"]),
        ({"cli_group": None}, {}, ["work"]),
        ({"cli_group": "own"}, {"cli_group": "registered"}, ["registered", "work"]),
        ({"cli_group": "own"}, {"cli_group": None}, ["work"]),
    ],
)
def test_the_group_of_a_blueprint(of_blueprint, of_registration, command):
    app = Erlen("parts")
    part = Blueprint("part", __name__, **of_blueprint)
    part.cli.command("work")(lambda: click.echo(f"worked in {current_app.name}"))
    app.register_blueprint(part, **of_registration)
    assert app.test_cli_runner().invoke(args=command).output == "worked in parts\n"


def test_a_nested_blueprint_has_its_whole_name():
    app = Erlen("nested_parts")
    outer, inner = Blueprint("outer", __name__), Blueprint("inner", __name__)
    inner.cli.command("work")(lambda: click.echo("worked"))
    outer.register_blueprint(inner)
    app.register_blueprint(outer)
    assert app.test_cli_runner().invoke(args=["outer.inner", "work"]).output == "worked\n"
