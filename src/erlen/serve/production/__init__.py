"""The production server: what is served, where, and within which limits."""

from __future__ import annotations

import json
import logging
import os
import socket
import stat
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .servers import SERVERS, ServeError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...app.script_info import ScriptInfo

# The workers are processes of their own: the environment tells them what to load, and how.
_WORKER = "_ERLEN_SERVE"
# What cannot be told there: a function of the program that calls serve(). Workers that are forked
# have it.
_create_app: Callable[..., Any] | None = None


@dataclass
class Options:
    """How to serve; see ``erlen serve --help``. Times are seconds."""

    server: str = "granian"
    interface: str = "asgi"
    host: str = "127.0.0.1"
    port: int = 8000
    uds: str | None = None
    workers: int = 1
    threads: int | None = None
    certfile: str | None = None
    keyfile: str | None = None
    access_log: bool = False
    backlog: int = 1024
    max_body: int | None = None
    header_timeout: float = 30
    request_timeout: int | None = None
    graceful_timeout: int = 30
    respawn: bool = True
    worker_lifetime: int | None = None
    worker_memory: int | None = None
    max_requests: int | None = None
    # Granian wants an address where people write a name.
    ip_address: str = ""

    @property
    def bracketed_host(self) -> str:
        """The host before a colon and a port."""
        return f"[{self.host}]" if ":" in self.host else self.host

    @property
    def address(self) -> str:
        """Where it listens, as a person writes it."""
        if self.uds is not None:
            return f"unix:{self.uds}"
        return f"{'https' if self.certfile else 'http'}://{self.bracketed_host}:{self.port}"

    def count_threads(self) -> int:
        """How many threads run views on WSGI."""
        return self.threads or 2 * (os.cpu_count() or 1)


# -- a worker ----------------------------------------------------------------------------


def application() -> Any:
    """The application of a worker, with the limits of its server."""
    from ...app.script_info import ScriptInfo

    told = json.loads(os.environ[_WORKER])
    if told["flask"]:
        from ...compat import install

        install()
    if told["has_factory"] and _create_app is None:
        raise ServeError(
            "The workers of this server are new processes, which do not have the function that"
            " makes the application: name the application by --app."
        )
    app = ScriptInfo(app_import_path=told["app"], create_app=_create_app).load_app()
    config = app.config
    if told["threads"] is not None:
        config["THREAD_POOL_SIZE"] = told["threads"]
    if told["request_timeout"] is not None:
        config["BODY_TIMEOUT"] = told["request_timeout"]
    if told["max_body"] is not None and config["MAX_CONTENT_LENGTH"] is None:
        config["MAX_CONTENT_LENGTH"] = told["max_body"]
    # Those that write the path as the client sent it, decoded.
    for name in ("granian.access", "hypercorn.access", "gunicorn.access"):
        logging.getLogger(name).addFilter(_escape)
    if told["pid"] != os.getpid():
        if told["server"] == "granian":
            _leave_interrupts_to_the_parent()
        _follow(told["pid"], told["graceful_timeout"])
    return app


def asgi_application() -> Any:
    """:func:`application` for servers that cannot tell its interfaces apart."""
    return application().asgi


def wsgi_application() -> Any:
    """:func:`application` for servers that cannot tell its interfaces apart."""
    return application().wsgi


def _escape(record: logging.LogRecord) -> bool:
    """Escape what would forge a line of the log, or command the terminal."""
    from ...logging import escape_log_value

    record.msg = escape_log_value(record.getMessage())
    record.args = None
    return True


def _leave_interrupts_to_the_parent() -> None:
    """A terminal sends SIGINT to all processes, and the parent tells the workers besides.

    The second signal comes while the first is still being handled: on WSGI, Granian then waits for
    itself, and is killed at the deadline; on ASGI the worker may end before its parent knows why,
    and counts as failed.
    """
    import signal

    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])


def _follow(parent: int, patience: float) -> None:
    """Stop when the parent is killed: nobody else would tell, and the address would stay taken."""
    from signal import SIGTERM
    from threading import Thread

    if os.getppid() != parent:
        # It was killed while this worker was starting, which has nothing to finish.
        os._exit(1)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os.kill(os.getpid(), SIGTERM)
        time.sleep(patience)
        os._exit(1)

    Thread(target=watch, daemon=True).start()


# -- the parent --------------------------------------------------------------------------


def serve(info: ScriptInfo, options: Options) -> None:
    """Serve an application until it is stopped; requests in flight are finished first.

    :param info: what names the application
    :raises ServeError: for a server that is not installed, or cannot do what is asked
    """
    import click

    from ...compat import is_installed

    global _create_app
    start, interfaces = SERVERS[options.server]
    if options.interface not in interfaces:
        others = [name for name, (_, known) in SERVERS.items() if options.interface in known]
        raise ServeError(
            f"{options.server} has no {options.interface.upper()} interface:"
            f" use --interface {interfaces[0]}, or --server {' or '.join(others)}."
        )
    if options.request_timeout is not None and options.interface == "wsgi":
        raise ServeError(
            "A WSGI server hands bodies over in a way that cannot be timed: use --interface asgi,"
            " or leave --request-timeout out."
        )
    facts = _look_at(info)
    if facts["has_websockets"] and options.interface == "wsgi":
        click.secho(
            " * This application has WebSockets, which WSGI cannot serve: use --interface asgi",
            fg="yellow",
            err=True,
        )
    if facts["debug"]:
        click.secho(
            " * Debug mode is on, which shows strangers what the application is made of:"
            " switch it off where others can reach it",
            fg="yellow",
            err=True,
        )
    _claim(options)
    _create_app = info.create_app
    os.environ[_WORKER] = json.dumps(
        {
            "app": info.app_import_path,
            "has_factory": info.create_app is not None,
            "flask": is_installed(),
            "threads": options.threads,
            "max_body": options.max_body,
            "request_timeout": options.request_timeout,
            "graceful_timeout": options.graceful_timeout,
            "pid": os.getpid(),
            "server": options.server,
        }
    )
    if options.interface == "asgi":
        threads = options.threads or facts["threads"]
    else:
        threads = options.count_threads()
    processes = "1 process" if options.workers == 1 else f"{options.workers} processes"

    def announce(version: str) -> None:
        click.echo(
            f" * Serving Erlen app '{facts['name']}' on {options.address}"
            f" ({options.server} {version}, {options.interface.upper()},"
            f" {processes} with {threads} threads each). Press CTRL+C to quit"
        )

    try:
        start(options, announce)
    except ImportError as error:
        if error.name is None or error.name.partition(".")[0] != options.server:
            raise
        raise ServeError(
            f"{options.server} is not installed: pip install {options.server}"
        ) from None


def _describe(info: ScriptInfo) -> dict[str, Any]:
    app = info.load_app()
    return {
        "name": app.name,
        "debug": app.debug,
        "threads": app.config["THREAD_POOL_SIZE"],
        "has_websockets": app.has_websockets(),
    }


def _look_at(info: ScriptInfo) -> dict[str, Any]:
    """Load the application, so that a mistake is told once and not by every worker.

    That is done in a process that ends at once, where the system has the means: what an
    application opens when it is imported must not be shared with its workers, and SIGHUP has to
    find it new.

    :raises SystemExit: if it does not load, which has been told
    """
    if sys.platform in ("win32", "darwin"):
        return _describe(info)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _look_and_exit(info, writing)
    os.close(writing)
    with open(reading, "rb") as pipe:
        told = pipe.read()
    _, result = os.waitpid(child, 0)
    status = os.waitstatus_to_exitcode(result)
    if status or not told:
        sys.exit(status or 1)
    facts: dict[str, Any] = json.loads(told)
    return facts


def _look_and_exit(info: ScriptInfo, writing: int) -> None:
    """In the child: write what there is to know, or tell the mistake."""
    import traceback

    import click

    status = 1
    try:
        os.write(writing, json.dumps(_describe(info)).encode())
        status = 0
    except click.ClickException as error:
        error.show()
        status = error.exit_code
    except KeyboardInterrupt:
        status = 130
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        # Threads that the application has started are of no use here.
        os._exit(status)


def _claim(options: Options) -> None:
    """See that the address is free, and find what stands behind a name or port 0.

    Servers whose workers listen each for itself would share a port with another program of the
    same user, and say nothing.

    :raises ServeError: if it is not
    """
    if options.uds is not None:
        _claim_path(options.uds)
        return
    try:
        found = socket.getaddrinfo(options.host, options.port, type=socket.SOCK_STREAM)
        family, kind, protocol, _, address = found[0]
        with socket.socket(family, kind, protocol) as probe:
            if os.name != "nt":
                # Connections that have just ended do not count.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            options.ip_address = str(probe.getsockname()[0])
            options.port = int(probe.getsockname()[1])
    except OSError as error:
        raise ServeError(
            f"Cannot listen on {options.bracketed_host}:{options.port}: {error.strerror}. Stop the"
            " program that uses it, or choose another --host or --port."
        ) from None


def _claim_path(path: str) -> None:
    """Remove a socket that a server left behind; one that answers is another's."""
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            if os.path.exists(path) and not stat.S_ISSOCK(os.stat(path).st_mode):
                raise ServeError(f"{path} is no socket: choose another path for --uds.")
            probe.connect(path)
        except FileNotFoundError:
            pass
        except ConnectionRefusedError:
            os.unlink(path)
        except OSError as error:
            raise ServeError(f"Cannot listen on {path}: {error.strerror}.") from None
        else:
            raise ServeError(
                f"Another program listens on {path}: stop it, or choose another --uds."
            )
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.bind(path)
            os.unlink(path)
        except OSError as error:
            raise ServeError(f"Cannot listen on {path}: {error.strerror}.") from None
