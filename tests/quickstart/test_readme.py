"""The README's first section, word by word, in a fresh clone with an empty home: the first ten
minutes of a stranger."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest
from servers import free_port

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
HELLO = README[README.index("## Hello") : README.index("## What you get")]
[PROGRAM] = re.findall(r"^```python\n(.*?)^```$", HELLO, re.MULTILINE | re.DOTALL)
MAKE_PLACE, INSTALL, RUN, SERVE, SERVE_FLASK, RUN_FLASK = re.findall(
    r"^\$ (.*)$", HELLO, re.MULTILINE
)
SECONDS = 60

# What somebody has already.
FLASK_APPLICATION = """
import os

from flask import Flask

app = Flask(__name__)

@app.route("/")
def index():
    return f"{Flask.__module__} in {__file__}"

if __name__ == "__main__":
    app.run(port=int(os.environ["ERLEN_RUN_PORT"]))
"""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the README's shell is POSIX's")


class Stranger:
    """Who types the commands of the README into a shell."""

    def __init__(self, clone: Path, home: Path) -> None:
        self.clone = clone
        # Where packages come from is the machine's affair.
        kept = {k: v for k, v in os.environ.items() if k.startswith(("PIP_", "SSL_", "PATH"))}
        config = Path.home() / ".config/pip/pip.conf"
        if config.exists():
            kept.setdefault("PIP_CONFIG_FILE", str(config))
        self.environ = {**kept, "HOME": str(home), "PYTHONUNBUFFERED": "1"}
        # The first one of that name is the one that runs the tests.
        self.environ["PATH"] = f"{Path(sys.executable).resolve().parent}:{self.environ['PATH']}"

    def write(self, program: str) -> None:
        """Save ``hello.py``."""
        (self.clone / "hello.py").write_text(program)

    def type(self, command: str) -> None:
        """Run a command to its end."""
        done = subprocess.run(
            command, shell=True, cwd=self.clone, env=self.environ, capture_output=True, text=True
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"

    @contextmanager
    def typing(self, command: str):
        """Run a command until Ctrl-C; gives the port that it says it serves on, and its output.

        The addresses of the README may be taken here; the environment names another port.
        """
        port = free_port()
        environ = self.environ | {"ERLEN_RUN_PORT": str(port), "ERLEN_SERVE_PORT": str(port)}
        log = self.clone / "log.txt"
        with log.open("wb") as output:
            process = subprocess.Popen(
                shlex.split(command),
                cwd=self.clone,
                env=environ,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                # Whoever runs the tests in the background may have it ignored.
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
            )
        try:
            end = time.monotonic() + SECONDS
            while not (found := re.search(r"http://127\.0\.0\.1:(\d+)", log.read_text())):
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < end, log.read_text()
                time.sleep(0.05)
            yield int(found[1]), log.read_text
            os.killpg(process.pid, signal.SIGINT)
            process.wait(SECONDS)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        assert "Traceback" not in log.read_text() or "ZeroDivisionError" in log.read_text()


def get(port, path, **headers):
    connection = HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    try:
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


def echo(port, text):
    """What a WebSocket sends back (RFC 6455)."""
    with socket.create_connection(("127.0.0.1", port), SECONDS) as client:
        client.sendall(
            b"GET /echo HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
            b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        # A masked text frame; the mask is zero.
        client.sendall(bytes([0x81, 0x80 | len(text), 0, 0, 0, 0]) + text.encode())
        data = b""
        while not (found := re.search(rb"\r\n\r\n\x81(.)(.*)", data, re.DOTALL)):
            piece = client.recv(4096)
            assert piece, data
            data += piece
        return found[2].decode()


@pytest.fixture(scope="module")
def stranger(tmp_path_factory, missing):
    """A stranger with a clone, who has saved ``hello.py`` and installed Erlen."""
    clone, home = tmp_path_factory.mktemp("clone"), tmp_path_factory.mktemp("home")
    if os.environ.get("ERLEN_REQUIRE_SERVICES") != "1":
        missing("installing Erlen anew takes the package index")
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for name in filter(None, listed.stdout.split("\0")):
        source, target = ROOT / name, clone / name
        if source.is_file() and not name.startswith(("tests/", "docs/images/")):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
    found = Stranger(clone, home)
    (clone / "wsgi.py").write_text(FLASK_APPLICATION)
    (clone / "app.py").write_text(FLASK_APPLICATION)
    found.type(MAKE_PLACE)
    found.type(INSTALL)
    return found


@pytest.fixture(autouse=True)
def _saved(stranger):
    """Each test begins with the program of the README."""
    stranger.write(PROGRAM)


def test_it_answers_reloads_and_shows_errors(stranger):
    with stranger.typing(RUN) as (port, _):
        assert get(port, "/") == (200, "<h1>Hello, World!</h1>")
        assert json.loads(get(port, "/hello/Ada")[1]) == {"hello": "Ada"}
        assert echo(port, "hi") == "hi"
        stranger.write(PROGRAM.replace('"<h1>Hello, World!</h1>"', "1 / 0"))
        end = time.monotonic() + SECONDS
        while get(port, "/")[0] == 200:
            assert time.monotonic() < end, "it does not reload"
            time.sleep(0.1)
        status, page = get(port, "/", Accept="text/html")
        assert status == 500 and "ZeroDivisionError" in page and "1 / 0" in page


def test_it_serves(stranger):
    with stranger.typing(SERVE) as (port, output):
        assert "granian" in output() and "ASGI" in output()
        assert get(port, "/") == (200, "<h1>Hello, World!</h1>")
        assert echo(port, "hi") == "hi"


@pytest.mark.parametrize(("command", "file"), [(SERVE_FLASK, "wsgi.py"), (RUN_FLASK, "app.py")])
def test_a_flask_application_starts_without_a_change(stranger, command, file):
    with stranger.typing(command) as (port, _):
        status, text = get(port, "/")
    assert status == 200
    assert text.startswith("erlen.") and text.endswith(file)


@pytest.mark.parametrize(("command", "port"), [("run", 5000), ("serve", 8000)])
def test_the_addresses_are_those_of_the_commands(stranger, command, port):
    assert f"http://127.0.0.1:{port}" in HELLO
    done = subprocess.run(
        [".venv/bin/erlen", command, "--help"],
        cwd=stranger.clone, env=stranger.environ, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert re.search(rf"--port.*?\[default: {port}\]", done.stdout, re.DOTALL)
