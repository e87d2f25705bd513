"""A worker: what its parent told it, and the application that it serves."""

from __future__ import annotations

import asyncio
import json
import logging
import multiprocessing
import os
import signal
import time
from typing import TYPE_CHECKING, Any

from ...app.importing import import_string
from ...app.script_info import ScriptInfo
from ...gateways import lifespan
from ...logging import escape_log_value
from ...walk.desk import desk_of
from .late_heads import with_late_heads
from .options import ServeError
from .starting import StartUp, end_by, hold
from .unheard import Unheard

if TYPE_CHECKING:
    from collections.abc import Callable

    from .options import Options

# The workers are processes of their own: the environment tells them what to load, and how.
_TOLD = "_ERLEN_SERVE"
# What cannot be told there: a function of the program that calls serve(). Workers that are forked
# have it.
_create_app: Callable[..., Any] | None = None


def tell_workers(info: ScriptInfo, options: Options, prepare: str | None) -> None:
    """In the parent: leave word for the workers that are started from now on.

    :param prepare: the import path of a function to call before the application is loaded
    """
    global _create_app
    _create_app = info.create_app
    os.environ[_TOLD] = json.dumps(
        {
            "app": info.app_import_path,
            "has_factory": info.create_app is not None,
            "prepare": prepare,
            "threads": options.threads,
            "max_body": options.max_body,
            "request_timeout": options.request_timeout,
            "graceful_timeout": options.graceful_timeout,
            "pid": os.getpid(),
            "server": options.server,
            # What the server does not see to by itself; on WSGI it does not tell who sends.
            "unheard": (options.port, options.header_timeout)
            if options.server == "granian" and options.certfile and options.uds is None
            else None,
        }
    )


def load_in_worker(
    load: Callable[[], Any], pipe: Any, on_asgi: bool, start_method: str | None
) -> Any:
    """In a worker of Granian's that has just begun: load the application.

    :param pipe: takes a word when the worker can answer; ``None`` where nobody wants to know
    :param start_method: how the application starts processes of its own, which need not be how the
        worker was started
    """

    def tell() -> None:
        if pipe is not None:
            pipe.send_bytes(b"ready")

    # Where workers are threads, they end with their process.
    is_process = json.loads(os.environ[_TOLD])["pid"] != os.getpid()
    if is_process:
        # A terminal sends SIGINT to all processes, and the parent sends SIGTERM besides. The second
        # signal would come while the first is still being handled: on WSGI, Granian then waits for
        # itself, and is killed at the deadline; on ASGI the worker may end before its parent knows
        # why, and counts as failed.
        hold(signal.SIGINT)
        end_by(signal.SIGTERM)
        multiprocessing.set_start_method(start_method, force=True)
    if not on_asgi:
        loaded = load()
        tell()
        return loaded
    # Granian has made it; an application that runs another while it loads leaves none.
    loop = asyncio.get_event_loop()
    start_up = StartUp(tell)
    lifespan.around_startup = start_up.around
    loaded = load()
    if is_process:
        # Granian's handler alone would wait for the start-up functions.
        hold(signal.SIGTERM)
        loop.call_soon(start_up.listen)
    return loaded


def application() -> Any:
    """The application of a worker, with the limits of its server."""
    told = json.loads(os.environ[_TOLD])
    if told["prepare"] is not None:
        import_string(told["prepare"])()
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
        _follow(told["pid"], told["graceful_timeout"])
    return app


def asgi_application() -> Any:
    """:func:`application` for servers that cannot tell its interfaces apart."""
    asgi = application().asgi
    told = json.loads(os.environ[_TOLD])["unheard"]
    if told is None:
        return asgi
    unheard = Unheard(*told)
    unheard.start()
    return unheard.around(asgi)


def wsgi_application() -> Any:
    """:func:`application` for servers that cannot tell its interfaces apart."""
    app = application()
    if json.loads(os.environ[_TOLD])["server"] == "granian" and desk_of(app).is_wrapped:
        # PERF: an application that nothing stands around asks for no more than Granian has.
        return with_late_heads(app.wsgi)
    return app.wsgi


def _escape(record: logging.LogRecord) -> bool:
    """Escape what would forge a line of the log, or command the terminal."""
    record.msg = escape_log_value(record.getMessage())
    record.args = None
    return True


def _follow(parent: int, patience: float) -> None:
    """Stop when the parent is killed: nobody else would tell, and the address would stay taken."""
    from threading import Thread

    if os.getppid() != parent:
        # It was killed while this worker was starting, which has nothing to finish.
        os._exit(1)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(patience)
        os._exit(1)

    Thread(target=watch, daemon=True).start()
