"""How much memory a process has taken."""

from __future__ import annotations

import os


def knows_others() -> bool:
    """Whether the memory of other processes can be asked for."""
    return os.path.exists("/proc/self/status")


def peak(process: int | str = "self") -> float:
    """Megabytes of a process at its peak, since its program started.

    :param process: its number (Linux); by default this process
    """
    try:
        # Linux: getrusage would count what the parent process had before the program started.
        return _status(process, "VmHWM:")
    except OSError:
        if process != "self":
            raise
    import resource
    import sys

    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def resident(process: int) -> float:
    """Megabytes that a process has now (Linux)."""
    return _status(process, "VmRSS:")


def _status(process: int | str, field: str) -> float:
    with open(f"/proc/{process}/status") as status:
        for line in status:
            if line.startswith(field):
                return int(line.split()[1]) / 1024
    raise OSError(f"no {field} of process {process}")
