"""Applications with extensions, served in the environments that ``make extensions`` makes."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

import chromium
import pytest
from servers import free_port

APPS = Path(__file__).parent / "apps"
# Seconds: a busy machine is slow, and only what fails waits so long.
PATIENCE = 120


def pytest_collection_modifyitems(items):
    """Skip the tests here where there is no environment to serve from."""
    if "EXTENSIONS_ENVIRONMENT" not in os.environ:
        for item in items:
            if Path(__file__).parent in item.path.parents:
                item.add_marker(pytest.mark.skip(reason="run by make extensions"))


def environment_command(name, app, *arguments):
    """A command of Flask in the environment; on Erlen it is ``erlen --flask``.

    :param name: of the folder of the application
    """
    programs = Path(os.environ["EXTENSIONS_ENVIRONMENT"]) / "bin"
    program = [programs / "flask"] if interface() == "flask" else [programs / "erlen", "--flask"]
    return [*map(str, program), "--app", str(APPS / app / "app.py"), name, *arguments]


def interface():
    """``flask``, or that of Erlen: ``wsgi`` or ``asgi``."""
    return os.environ["EXTENSIONS_INTERFACE"]


class Served:
    """A running application."""

    def __init__(self, app, variables, log):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = log
        if interface() == "flask":
            command = environment_command("run", app, "--port", str(self.port))
        else:
            options = ["--port", str(self.port), "--interface", interface()]
            command = environment_command("serve", app, *options)
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                command, env={**os.environ, **variables}, stdout=output, stderr=output
            )

    def wait(self):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self.process.poll() is None:
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            time.sleep(0.05)
        pytest.fail(f"the application does not listen:\n{self.log.read_text()}")

    def stop(self):
        self.process.terminate()
        self.process.wait(PATIENCE)


@pytest.fixture(scope="module")
def serve(tmp_path_factory):
    """Serve an application in a block: ``with serve("basket", VARIABLE="value") as url``."""

    @contextmanager
    def start(app, **variables):
        served = Served(app, variables, tmp_path_factory.mktemp("server") / "log.txt")
        try:
            served.wait()
            yield served.url
        finally:
            served.stop()
        log = served.log.read_text()
        assert "Traceback" not in log, log

    return start


@pytest.fixture
def command():
    """Run a command of an application: its exit status and what it printed."""

    def run(name, app, **variables):
        done = subprocess.run(
            environment_command(name, app),
            env={**os.environ, **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE,
        )
        return done.returncode, done.stdout

    return run


@pytest.fixture(scope="session")
def driver(missing):
    """The address of the browser's driver."""
    if not chromium.is_installed():
        missing("Chromium and its driver are not installed (packages chromium, chromium-driver)")
    with chromium.driver() as address:
        yield address


@pytest.fixture
def people(driver, tmp_path):
    """Opens a window for a new person each time it is called."""
    with contextlib.ExitStack() as stack:

        def arrive():
            profile = tmp_path / f"profile-{time.monotonic_ns()}"
            return stack.enter_context(contextlib.closing(chromium.Chromium(driver, profile)))

        yield arrive


@pytest.fixture
def person(people):
    """A window of the browser."""
    return people()
