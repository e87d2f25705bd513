"""Attacks on a running server: each is a function ``case_NUMBER_…`` of a module of this package,
and takes a :class:`faulty.Faulty`.  pytest runs them (``tests/security/test_attacks.py``), and
``make attack`` does, which prints a line for each.

The numbers are those of docs/security.md.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from exchange import exchange, request
from faulty import Faulty
from processes import eventually, memory

MODULES = (
    "framing", "shared_state", "loop_held", "threads_held", "silence", "answers", "sockets",
    "files", "exits", "time_by_input", "by_the_book", "streams",
)  # fmt: skip
_NAME = re.compile(r"case_(\d+)_(\w+)")
THREADS = 8
WAITING = 64
# Seconds, of headers and of bodies.
PATIENCE = 2
# A machine that does other things besides may take so long for a page.
SECONDS = 2
OPTIONS = {
    "asgi": ("--threads", str(THREADS), "--request-timeout", str(PATIENCE)),
    "wsgi": ("--threads", str(THREADS)),
}


@dataclass(frozen=True)
class Case:
    """One attack.

    :param kind: the general mistake that it would find
    :param interfaces: where it can be
    :param seconds: how long it may take
    :param megabytes: how much more the worker may have in use behind it
    """

    number: int
    kind: str
    title: str
    interfaces: tuple[str, ...]
    seconds: float
    megabytes: float
    run: Callable[[Faulty], Any]

    def __str__(self) -> str:
        return f"case_{self.number}_{self.kind}_{self.title}".replace(" ", "_")


def bounds(
    interfaces: str = "asgi wsgi", seconds: float = 10, megabytes: float = 30
) -> Callable[[Any], Any]:
    """What holds for a case, where it is not the usual."""

    def decorate(function: Any) -> Any:
        function.bounds = tuple(interfaces.split()), seconds, megabytes
        return function

    return decorate


def every() -> list[Case]:
    """All cases, in the order of their numbers."""
    found = []
    for name in MODULES:
        module = import_module(f"attacks.{name}")
        for function in vars(module).values():
            match = _NAME.fullmatch(getattr(function, "__name__", ""))
            if match is None or getattr(function, "__module__", "") != module.__name__:
                continue
            usual = (("asgi", "wsgi"), 10, 30)
            interfaces, seconds, megabytes = getattr(function, "bounds", usual)
            title = match[2].replace("_", " ")
            kind = name.replace("_", " ")
            found.append(Case(int(match[1]), kind, title, interfaces, seconds, megabytes, function))
    return sorted(found, key=lambda case: case.number)


def start(interface: str) -> Faulty:
    """The server that is attacked."""
    return Faulty(
        interface,
        "--header-timeout",
        str(PATIENCE),
        *OPTIONS[interface],
        environ={"FAULTS_WAITING": str(WAITING)},
    )


def page(server: Faulty, path: str = "/probe", seconds: float = SECONDS) -> None:
    """Another client, who wants a page and gets it in time."""
    began = time.monotonic()
    answer = exchange(server.port, request(path))
    taken = time.monotonic() - began
    assert (answer.status, answer.complete) == (200, True), answer
    assert taken < seconds, f"a page took {taken:.1f} seconds"


def attack(server: Faulty, case: Case) -> tuple[float, float]:
    """Run a case, and see that the server is what it was before.

    :returns: seconds, and megabytes that the worker has more
    """
    worker, before = server.worker, memory(server.worker)
    began = time.monotonic()
    case.run(server)
    seconds = time.monotonic() - began
    assert server.worker == worker, "the worker died"
    page(server)
    page(server, "/async")
    # Every request that began has been torn down, and every body closed.
    server.settled_counts()
    grown = eventually(lambda: memory(worker) - before, lambda more: more < case.megabytes, 10)
    assert grown < case.megabytes, f"the worker has {grown:.0f} MB more"
    assert seconds < case.seconds, f"it took {seconds:.1f} seconds"
    return seconds, grown
