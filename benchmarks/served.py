"""Requests per second behind a real server, with wrk as the load.

Every application has a Granian of its own with one worker; all of them are up at once, and idle but
for the one whose turn it is.  A round gives each application one turn, so that each round has one
ratio to the application without a framework.  Where Erlen is to be ahead, it has a turn directly
before each peer's: the machine changes more within a round than they differ.  The servers have one
core, and the load another.
"""

from __future__ import annotations

import re
import shutil
import statistics
import subprocess
import sys
from contextlib import ExitStack
from http.client import HTTPConnection
from typing import Any

from cores import LOAD, MEASURED, kept_to
from ratios import spread, summary
from server import Server

CONNECTIONS = 32
# Title, interface, path, the module's functions, and the least share of raw for Erlen.
GROUPS: dict[str, tuple[str, str, list[str], float]] = {
    "async on ASGI": (
        "asgi",
        "/",
        ["raw", "erlen", "starlette", "fastapi", "litestar", "blacksheep", "falcon", "quart"],
        0.85,
    ),
    "sync on ASGI": (
        "asgi",
        "/sync",
        ["raw", "raw_pool", "erlen", "starlette", "fastapi", "litestar", "quart"],
        0.65,
    ),
    "WSGI": ("wsgi", "/", ["raw", "erlen", "falcon", "bottle", "flask"], 0.85),
}
# Where Erlen is to be ahead of every peer.
AHEAD = "async on ASGI"
# Erlen's least share of an application without a framework whose function runs on the same pool.
SHARE_OF_POOL = 0.85
OWN = ("raw", "raw_pool", "erlen")
NAMES = {
    "raw": "no framework",
    "raw_pool": "no framework, pool",
    "erlen": "Erlen",
    "fastapi": "FastAPI",
    "blacksheep": "BlackSheep",
}


def name_of(application: str) -> str:
    """How an application is called in print."""
    return NAMES.get(application) or application.title()


def why_not() -> str:
    """Why nothing can be served here; empty if it can."""
    if shutil.which("wrk") is None:
        return "wrk is not installed (Debian: apt-get install wrk)"
    return ""


def warm_up(server: Server, path: str) -> None:
    """Let an application answer some requests, and look at the answers."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
    for _ in range(200):
        connection.request("GET", path)
        response = connection.getresponse()
        body = response.read()
        if (response.status, body) != (200, b"Hello, World!"):
            server.fail(f"{path} answers {response.status}, {body!r}")
    connection.close()


def load(server: Server, path: str, seconds: int) -> float:
    """Requests per second."""
    url = f"http://127.0.0.1:{server.port}{path}"
    command = ["wrk", "--threads", "1", "--connections", str(CONNECTIONS)]
    command += ["--duration", f"{seconds}s", url]
    with kept_to(LOAD):
        out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.search(r"^Requests/sec: +([\d.]+)$", out, re.M)
    if found is None or "Non-2xx" in out or "Socket errors" in out:
        server.fail(f"the load failed:\n{out}")
    return float(found[1])


def compare(peers: str, rounds: int, seconds: int) -> dict[str, Any]:
    """Rates of every application, and their ratios to the one without a framework.

    :param peers: the interpreter of the peers' environment
    """
    with ExitStack() as stack:
        stack.enter_context(kept_to(MEASURED))
        servers: dict[tuple[str, str], Server] = {}
        for interface, _, applications, _ in GROUPS.values():
            for name in applications:
                if (interface, name) not in servers:
                    python = sys.executable if name in OWN else peers
                    server = Server(python, interface, f"{interface}_apps:{name}")
                    stack.callback(server.close)
                    servers[interface, name] = server
        for server in servers.values():
            server.ready()
        return {
            title: _compare_group(
                title,
                {name: servers[interface, name] for name in applications},
                path,
                least,
                rounds,
                seconds,
            )
            for title, (interface, path, applications, least) in GROUPS.items()
        }


def _compare_group(
    title: str, servers: dict[str, Server], path: str, least: float, rounds: int, seconds: int
) -> dict[str, Any]:
    print(f"\n{title:20}{'requests/s':>12}{'to raw':>9}   quartiles        target")
    rates: dict[str, list[float]] = {name: [] for name in servers}
    # The applications without a framework do not have the other paths.
    paths = {name: "/" if name.startswith("raw") else path for name in servers}
    for name, server in servers.items():
        warm_up(server, paths[name])
    # Erlen's turns beside those of a peer.
    beside: dict[str, list[float]] = dict.fromkeys(servers, rates["erlen"])
    if title == AHEAD:
        beside = {name: [] for name in servers if name not in OWN}
    for _ in range(rounds):
        for name, server in servers.items():
            if title == AHEAD and name in beside:
                beside[name].append(load(servers["erlen"], paths["erlen"], seconds))
            rates[name].append(load(server, paths[name], seconds))
    table: dict[str, Any] = {}
    for name, seen in rates.items():
        row = table[name] = {
            "rate": statistics.median(seen),
            **summary([a / b for a, b in zip(seen, rates["raw"], strict=True)]),
        }
        if name == "erlen":
            row["least"] = least
        if name not in ("raw", "erlen"):
            # Whether Erlen is ahead, by the same rounds.
            row["erlen"] = summary([a / b for a, b in zip(beside[name], seen, strict=True)])
            if name == "raw_pool":
                row["erlen"]["least"] = SHARE_OF_POOL
            elif title == AHEAD:
                row["erlen"]["least"] = 1.0
        shown = "" if name == "raw" else spread(row)
        print(f"  {name_of(name):18}{row['rate']:12,.0f}{shown}")
        if "erlen" in row:
            print(f"  {'  Erlen to it':18}{'':12}{spread(row['erlen'])}")
    return table
