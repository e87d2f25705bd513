"""Flask-Script's names, through the module ``flask_script``."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest

from erlen import Erlen, current_app
from erlen.cli.script import Manager


@pytest.fixture
def app():
    return Erlen("scripted")


@pytest.fixture
def run(monkeypatch):
    """Runs a manager on a command line, and returns what it leaves with."""

    def call(manager, *args):
        monkeypatch.setattr(sys, "argv", ["manage.py", *args])
        with pytest.raises(SystemExit) as ended:
            manager.run()
        return ended.value.code

    return call


def test_a_command_has_the_application(app, run, capsys):
    manager = Manager(app)

    @manager.command
    def hello():
        """Say hello."""
        print(f"hello from {current_app.name}")

    assert run(manager, "hello") == 0
    assert capsys.readouterr().out == "hello from scripted\n"
    assert hello.__name__ == "hello"
    assert run(manager, "--help") == 0
    assert "Say hello." in capsys.readouterr().out


def test_parameters_become_arguments_and_options(app, run, capsys):
    manager = Manager(app)

    @manager.command
    def add(first, second, sign="+", loud=False, times=1):
        for _ in range(times):
            print(f"{first}{sign}{second}{'!' if loud else ''}")

    assert run(manager, "add", "1", "2") == 0
    assert run(manager, "add", "--sign", "-", "--loud", "1", "2") == 0
    assert run(manager, "add", "-s", "x", "-t", "2", "1", "2") == 0
    assert capsys.readouterr().out == "1+2\n1-2!\n1x2\n1x2\n"
    assert run(manager, "add", "1") == 2


def test_options(app, run, capsys):
    manager = Manager(app)

    @manager.option("-n", "--name", dest="name", default="World", help="Whom to greet.")
    @manager.option("-u", "--url", dest="target", default=None)
    def hello(name, target):
        print(name, target)

    assert run(manager, "hello") == 0
    assert run(manager, "hello", "-n", "Ada", "--url", "x") == 0
    assert capsys.readouterr().out == "World None\nAda x\n"
    run(manager, "hello", "--help")
    assert "Whom to greet." in capsys.readouterr().out


def test_a_factory_makes_the_application_when_it_is_needed(run, capsys):
    made = []

    def create():
        made.append(Erlen("made"))
        return made[-1]

    manager = Manager(create)
    manager.command(lambda_named("show"))
    assert made == []
    assert run(manager, "show") == 0
    assert capsys.readouterr().out == "made\n"


def lambda_named(name):
    def function():
        print(current_app.name)

    function.__name__ = name
    return function


def test_a_click_command_and_the_shell_context(app, run, capsys):
    manager = Manager(app)
    manager.add_command("own", click.Command("x", callback=lambda: click.echo("own")))

    @manager.shell
    def context():
        return {"added": 1}

    assert run(manager, "own") == 0
    assert capsys.readouterr().out == "own\n"
    with app.app_context():
        assert app.make_shell_context()["added"] == 1


def test_runserver_starts_the_application(app, run, monkeypatch):
    calls = []
    monkeypatch.setattr(
        type(app), "run", lambda self, *args, **kwargs: calls.append((args, kwargs))
    )
    manager = Manager(app)
    assert run(manager, "runserver") == 0
    assert run(manager, "runserver", "-h", "0.0.0.0", "-p", "8000", "-d", "-r") == 0
    assert calls == [
        (("127.0.0.1", 5000, False), {"use_reloader": False, "threaded": True}),
        (("0.0.0.0", 8000, True), {"use_reloader": True, "threaded": True}),
    ]


def test_an_unknown_command_is_told(app, run, capsys):
    assert run(Manager(app), "none") == 2
    assert "No such command 'none'" in capsys.readouterr().err


def test_a_program_of_a_course(tmp_path):
    (tmp_path / "hello.py").write_text(
        "from flask import Flask\n"
        "from flask_script import Manager\n"
        "app = Flask(__name__)\n"
        "manager = Manager(app)\n"
        "@manager.command\n"
        "def initdb():\n"
        "    'Make the tables.'\n"
        "    print('made')\n"
        "if __name__ == '__main__':\n"
        "    manager.run()\n"
    )

    def program(*args):
        return subprocess.run(
            [sys.executable, "-m", "erlen.compat", "hello.py", *args],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
        )

    assert program("initdb").stdout == "made\n"
    listed = program("--help").stdout
    for name in ("runserver", "shell", "initdb", "Make the tables."):
        assert name in listed
    usage = program("runserver", "--help").stdout
    for option in ("--host", "--port", "--debug", "--reload", "--threaded"):
        assert option in usage
