"""The development server of applications with WebSockets: Granian in this process."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from granian._granian import SocketHolder
from granian.constants import Interfaces
from granian.server.embed import Server

from ...logging import log_server

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

_BACKLOG = 128
# As long as the one for WSGI waits for requests in flight.
_PATIENCE = 2.0


class _Inheriting(Server):
    """Listens on a socket that is open already.

    :param fd: its descriptor
    """

    def __init__(self, *args: Any, fd: int | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._inherited = fd

    def _init_shared_socket(self) -> None:
        if self._inherited is None:
            super()._init_shared_socket()  # type: ignore[no-untyped-call]
            return
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
    :param ssl_context: nothing, or a pair of certificate and key file
    :param fd: a socket that listens already
    :raises TypeError: for another kind of ``ssl_context``
    """

    def __init__(
        self, application: Any, host: str, port: int, ssl_context: Any, fd: int | None = None
    ) -> None:
        if ssl_context is not None and not isinstance(ssl_context, tuple):
            raise TypeError(
                "An application with WebSockets is served for development with a certificate and a"
                " key file: pass ssl_context=(certificate, key)."
            )
        certificate, key = ssl_context or (None, None)
        self._loop: AbstractEventLoop | None = None
        self._has_ended = False
        is_path = host.startswith("unix://")
        scheme = "http" if certificate is None else "https"
        shown = f"[{host}]" if ":" in host else host
        self._where = host if is_path else f"{scheme}://{shown}:{port}"
        self._logs_startup = fd is None
        self._server = _Inheriting(
            application.asgi,
            address=host,
            port=port,
            uds=Path(host.removeprefix("unix://")) if is_path else None,
            interface=Interfaces.ASGI,
            backlog=_BACKLOG,
            log_enabled=False,
            ssl_cert=None if certificate is None else Path(certificate),
            ssl_key=None if key is None else Path(key),
            fd=fd,
        )

    def serve_forever(self) -> None:
        """Serve until interrupted."""
        if self._logs_startup:
            log_server("info", f" * Running on {self._where} (ASGI)\nPress CTRL+C to quit")
        try:
            asyncio.run(self._serve())
        except KeyboardInterrupt:
            return
        finally:
            self._has_ended = True

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        await self._server.serve()

    def finish(self, patience: float = _PATIENCE) -> None:
        """From another thread: take no more connections, and wait for requests in flight.

        :param patience: at most so many seconds
        """
        if self._loop is None:
            return
        try:
            self._loop.call_soon_threadsafe(self._server.signal_handler_interrupt)
        except RuntimeError:
            # The loop has ended.
            return
        end = time.monotonic() + patience
        while not self._has_ended and time.monotonic() < end:
            time.sleep(0.02)
