"""Colours on a real terminal, and nowhere else unless somebody wants them."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import subprocess
import sys
import threading
import time
from http.client import HTTPConnection

import pytest
from servers import free_port

pty = pytest.importorskip("pty")

SOURCE = """
from erlen import Erlen, redirect

app = Erlen("app")

@app.route("/")
def index():
    return "hello"

@app.route("/away")
def away():
    return redirect("/")

@app.route("/fails")
def fails():
    raise ValueError("wrong")
"""
SOCKET = """
@app.websocket("/socket")
async def socket(): ...
"""
ESCAPE = re.compile(r"\x1b\[[\d;]+m")


class Screen:
    """``erlen run`` on a pseudo-terminal, and what it writes there."""

    def __init__(self, folder, *arguments, **env):
        self.text = ""
        self.port = free_port()
        kept = {
            name: value
            for name, value in os.environ.items()
            if name not in ("NO_COLOR", "FORCE_COLOR", "TERM")
        }
        ours, theirs = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "erlen", "run", *arguments, "-p", str(self.port)],
            cwd=folder,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            env={**kept, "TERM": "xterm", **env},
        )
        os.close(theirs)
        self._ours = ours
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self):
        # Linux tells the end by an error.
        with contextlib.suppress(OSError):
            while data := os.read(self._ours, 4096):
                self.text += data.decode()

    def wait_for(self, text):
        end = time.monotonic() + 60
        while text not in ESCAPE.sub("", self.text):
            assert time.monotonic() < end, self.text
            time.sleep(0.05)

    def ask(self, path):
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("GET", path)
        connection.getresponse().read()
        connection.close()
        self.wait_for(f"GET {path} ")

    def line(self, part):
        (line,) = [line for line in self.text.splitlines() if part in line]
        return line

    def close(self):
        self.process.terminate()
        self.process.wait(30)
        self._reader.join(30)
        os.close(self._ours)


@pytest.fixture
def screen(tmp_path):
    opened = []

    def start(*arguments, source=SOURCE, **env):
        (tmp_path / "app.py").write_text(source)
        opened.append(Screen(tmp_path, *arguments, **env))
        return opened[-1]

    yield start
    for each in opened:
        each.close()


@pytest.mark.parametrize("source", [SOURCE, SOURCE + SOCKET], ids=["WSGI", "ASGI"])
def test_a_terminal_has_colours(screen, source):
    shown = screen("app.py", "--debug", source=source)
    shown.wait_for("Press CTRL+C")
    for path in ("/", "/away", "/nothing", "/fails"):
        shown.ask(path)
    assert "\x1b[1;31mWARNING" in shown.text
    assert f"\x1b[32m * Running on http://127.0.0.1:{shown.port}" in shown.text
    assert "\x1b[" not in shown.line('"GET / HTTP/1.1" 200')
    assert shown.line('"GET /away HTTP/1.1" 302').startswith("\x1b[36m")
    assert shown.line('"GET /nothing HTTP/1.1" 404').startswith("\x1b[33m")
    assert shown.line('"GET /fails HTTP/1.1" 500').startswith("\x1b[31m")


@pytest.mark.parametrize("env", [{"NO_COLOR": "1"}, {"TERM": "dumb"}], ids=["NO_COLOR", "dumb"])
def test_nobody_who_says_no_has_them(screen, env):
    shown = screen("app.py", **env)
    shown.wait_for("Press CTRL+C")
    shown.ask("/nothing")
    assert "\x1b[" not in shown.text


@pytest.mark.parametrize(("env", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_a_mistake_is_red(screen, env, coloured):
    shown = screen("app.py", "--debug", source="1/0", **env)
    shown.wait_for("did not load")
    assert ("\x1b[31m * The application did not load" in shown.text) is coloured


@pytest.mark.parametrize(("env", "coloured"), [({}, False), ({"FORCE_COLOR": "1"}, True)])
def test_a_file_has_them_where_they_are_forced(tmp_path, env, coloured):
    kept = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR")}
    (tmp_path / "app.py").write_text(SOURCE)
    port = str(free_port())
    with subprocess.Popen(
        [sys.executable, "-m", "erlen", "run", "app.py", "-p", port],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        env={**kept, **env},
    ) as process:
        line = process.stderr.readline()
        process.terminate()
    assert "WARNING" in line
    assert ("\x1b[" in line) is coloured


def test_no_path_colours_the_terminal(screen):
    """A request cannot write what the terminal takes for a colour."""
    shown = screen("app.py", TERM="dumb")
    shown.wait_for("Press CTRL+C")
    with socket.create_connection(("127.0.0.1", shown.port), 30) as connection:
        connection.sendall(b"GET /\x1b[31mred HTTP/1.1\r\nHost: x\r\n\r\n")
        connection.recv(1000)
    shown.wait_for("[31mred")
    assert "\x1b[" not in shown.text
