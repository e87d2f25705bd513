"""How much memory this process has taken."""

from __future__ import annotations


def peak() -> float:
    """Megabytes of this process at its peak, since its program started."""
    try:
        # Linux: getrusage would count what the parent process had before the program started.
        with open("/proc/self/status") as status:
            for line in status:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) / 1024
    except OSError:
        pass
    import resource
    import sys

    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
