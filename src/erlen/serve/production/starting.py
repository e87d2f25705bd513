"""While a process of the server starts, a signal ends it at once: nothing is served yet that would
have to be finished."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# How long start-up functions may take to end when they are cancelled.
_SECONDS_TO_CLEAN_UP = 1


def hold(*numbers: int) -> set[int]:
    """Let signals wait in this thread; Windows has no such thing.

    :return: those that waited before
    """
    if sys.platform == "win32":
        return set()
    return set(signal.pthread_sigmask(signal.SIG_BLOCK, numbers))


def let_through(*numbers: int) -> None:
    """Take signals again, also those that came meanwhile."""
    if sys.platform != "win32":
        signal.pthread_sigmask(signal.SIG_UNBLOCK, numbers)


@contextmanager
def signals_held() -> Iterator[None]:
    """Let SIGTERM and SIGINT wait in this thread, and in a process that is started inside.

    A forked process has the handlers of its parent at first. A signal that they took would be lost.
    """
    before = hold(signal.SIGTERM, signal.SIGINT)
    try:
        yield
    finally:
        if sys.platform != "win32":
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


def end_by(*numbers: int) -> None:
    """In the new process: these signals end it, also one that has waited in
    :func:`signals_held`."""
    for number in numbers:
        signal.signal(number, signal.SIG_DFL)
    let_through(*numbers)


@contextmanager
def ends_with(child: int) -> Iterator[None]:
    """Take a child along when this process is told to end, or the block raises."""
    handlers = {}

    def end(number: int, frame: Any) -> None:
        os.kill(child, signal.SIGKILL)
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    is_main = threading.current_thread() is threading.main_thread()
    for number in (signal.SIGTERM, signal.SIGHUP) if is_main else ():
        if signal.getsignal(number) == signal.SIG_DFL:
            handlers[number] = signal.signal(number, end)
    try:
        yield
    except BaseException:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        raise
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


class StartUp:
    """The start-up functions of a worker on its event loop: SIGTERM cancels them and ends it.

    :param tell: is called when they are through
    """

    def __init__(self, tell: Callable[[], None]) -> None:
        self._tell = tell
        self._is_stopped = False
        self._cancel: Callable[[], None] | None = None

    def listen(self) -> None:
        """From here on they can be stopped, and before they have begun. The loop's own handler is
        called too, as it hears of signals by a file descriptor."""
        signal.signal(signal.SIGTERM, self._stop)
        if sys.platform != "win32":
            signal.siginterrupt(signal.SIGTERM, False)
        let_through(signal.SIGTERM)

    def _stop(self, number: int, frame: Any) -> None:
        self._is_stopped = True
        if self._cancel is not None:
            self._cancel()

    @contextmanager
    def around(self) -> Iterator[None]:
        """Stands around the functions.

        :raises SystemExit: if it was stopped
        """
        loop, task = asyncio.get_running_loop(), asyncio.current_task()

        def cancel() -> None:
            timer = threading.Timer(_SECONDS_TO_CLEAN_UP, os._exit, [128 + signal.SIGTERM])
            timer.daemon = True
            timer.start()
            if task is not None:
                loop.call_soon_threadsafe(task.cancel)

        self._cancel = cancel
        try:
            if not self._is_stopped:
                yield
        except asyncio.CancelledError:
            if not self._is_stopped:
                raise
        finally:
            self._cancel = None
        if self._is_stopped:
            raise SystemExit(128 + signal.SIGTERM)
        self._tell()
