"""How to serve."""

from __future__ import annotations

import os
from dataclasses import dataclass


class ServeError(Exception):
    """What is asked for cannot be done; the text says what can."""


@dataclass
class Options:
    """How to serve; see ``erlen serve --help``. Times are seconds."""

    server: str = "granian"
    interface: str = "asgi"
    host: str = "127.0.0.1"
    port: int = 8000
    uds: str | None = None
    workers: int = 1
    threads: int | None = None
    certfile: str | None = None
    keyfile: str | None = None
    http2: bool = False
    access_log: bool = False
    backlog: int = 1024
    max_body: int | None = None
    header_timeout: float = 30
    request_timeout: int | None = None
    graceful_timeout: int = 30
    respawn: bool = True
    worker_lifetime: int | None = None
    worker_memory: int | None = None
    max_requests: int | None = None
    # Granian wants an address where people write a name.
    ip_address: str = ""

    @property
    def bracketed_host(self) -> str:
        """The host before a colon and a port."""
        return f"[{self.host}]" if ":" in self.host else self.host

    @property
    def address(self) -> str:
        """Where it listens, as a person writes it."""
        if self.uds is not None:
            return f"unix:{self.uds}"
        return f"{'https' if self.certfile else 'http'}://{self.bracketed_host}:{self.port}"

    def count_threads(self) -> int:
        """How many threads run views on WSGI."""
        return self.threads or 2 * (os.cpu_count() or 1)


def refuse(options: Options, *names: str, instead: str = "--server granian") -> None:
    """Tell of options that a server does not have.

    :param names: of options that must be as they are by default
    :raises ServeError: for the first that is not
    """
    for name in names:
        if getattr(options, name) != getattr(type(options), name):
            raise ServeError(
                f"{options.server} has no option --{name.replace('_', '-')}:"
                f" leave it out, or use {instead}."
            )
