"""Memory that a server takes for each WebSocket that is open and idle (Linux)."""

from __future__ import annotations

import resource
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from socket import socket
from typing import Any

import websocket_client
from memory import resident
from ratios import spread, summary
from served import OWN, name_of
from server import Server
from websocket_echo import APPLICATIONS

# Opened before the memory is looked at, so that what is there once is not counted.
FIRST = 200
# Files that a process has open besides its connections.
OTHER_FILES = 200


def possible(count: int) -> int:
    """How many of ``count`` connections the limit on open files allows, which is raised to it."""
    wanted = count + FIRST + OTHER_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return count
    for limit in ((wanted, max(hard, wanted)), (hard, hard)):
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, limit)
        except (ValueError, OSError):
            continue
        break
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return min(count, soft - FIRST - OTHER_FILES)


def per_connection(python: str, application: str, count: int) -> float:
    """Kilobytes for each of ``count`` idle connections."""
    limits = ("--backpressure", str(2 * (FIRST + count)))
    server = Server(python, "asgi", f"websocket_apps:{application}", *limits)
    opened: list[socket] = []
    try:
        worker = server.ready().worker
        with ThreadPoolExecutor(8) as pool:
            opened += pool.map(websocket_client.connect, [server.port] * FIRST)
            time.sleep(0.5)
            before = resident(worker)
            opened += pool.map(websocket_client.connect, [server.port] * count)
            time.sleep(0.5)
            return (resident(worker) - before) * 1024 / count
    finally:
        # At once: a server that is to end well waits for its connections.
        server.kill()
        for connection in opened:
            connection.close()


def compare(peers: str, count: int, rounds: int) -> dict[str, Any]:
    """Kilobytes for each connection, and the ratios of Erlen's to them.

    :param peers: the interpreter of the peers' environment
    """
    sizes: dict[str, list[float]] = {name: [] for name in APPLICATIONS}
    for _ in range(rounds):
        for name, seen in sizes.items():
            python = sys.executable if name in OWN else peers
            seen.append(per_connection(python, name, count))
    bare = statistics.median(sizes["raw"])
    table: dict[str, Any] = {}
    for name, seen in sizes.items():
        row = table[name] = {"kilobytes": statistics.median(seen)}
        # The part that is not the server's.
        row["framework"] = row["kilobytes"] - bare
        shown = ""
        if name != "erlen":
            row.update(summary([a / b for a, b in zip(sizes["erlen"], seen, strict=True)]))
            shown = "   " + spread(row)
        print(f"  {name_of(name):18}{row['kilobytes']:12.1f}{row['framework']:11.1f}{shown}")
    return table
