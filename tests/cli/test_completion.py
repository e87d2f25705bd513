"""A shell completes what ``erlen`` takes, with the scripts that the documentation names."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest

SOURCE = """
import click
from erlen import Erlen

print("said while it is imported")
app = Erlen("app")

@app.cli.command("greet")
@click.option("--loudly", is_flag=True)
def greet(loudly):
    pass
"""


@pytest.fixture
def folder(tmp_path):
    """A folder with an application, and ``erlen`` in the path."""
    (tmp_path / "app.py").write_text(SOURCE)
    (tmp_path / "broken.py").write_text("TEXT = = 1\n")
    commands = tmp_path / "bin"
    commands.mkdir()
    erlen = commands / "erlen"
    erlen.write_text(f'#!/bin/sh\nexec {sys.executable} -m erlen "$@"\n')
    erlen.chmod(0o755)
    return tmp_path


def run(folder, *command, **env):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FLASK_")}
    return subprocess.run(
        command,
        cwd=folder,
        env={**kept, "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}", **env},
        capture_output=True,
        text=True,
        timeout=60,
    )


def complete(folder, shell, words):
    """What the shell is told for a line, the last word of which is being written."""
    incomplete = words.split(" ")[-1]
    if shell == "fish":
        env = {"COMP_WORDS": words, "COMP_CWORD": incomplete}
    else:
        env = {"COMP_WORDS": words, "COMP_CWORD": str(len(words.split(" ")) - 1)}
    return run(folder, "erlen", _ERLEN_COMPLETE=f"{shell}_complete", **env)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("erlen ro", "routes"),
        ("erlen ser", "serve"),
        ("erlen run --no-re", "--no-reload"),
        ("erlen routes --met", "--method"),
        ("erlen gre", "greet"),
        ("erlen greet --lou", "--loudly"),
        ("erlen --app app gre", "greet"),
        ("erlen greet --app app --lou", "--loudly"),
        ("erlen run app.py --no-deb", "--no-debugger"),
    ],
)
def test_what_is_completed(folder, shell, words, found):
    done = complete(folder, shell, words)
    assert found in done.stdout
    assert done.stderr == ""
    assert "said while" not in done.stdout


@pytest.mark.parametrize("words", ["erlen run ap", "erlen --app ap", "erlen serve --app ap"])
def test_the_shell_looks_for_files_where_an_application_is_named(folder, words):
    assert complete(folder, "bash", words).stdout == "file,ap\n"


@pytest.mark.parametrize("words", ["erlen --app broken ro", "erlen --app nowhere ro"])
def test_an_application_that_fails_does_not_disturb(folder, words):
    done = complete(folder, "bash", words)
    assert done.stdout == "plain,routes\n"
    assert done.stderr == ""


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_script_is_one_that_its_shell_takes(folder, shell):
    script = run(folder, "erlen", _ERLEN_COMPLETE=f"{shell}_source").stdout
    assert f"_ERLEN_COMPLETE={shell}_complete" in script
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    assert run(folder, shell, "-n", "-c" if shell != "zsh" else "-fc", script).returncode == 0


LINES = {
    "bash": (
        'eval "$(_ERLEN_COMPLETE=bash_source erlen)"\n'
        "COMP_WORDS=(erlen gre); COMP_CWORD=1; _erlen_completion erlen; "
        'echo "${COMPREPLY[@]}"'
    ),
    "fish": "_ERLEN_COMPLETE=fish_source erlen | source\ncomplete -C 'erlen gre'",
    # What completes a line there needs a terminal; this is what it calls.
    "zsh": (
        "autoload -Uz compinit && compinit -u -D\n"
        'eval "$(_ERLEN_COMPLETE=zsh_source erlen)"\n'
        "_describe() { print -r -- ${(P)4} ${(P)2} }\ncompadd() { print -r -- ${(P)5} }\n"
        "words=(erlen gre); CURRENT=2; _erlen_completion"
    ),
}


@pytest.mark.parametrize("shell", LINES)
def test_a_line_is_completed_in_the_shell(folder, shell):
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    done = run(folder, shell, *(["-f"] if shell == "zsh" else []), "-c", LINES[shell])
    assert "greet" in done.stdout.split(), done
