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
    :param title: what the documentation calls it
    :param warnings: what Python is to do about warnings
    """

    module: str
    interface: str
    options: str
    target: str = "application:app"
    title: str = ""
    warnings: str = "error"

    @property
    def is_installed(self) -> bool:
        needed = [self.module.partition(".")[0], self.options.rpartition(" ")[2]]
        modules = [needed[0], *[_NEEDED[name] for name in needed if name in _NEEDED]]
        return all(find_spec(module) is not None for module in modules)

    def command(self, port: int, target: str, *more: str) -> list[str]:
        options = self.options.format(port=port, target=target).split()
        return [sys.executable, "-W", self.warnings, "-m", self.module, *options, *more]


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

_GUNICORN = (
    "--bind 127.0.0.1:{port} --log-level warning --no-control-socket {target} --worker-class"
)
# Asked a few things only, by tests/parity/test_further_servers.py.
FURTHER = {
    "daphne": Kind("daphne", "asgi", "-v 0 -p {port} {target}", title="daphne"),
    "uvicorn-asgi": Kind(
        "uvicorn",
        "asgi",
        "--port {port} --log-level warning {target}",
        target="application:app.asgi",
        title="uvicorn, told `app.asgi`",
    ),
    "uvicorn-wsgi": Kind(
        "uvicorn",
        "wsgi",
        "--port {port} --log-level warning --interface wsgi {target}",
        title="uvicorn, told `--interface wsgi`",
        # It says that this is deprecated.
        warnings="default",
    ),
    "hypercorn-wsgi": Kind(
        "hypercorn",
        "wsgi",
        "--bind 127.0.0.1:{port} --log-level WARNING {target}",
        target="wsgi:application:app.wsgi",
        title="hypercorn, told `wsgi:`",
    ),
    "gunicorn-sync": Kind("gunicorn", "wsgi", f"{_GUNICORN} sync", title="gunicorn, `sync`"),
    "gunicorn-gevent": Kind(
        "gunicorn", "wsgi", f"{_GUNICORN} gevent", title="gunicorn, `gevent`", warnings="default"
    ),
    "gunicorn-asgi": Kind("gunicorn", "asgi", f"{_GUNICORN} asgi", title="gunicorn, `asgi`"),
    "gunicorn-uvicorn": Kind(
        "gunicorn",
        "asgi",
        f"{_GUNICORN} uvicorn_worker.UvicornWorker",
        title="gunicorn, `uvicorn_worker`",
    ),
    "cheroot": Kind("cheroot", "wsgi", "--bind 127.0.0.1:{port} {target}", title="cheroot"),
    "uwsgi": Kind(
        "uwsgi_by_module",
        "wsgi",
        "--http-socket 127.0.0.1:{port} --module {target} --need-app --die-on-term",
        title="uWSGI",
    ),
}
_NEEDED = {
    "uwsgi_by_module": "pyuwsgi",
    "uvicorn_worker.UvicornWorker": "uvicorn_worker",
    "gevent": "gevent",
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

    :param name: one of :data:`KINDS`, :data:`FURTHER` or :data:`BUNDLED`
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
        kind = {**KINDS, **FURTHER, **BUNDLED}[name]
        self.name = name
        self.interface = kind.interface
        self.port = free_port()
        self._log = tempfile.TemporaryFile()  # noqa: SIM115
        variables = {k: v for k, v in os.environ.items() if k != "ERLEN_VALIDATE_WSGI"}
        before = os.environ.get("PYTHONPATH")
        paths = [str(folder), str(Path(__file__).parent), *([before] if before else [])]
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
