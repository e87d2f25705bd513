"""Granian, with what Erlen asks of a server: a start that ends when it is told to, and says when it
is over."""

from __future__ import annotations

import multiprocessing
import signal
import sysconfig
import time
import warnings
from contextlib import contextmanager
from functools import partial
from importlib.metadata import version
from multiprocessing.connection import wait
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

from .options import ServeError, refuse
from .starting import signals_held
from .worker import load_in_worker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .options import Options

# Some runners send a signal twice. A person takes longer to press a key again.
_SAME_SIGNAL = 0.3


@contextmanager
def _forks(start_method: str | None) -> Iterator[None]:
    """Have Granian fork where Python has a fork server, as it does by default from 3.14 on: it
    would spawn. A fork shares memory with its parent, and has the functions of the program."""
    if (start_method or multiprocessing.get_all_start_methods()[0]) == "forkserver":
        multiprocessing.set_start_method("fork", force=True)
    try:
        yield
    finally:
        multiprocessing.set_start_method(start_method, force=True)


def start_granian(options: Options, announce: Callable[[str], None]) -> None:
    """Serve on Granian until it is stopped.

    :param announce: is called when the first worker can answer
    :raises ImportError: if Granian is not installed
    :raises ServeError: on a free-threaded build of Python
    """
    if sysconfig.get_config_var("Py_GIL_DISABLED"):
        raise ServeError(
            "On a free-threaded build of Python, Granian's workers are threads of one process: it"
            " would run the start-up functions once for several event loops, and be aborted by"
            f" SIGTERM. Use --server {'uvicorn' if options.interface == 'asgi' else 'gunicorn'},"
            " or another build of Python."
        )
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces, SSLProtocols
    from granian.http import HTTP1Settings
    from granian.log import LogLevels

    refuse(
        options, "max_requests", instead="--worker-lifetime, --worker-memory or another --server"
    )
    is_asgi = options.interface == "asgi"
    listening, telling = multiprocessing.Pipe(duplex=False)
    start_method = multiprocessing.get_start_method(allow_none=True)
    # The threads of this process wait, and hold no lock that a worker would want.
    warnings.filterwarnings(
        "ignore", ".*multi-threaded", DeprecationWarning, r"multiprocessing\.popen_fork"
    )

    class Server(Granian):  # type: ignore[misc, valid-type]
        stopped_at: float | None = None
        # What the first workers tell that they can answer by.
        tells: Any = telling

        def _spawn_worker(self, idx: int, target: Any, callback_loader: Any) -> Any:
            load = partial(load_in_worker, callback_loader, self.tells, is_asgi, start_method)
            with _forks(start_method):
                worker = super()._spawn_worker(idx=idx, target=target, callback_loader=load)
            # Two threads of Granian wait for it. One of them gets its status, and multiprocessing
            # tells the other that it still runs: it would be killed for that.
            worker.is_alive = lambda: not wait([worker.inner.sentinel], 0)
            start = worker.start

            def start_held() -> None:
                with signals_held():
                    start()

            worker.start = start_held
            return worker

        def _respawn_workers(self, workers: list[int], *args: Any, **kwargs: Any) -> None:
            for index in workers:
                if self.interrupt_signal:
                    return
                super()._respawn_workers([index], *args, **kwargs)

        def signal_handler_interrupt(self, number: int, frame: Any) -> None:
            now = time.monotonic()
            if self.stopped_at is None:
                self.stopped_at = now
            elif number == signal.SIGINT and now - self.stopped_at > _SAME_SIGNAL:
                for worker in list(self.wrks):
                    worker.kill()
            super().signal_handler_interrupt()

        def listen(self) -> None:
            """Announce the start when a worker tells of its own."""
            listening.recv_bytes()
            self.tells = None
            if not self.interrupt_signal:
                announce(version("granian"))

    server = Server(
        target=f"erlen.serve.production.worker:{options.interface}_application",
        factory=True,
        address=options.ip_address,
        port=options.port,
        uds=None if options.uds is None else Path(options.uds),
        interface=Interfaces.ASGI if is_asgi else Interfaces.WSGI,
        # To find out which one a client speaks, it would wait for its first bytes without an end.
        http=HTTPModes.auto if options.http2 else HTTPModes.http1,
        workers=options.workers,
        # On ASGI the application has its own threads.
        blocking_threads=None if is_asgi else options.count_threads(),
        backlog=max(options.backlog, 128),
        http1_settings=HTTP1Settings(header_read_timeout=int(options.header_timeout * 1000)),
        ssl_cert=None if options.certfile is None else Path(options.certfile),
        ssl_key=None if options.keyfile is None else Path(options.keyfile),
        # Browsers and libraries of the last years; 1.3 alone is Granian's default.
        ssl_protocol_min=SSLProtocols.tls12,
        log_access=options.access_log,
        log_level=LogLevels.warning,
        respawn_failed_workers=options.respawn,
        workers_lifetime=options.worker_lifetime,
        workers_max_rss=options.worker_memory,
        workers_kill_timeout=options.graceful_timeout,
        websockets=is_asgi,
    )
    # It ends with the process where no worker ever tells.
    server.on_startup(Thread(target=server.listen, daemon=True).start)
    server.serve()
