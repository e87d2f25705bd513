"""Requests that are in flight for as long as a test wants."""

from __future__ import annotations

import socket
import threading
import time
from http.client import HTTPException
from typing import Any


class Waiting:
    """Clients whose requests wait in the application until they are let go.

    :param paths: what each asks for: ``/gate/NAME`` waits for :meth:`let_go`
    """

    def __init__(self, served: Any, paths: list[str]) -> None:
        self.served = served
        self.answers: list[tuple[int, str]] = []
        self.failures: list[Exception] = []
        self._clients = [
            threading.Thread(target=self._ask, args=(path,), daemon=True) for path in paths
        ]
        for client in self._clients:
            client.start()
        inside = served.folder / "inside"
        end = time.monotonic() + 60
        while not inside.exists() or inside.stat().st_size < len(paths):
            assert time.monotonic() < end, served.output
            time.sleep(0.02)

    def _ask(self, path: str) -> None:
        try:
            self.answers.append(self.served.request(path, timeout=60))
        except (OSError, HTTPException) as error:
            self.failures.append(error)

    def let_go(self, name: str = "open") -> None:
        (self.served.folder / name).touch()

    def join(self) -> None:
        for client in self._clients:
            client.join(60)


def refuses(port: int, seconds: float = 30) -> bool:
    """Whether connections are refused within this time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), 5).close()
        except OSError:
            return True
        time.sleep(0.02)
    return False
