"""The cores that are measured on.

A process that the scheduler moves between cores, one of which has more to do, is measured with
noise that is larger than what frameworks differ by.  So what is measured stays on one core, and
what makes the load on another.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

MEASURED, LOAD = 0, 1
_CORES = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []


@contextmanager
def kept_to(number: int) -> Iterator[None]:
    """Keep this process, and those that it starts meanwhile, to one of the cores.

    :param number: which of those that this process may use; the last one, where there are fewer
    """
    if not _CORES:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {_CORES[min(number, len(_CORES) - 1)]})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
