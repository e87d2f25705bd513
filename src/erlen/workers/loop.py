"""The background event loop: where async views run when the server is synchronous.

One loop serves the process for the whole of its life, on a thread of its own, so that what an
async library keeps per loop (connection pools, locks) survives from request to request.
"""

from __future__ import annotations

import os
import threading
from contextvars import Context, copy_context
from typing import TYPE_CHECKING, Any

from .variables import carry_into, carry_out

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, Task
    from collections.abc import Coroutine
    from concurrent.futures import Future

#: ``home.loop`` is the server's event loop in a thread that works for it, ``home.results`` what
#: brings it results. ``home.waits`` is told what the thread waits for. ``home.conversation`` is
#: with the task that awaits for the thread.
home = threading.local()

_lock = threading.Lock()
_loop: AbstractEventLoop | None = None
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
        if _loop is None or _thread is None or not _thread.is_alive():
            import asyncio

            _loop = asyncio.new_event_loop()
            _thread = threading.Thread(target=_loop.run_forever, name="erlen-loop", daemon=True)
            _thread.start()
        return _loop


def _forget_loop() -> None:
    """A fork has no threads: the child starts a loop of its own."""
    global _lock, _loop, _thread
    _lock = threading.Lock()
    _loop = _thread = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_loop)


def run_blocking(coroutine: Coroutine[Any, Any, Any], context: Context | None = None) -> Any:
    """Run ``coroutine`` on an event loop and wait for its result: on the loop of the server that
    this thread works for, otherwise on the background loop.

    Context variables are seen by the coroutine, and what it sets is seen by the caller.

    :param context: where it runs, and nobody else meanwhile; by default in a copy of the caller's
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
    from asyncio import CancelledError
    from concurrent.futures import Future

    if context is None:
        context = copy_context()
    else:
        carry_into(context)
    done: Future[Any] = Future()
    waits = getattr(home, "waits", None) or Waits()

    def start() -> None:
        task = loop.create_task(coroutine, context=context)
        waits.begin(task)

        def finish(_: Any) -> None:
            if task.cancelled():
                done.set_exception(CancelledError())
            elif (error := task.exception()) is not None:
                done.set_exception(error)
            else:
                done.set_result(task.result())

        task.add_done_callback(finish)

    loop.call_soon_threadsafe(start)
    try:
        return done.result()
    except BaseException:
        if not done.done():
            # The waiting thread was interrupted (Ctrl-C, a worker timeout).
            loop.call_soon_threadsafe(waits.end)
        raise
    finally:
        carry_out(context)


def run_soon(coroutine: Coroutine[Any, Any, Any]) -> Future[Any]:
    """Start ``coroutine`` on the event loop of this thread, of the server that it works for, or in
    the background; without the context variables of the caller."""
    from concurrent.futures import Future

    loop = _running_loop() or getattr(home, "loop", None) or _background_loop()
    outcome: Future[Any] = Future()

    def start() -> None:
        task = loop.create_task(coroutine)

        def finish(_: Any) -> None:
            if task.cancelled():
                outcome.cancel()
            elif (error := task.exception()) is not None:
                outcome.set_exception(error)
            else:
                outcome.set_result(None)

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
