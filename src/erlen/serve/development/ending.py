"""How the development server is told to end, and ends."""

from __future__ import annotations

import atexit
import os
import signal
import sys
from contextlib import contextmanager, suppress
from threading import Timer, current_thread, main_thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# What runs at exit may take so many seconds, and threads that do not end by themselves.
_LONGEST_EXIT = 4.0


def leave_soon(status: int) -> None:
    """End the process after a while, if it has not ended by then."""
    last = Timer(_LONGEST_EXIT, os._exit, [status])
    last.daemon = True
    last.start()


def leave_threads_behind(status: int) -> None:
    """End the process when all that is to run at exit has run, before Python is taken down.

    A thread that is in Granian then, as one that has not come to serve yet, aborts the process.
    """

    def end() -> None:
        atexit.unregister(end)
        # This one was registered last, so that no other has run yet.
        atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            # It may be None, closed, or a pipe that nobody reads.
            with suppress(AttributeError, OSError, ValueError):
                stream.flush()
        os._exit(status)

    atexit.register(end)


@contextmanager
def interrupts_kill() -> Iterator[None]:
    """Let Ctrl-C end the process at once: nothing is served yet that would have to be finished.

    What Python raises for it may be lost, in a callback or where somebody catches everything.
    """
    with _exchanged(signal.SIGINT, signal.default_int_handler, signal.SIG_DFL):
        yield


@contextmanager
def sigterm_interrupts() -> Iterator[None]:
    """Let SIGTERM do what Ctrl-C does."""
    with _exchanged(signal.SIGTERM, signal.SIG_DFL, signal.default_int_handler):
        yield


@contextmanager
def _exchanged(number: int, usual: signal._HANDLER, other: signal._HANDLER) -> Iterator[None]:
    """Exchange the usual handler of a signal; one that somebody has set stays."""
    is_ours = current_thread() is main_thread() and signal.getsignal(number) == usual
    if is_ours:
        signal.signal(number, other)
    try:
        yield
    finally:
        if is_ours and signal.getsignal(number) == other:
            signal.signal(number, usual)
