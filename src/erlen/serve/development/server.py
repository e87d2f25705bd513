"""The servers: a socket, perhaps TLS, and a thread for each connection or one for all."""

from __future__ import annotations

import os
import socket
import socketserver
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from ...http.properties import cached_property
from ...logging import log_server
from ..addresses import address_error, check_port
from .certificates import make_context
from .handler import WSGIRequestHandler
from .reloading import note_start
from .tracking import TrackingServer


class BaseWSGIServer(TrackingServer):
    """Serves a WSGI application, one request at a time.

    :param host: the address, or ``unix://PATH``
    :param port: the port; 0 takes a free one
    :param app: the application
    :param handler: the class that handles connections
    :param passthrough_errors: let errors of the application end the server
    :param ssl_context: for TLS: a context, a pair of certificate and key file, or ``"adhoc"``
    :param fd: a socket that listens already
    :raises AddressError: if nobody can listen there
    """

    request_queue_size = 128
    # On Windows it would let another program take the port over.
    allow_reuse_address: bool = os.name != "nt"
    allow_reuse_port: bool = False
    #: Whether to say where it listens when it begins to serve.
    announces: bool = False
    # Each may be of another kind than its base class has: a Unix socket, one with TLS.
    socket: Any
    address_family: Any
    server_address: Any
    ssl_context: Any

    def __init__(
        self,
        host: str,
        port: int,
        app: Callable[..., Iterable[bytes]],
        handler: type[WSGIRequestHandler] | None = None,
        passthrough_errors: bool = False,
        ssl_context: Any = None,
        fd: int | None = None,
    ) -> None:
        self.app = app
        self.passthrough_errors = passthrough_errors
        self.host = host
        self._bound_path: str | None = None
        address: Any = (host, int(port))
        if host.startswith("unix://"):
            self.address_family = socket.AF_UNIX
            address = os.path.abspath(host.removeprefix("unix://"))
        else:
            self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
            check_port(int(port))
        super().__init__(address, handler or WSGIRequestHandler, bind_and_activate=False)
        if fd is None:
            try:
                self.server_bind()
                self.server_activate()
            except (OSError, UnicodeError) as error:
                self.socket.close()
                raise address_error(host, int(port), error) from None
            if self.address_family == getattr(socket, "AF_UNIX", None):
                self._bound_path = self.socket.getsockname()
        else:
            self.socket.close()
            self.socket = socket.fromfd(fd, self.address_family, socket.SOCK_STREAM)
        self.server_address = self.socket.getsockname()
        if ssl_context is not None:
            self.ssl_context = make_context(ssl_context, host)
            self.socket = self.ssl_context.wrap_socket(
                self.socket,
                server_side=True,
                # Its connection's own thread waits for a slow client.
                do_handshake_on_connect=False,
            )
        if not isinstance(self.server_address, tuple):
            self.server_address = (self.server_address, 0)
        self.port: int = self.server_port

    def server_bind(self) -> None:
        """Bind the socket.  Subclasses set its options around it, as TensorBoard does."""
        # That of HTTPServer would ask for the name of the machine, which may take seconds.
        socketserver.TCPServer.server_bind(self)

    @cached_property
    def server_name(self) -> str:
        """The name of the machine that it listens on."""
        return socket.getfqdn(str(self.server_address[0]))

    @cached_property
    def server_port(self) -> int:
        """The port that it listens on; 0 for a path."""
        return int(self.server_address[1])

    def log(self, type: str, message: str, *args: Any) -> None:
        """Log a line."""
        log_server(type, message, *args)

    def serve_forever(self, poll_interval: float = 0.1) -> None:
        """Serve until interrupted."""
        if self.announces:
            self.log_startup()
        try:
            super().serve_forever(poll_interval=poll_interval)
        except KeyboardInterrupt:
            pass
        finally:
            self.server_close()

    def interrupt(self) -> None:
        """From another thread, when the process is about to end: what is in flight ends with it."""

    def server_close(self) -> None:
        super().server_close()
        if self._bound_path is not None:
            with suppress(FileNotFoundError):
                os.unlink(self._bound_path)
            self._bound_path = None

    def handle_error(self, request: Any, client_address: Any) -> None:
        if self.passthrough_errors:
            raise
        error = sys.exc_info()[1]
        # A broken connection or TLS handshake is the client's matter.
        if not isinstance(error, OSError):
            super().handle_error(request, client_address)

    def log_startup(self) -> None:
        """Say where the server listens."""
        log_startup(self.host, self.port, self.ssl_context is not None)


def log_startup(host: str, port: int, is_https: bool, interface: str = "") -> None:
    """Say where a server listens, and that it is for development."""
    shown = f"[{host}]" if ":" in host else host
    scheme = "https" if is_https else "http"
    where = host if host.startswith("unix://") else f"{scheme}://{shown}:{port}"
    log_server(
        "info",
        "WARNING: This is a development server. Do not use it in a production deployment:"
        " use 'erlen serve'.",
    )
    log_server("info", f" * Running on {where}" + (f" ({interface})" if interface else ""))
    log_server("info", "Press CTRL+C to quit")
    note_start()


class ThreadedWSGIServer(socketserver.ThreadingMixIn, BaseWSGIServer):
    """Serves each connection in a thread of its own."""

    multithread = True
    daemon_threads = True
