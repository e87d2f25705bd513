"""The development server of applications with WebSockets: Granian in this process."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from granian._granian import SocketHolder
from granian.asgi import LifespanProtocol
from granian.constants import HTTPModes, Interfaces, SSLProtocols
from granian.server.embed import Server

from ..addresses import listen
from .asgi_requests import Watched
from .certificates import certificate_files
from .server import log_startup

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import AsyncIterator

_BACKLOG = 128
# As long as the one for WSGI waits for requests in flight.
_PATIENCE = 2.0


class _Inheriting(Server):
    """Listens on a socket that is open already.

    :param fd: its descriptor
    """

    def __init__(self, *args: Any, fd: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._inherited = fd

    def _init_shared_socket(self) -> None:
        # It belongs to the holder from now on.
        fd = os.dup(self._inherited)
        os.set_blocking(fd, False)
        # Its stub has no constructor.
        make: Any = SocketHolder
        self._shd = make(fd, self.bind_uds is not None, _BACKLOG)


class AsgiServer:
    """Serves an application on ASGI, in one process and thread.

    :param application: an application of Erlen
    :param host: the address, or ``unix://PATH``
    :param ssl_context: nothing, ``"adhoc"``, or a pair of certificate and key file
    :param fd: a socket that listens already
    :param debugged: the debugger around it
    :raises AddressError: if nobody can listen there
    :raises CertificateError: for another kind of ``ssl_context``
    """

    #: Whether to say where it listens when it can answer.
    announces = False

    def __init__(
        self,
        application: Any,
        host: str,
        port: int,
        ssl_context: Any,
        fd: int | None = None,
        debugged: Any = None,
    ) -> None:
        self._folder = TemporaryDirectory(prefix="erlen-")
        certificate, key = certificate_files(ssl_context, host, self._folder.name)
        self._loop: AbstractEventLoop | None = None
        self._task: asyncio.Task[Any] | None = None
        self._is_started = False
        self._ended = threading.Event()
        self._is_path = host.startswith("unix://")
        self._socket = None
        if fd is None:
            self._socket = listen(host, port, _BACKLOG)
            fd = self._socket.fileno()
            port = port if self._is_path else self._socket.getsockname()[1]
        self._where = host, port, certificate is not None
        make: Any = LifespanProtocol
        self._lifespan = make(application.asgi)
        self._server = _Inheriting(
            Watched(application, debugged, self._lifespan.state),
            address=host,
            port=port,
            uds=Path(host.removeprefix("unix://")) if self._is_path else None,
            interface=Interfaces.ASGINL,
            # As in production: a browser opens WebSockets by it.
            http=HTTPModes.http1,
            backlog=_BACKLOG,
            log_enabled=False,
            ssl_cert=certificate,
            ssl_key=key,
            ssl_protocol_min=SSLProtocols.tls12,
            fd=fd,
        )

    def serve_forever(self) -> None:
        """Serve until interrupted.

        :raises SystemExit: if a start-up function failed, which it has told
        """
        try:
            asyncio.run(self._serve())
        except (KeyboardInterrupt, asyncio.CancelledError):
            return
        finally:
            self._ended.set()
            self._folder.cleanup()
            if self._socket is not None:
                self._socket.close()

    async def _serve(self) -> None:
        self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        self._listen_for_signals()
        async with self._started():
            if self.announces:
                log_startup(*self._where, "ASGI")
            await self._server.serve()

    @asynccontextmanager
    async def _started(self) -> AsyncIterator[None]:
        """Between the start-up and the shut-down of the application."""
        await self._lifespan.startup()
        if self._lifespan.interrupt:
            sys.exit(1)
        self._is_started = True
        try:
            yield
        finally:
            await self._lifespan.shutdown()

    # -- its end -------------------------------------------------------------------------

    def _listen_for_signals(self) -> None:
        """Let the first signal end the server, and the second the process."""
        if threading.current_thread() is not threading.main_thread():
            return

        def end(number: int) -> None:
            if self._task is not None and not self._task.cancelling():
                self._task.cancel()
            else:
                signal.signal(number, signal.SIG_DFL)
                os.kill(os.getpid(), number)

        # Windows has none.
        with suppress(NotImplementedError):
            for number in (signal.SIGINT, signal.SIGTERM):
                asyncio.get_running_loop().add_signal_handler(number, end, number)

    def finish(self, patience: float = _PATIENCE) -> None:
        """From another thread: take no more connections, and wait for requests in flight.

        :param patience: at most so many seconds
        """
        if self._is_started:
            self._end(self._server.signal_handler_interrupt, patience)
        else:
            self.interrupt(patience)

    def interrupt(self, patience: float = _PATIENCE) -> None:
        """From another thread: end requests in flight, and what was opened at the start.

        :param patience: wait at most so many seconds
        """
        if self._task is not None:
            self._end(self._task.cancel, patience)

    def _end(self, how: Any, patience: float) -> None:
        # The loop may not have begun, or may have ended.
        if self._loop is not None:
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(how)
                self._ended.wait(patience)
