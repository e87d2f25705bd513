"""The rate of an async view on ASGI behind middleware around ``wsgi_app``, to the rate without.

Whoever wraps ``wsgi_app`` sees every request, so that all of them take the WSGI way on threads: the
ratio is what that costs.  The two servers take turns with the load, as in ``served.py``.  Answers
that did not pass by the middleware are no measure of it.
"""

from __future__ import annotations

import statistics
import sys
from contextlib import ExitStack
from http.client import HTTPConnection
from typing import Any

from bounds import MIDDLEWARE
from cores import MEASURED, kept_to
from ratios import spread, summary
from served import load, warm_up
from server import Server


def passes(server: Server) -> bool:
    """Whether the middleware sees a request."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request("GET", "/")
    response = connection.getresponse()
    response.read()
    connection.close()
    return response.headers["X-Guarded"] == "yes"


def compare(rounds: int, seconds: int) -> dict[str, Any] | None:
    """Both rates and their ratio; ``None`` where the middleware sees nothing."""
    names = ("erlen", "erlen_guarded")
    with ExitStack() as stack:
        stack.enter_context(kept_to(MEASURED))
        servers = [Server(sys.executable, "asgi", f"asgi_apps:{name}") for name in names]
        for server in servers:
            stack.callback(server.close)
        for server in servers:
            server.ready()
            warm_up(server, "/")
        if not passes(servers[1]):
            return None
        rates = [[load(server, "/", seconds) for server in servers] for _ in range(rounds)]
    return {
        "without": statistics.median(without for without, _ in rates),
        "behind": statistics.median(behind for _, behind in rates),
        "least": MIDDLEWARE.bound,
        **summary([behind / without for without, behind in rates]),
    }


def tell(row: dict[str, Any] | None) -> None:
    """Print the row."""
    if row is None:
        print("  MISSED: the middleware does not see the requests, so that no rate is its own")
        return
    print(f"  {row['without']:10,.0f}{row['behind']:12,.0f}{spread(row)}, goal {MIDDLEWARE.goal}")
