"""An application that does not load is told by its own place, whatever the command."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

MISTAKES = {
    "syntax": (
        "x = 1\nTEXT = = 1\n",
        ['  File "{folder}/bad.py", line 2', "    TEXT = = 1", "SyntaxError: invalid syntax"],
    ),
    "import": (
        "x = 1\nimport no_such_module\n",
        [
            '  File "{folder}/bad.py", line 2, in <module>',
            "    import no_such_module",
            "ModuleNotFoundError: No module named 'no_such_module'",
        ],
    ),
    "any": (
        "def inner():\n    raise ValueError('wrong')\ninner()\n",
        ['  File "{folder}/bad.py", line 3, in <module>', "ValueError: wrong"],
    ),
    "factory": (
        "def create_app():\n    raise ValueError('wrong')\n",
        ['  File "{folder}/bad.py", line 2, in create_app', "ValueError: wrong"],
    ),
}
COMMANDS = {
    "run": ["run", "-p", "0", "bad.py"],
    "serve": ["serve", "-p", "0", "bad.py"],
    "routes": ["routes", "bad.py"],
    "shell": ["--app", "bad", "shell"],
    "its own": ["greet", "--app", "bad"],
    "help": ["--app", "bad", "--help"],
}


def run(folder, *arguments, script=("-m", "erlen")):
    env = {name: value for name, value in os.environ.items() if not name.startswith("FLASK_")}
    return subprocess.run(
        [sys.executable, *script, *arguments],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        stdin=subprocess.DEVNULL,
    )


def check(done, folder, lines):
    for line in lines:
        assert line.format(folder=folder) in done.stderr.splitlines(), done.stderr
    for words in ("erlen/", "click/", "importlib", "Usage"):
        assert words not in done.stderr


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("mistake", MISTAKES)
def test_the_place_is_shown_and_no_frame_of_ours(tmp_path, mistake, command):
    source, lines = MISTAKES[mistake]
    (tmp_path / "bad.py").write_text(source)
    done = run(tmp_path, *COMMANDS[command])
    assert bool(done.returncode) is (command != "help")
    check(done, tmp_path, lines)


def test_a_program_with_commands_of_its_own(tmp_path):
    (tmp_path / "bad.py").write_text("TEXT = = 1\n")
    (tmp_path / "manage.py").write_text(
        "from erlen.cli import ErlenGroup\n"
        "def create_app():\n"
        "    import bad\n"
        "ErlenGroup(create_app=create_app)()\n"
    )
    check(run(tmp_path, "routes", script=["manage.py"]), tmp_path, MISTAKES["syntax"][1][1:])


def test_what_a_command_raises_is_shown_whole(tmp_path):
    (tmp_path / "fine.py").write_text(
        "from erlen import Erlen\n"
        "app = Erlen('fine')\n"
        "@app.cli.command('fail')\n"
        "def fail():\n"
        "    raise ValueError('of the command')\n"
    )
    done = run(tmp_path, "fail", "--app", "fine")
    assert "Traceback" in done.stderr
    assert done.stderr.endswith("ValueError: of the command\n")
