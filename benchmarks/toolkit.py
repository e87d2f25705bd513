"""The toolkit against Werkzeug's, statement by statement."""

from __future__ import annotations

import sys
from typing import Any

import ratios
from toolkit_worker import BLOCK

# Nothing may be slower; what is the same C code on both sides is measured up to so far apart.
LARGEST = 1.05
SCRIPT = "toolkit_worker.py"


def compare(peers: str, rounds: int, seconds: float) -> dict[str, Any]:
    """Microseconds of each statement, and the ratios Erlen/Werkzeug.

    :param peers: the interpreter of the peers' environment
    """
    own = ratios.Worker(sys.executable, "erlen", SCRIPT)
    peer = ratios.Worker(peers, "werkzeug", SCRIPT)
    targets = dict.fromkeys(own.scenarios, LARGEST)
    table = ratios.compare(own, peer, targets, rounds, seconds, BLOCK)
    peer.close()
    own.close()
    return table
