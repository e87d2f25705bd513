"""The threads that run synchronous views on ASGI.

One bounded pool serves the process.  A thread takes its work from a queue and hands the result to
the event loop that waits for it; results that come close together wake the loop once.
"""

from __future__ import annotations

import os
from collections import deque
from contextlib import contextmanager
from contextvars import Context
from queue import SimpleQueue
from threading import Lock, Thread, local
from time import monotonic
from typing import TYPE_CHECKING, Any
from weakref import ref

from .exits import contained
from .loop import home

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Callable, Iterator


# A small pool lets so many wait.
_LEAST_ASIDE = 8
# Seconds that the loop has before a thread counts as one that waits for it, and how often that
# thread looks whether the others wait as well.
_SOON = 0.05
_STUCK = 0.25


class PoolFull(Exception):
    """All threads are busy, and as many calls wait for one as may wait: a new request is refused.
    One that was begun waits however long that takes, so that its teardown runs."""


class _Results:
    """The results for one event loop."""

    def __init__(self, loop: AbstractEventLoop) -> None:
        self._done: deque[tuple[Any, Any, BaseException | None, Any]] = deque()
        self._is_woken = False
        self.loop = ref(loop)
        self._event = -1
        if hasattr(os, "eventfd"):
            # PERF: waking the loop by a descriptor of our own is one call of the system's, where
            # call_soon_threadsafe() makes a handle and reads until there is nothing to read.
            event = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
            try:
                # The loop keeps the Context of who asks, which would be a request's.
                Context().run(loop.add_reader, event, self._deliver)
            except NotImplementedError:
                os.close(event)
            else:
                self._event = event

    def __del__(self) -> None:
        if self._event >= 0:
            os.close(self._event)

    def add(self, future: Any, value: Any, error: BaseException | None, drop: Any = None) -> bool:
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
        loop = self.loop()
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
                # An error may keep this frame, by the one that it was raised in.
                del future, value, error, drop
        finally:
            if done and not self._is_woken:
                # A conversation that ends the program: the others are still there.
                self._wake()


class _Here(local):
    """What a thread has."""

    #: The results for the loop that it runs.
    results: _Results | None = None


_here = _Here()


class ThreadPool:
    """Runs functions for event loops.

    :param size: the most threads; they start when they are needed, and stay
    :param max_waiting: how many calls may wait for a thread when another request comes
    """

    def __init__(self, size: int, max_waiting: int) -> None:
        self.size = size
        self.max_waiting = max_waiting
        self._queue: SimpleQueue[Any] = SimpleQueue()
        self._lock = Lock()
        self._threads = 0
        self._calls = 0
        # Threads that wait for clients, each with another in its place.
        self._aside = 0
        # Threads that wait for what they have given to the loop; and how many calls have ended.
        self._waiting = 0
        self._ended = 0
        # When there was last another one for that.
        self._relieved = 0.0

    @property
    def is_busy(self) -> bool:
        """Whether a call has to wait for a thread."""
        return self._calls >= self.size

    def start(
        self,
        loop: AbstractEventLoop,
        run: Callable[..., Any],
        function: Callable[..., Any],
        *args: Any,
        drop: Callable[[Any], None] | None = None,
        future: Any,
        is_new: bool = False,
    ) -> None:
        """Call ``run(function, *args)`` on a thread; the result comes on ``loop``, which runs.

        :param drop: is called on ``loop`` with a result whose future was cancelled meanwhile; with
            it, a function whose turn comes behind that is not called
        :param future: where the result is set
        :param is_new: whether it may be refused, as nothing was begun that has to be ended
        :raises PoolFull: if too many calls wait already for a new one
        """
        with self._lock:
            calls = self._calls
            if is_new and calls >= self.size + self.max_waiting:
                raise PoolFull()
            self._calls = calls + 1
            starts_thread = calls >= self._threads and self._threads < self.size + self._aside
            if starts_thread:
                self._threads += 1
        if starts_thread:
            self._start_thread()
        results = _here.results
        if results is None or results.loop() is not loop:
            results = _here.results = _Results(loop)
        self._queue.put((future, loop, results, run, function, args, drop))

    def _start_thread(self) -> None:
        # A thread may inherit the Context that it is started in, and keep it.
        Context().run(Thread(target=self._work, name="erlen-view", daemon=True).start)

    @contextmanager
    def stand_aside(self) -> Iterator[None]:
        """While a thread of this pool waits for a client, another may take its place: those who
        send their bodies slowly do not hold up who sends none.

        :raises PoolFull: if as many wait already as the pool has threads, or a few more than that
        """
        with self._lock:
            if self._aside >= max(self.size, _LEAST_ASIDE):
                raise PoolFull()
            self._aside += 1
            starts_thread = self._calls > self._threads < self.size + self._aside
            if starts_thread:
                self._threads += 1
        if starts_thread:
            self._start_thread()
        try:
            yield
        finally:
            with self._lock:
                self._aside -= 1

    def wait(self, lock: Any, seconds: float | None = None) -> bool:
        """Acquire a lock that the loop releases, on a thread of this pool.

        What the loop does until then may need a thread.  Where all of them wait so, and no call
        ends, another thread takes what has waited longest: one after the other, so that those who
        only wait for long do not make many.

        :param seconds: how long to wait; by default without an end
        :returns: whether it was released
        """
        if lock.acquire(timeout=_SOON):
            return True
        left = seconds
        with self._lock:
            self._waiting += 1
            ended = self._ended
        try:
            while not lock.acquire(timeout=_STUCK):
                ended = self._relieve(ended)
                if left is not None:
                    left -= _STUCK
                    if left <= 0:
                        return False
            return True
        finally:
            with self._lock:
                self._waiting -= 1

    def _relieve(self, ended: int) -> int:
        """Start another thread, if there is nobody who could end a call.

        :param ended: how many had ended when that was last looked at
        """
        now = monotonic()
        with self._lock:
            is_stuck = (
                self._ended == ended
                and now - self._relieved >= _STUCK
                and self._waiting >= self._threads - self._aside
                and self._calls > self._threads
            )
            if is_stuck:
                self._threads += 1
                self._relieved = now
            ended = self._ended
        if is_stuck:
            self._start_thread()
        return ended

    def _work(self) -> None:
        get = self._queue.get
        home.pool = self
        while True:
            future, loop, results, run, function, args, drop = get()
            home.loop = loop
            home.results = results
            value = error = None
            try:
                if drop is not None and future.cancelled():
                    # Nobody waits any more for what was to be begun.
                    drop = None
                else:
                    value = run(function, *args)
            except BaseException as raised:
                error = contained(raised)
                if isinstance(raised, StopIteration):
                    # A future cannot carry it.
                    error = RuntimeError("The function raised StopIteration.")
            with self._lock:
                self._calls -= 1
                self._ended += 1
                is_one_too_many = self._threads - self._waiting > self.size + self._aside
                if is_one_too_many:
                    self._threads -= 1
            results.add(future, value, error, drop)
            if is_one_too_many:
                return
            # Waiting for the next call must not keep this one alive.
            del future, loop, results, run, function, args, drop, value, error


_DEFAULT_SIZE = 32
_DEFAULT_WAITING = 1024

_pool: ThreadPool | None = None
_streams: ThreadPool | None = None
_pool_lock = Lock()


def get_pool(size: int | None = None, max_waiting: int | None = None) -> ThreadPool:
    """The pool of the process, made at first use.

    :param size: the most threads; a larger number than before makes the pool larger
    :param max_waiting: how many calls may wait when a new one comes
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
    _streams.size, _streams.max_waiting = pool.size, pool.max_waiting
    return _streams


def _forget_pool() -> None:
    """A fork has no threads: the child starts its own."""
    global _pool, _streams, _pool_lock
    _pool = _streams = None
    _pool_lock = Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_pool)
