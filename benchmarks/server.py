"""A server process for one application."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NoReturn, Self

HERE = Path(__file__).resolve().parent
# The same for every application. One thread for the views on WSGI, which a view that does not
# wait serves best: more of them only take turns.
OPTIONS = ["--workers", "1", "--loop", "asyncio", "--log-level", "warning", "--factory"]
BY_INTERFACE = {"asgi": [], "wsgi": ["--blocking-threads", "1", "--no-ws"]}


# Granian shares ports: two servers on one would take turns.
_given: set[int] = set()


def free_port() -> int:
    """A port of its own for a server that is about to start."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
        if port not in _given:
            _given.add(port)
            return port


class Server:
    """Granian with one worker.

    :param python: the interpreter, whose environment has Granian and the framework
    :param interface: ``asgi`` or ``wsgi``
    :param target: ``module:function``, which makes the application; the module is beside this one
    :param options: more of Granian's options
    """

    def __init__(self, python: str, interface: str, target: str, *options: str) -> None:
        self.port = free_port()
        # It stays open as long as the server runs.
        self._log = tempfile.TemporaryFile()  # noqa: SIM115
        command = [python, "-m", "granian", "--interface", interface, "--port", str(self.port)]
        self.command = [*command, *OPTIONS, *BY_INTERFACE[interface], *options, target]
        self.process = subprocess.Popen(
            self.command,
            cwd=HERE,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )

    def ready(self) -> Self:
        """Wait until the server answers."""
        limit = time.monotonic() + 30
        while time.monotonic() < limit:
            if self.process.poll() is not None:
                break
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return self
            except OSError:
                time.sleep(0.05)
        self.fail("it did not start")

    def fail(self, reason: str) -> NoReturn:
        """End the server and this program, and show what the server has written."""
        self.kill()
        self._log.seek(0)
        log = self._log.read().decode(errors="replace")
        sys.exit(f"{' '.join(self.command)}: {reason}\n{log}")

    @property
    def worker(self) -> int:
        """The process that runs the application (Linux)."""
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        assert len(children) == 1, children
        return int(children[0])

    def close(self) -> None:
        """End the server when it has answered what it was asked."""
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(5)
        self.kill()

    def kill(self) -> None:
        """End the server and its worker, which would outlive it, at once."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
