"""Signals that are to end a process with all that it has started."""

from __future__ import annotations

import os
import signal
import time

import pytest
from processes import eventually, group_of

# A loaded machine may take so long, and the deadline of requests is far behind.
SECONDS = 5

signals = pytest.mark.parametrize(
    ("how", "to_all"),
    [(signal.SIGTERM, False), (signal.SIGINT, False), (signal.SIGINT, True)],
    ids=["SIGTERM", "SIGINT", "Ctrl-C"],
)


def stop(served, how, to_all=False):
    """Send a signal to the process alone, or as a terminal does, and wait for the tree to end.

    :return: how many seconds it took
    """
    began = time.monotonic()
    if to_all:
        os.killpg(served.process.pid, how)
    else:
        served.process.send_signal(how)
    served.process.wait(60)
    left = eventually(lambda: group_of(served.process.pid), lambda found: not found)
    assert not left, f"{left} are left:\n{served.output}"
    return time.monotonic() - began
