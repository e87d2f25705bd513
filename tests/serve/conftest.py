from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path

import pytest
from servers import free_port

import erlen

APP = """
import threading, time
from pathlib import Path
from erlen import Erlen, current_app, request, websocket

app = Erlen(__name__)

@app.route("/")
async def index():
    return "hello"

@app.route("/thread")
def thread():
    return threading.current_thread().name

@app.route("/slow")
def slow():
    time.sleep(float(request.args["seconds"]))
    return "slow done"

# Many wait here until the test lets them go.
@app.route("/gate/<name>")
def gate(name):
    with open("inside", "a") as inside:
        inside.write("x")
    while not Path(name).exists():
        time.sleep(0.02)
    return "through"

@app.route("/async-gate/<name>")
async def async_gate(name):
    import asyncio
    with open("inside", "a") as inside:
        inside.write("x")
    while not Path(name).exists():
        await asyncio.sleep(0.02)
    return "through"

@app.route("/client")
def client():
    return f"{request.remote_addr} {request.scheme}"

@app.route("/pid")
def pid():
    import os
    return str(os.getpid())

@app.post("/size")
def size():
    return str(len(request.get_data()))
"""


class Served:
    """A command that serves ``app.py``, as a process group of its own."""

    def __init__(self, folder: Path, *command: str, env=None) -> None:
        self.port = free_port()
        self.folder = folder
        self.log = folder / "log"
        arguments = [part.replace("PORT", str(self.port)) for part in command]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=folder,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                # A shell's background job would hand down that it is ignored.
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
                # Bytecode is told apart from a source of the same second and size by nothing.
                env={
                    **os.environ,
                    "PYTHONUNBUFFERED": "1",
                    "PYTHONDONTWRITEBYTECODE": "1",
                    # A change of Erlen itself is not what these tests are about.
                    "ERLEN_RUN_EXCLUDE_PATTERNS": str(Path(erlen.__file__).parent / "*"),
                    **(env or {}),
                },
            )

    @property
    def output(self) -> str:
        return self.log.read_text()

    def wait_for(self, text: str, seconds: float = 60, behind: int = 0) -> None:
        """Wait until the output has a text, behind so many characters."""
        end = time.monotonic() + seconds
        while text not in self.output[behind:]:
            assert time.monotonic() < end, f"{text!r} did not come:\n{self.output}"
            time.sleep(0.05)

    def request(self, path="/", method="GET", body=None, timeout=60):
        connection = HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, path, body)
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

    def ready(self) -> Served:
        end = time.monotonic() + 60
        while True:
            try:
                self.request()
                return self
            except OSError:
                assert self.process.poll() is None, self.output
                assert time.monotonic() < end, self.output
                time.sleep(0.05)

    def stop(self, how=signal.SIGTERM) -> int:
        self.process.send_signal(how)
        return self.process.wait(60)

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@contextmanager
def serving(folder: Path):
    """Serve ``app.py`` by commands; everything is killed at the end."""
    (folder / "app.py").write_text(APP)
    started = []

    def start(*command, source=None, **kwargs):
        if source is not None:
            (folder / "app.py").write_text(source)
        served = Served(folder, *command, **kwargs)
        started.append(served)
        return served

    yield start
    for served in started:
        served.kill()


@pytest.fixture
def serve(tmp_path):
    """Serve ``app.py`` by a command: ``serve("-m", "erlen", ...)``."""
    with serving(tmp_path) as start:
        yield start


@pytest.fixture
def serve_apart(tmp_path):
    """Serve by a command, each in an empty folder, so that several may run at once."""
    started = []

    def start(*command, **kwargs):
        folder = tmp_path / f"apart{len(started)}"
        folder.mkdir()
        started.append(Served(folder, *command, **kwargs))
        return started[-1]

    yield start
    for served in started:
        served.kill()


@pytest.fixture(scope="module")
def serve_all(tmp_path_factory):
    """:func:`serve` for all tests of a module."""
    with serving(tmp_path_factory.mktemp("served")) as start:
        yield start


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """Run commands that do not serve: ``status, output = told(*arguments)``.

    One process has imported all that they need, and each of them is a fork of it.
    """
    folder = tmp_path_factory.mktemp("told")
    (folder / "app.py").write_text(APP)
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("commands.py"))],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )

    def run(*arguments):
        process.stdin.write(json.dumps(arguments) + "\n")
        process.stdin.flush()
        return json.loads(process.stdout.readline())

    with process:
        yield run
        process.stdin.close()


@pytest.fixture
def port():
    return free_port()
