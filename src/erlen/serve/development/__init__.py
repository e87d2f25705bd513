"""The development server: HTTP/1.1 on the standard library, one thread for each connection.

It is for development alone; ``erlen serve`` is for production.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from functools import partial
from threading import current_thread, main_thread
from typing import Any

from ..addresses import AddressError
from ..key_pairs import KeyPairError, check_pair
from .certificates import CertificateError
from .certificates import generate_adhoc_ssl_context as generate_adhoc_ssl_context
from .certificates import generate_adhoc_ssl_pair as generate_adhoc_ssl_pair
from .certificates import load_ssl_context as load_ssl_context
from .certificates import make_ssl_devcert as make_ssl_devcert
from .ending import interrupts_kill as interrupts_kill
from .ending import leave_soon, sigterm_interrupts
from .handler import DechunkedInput as DechunkedInput
from .handler import WSGIRequestHandler as WSGIRequestHandler
from .reloading import is_first_start, run_with_reloader
from .reloading import is_running_from_reloader as is_running_from_reloader
from .server import BaseWSGIServer as BaseWSGIServer
from .server import ThreadedWSGIServer as ThreadedWSGIServer

# The descriptor of the socket that a reloader's parent listens on; Werkzeug's name.
_LISTENING = "WERKZEUG_SERVER_FD"


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
    is_child = use_reloader and is_running_from_reloader()
    is_parent = use_reloader and not is_child
    debugged: Any = None
    if use_debugger:
        from ...debug import DebuggedApplication

        debugged = DebuggedApplication(application, evalex=use_evalex)
        debugged.trusted_hosts.append(hostname)
    fd = int(os.environ[_LISTENING]) if is_child else None
    try:
        _check_files(ssl_context, asks=not _needs_asgi(application))
        if _needs_asgi(application) and not is_parent:
            server_class = _asgi_server_class()
            server: Any = server_class(application, hostname, port, ssl_context, fd, debugged)
        else:
            server = make_server(
                hostname,
                port,
                debugged or application,
                threaded,
                processes,
                request_handler,
                passthrough_errors,
                ssl_context,
                fd,
            )
    except (AddressError, CertificateError, KeyPairError) as error:
        raise SystemExit(f"Error: {error}") from None
    except OSError as error:
        if type(error).__module__ != "ssl":
            raise
        raise SystemExit(
            f"Error: The certificate and its key cannot be used: {error.strerror or error}. Name"
            " two PEM files that belong together by --cert and --key, or use --cert adhoc."
        ) from None
    server.announces = is_first_start() if is_child else not is_parent
    if not use_reloader:
        with sigterm_interrupts():
            server.serve_forever()
        if os.environ.get("FLASK_RUN_FROM_CLI") == "true" and current_thread() is main_thread():
            # Nothing comes behind it, and threads of the application may never end.
            leave_soon(0)
        return
    reloading = partial(
        run_with_reloader,
        extra_files=extra_files,
        exclude_patterns=exclude_patterns,
        interval=reloader_interval,
        reloader_type=reloader_type,
    )
    if is_child:
        reloading(server.serve_forever, stop=server.finish, interrupt=server.interrupt)
    # The parent's socket stays open while children come and go: no connection is refused.
    server.socket.set_inheritable(True)
    os.environ[_LISTENING] = str(server.fileno())
    try:
        reloading(server.serve_forever, standing_in=lambda: server.answering(_broken))
    finally:
        server.server_close()


def _asgi_server_class() -> type[Any]:
    """
    :raises SystemExit: without Granian, as where there is no wheel of it for this Python
    """
    try:
        from .asgi import AsgiServer
    except ImportError as error:
        if error.name is None or error.name.partition(".")[0] != "granian":
            raise
        raise SystemExit(
            "Error: An application with WebSockets is served by Granian, which is not installed:"
            " pip install granian, or leave its WebSockets out."
        ) from None
    return AsgiServer


def _check_files(ssl_context: Any, asks: bool) -> None:
    """
    :param asks: whether the server asks for the password of an encrypted key
    :raises KeyPairError: if ``ssl_context`` names files that cannot be used
    """
    if isinstance(ssl_context, tuple):
        certificate, key, *_ = *ssl_context, None
    elif isinstance(ssl_context, str | os.PathLike) and ssl_context != "adhoc":
        certificate, key = ssl_context, None
    else:
        return
    check_pair(certificate, key or certificate, ("--cert", "--key"), asks)


def _needs_asgi(application: Any) -> bool:
    has_websockets = getattr(application, "has_websockets", None)
    return has_websockets is not None and has_websockets()


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
