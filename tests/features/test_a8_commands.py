"""FEATURES A8: the command line as a user types it, and debug mode."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

PROJECT = {
    "hello.py": (
        "import click\n"
        "from erlen import Erlen, current_app\n"
        "app = Erlen(__name__)\n"
        "app.config.from_prefixed_env('SHOP')\n"
        "@app.get('/user/<name>')\n"
        "def user(name): return name\n"
        "@app.cli.command()\n"
        "@click.argument('name')\n"
        "def greet(name):\n"
        "    'Greet somebody.'\n"
        "    click.echo(f'Hello {name} from {current_app.name}')\n"
        "@app.cli.command()\n"
        "def show():\n"
        "    click.echo(f'{app.debug} {app.config.get(\"TITLE\")}')\n"
        "@app.shell_context_processor\n"
        "def names():\n"
        "    return {'answer': 42}\n"
    ),
    "factory.py": (
        "from erlen import Erlen\n"
        "def create_app(name='made'):\n"
        "    app = Erlen(name)\n"
        "    app.cli.command('name')(lambda: print(app.name))\n"
        "    return app\n"
    ),
}


@pytest.fixture
def erlen(tmp_path):
    """Runs ``erlen`` in a folder with two applications."""
    for name, text in PROJECT.items():
        (tmp_path / name).write_text(text)

    def run(*args, env=None, input=None):
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("FLASK_", "ERLEN_"))}
        return subprocess.run(
            [sys.executable, "-m", "erlen", *args],
            cwd=tmp_path,
            env={**kept, **(env or {})},
            input=input,
            capture_output=True,
            text=True,
            timeout=60,
        )

    run.folder = tmp_path
    return run


@pytest.fixture
def interface():
    """The command line has none: each test runs once."""


@pytest.mark.parametrize(
    ("args", "env"),
    [
        (["--app", "hello"], {}),
        (["--app", "hello.py"], {}),
        (["-A", "hello:app"], {}),
        ([], {"FLASK_APP": "hello"}),
        ([], {"ERLEN_APP": "hello:app"}),
    ],
)
def test_an_own_command(erlen, args, env):
    shown = erlen(*args, "greet", "Ada", env=env)
    assert (shown.returncode, shown.stdout) == (0, "Hello Ada from hello\n"), shown.stderr


@pytest.mark.parametrize(
    ("app", "name"),
    [("factory", "made"), ("factory:create_app", "made"), ("factory:create_app('own')", "own")],
)
def test_a_factory(erlen, app, name):
    assert erlen("--app", app, "name").stdout == f"{name}\n"


def test_the_help_lists_own_commands(erlen):
    shown = erlen("--app", "hello", "--help").stdout
    assert "greet" in shown and "Greet somebody." in shown
    assert all(name in shown for name in ("run", "serve", "shell", "routes"))


def test_the_shell(erlen):
    shown = erlen("--app", "hello", "shell", input="print(app.name, answer * 2, g)\n")
    assert "hello 84 <erlen.g of 'hello'>" in shown.stdout, shown.stderr
    assert "App: hello" in shown.stderr + shown.stdout


def test_the_routes(erlen):
    lines = erlen("--app", "hello", "routes").stdout.splitlines()
    assert ["user", "GET", "/user/<name>"] in [line.split()[:3] for line in lines]


def test_env_files(erlen):
    pytest.importorskip("dotenv")
    (erlen.folder / ".flaskenv").write_text("FLASK_APP=hello\nSHOP_TITLE=of flaskenv\n")
    assert erlen("show").stdout == "False of flaskenv\n"
    (erlen.folder / ".env").write_text("SHOP_TITLE=of env\nFLASK_DEBUG=1\n")
    assert erlen("show").stdout == "True of env\n"
    assert erlen("show", env={"SHOP_TITLE": "set"}).stdout == "True set\n"
    assert erlen("--no-debug", "show").stdout == "False of env\n"


@pytest.mark.parametrize(
    ("args", "env", "debug"),
    [
        (["--debug"], {}, True),
        ([], {"FLASK_DEBUG": "1"}, True),
        ([], {"ERLEN_DEBUG": "true"}, True),
        ([], {"FLASK_DEBUG": "0"}, False),
        (["--no-debug"], {"FLASK_DEBUG": "1"}, False),
        ([], {}, False),
    ],
)
def test_debug_mode(erlen, args, env, debug):
    assert erlen("--app", "hello", *args, "show", env=env).stdout == f"{debug} None\n"


def test_a_mistake_in_the_application_shows_its_trace(erlen):
    (erlen.folder / "broken.py").write_text("import nowhere_to_be_found\n")
    shown = erlen("--app", "broken", "routes")
    assert shown.returncode != 0
    assert "nowhere_to_be_found" in shown.stderr
    assert "broken.py" in shown.stderr


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--app", "nowhere", "routes"], "Could not import 'nowhere'"),
        (["--app", "hello:nothing", "routes"], "Failed to find attribute 'nothing'"),
        (["--app", "hello", "nothing"], "No such command 'nothing'"),
        (["routes"], "--app"),
    ],
)
def test_a_mistake_on_the_command_line_is_told(erlen, args, words):
    shown = erlen(*args)
    assert shown.returncode == 2
    assert words in shown.stderr
    assert "Traceback" not in shown.stderr


def test_the_version(erlen):
    assert "Erlen" in erlen("--version").stdout
