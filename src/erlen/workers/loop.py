"""The background event loop: where async views run when the server is synchronous.

One loop serves the process for the whole of its life, on a thread of its own, so that what an
async library keeps per loop (connection pools, locks) survives from request to request.
"""

from __future__ import annotations

import os
import threading
from _thread import allocate_lock
from contextvars import Context
from functools import partial
from typing import TYPE_CHECKING, Any

from .greenlets import start_loop_on_system_thread, threads_are_greenlets
from .variables import Variables

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, Task
    from collections.abc import Callable, Coroutine
    from concurrent.futures import Future

#: ``home.loop`` is the server's event loop in a thread that works for it, ``home.results`` what
#: brings it results, ``home.pool`` the pool that the thread is of. ``home.waits`` is told what the
#: thread waits for. ``home.conversation`` is with the task that awaits for the thread.
home: threading.local = threading.local()

_lock = threading.Lock()
_loop: AbstractEventLoop | None = None
# None as well where the loop is on a thread that threading does not know.
_thread: threading.Thread | None = None


class Waits:
    """What a thread waits for on an event loop, for who may have to end that."""

    def __init__(self) -> None:
        self._task: Task[Any] | None = None
        self._is_over = False

    def begin(self, task: Task[Any]) -> None:
        """On the loop: the thread waits for ``task``."""
        self._task = task
        if self._is_over:
            task.cancel()

    def end(self) -> None:
        """On the loop: cancel what the thread waits for, now and from now on."""
        self._is_over = True
        if self._task is not None:
            self._task.cancel()


def _background_loop() -> AbstractEventLoop:
    global _loop, _thread
    with _lock:
        if _loop is None or not (_loop.is_running() if _thread is None else _thread.is_alive()):
            import asyncio

            if _loop is not None and not _loop.is_running():
                # Its thread has ended.
                _loop.close()
            if threads_are_greenlets():
                _thread = None
                _loop = start_loop_on_system_thread()
                return _loop
            # A Context of its own: what a loop and a thread begin in, they keep.
            context = Context()
            _loop = context.run(asyncio.new_event_loop)
            _thread = threading.Thread(target=_loop.run_forever, name="erlen-loop", daemon=True)
            context.run(_thread.start)
        return _loop


def _forget_loop() -> None:
    """A fork has no threads: the child starts a loop of its own."""
    global _lock, _loop, _thread
    _lock = threading.Lock()
    _loop = _thread = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_loop)


def run_blocking(coroutine: Coroutine[Any, Any, Any], variables: Variables | None = None) -> Any:
    """Run ``coroutine`` on an event loop and wait for its result: on the loop of the server that
    this thread works for, otherwise on the background loop.

    Context variables are seen by the coroutine, and what it sets is seen by the caller.

    :param variables: in whose Context it runs, unless another coroutine is in that; by default it
        is a copy of the caller's
    :raises HTTPException: if the body of the request was to be received before, and was not
    :raises RuntimeError: on the thread of that loop, which would wait for itself
    """
    loop = getattr(home, "loop", None) or _background_loop()
    if loop.is_running() and loop is _running_loop():
        coroutine.close()
        raise RuntimeError(
            "An async function was called as a synchronous one inside of an async view."
            " Await it instead."
        )
    conversation = getattr(home, "conversation", None)
    if conversation is not None:
        return conversation.wait(coroutine)
    if variables is None or variables.is_taken:
        variables = Variables()
    return _Run(coroutine, variables, loop).wait()


class _Run:
    """A coroutine that runs on a loop while a thread waits for it."""

    _value: Any = None
    _error: BaseException | None = None
    _task: Task[None] | None = None

    def __init__(
        self, coroutine: Coroutine[Any, Any, Any], variables: Variables, loop: AbstractEventLoop
    ) -> None:
        self._coroutine = coroutine
        self._variables = variables
        self._loop = loop
        self._waits = getattr(home, "waits", None) or Waits()
        # PERF: a future of the standard library's has a condition and callbacks, too.
        self._is_running = allocate_lock()
        self._is_running.acquire()

    def wait(self) -> Any:
        """The result."""
        variables = self._variables
        variables.is_taken = True
        error = None
        try:
            self._loop.call_soon_threadsafe(self._start)
            pool = getattr(home, "pool", None)
            while not (
                self._is_running.acquire(timeout=1)
                if pool is None
                else pool.wait(self._is_running, 1)
            ):
                if self._task is not None and self._task.done():
                    if self._is_running.acquire(blocking=False):
                        # It was done just after that second.
                        break
                    # Cancelled before it began.
                    from asyncio import CancelledError

                    self._coroutine.close()
                    raise CancelledError
            variables.is_taken = False
            variables.carry_out()
            error = self._error
            if error is not None:
                raise error
            return self._value
        finally:
            if variables.is_taken:
                # The waiting thread was interrupted (Ctrl-C, a worker timeout).
                self._loop.call_soon_threadsafe(self._waits.end)
            # An error keeps this frame, which must not keep the error.
            self._error = error = self._task = None

    def _start(self) -> None:
        # The variables here are a copy of those of the thread.
        variables = self._variables
        variables.carry_in()
        self._task = self._loop.create_task(self._drive(), context=variables.context)
        self._waits.begin(self._task)

    async def _drive(self) -> None:
        # A task that ends by SystemExit ends the loop, on which others run.
        try:
            self._value = await self._coroutine
        except BaseException as error:
            self._error = error
        finally:
            self._is_running.release()


def make_runner() -> Callable[[Coroutine[Any, Any, Any]], Any]:
    """What runs coroutines one after the other as :func:`run_blocking` does, in one Context."""
    return partial(run_blocking, variables=Variables())


def run_soon(coroutine: Coroutine[Any, Any, Any]) -> Future[Any]:
    """Start ``coroutine`` on the event loop of this thread, of the server that it works for, or in
    the background; without the context variables of the caller."""
    from concurrent.futures import Future

    loop = _running_loop() or getattr(home, "loop", None) or _background_loop()
    outcome: Future[Any] = Future()

    async def drive() -> None:
        from asyncio import CancelledError

        # A task that ends by SystemExit ends the loop, on which others run.
        try:
            await coroutine
        except CancelledError:
            raise
        except BaseException as error:
            outcome.set_exception(error)
        else:
            outcome.set_result(None)

    def start() -> None:
        task = loop.create_task(drive())

        def finish(_: Any) -> None:
            if task.cancelled():
                coroutine.close()
                outcome.cancel()

        def cancel(_: Any) -> None:
            if outcome.cancelled():
                loop.call_soon_threadsafe(task.cancel)

        task.add_done_callback(finish)
        outcome.add_done_callback(cancel)

    loop.call_soon_threadsafe(start, context=Context())
    return outcome


def _running_loop() -> AbstractEventLoop | None:
    from asyncio import _get_running_loop

    return _get_running_loop()
