"""Flask-Script's names, through the module ``flask_script``."""

from __future__ import annotations

import subprocess
import sys
import types

import click
import pytest

from erlen import Erlen, current_app, request
from erlen.cli import with_appcontext
from erlen.compat.flask_script import (
    Clean,
    Command,
    Group,
    InvalidCommand,
    Manager,
    Option,
    Server,
    Shell,
    ShowUrls,
    prompt,
    prompt_bool,
    prompt_choices,
    prompt_pass,
)


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


def test_a_click_command_reads_its_own_options(app, run, capsys):
    @click.command(help="Of Click.")
    @click.option("--name")
    @with_appcontext
    def own(name):
        click.echo(f"{name} {current_app.name}")

    manager = Manager(app)
    manager.add_command("own", own)
    assert run(manager, "own", "--name", "x") == 0
    assert capsys.readouterr().out == "x scripted\n"
    run(manager, "--help")
    assert "Of Click." in capsys.readouterr().out


def test_the_shell_has_the_names_of_its_context(app, run, monkeypatch):
    shells = []
    monkeypatch.setattr(
        "code.interact", lambda banner, local: shells.append((banner, sorted(local)))
    )
    manager = Manager(app)
    off = ["--no-ipython", "--no-bpython", "--no-ptpython", "--no-ptipython"]
    assert run(manager, "shell", *off) == 0

    @manager.shell
    def context():
        return {"added": current_app.name}

    assert run(manager, "shell", *off) == 0
    manager.add_command("mine", Shell("Welcome", lambda: {"x": 1}, use_ipython=False))
    assert run(manager, "mine", *off[1:]) == 0
    assert shells == [("", ["app", "g"]), ("", ["added"]), ("Welcome", ["x"])]


def test_another_shell_is_taken_where_it_is_installed(app, run, monkeypatch):
    started = []
    other = types.ModuleType("bpython")
    other.embed = lambda **options: started.append(options)
    for name in ("ptpython.ipython", "ptpython.repl"):
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setitem(sys.modules, "bpython", other)
    manager = Manager(app)
    manager.add_command("shell", Shell(make_context=lambda: {"x": 1}))
    assert run(manager, "shell") == 0
    assert started == [{"banner": "", "locals_": {"x": 1}}]


def test_a_command_of_a_class(app, run, capsys):
    class Greet(Command):
        """Greet somebody.

        Twice, if it must be.
        """

        option_list = (
            Option("name"),
            Group(Option("--times", type=int, default=1), title="how", description="How often."),
        )

        def run(self, name, times):
            print(f"hello {name} {times} {request.path} {current_app.name}")
            return 3

    manager = Manager(app)
    manager.add_command("greet", Greet)
    assert run(manager, "greet", "Ada", "--times", "2") == 3
    assert capsys.readouterr().out == "hello Ada 2 / scripted\n"
    run(manager, "greet", "-?")
    shown = capsys.readouterr().out
    assert "Twice, if it must be." in shown
    assert "How often." in shown
    run(manager, "--help")
    shown = capsys.readouterr().out
    assert "Greet somebody." in shown
    assert "Twice" not in shown


def test_a_command_has_the_name_of_its_class_if_no_other(app, run, capsys):
    class Named(Command):
        def run(self):
            print("ran")

    for how in (Named, Named()):
        manager = Manager(app)
        manager.add_command(how)
        assert run(manager, "named") == 0
    assert capsys.readouterr().out == "ran\nran\n"


def test_an_async_command_is_waited_for(app, run, capsys):
    manager = Manager(app)

    @manager.command
    async def wait():
        print(current_app.name)

    assert run(manager, "wait") == 0
    assert capsys.readouterr().out == "scripted\n"


def test_options_that_exclude_each_other(app, run, capsys):
    class Pick(Command):
        option_list = (
            Group(
                Option("-a", action="store_true"),
                Option("-b", action="store_true"),
                exclusive=True,
                required=True,
            ),
        )

        def run(self, a, b):
            print(a, b)

    manager = Manager(app)
    manager.add_command("pick", Pick())
    assert run(manager, "pick", "-b") == 0
    assert capsys.readouterr().out == "False True\n"
    assert run(manager, "pick", "-a", "-b") == 2
    assert run(manager, "pick") == 2
    for wrong in ({"title": "x", "exclusive": True}, {"required": True}):
        with pytest.raises(TypeError):
            Group(**wrong)


def test_a_command_may_take_all_that_is_left(app, run, capsys):
    class Pass(Command):
        capture_all_args = True

        def run(self, others):
            print(others)

    manager = Manager(app)
    manager.add_command("pass", Pass())
    assert run(manager, "pass", "--x", "1", "y") == 0
    assert capsys.readouterr().out == "['--x', '1', 'y']\n"
    manager.command(lambda_named("show"))
    assert run(manager, "show", "--x") == 2
    assert "unrecognized arguments: --x" in capsys.readouterr().err


def test_options_in_front_of_the_command_make_the_application(run, capsys):
    def create(config=None):
        return Erlen(f"made by {config}")

    manager = Manager(create)
    manager.add_option("-c", "--config", dest="config", default="default")
    manager.command(lambda_named("show"))
    assert run(manager, "show") == 0
    assert run(manager, "-c", "test", "show") == 0
    assert capsys.readouterr().out == "made by default\nmade by test\n"


def test_a_manager_below_another_has_its_application(app, run, capsys):
    below = Manager(usage="Look after the database.")
    below.command(lambda_named("create"))
    manager = Manager(app)
    manager.add_command("database", below)
    assert run(manager, "database", "create") == 0
    assert capsys.readouterr().out == "scripted\n"
    run(manager, "--help")
    assert "Look after the database." in capsys.readouterr().out
    assert run(manager, "database") == 2
    # The usual commands are those of the manager that is run.
    assert "a command is needed: create\n" in capsys.readouterr().err
    with pytest.raises(TypeError, match="needs the application"):
        Manager().create_app()


def test_an_invalid_command_is_told_without_a_traceback(app, run, capsys):
    manager = Manager(app)

    @manager.command
    def refuse():
        raise InvalidCommand("not now")

    assert run(manager, "refuse") == 1
    assert capsys.readouterr().err == "not now\n"


def test_a_default_command_and_commands_of_run(app, monkeypatch, capsys):
    manager = Manager(app, with_default_commands=False)
    monkeypatch.setattr(sys, "argv", ["manage.py"])
    show = Command(lambda_named("show"))
    with pytest.raises(SystemExit) as ended:
        manager.run({"show": show}, default_command="show")
    assert ended.value.code == 0
    assert capsys.readouterr().out == "scripted\n"
    assert list(manager._commands) == ["show"]
    assert manager.handle("manage.py", ["show"]) is None


def test_parameters_keep_the_types_of_their_defaults(app, run, capsys):
    manager = Manager(app)

    @manager.command
    def show(how_many=1, off=True, name=None):
        print(repr((how_many, off, name)))

    assert run(manager, "show", "--how-many", "2", "--off", "-n", "x") == 0
    assert run(manager, "show", "--how_many", "3") == 0
    assert capsys.readouterr().out == "(2, False, 'x')\n(3, True, None)\n"


def test_the_server_has_the_options_of_the_program(app, run, monkeypatch):
    calls = []
    monkeypatch.setattr(
        type(app), "run", lambda self, *args, **kwargs: calls.append((args, kwargs))
    )
    manager = Manager(app)
    server = Server(port=99, use_debugger=True, use_reloader=False, extra_files=["x"])
    manager.add_command("runserver", server)
    assert run(manager, "runserver", "--no-threaded", "--ssl-crt", "c", "--ssl-key", "k") == 0
    assert run(manager, "runserver", "-D", "--processes", "2", "--passthrough-errors") == 0
    assert calls == [
        (
            ("127.0.0.1", 99, True),
            {
                "use_reloader": False,
                "threaded": False,
                "extra_files": ["x"],
                "ssl_context": ("c", "k"),
            },
        ),
        (
            ("127.0.0.1", 99, False),
            {
                "use_reloader": False,
                "threaded": True,
                "extra_files": ["x"],
                "processes": 2,
                "passthrough_errors": True,
            },
        ),
    ]


def test_rules_are_shown(app, run, capsys):
    app.add_url_rule("/item/<int:number>", "item", lambda number: "")
    manager = Manager(app)
    manager.add_command("urls", ShowUrls())
    assert run(manager, "urls") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split() for line in lines[2:]] == [
        ["/item/<int:number>", "item"],
        ["/static/<path:filename>", "static"],
    ]
    assert run(manager, "urls", "/item/3") == 0
    assert capsys.readouterr().out.splitlines()[-1] == "/item/<int:number>  item      {'number': 3}"
    assert run(manager, "urls", "/none") == 0
    assert "<Not Found>" in capsys.readouterr().out


def test_compiled_files_are_removed(app, run, tmp_path, monkeypatch):
    (tmp_path / "below").mkdir()
    kept, gone = tmp_path / "a.py", [tmp_path / "a.pyc", tmp_path / "below/b.pyo"]
    for path in (kept, *gone):
        path.write_text("")
    monkeypatch.chdir(tmp_path)
    manager = Manager(app)
    manager.add_command(Clean())
    assert run(manager, "clean") == 0
    assert kept.exists()
    assert not any(path.exists() for path in gone)


@pytest.fixture
def answers(monkeypatch):
    """What the person at the terminal answers, and what was asked."""
    asked = []

    def give(*lines):
        left = list(lines)

        def read(question):
            asked.append(question)
            return left.pop(0)

        monkeypatch.setattr("builtins.input", read)
        monkeypatch.setattr("erlen.compat.flask_script.prompts.getpass", read)
        return asked

    return give


def test_questions(answers):
    asked = answers("", "Ada", "", "secret")
    assert prompt("Name") == "Ada"
    assert prompt("Name", "Bob") == "Bob"
    assert prompt_pass("Password") == "secret"
    assert asked == ["Name: ", "Name: ", "Name [Bob]: ", "Password: "]


def test_yes_or_no(answers):
    asked = answers("", "", "maybe", "YES", "nein")
    assert prompt_bool("Sure") is False
    assert prompt_bool("Sure?", True) is True
    assert prompt_bool("Sure") is True
    assert prompt_bool("Sure", yes_choices=["ja"], no_choices=["nein"]) is False
    assert asked == [
        "Sure? [n] ", "Sure? [y] ", "Sure? [n] ", "Sure? [n] ", "Sure? [nein] ",
    ]  # fmt: skip


def test_one_of_several(answers):
    asked = answers("x", "RED", "none", "", "1")
    assert prompt_choices("Colour", ["red", "blue"]) == "red"
    assert prompt_choices("Colour", ["red", "blue"]) is None
    assert prompt_choices("Colour", ["red", "blue"], "blue") == "blue"
    assert prompt_choices("Number", [("1", "one"), ("2", "two")]) == "1"
    assert asked[0] == "Colour - (red, blue): "
    assert asked[-2:] == ["Colour - (red, blue) [blue]: ", "Number - (one, two): "]


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
    assert "invalid choice: 'none'" in capsys.readouterr().err


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
            [sys.executable, "-m", "erlen.compat", "--flask-script", "hello.py", *args],
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
