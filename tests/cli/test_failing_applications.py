"""An application that does not load is told by its own place, whatever the command."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from erlen.app.failures import describe_failure, format_failure

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
    "refused": (
        "from erlen import Erlen\napp = Erlen('bad')\napp.add_url_rule('no-slash', 'x')\n",
        [
            '  File "{folder}/bad.py", line 3, in <module>',
            "ValueError: URL rule 'no-slash' must start with a slash.",
        ],
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


@pytest.mark.parametrize("command", [name for name in COMMANDS if name != "help"])
def test_what_an_application_says_when_it_exits_is_told(tmp_path, command):
    (tmp_path / "bad.py").write_text("import sys\nsys.exit('No database.')\n")
    done = run(tmp_path, *COMMANDS[command])
    assert done.returncode == 1
    assert done.stderr.splitlines().count("No database.") == 1


@pytest.mark.parametrize("command", COMMANDS)
def test_an_application_of_flask_is_told_how_it_is_started(tmp_path, command):
    # As where it is not installed.
    source = "import sys\nsys.modules['flask'] = None\nfrom flask import Flask\n"
    (tmp_path / "bad.py").write_text(source)
    done = run(tmp_path, *COMMANDS[command])
    assert f'  File "{tmp_path}/bad.py", line 3, in <module>' in done.stderr.splitlines()
    assert done.stderr.count("erlen --flask --app") == 1


def test_frames_of_erlen_are_kept_where_it_stumbles_itself(tmp_path):
    source = "from erlen import Erlen\napp = Erlen('bad')\napp.url_map.add(None)\n"
    (tmp_path / "bad.py").write_text(source)
    done = run(tmp_path, "routes", "bad.py")
    assert "AttributeError" in done.stderr
    assert "erlen/routing/" in done.stderr.replace("\\", "/")


@pytest.mark.parametrize("kind", ["a note", "Flask"])
def test_the_line_of_the_reloader_is_the_error_and_not_a_note_of_it(kind):
    error = ModuleNotFoundError("wrong", name="flask")
    if kind == "a note":
        error.add_note("of two\nlines")
    assert format_failure(error).count("\n") > 2
    assert describe_failure(error) == "ModuleNotFoundError: wrong"


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
