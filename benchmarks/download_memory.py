"""How much memory a stream takes that its reader takes slowly, behind a real server (Linux)."""

from __future__ import annotations

import sys
import time
from http.client import HTTPConnection
from typing import Any

from memory import peak
from ratios import verdict
from server import Server

GROWTH_MB = 20
# How long the reader takes nothing at first, and how fast it reads from there on.  The
# applications make gigabytes in a second: a server that does not wait would hold most of it.
PAUSE = 1.0
BYTES_PER_SECOND = 100 << 20
STREAMS = {
    "async generator, ASGI": ("asgi", "/async/{}"),
    "generator, ASGI": ("asgi", "/{}"),
    "generator, WSGI": ("wsgi", "/{}"),
}


def read_slowly(port: int, path: str, size: int, pause: float = PAUSE) -> None:
    """Take a response of ``size`` bytes, with a pause at first and then at a limited rate."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path.format(size))
    response = connection.getresponse()
    time.sleep(pause)
    start = time.monotonic()
    count = 0
    while data := response.read(256 << 10):
        count += len(data)
        early = start + count / BYTES_PER_SECOND - time.monotonic()
        if early > 0:
            time.sleep(early)
    connection.close()
    if response.status != 200 or count != size:
        sys.exit(f"{path}: {response.status}, {count} of {size} bytes")


def growth(interface: str, path: str, size: int) -> float:
    """Megabytes by which the peak of the server's process grows."""
    server = Server(sys.executable, interface, "stream_apps:erlen")
    try:
        server.ready()
        read_slowly(server.port, path, 4 << 20, pause=0)
        before = peak(server.worker)
        read_slowly(server.port, path, size)
        return peak(server.worker) - before
    finally:
        server.close()


def measure(size: int) -> dict[str, Any]:
    """The growth for each kind of stream."""
    table = {}
    for name, (interface, path) in STREAMS.items():
        row = table[name] = {
            "stream_mb": size >> 20,
            "median": growth(interface, path, size),
            "target": GROWTH_MB,
        }
        print(f"  {name:24}{row['median']:6.1f} MB   target{verdict(row)}", flush=True)
    return table
