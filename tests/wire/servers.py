"""Real servers, each as a process of its own on a free port."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

_START_SECONDS = 60


@dataclass(frozen=True)
class Kind:
    """A server on one interface.

    :param module: what ``python -m`` runs
    :param options: its command line, with ``{port}`` and ``{target}`` in it
    :param target: what it is told to run
    """

    module: str
    interface: str
    options: str
    target: str = "application:app"

    @property
    def is_installed(self) -> bool:
        return find_spec(self.module.partition(".")[0]) is not None

    def command(self, port: int, target: str, *more: str) -> list[str]:
        options = self.options.format(port=port, target=target).split()
        return [sys.executable, "-W", "error", "-m", self.module, *options, *more]


_GRANIAN = "--port {port} --workers 1 --loop asyncio --log-level warning --no-ws"
KINDS = {
    "granian-asgi": Kind("granian", "asgi", f"--interface asgi {_GRANIAN} {{target}}"),
    "granian-wsgi": Kind(
        "granian", "wsgi", f"--interface wsgi --blocking-threads 4 {_GRANIAN} {{target}}"
    ),
    "uvicorn": Kind("uvicorn", "asgi", "--port {port} --log-level warning {target}"),
    # On Python 3.11 it cannot tell that the application object itself is an ASGI application.
    "hypercorn": Kind(
        "hypercorn",
        "asgi",
        "--bind 127.0.0.1:{port} --log-level WARNING {target}",
        target="application:app.asgi",
    ),
    "gunicorn": Kind(
        "gunicorn",
        "wsgi",
        "--bind 127.0.0.1:{port} --worker-class gthread --threads 4 --log-level warning"
        " --no-control-socket {target}",
    ),
    "waitress": Kind("waitress", "wsgi", "--listen 127.0.0.1:{port} --threads 4 {target}"),
}

# What ``erlen serve`` starts.
_SERVE = "--app {target} serve --port {port}"
BUNDLED = {
    "asgi": Kind("erlen", "asgi", _SERVE, target="application"),
    "wsgi": Kind("erlen", "wsgi", f"{_SERVE} --interface wsgi", target="application"),
}


def free_port() -> int:
    """A port that nobody listens on.

    Not one that the system gives to clients: one of them could get it before the server does, and a
    client that asks whether the server is there could even connect to itself.
    """
    while True:
        port = random.randrange(15_000, 32_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


class Server:
    """A running server.

    :param name: one of :data:`KINDS` or :data:`BUNDLED`
    :param folder: where the module of the target is
    :param options: more options for its command line
    :param target: ``module:application``, by default that of its kind
    :param environ: more variables of its environment
    """

    def __init__(
        self,
        name: str,
        folder: Path,
        *options: str,
        target: str | None = None,
        environ: dict[str, str] | None = None,
    ) -> None:
        kind = KINDS.get(name) or BUNDLED[name]
        self.name = name
        self.interface = kind.interface
        self.port = free_port()
        self._log = tempfile.TemporaryFile()  # noqa: SIM115
        variables = {k: v for k, v in os.environ.items() if k != "ERLEN_VALIDATE_WSGI"}
        before = os.environ.get("PYTHONPATH")
        paths = [str(folder), *([before] if before else [])]
        variables.update(environ or {}, PYTHONPATH=os.pathsep.join(paths))
        self.process = subprocess.Popen(
            kind.command(self.port, target or kind.target, *options),
            cwd=folder,
            env=variables,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )
        try:
            self._wait()
        except BaseException:
            self.kill()
            raise

    def _wait(self) -> None:
        limit = time.monotonic() + _START_SECONDS
        while time.monotonic() < limit:
            if self.process.poll() is not None:
                break
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            time.sleep(0.02)
        raise RuntimeError(f"{self.name} did not start:\n{self.log()}")

    def log(self) -> str:
        """What the server has written so far."""
        return os.pread(self._log.fileno(), 1 << 26, 0).decode(errors="replace")

    @property
    def workers(self) -> list[int]:
        """The processes that run the application, the server's own if it has no others."""
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        # multiprocessing has a process that cleans up behind the others.
        workers = [int(child) for child in children if "tracker" not in _command_of(child)]
        return workers or [pid]

    def terminate(self) -> None:
        """Ask the server to stop."""
        self.process.send_signal(signal.SIGTERM)

    def close(self) -> None:
        """Stop the server, gracefully if it does so in time."""
        self.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(3)
        self.kill()

    def kill(self) -> None:
        """End the server and its workers at once."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self._log.close()

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()


def _command_of(pid: str) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    return ""
