"""Threads that are greenlets: gevent's, where it has patched the standard library.

All greenlets of a server share one thread of the system. An event loop in one of them would stop
the others, so it has a thread of the system to itself; greenlets wait for it as they wait for
anything, and others run meanwhile.
"""

from __future__ import annotations

import sys
from contextvars import Context
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop


def threads_are_greenlets() -> bool:
    """Whether a ``threading.Thread`` is a greenlet here."""
    monkey = sys.modules.get("gevent.monkey")
    return monkey is not None and bool(monkey.is_module_patched("threading"))


def start_loop_on_system_thread() -> AbstractEventLoop:
    """Run an event loop on a thread that gevent has not replaced."""
    import asyncio

    start, make_lock = sys.modules["gevent.monkey"].get_original(
        "_thread", ("start_new_thread", "allocate_lock")
    )
    made: list[Any] = []
    runs = make_lock()
    runs.acquire()

    def run() -> None:
        # gevent's selector belongs to the thread that makes it.
        try:
            loop = asyncio.new_event_loop()
            loop.call_soon(runs.release)
        except BaseException as error:
            made.append(error)
            runs.release()
            return
        made.append(loop)
        loop.run_forever()

    start(Context().run, (run,))
    runs.acquire()
    if isinstance(made[0], BaseException):
        raise made[0]
    loop: AbstractEventLoop = made[0]
    return loop
