"""Connections that have sent no request, and are closed for that.

Granian limits the time for the headers of a request once it knows that HTTP/1 is spoken.  With TLS
it gives the handshake ten seconds, and where HTTP/2 is offered, it waits for the first bytes behind
that for ever.
"""

from __future__ import annotations

import os
import socket
import stat
from threading import Event, Thread
from time import monotonic
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

# A client as a scope may have it: Granian has its port as text, against ASGI.
_Client = frozenset[tuple[str, int | str]]
# Where a system lists the descriptors of the process that asks.
_DESCRIPTORS = "/dev/fd"


class Unheard:
    """Closes the connections of this process that say nothing.

    :param port: the one that is listened on
    :param seconds: how long a connection may be open before its first request
    """

    def __init__(self, port: int, seconds: float) -> None:
        self._port = port
        self._seconds = seconds
        # The clients that have sent a request, as scopes have them.
        self._heard: set[Any] = set()
        # By the inode of a socket: since when it is known, and its client, if it has one.
        self._known: dict[int, tuple[float, _Client | None]] = {}
        self._over = Event()

    def around(self, application: Callable[..., Any]) -> Callable[..., Any]:
        """An ASGI application that notes who sends requests."""
        heard = self._heard.add

        def noted(scope: Any, receive: Any, send: Any) -> Any:
            heard(scope.get("client"))
            return application(scope, receive, send)

        return noted

    def start(self) -> None:
        """Look from time to time, on a thread of its own, where the system allows that."""
        if os.path.isdir(_DESCRIPTORS):
            Thread(target=self._watch, name="erlen-unheard", daemon=True).start()

    def stop(self) -> None:
        """Look no more."""
        self._over.set()

    def _watch(self) -> None:
        pause = min(max(self._seconds / 8, 0.1), 2)
        while not self._over.wait(pause):
            self.look(monotonic())

    def look(self, now: float) -> None:
        """Close the connections that have been silent for too long."""
        # Who is heard from here on stays.
        heard = set(self._heard)
        known, clients = {}, set[Any]()
        for name in os.listdir(_DESCRIPTORS):
            descriptor = int(name)
            inode = _inode(descriptor)
            if inode is None:
                continue
            since, client = known[inode] = self._known.get(inode) or (
                now,
                _client(descriptor, self._port),
            )
            if client is None:
                continue
            clients |= client
            if client.isdisjoint(self._heard) and now - since >= self._seconds:
                _end(descriptor, inode)
        self._known = known
        self._heard -= heard - clients


def _inode(descriptor: int) -> int | None:
    """What tells a socket from another one that gets its descriptor."""
    try:
        status = os.fstat(descriptor)
    except OSError:
        return None
    return status.st_ino if stat.S_ISSOCK(status.st_mode) else None


def _client(descriptor: int, port: int) -> _Client | None:
    """Who is at the other end of a connection to a port of this process."""
    try:
        with socket.socket(fileno=os.dup(descriptor)) as connection:
            if (
                connection.family in (socket.AF_INET, socket.AF_INET6)
                and connection.getsockname()[1] == port
            ):
                host, number = connection.getpeername()[:2]
                return frozenset({(host, number), (host, str(number))})
    except OSError:
        # It listens, or has been closed meanwhile.
        pass
    return None


def _end(descriptor: int, inode: int) -> None:
    """Let the server, which owns the socket, find the end of the connection."""
    try:
        with socket.socket(fileno=os.dup(descriptor)) as connection:
            if os.fstat(connection.fileno()).st_ino == inode:
                connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
