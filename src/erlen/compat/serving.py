"""Names of ``werkzeug.serving`` that Erlen's own servers have no use for."""

from __future__ import annotations

import os
import socket
import socketserver
import sys
from typing import Any

from erlen.logging import shows_colours
from erlen.serve.development.server import BaseWSGIServer

LISTEN_QUEUE = BaseWSGIServer.request_queue_size
can_fork: bool = hasattr(os, "fork")
connection_dropped_errors: tuple[type[OSError], ...] = (ConnectionError, TimeoutError)
_log_add_style = shows_colours(sys.stderr)
_STYLES = {"bold": 1, "red": 31, "green": 32, "yellow": 33, "magenta": 35, "cyan": 36}
# Nothing is sent there: the system only says by which interface it would go (RFC 6890).
_ELSEWHERE = {socket.AF_INET: "10.253.155.219", socket.AF_INET6: "fd31:f903:5ab5:1::1"}


class ForkingWSGIServer(getattr(socketserver, "ForkingMixIn", object), BaseWSGIServer):  # type: ignore[misc]
    """Serves each connection in a process of its own, where the system can fork.

    :param processes: how many there may be at once; the other arguments are those of
        :class:`BaseWSGIServer`
    """

    multiprocess = True

    def __init__(
        self,
        host: str,
        port: int,
        app: Any,
        processes: int = 40,
        handler: Any = None,
        passthrough_errors: bool = False,
        ssl_context: Any = None,
        fd: int | None = None,
    ) -> None:
        if not can_fork:
            raise ValueError("This system has no fork(): use 'erlen serve --workers N'.")
        self.max_children = processes
        super().__init__(host, port, app, handler, passthrough_errors, ssl_context, fd)


def select_address_family(host: str, port: int) -> Any:
    """The family of the socket for a host: that of paths, of IPv6 or of IPv4."""
    if host.startswith("unix://"):
        return socket.AF_UNIX
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def get_sockaddr(host: str, port: int, family: Any) -> Any:
    """What ``bind()`` takes for a host and port; a name that nobody knows is taken as it is."""
    if family == getattr(socket, "AF_UNIX", None):
        return os.path.abspath(host.removeprefix("unix://"))
    try:
        found = socket.getaddrinfo(host, port, family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    except socket.gaierror:
        return host, port
    return found[0][4]


def get_interface_ip(family: socket.AddressFamily) -> str:
    """The address by which others reach this machine, for who listens on all of them."""
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((_ELSEWHERE[family], 58162))
        except OSError:
            return "::1" if family == socket.AF_INET6 else "127.0.0.1"
        return str(probe.getsockname()[0])


def is_ssl_error(error: BaseException | None = None) -> bool:
    """Whether an error, or the one that is being handled, is one of TLS."""
    import ssl

    return isinstance(sys.exc_info()[1] if error is None else error, ssl.SSLError)


def _ansi_style(value: str, *styles: str) -> str:
    """Text in colours, where the log has them."""
    if not _log_add_style:
        return value
    return "".join(f"\x1b[{_STYLES[style]}m" for style in styles) + f"{value}\x1b[0m"
