"""The threads that run synchronous views on ASGI.

One bounded pool serves the process.  A thread takes its work from a queue and hands the result to
the event loop that waits for it; results that come close together wake the loop once.
"""

from __future__ import annotations

import os
from collections import deque
from contextvars import copy_context
from queue import SimpleQueue
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary, ref

from .loop import home
from .variables import carry_out

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, Future
    from collections.abc import Callable
    from contextvars import Context


class PoolFull(Exception):
    """All threads are busy, and as many calls wait for one as may wait."""


class _Results:
    """The results for one event loop."""

    def __init__(self, loop: AbstractEventLoop) -> None:
        self._done: deque[tuple[Future[Any], Any, BaseException | None, Any]] = deque()
        self._is_woken = False
        self._loop = ref(loop)
        self._event = -1
        if hasattr(os, "eventfd"):
            # PERF: waking the loop by a descriptor of our own is one call of the system's, where
            # call_soon_threadsafe() makes a handle and reads until there is nothing to read.
            event = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
            try:
                loop.add_reader(event, self._deliver)
            except NotImplementedError:
                os.close(event)
            else:
                self._event = event

    def __del__(self) -> None:
        if self._event >= 0:
            os.close(self._event)

    def add(
        self, future: Future[Any], value: Any, error: BaseException | None, drop: Any = None
    ) -> bool:
        """From any thread.

        :returns: whether the loop is there
        """
        self._done.append((future, value, error, drop))
        if not self._is_woken:
            try:
                self._wake()
            except RuntimeError:
                # Nobody waits any more.
                self._done.clear()
                return False
        return True

    def _wake(self) -> None:
        """:raises RuntimeError: if the loop is closed"""
        self._is_woken = True
        loop = self._loop()
        if loop is None or loop.is_closed():
            raise RuntimeError("The event loop is closed.")
        if self._event >= 0:
            os.eventfd_write(self._event, 1)
        else:
            loop.call_soon_threadsafe(self._deliver)

    def _deliver(self) -> None:
        if self._event >= 0:
            os.eventfd_read(self._event)
        # First, so that a result that comes from here on wakes the loop again.
        self._is_woken = False
        done = self._done
        try:
            while done:
                future, value, error, drop = done.popleft()
                if future.cancelled():
                    if drop is not None and error is None:
                        drop(value)
                elif error is None:
                    future.set_result(value)
                else:
                    future.set_exception(error)
        finally:
            if done and not self._is_woken:
                # A conversation that ends the program: the others are still there.
                self._wake()


class ThreadPool:
    """Runs functions for event loops.

    :param size: the most threads; they start when they are needed, and stay
    :param max_waiting: how many calls may wait for a thread
    """

    def __init__(self, size: int, max_waiting: int) -> None:
        self.size = size
        self.max_waiting = max_waiting
        self._queue: SimpleQueue[Any] = SimpleQueue()
        self._lock = Lock()
        self._threads = 0
        self._calls = 0
        self._results: WeakKeyDictionary[AbstractEventLoop, _Results] = WeakKeyDictionary()

    def start(
        self,
        loop: AbstractEventLoop,
        context: Context,
        function: Callable[..., Any],
        *args: Any,
        drop: Callable[[Any], None] | None = None,
        future: Any = None,
    ) -> Any:
        """Run ``function(*args)`` in ``context``; the result comes on ``loop``, which runs.

        :param drop: is called on ``loop`` with a result whose future was cancelled meanwhile
        :param future: where the result is set, by default a new one
        :raises PoolFull: if too many calls wait already
        """
        with self._lock:
            calls = self._calls
            if calls >= self.size + self.max_waiting:
                raise PoolFull()
            self._calls = calls + 1
            starts_thread = calls >= self._threads and self._threads < self.size
            if starts_thread:
                self._threads += 1
        if starts_thread:
            Thread(target=self._work, name="erlen-view", daemon=True).start()
        results = self._results.get(loop)
        if results is None:
            results = self._results[loop] = _Results(loop)
        if future is None:
            future = loop.create_future()
        self._queue.put((future, loop, results, context, function, args, drop))
        return future

    def _work(self) -> None:
        get = self._queue.get
        while True:
            future, loop, results, context, function, args, drop = get()
            home.loop = loop
            home.results = results
            value = error = None
            try:
                value = context.run(function, *args)
            except BaseException as raised:
                error = raised
                if isinstance(raised, StopIteration):
                    # A future cannot carry it.
                    error = RuntimeError("The function raised StopIteration.")
            with self._lock:
                self._calls -= 1
            results.add(future, value, error, drop)
            # Waiting for the next call must not keep this one alive.
            del future, loop, results, context, function, args, drop, value, error


_DEFAULT_SIZE = 32
_DEFAULT_WAITING = 1024

_pool: ThreadPool | None = None
_streams: ThreadPool | None = None
_pool_lock = Lock()


def get_pool(size: int | None = None, max_waiting: int | None = None) -> ThreadPool:
    """The pool of the process, made at first use.

    :param size: the most threads; a larger number than before makes the pool larger
    :param max_waiting: how many calls may wait
    """
    global _pool
    pool = _pool
    if pool is None:
        with _pool_lock:
            pool = _pool
            if pool is None:
                pool = _pool = ThreadPool(size or _DEFAULT_SIZE, _DEFAULT_WAITING)
    if size is not None:
        pool.size = size
    if max_waiting is not None:
        pool.max_waiting = max_waiting
    return pool


def get_stream_pool() -> ThreadPool:
    """The threads for bodies that applications make piece by piece, made at first use: as many as
    the pool of the process has.  However many of them wait for their next piece, other requests
    find a thread."""
    global _streams
    pool = get_pool()
    if _streams is None:
        with _pool_lock:
            if _streams is None:
                _streams = ThreadPool(pool.size, pool.max_waiting)
    _streams.size = pool.size
    return _streams


def _forget_pool() -> None:
    """A fork has no threads: the child starts its own."""
    global _pool, _streams, _pool_lock
    _pool = _streams = None
    _pool_lock = Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_pool)


async def run_in_thread(
    function: Callable[..., Any],
    *args: Any,
    context: Context | None = None,
    pool: ThreadPool | None = None,
    interrupt: Callable[[], None] | None = None,
) -> Any:
    """Await ``function(*args)``, called in the pool.

    If this is cancelled, the function runs to its end all the same, and is waited for.

    :param context: the context variables that the function sees and changes, and nobody else
        meanwhile; by default it sees a copy of the current ones, and what it sets is seen here
        afterwards
    :param pool: whose thread, by default that of the process's pool
    :param interrupt: is called if this is cancelled, to let the function end sooner
    :raises PoolFull: if too many calls wait already
    """
    from asyncio import CancelledError, get_running_loop, shield

    seen = copy_context() if context is None else context
    future = (pool or get_pool()).start(get_running_loop(), seen, function, *args)
    cancelled: CancelledError | None = None
    while True:
        try:
            value = await shield(future)
            break
        except CancelledError as error:
            # The function's own is its result, and would come again each time.
            if future.cancelled() or (future.done() and future.exception() is error):
                raise
            cancelled = error
            if interrupt is not None:
                interrupt()
        except BaseException:
            if context is None:
                carry_out(seen)
            raise
    if context is None:
        carry_out(seen)
    if cancelled is not None:
        raise cancelled
    return value
