"""Messages per second that come back through WebSockets, behind a real server."""

from __future__ import annotations

import statistics
import sys
from contextlib import ExitStack
from typing import Any

import websocket_client
from cores import LOAD, MEASURED, kept_to
from ratios import spread, summary
from served import CONNECTIONS, OWN, name_of
from server import Server

APPLICATIONS = ["raw", "erlen", "starlette", "quart"]


def compare(peers: str, rounds: int, seconds: float) -> dict[str, Any]:
    """Rates of every application, and the ratios of Erlen's to them.

    :param peers: the interpreter of the peers' environment
    """
    rates: dict[str, list[float]] = {name: [] for name in APPLICATIONS}
    with ExitStack() as stack:
        stack.enter_context(kept_to(MEASURED))
        servers = {}
        for name in rates:
            python = sys.executable if name in OWN else peers
            servers[name] = Server(python, "asgi", f"websocket_apps:{name}")
            stack.callback(servers[name].close)
        for server in servers.values():
            server.ready()
        # The first is the warm-up.
        for number in range(rounds + 1):
            for name, server in servers.items():
                with kept_to(LOAD):
                    rate = websocket_client.rate(server.port, CONNECTIONS, seconds)
                if number:
                    rates[name].append(rate)
    table: dict[str, Any] = {}
    for name, seen in rates.items():
        row = table[name] = {"rate": statistics.median(seen)}
        shown = ""
        if name != "erlen":
            row.update(summary([a / b for a, b in zip(rates["erlen"], seen, strict=True)]))
            shown = spread(row)
        print(f"  {name_of(name):18}{row['rate']:12,.0f}{shown}")
    return table
