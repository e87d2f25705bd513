"""Ctrl-C while the command imports Erlen and what it stands on: it ends at once, without a word."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import sysconfig
import termios
import time
from pathlib import Path

import pytest

from erlen.workers.interrupts import is_command

pty = pytest.importorskip("pty")

# Python imports it before everything else: a module that is named never comes to its end.
SITE = """
import os, sys, time

class Slow:
    def find_spec(self, name, path=None, target=None):
        if name == os.environ["SLOW"]:
            print("importing", flush=True)
            time.sleep(60)

sys.meta_path.insert(0, Slow())
"""
SCRIPT = Path(sysconfig.get_path("scripts"), "erlen")
COMMANDS = [["-m", "erlen"], [str(SCRIPT)]]
# From the first to what the command alone wants.
MODULES = ["erlen.json", "blinker", "erlen.app", "erlen.cli", "click", "erlen.cli.version"]


def interrupted(folder, command, module, **env):
    """Press Ctrl-C on a terminal while a module is imported.

    :return: the status and what the terminal shows
    """
    (folder / "sitecustomize.py").write_text(SITE)
    paths = [str(folder), *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, *command],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=folder,
        start_new_session=True,
        # What a terminal interrupts is the group in front of it.
        preexec_fn=lambda: (
            fcntl.ioctl(0, termios.TIOCSCTTY, 0),
            signal.signal(signal.SIGINT, signal.SIG_DFL),
        ),
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), "SLOW": module, **env},
    )
    os.close(theirs)
    text = b""
    try:
        while b"importing" not in text:
            text += os.read(ours, 4096)
        os.write(ours, b"\x03")
        began = time.monotonic()
        status = process.wait(30)
        assert time.monotonic() - began < 5
        # Linux tells the end by an error.
        with contextlib.suppress(OSError):
            while data := os.read(ours, 4096):
                text += data
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    return status, " ".join(text.decode().replace("^C", "\n").split())


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("command", COMMANDS, ids=["-m", "script"])
@pytest.mark.skipif(not SCRIPT.exists(), reason="the command is not installed")
def test_an_import_is_interrupted_without_a_word(tmp_path, command, module):
    # Shells tell it by the status 130.
    assert interrupted(tmp_path, [*command, "serve"], module) == (-signal.SIGINT, "importing")


def test_commands_are_interrupted_as_before(tmp_path):
    (tmp_path / "app.py").write_text(
        "from erlen import Erlen\n"
        "app = Erlen('app')\n"
        "@app.cli.command\n"
        "def wait():\n"
        "    try:\n"
        "        import slow\n"
        "    except KeyboardInterrupt:\n"
        "        print('caught')\n"
    )
    status, text = interrupted(tmp_path, ["-m", "erlen", "wait"], "slow")
    assert (status, text) == (0, "importing caught")


def test_a_program_that_imports_erlen_is_interrupted_as_python_does(tmp_path):
    (tmp_path / "program.py").write_text(
        "try:\n    import erlen\nexcept KeyboardInterrupt:\n    print('caught')\n"
    )
    status, text = interrupted(tmp_path, ["program.py"], "erlen.app")
    assert (status, text) == (0, "importing caught")


@pytest.mark.parametrize(
    ("arguments", "program", "is_ours"),
    [
        (["python", "/venv/bin/erlen", "run"], "/venv/bin/erlen", True),
        (["python", "-X", "dev", "/venv/bin/erlen"], "/venv/bin/erlen", True),
        (["python", "-m", "erlen", "run"], "-m", True),
        (["python", "-W", "error", "-m", "erlen"], "-m", True),
        (["python", "-m", "erlen.compat", "app.py"], "-m", False),
        (["python", "-m", "shop", "erlen"], "-m", False),
        (["python", "-m"], "-m", False),
        (["python", "app.py", "/venv/bin/erlen"], "app.py", False),
        (["python"], "", False),
        # What multiprocessing starts has the program of its parent.
        (["python", "-c", "from multiprocessing.spawn import …"], "/venv/bin/erlen", False),
    ],
)
def test_the_command_alone_is_meant(arguments, program, is_ours):
    assert is_command(arguments, program) is is_ours
