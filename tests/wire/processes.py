"""What a process takes, as Linux tells it."""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


def _status(pid: int, field: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        name, _, value = line.partition(":")
        if name == field:
            return int(value.split()[0])
    raise KeyError(field)


def memory(pid: int) -> float:
    """Megabytes that are in use."""
    return _status(pid, "VmRSS") / 1024


def peak_memory(pid: int) -> float:
    """The most megabytes that were in use at once."""
    return _status(pid, "VmHWM") / 1024


def threads(pid: int) -> int:
    return _status(pid, "Threads")


def descriptors(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))


def cpu_seconds(pid: int) -> float:
    """The time that the process has computed."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def watches(pid: int, folder: Path) -> bool:
    """Whether the system tells a process of changes in a folder."""
    wanted = f"ino:{folder.stat().st_ino:x} "
    with contextlib.suppress(OSError):
        for info in Path(f"/proc/{pid}/fdinfo").iterdir():
            with contextlib.suppress(OSError):
                if any(
                    line.startswith("inotify ") and wanted in line
                    for line in info.read_text().splitlines()
                ):
                    return True
    return False


def is_alive(pid: int) -> bool:
    """Whether a process runs: one that has ended and is not reaped yet does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def children(pid: int) -> list[int]:
    """The processes that a process has started."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def unread(client: socket.socket) -> int:
    """How many bytes of what this end of a connection has sent the other has not read."""
    ours, theirs = client.getsockname()[1], client.getpeername()[1]
    left = 0
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, local, remote, _, queues, *_ = line.split()
        ports = int(local.partition(":")[2], 16), int(remote.partition(":")[2], 16)
        sending, _, receiving = queues.partition(":")
        if ports == (ours, theirs):
            left += int(sending, 16)
        elif ports == (theirs, ours):
            left += int(receiving, 16)
    return left


def eventually(read: Callable[[], Any], wanted: Callable[[Any], bool], seconds: float = 60) -> Any:
    """Read until the value is wanted; the last value that was read."""
    limit = time.monotonic() + seconds
    while not wanted(value := read()) and time.monotonic() < limit:
        time.sleep(0.02)
    return value


def group_of(leader: int) -> list[int]:
    """The processes of a group that have not ended."""
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdigit():
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                if int(fields[2]) == leader and fields[0] != "Z":
                    found.append(int(entry.name))
    return found
