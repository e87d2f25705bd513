"""A server that knows what is in flight."""

from __future__ import annotations

import time
from contextlib import contextmanager
from http.server import HTTPServer
from threading import Condition, Thread
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterable, Iterator

# Seconds that requests in flight may take when a reload ends the server.
_PATIENCE = 2.0
# A connection that sent nothing for so many seconds is one that a browser keeps in store.
_IDLE = 1.0


class TrackingServer(HTTPServer):
    """Knows which connections there are, and which of them have begun to send a request."""

    app: Callable[..., Iterable[bytes]]
    multithread = False
    multiprocess = False
    passthrough_errors = False
    ssl_context: ssl.SSLContext | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._changed = Condition()
        # When each was accepted.
        self._connections: dict[Any, float] = {}
        self._requests: set[Any] = set()
        super().__init__(*args, **kwargs)

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
