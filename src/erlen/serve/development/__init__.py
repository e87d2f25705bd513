"""The development server: HTTP/1.1 on the standard library, one thread for each connection.

It is for development alone; ``erlen serve`` is for production.
"""

from __future__ import annotations

import os
import socket
import socketserver
import sys
import time
from contextlib import contextmanager, suppress
from http.server import HTTPServer
from threading import Condition, Thread
from typing import TYPE_CHECKING, Any

from ...logging import log_server
from .certificates import generate_adhoc_ssl_context as generate_adhoc_ssl_context
from .certificates import generate_adhoc_ssl_pair as generate_adhoc_ssl_pair
from .certificates import load_ssl_context as load_ssl_context
from .certificates import make_context
from .certificates import make_ssl_devcert as make_ssl_devcert
from .handler import DechunkedInput as DechunkedInput
from .handler import WSGIRequestHandler as WSGIRequestHandler
from .reloading import is_running_from_reloader as is_running_from_reloader
from .reloading import run_with_reloader

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterable, Iterator

# The descriptor of the socket that a reloader's parent listens on; Werkzeug's name.
_LISTENING = "WERKZEUG_SERVER_FD"
# Seconds that requests in flight may take when a reload ends the server.
_PATIENCE = 2.0
# A connection that sent nothing for so many seconds is one that a browser keeps in store.
_IDLE = 1.0


class BaseWSGIServer(HTTPServer):
    """Serves a WSGI application, one request at a time.

    :param host: the address, or ``unix://PATH``
    :param port: the port; 0 takes a free one
    :param app: the application
    :param handler: the class that handles connections
    :param passthrough_errors: let errors of the application end the server
    :param ssl_context: for TLS: a context, a pair of certificate and key file, or ``"adhoc"``
    :param fd: a socket that listens already
    """

    multithread = False
    multiprocess = False
    request_queue_size = 128
    allow_reuse_address = True

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
        self._changed = Condition()
        # When each was accepted.
        self._connections: dict[Any, float] = {}
        self._requests: set[Any] = set()
        self._bound_path: str | None = None
        self.ssl_context: ssl.SSLContext | None = None
        if host.startswith("unix://"):
            self.address_family = socket.AF_UNIX
            address: Any = os.path.abspath(host[7:])
        else:
            self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
            address = (host, int(port))
        super().__init__(address, handler or WSGIRequestHandler, bind_and_activate=False)
        if fd is not None:
            self.socket.close()
            self.socket = socket.fromfd(fd, self.address_family, socket.SOCK_STREAM)
            self.server_address = self.socket.getsockname()
        else:
            try:
                socketserver.TCPServer.server_bind(self)
                self.server_activate()
            except OSError as error:
                self.server_close()
                raise OSError(
                    error.errno,
                    f"{error.strerror}: cannot listen on {host}:{port}. Stop the program that"
                    " uses the port, or choose another one with --port.",
                ) from None
            if self.address_family == getattr(socket, "AF_UNIX", None):
                self._bound_path = address
        if ssl_context is not None:
            self.ssl_context = make_context(ssl_context, host)
            self.socket = self.ssl_context.wrap_socket(
                self.socket,
                server_side=True,
                # Its connection's own thread waits for a slow client.
                do_handshake_on_connect=False,
            )
        if isinstance(self.server_address, tuple):
            self.port = self.server_address[1]
        else:
            self.server_address = (self.server_address, 0)
            self.port = 0

    def log(self, type: str, message: str, *args: Any) -> None:
        """Log a line."""
        log_server(type, message, *args)

    def serve_forever(self, poll_interval: float = 0.5) -> None:
        """Serve until interrupted."""
        try:
            super().serve_forever(poll_interval=poll_interval)
        except KeyboardInterrupt:
            pass
        finally:
            self.server_close()

    def server_close(self) -> None:
        super().server_close()
        if self._bound_path is not None:
            with suppress(FileNotFoundError):
                os.unlink(self._bound_path)
            self._bound_path = None

    # -- what is in flight ---------------------------------------------------------------

    def get_request(self) -> tuple[Any, Any]:
        connection, address = super().get_request()
        with self._changed:
            self._connections[connection] = time.monotonic()
        return connection, address

    def note_request(self, connection: Any) -> None:
        """A connection begins to send a request."""
        with self._changed:
            self._requests.add(connection)
            self._changed.notify_all()

    def shutdown_request(self, request: Any) -> None:
        super().shutdown_request(request)
        with self._changed:
            self._connections.pop(request, None)
            self._requests.discard(request)
            self._changed.notify_all()

    def finish(self, patience: float = _PATIENCE) -> None:
        """From another thread: take no more connections, and wait for requests in flight.

        :param patience: at most so many seconds
        """
        stopping = Thread(target=self.shutdown, daemon=True)
        stopping.start()
        stopping.join(patience)
        with self._changed:
            while self._awaits_request():
                self._changed.wait(_IDLE / 10)
            self._changed.wait_for(lambda: not self._requests, patience)

    def _awaits_request(self) -> bool:
        """Whether the request of a new connection may be under way."""
        oldest = time.monotonic() - _IDLE
        return any(
            since > oldest
            for connection, since in self._connections.items()
            if connection not in self._requests
        )

    @contextmanager
    def answering(self, app: Callable[..., Iterable[bytes]]) -> Iterator[None]:
        """Serve another application for a while, and leave the socket open."""
        self.app = app
        thread = Thread(target=super().serve_forever, args=(0.1,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            self.shutdown()
            thread.join()

    def handle_error(self, request: Any, client_address: Any) -> None:
        if self.passthrough_errors:
            raise
        error = sys.exc_info()[1]
        # A broken connection or TLS handshake is the client's matter.
        if not isinstance(error, OSError):
            super().handle_error(request, client_address)

    def log_startup(self) -> None:
        """Say where the server listens."""
        scheme = "http" if self.ssl_context is None else "https"
        host = f"[{self.host}]" if ":" in self.host else self.host
        where = self.host if self.host.startswith("unix://") else f"{scheme}://{host}:{self.port}"
        log_server(
            "info",
            "WARNING: This is a development server. Do not use it in a production deployment:"
            " use 'erlen serve'.",
        )
        log_server("info", f" * Running on {where}")
        log_server("info", "Press CTRL+C to quit")


class ThreadedWSGIServer(socketserver.ThreadingMixIn, BaseWSGIServer):
    """Serves each connection in a thread of its own."""

    multithread = True
    daemon_threads = True


def make_server(
    host: str,
    port: int,
    app: Callable[..., Iterable[bytes]],
    threaded: bool = False,
    processes: int = 1,
    request_handler: type[WSGIRequestHandler] | None = None,
    passthrough_errors: bool = False,
    ssl_context: Any = None,
    fd: int | None = None,
) -> BaseWSGIServer:
    """A server for an application, not yet running.

    :param threaded: serve connections in threads
    :raises ValueError: for several processes, which ``erlen serve --workers`` is for
    """
    if processes > 1:
        raise ValueError(
            "The development server has one process: use 'erlen serve --workers N' for several."
        )
    cls = ThreadedWSGIServer if threaded else BaseWSGIServer
    return cls(host, port, app, request_handler, passthrough_errors, ssl_context, fd=fd)


def run_simple(
    hostname: str,
    port: int,
    application: Callable[..., Iterable[bytes]],
    use_reloader: bool = False,
    use_debugger: bool = False,
    use_evalex: bool = True,
    extra_files: Iterable[str] | None = None,
    exclude_patterns: Iterable[str] | None = None,
    reloader_interval: int = 1,
    reloader_type: str = "auto",
    threaded: bool = False,
    processes: int = 1,
    request_handler: type[WSGIRequestHandler] | None = None,
    static_files: dict[str, str | tuple[str, str]] | None = None,
    passthrough_errors: bool = False,
    ssl_context: Any = None,
) -> None:
    """Serve an application for development until it is interrupted.

    An application with WebSockets is served on ASGI, by Granian in this process.

    :param hostname: the address to listen on
    :param port: the port
    :param application: the WSGI application
    :param use_debugger: answer an exception with its traceback
    :param use_evalex: with a console at each frame of it
    :param use_reloader: restart when a Python file changes, or one of ``extra_files``
    :param exclude_patterns: shell patterns of files that do not matter
    :param threaded: serve connections in threads
    :param static_files: folders by URL prefix, served beside the application
    :param ssl_context: see :class:`BaseWSGIServer`
    :raises TypeError: if the port is no number
    """
    if not isinstance(port, int):
        raise TypeError("port must be an integer")
    if static_files:
        from ...middleware.shared_data import SharedDataMiddleware

        application = SharedDataMiddleware(application, static_files)
    fd = None
    if use_reloader and is_running_from_reloader():
        fd = int(os.environ[_LISTENING])
    has_websockets = getattr(application, "has_websockets", None)
    if (fd is not None or not use_reloader) and has_websockets is not None and has_websockets():
        from .asgi import AsgiServer

        on_asgi = AsgiServer(application, hostname, port, ssl_context, fd)
        if use_reloader:
            run_with_reloader(
                on_asgi.serve_forever,
                extra_files,
                exclude_patterns,
                reloader_interval,
                reloader_type,
                stop=on_asgi.finish,
            )
        on_asgi.serve_forever()
        return
    if use_debugger:
        from ...debug import DebuggedApplication

        application = debugged = DebuggedApplication(application, evalex=use_evalex)
        debugged.trusted_hosts.append(hostname)
    server = make_server(
        hostname,
        port,
        application,
        threaded,
        processes,
        request_handler,
        passthrough_errors,
        ssl_context,
        fd,
    )
    if fd is None:
        server.log_startup()
    if not use_reloader:
        server.serve_forever()
        return
    # The parent's socket stays open while children come and go: no connection is refused.
    server.socket.set_inheritable(True)
    os.environ[_LISTENING] = str(server.fileno())
    try:
        run_with_reloader(
            lambda: server.serve_forever(0.1),
            extra_files,
            exclude_patterns,
            reloader_interval,
            reloader_type,
            stop=server.finish,
            standing_in=lambda: server.answering(_broken),
        )
    finally:
        server.server_close()


def _broken(environ: Any, start_response: Any) -> list[bytes]:
    """What the reloader's parent answers while the program does not start."""
    body = (
        b"The program failed before it could serve: see its terminal."
        b" It is started again as soon as one of its files changes.\n"
    )
    start_response(
        "500 Internal Server Error",
        [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))],
    )
    return [body]
