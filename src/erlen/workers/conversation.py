"""A function on a thread, and the task that waits for it.

What is asynchronous in the function is awaited by that task: it is where it would be without the
thread, a new task is made for nothing, and it ends when its task is cancelled.
"""

from __future__ import annotations

from _thread import allocate_lock
from asyncio import CancelledError, current_task
from contextlib import suppress
from contextvars import copy_context
from typing import TYPE_CHECKING, Any

from .attend import attend
from .loop import home
from .variables import carry

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Callable, Coroutine, Generator
    from contextvars import Context

    from .attend import Client
    from .pool import ThreadPool


class Conversation:
    """Takes turns: the thread runs until it has an answer or something to await.

    It is what the task awaits meanwhile, by the protocol of asyncio's futures.

    PERF: the loop's callback that brings the result steps the task at once, where a future would
    have it stepped in the loop's next round.

    :param loop: that of the task
    :param client: who it is for; what is awaited ends when the client goes away
    :param prepare: is called on the thread before something is awaited
    """

    _asyncio_future_blocking = False
    _is_cancelled = False
    # What steps the task, and where.
    _callback: Callable[..., Any] | None = None
    _context: Context | None = None
    # What the thread has: a result or an error; this object, if something is to be awaited.
    _found: Any = None
    _failure: BaseException | None = None
    # What is to be awaited, and what came of it.
    _lock: Any = None
    _coroutine: Any = None
    _value: Any = None
    _error: BaseException | None = None
    _variables: Any = None

    def __init__(
        self, loop: AbstractEventLoop, client: Client, prepare: Callable[[], None] | None = None
    ) -> None:
        self._loop = loop
        self._client = client
        self._prepare = prepare
        # What the task and the thread have got of each other's variables.
        self._carried_in: dict[Any, Any] = {}
        self._carried_out: dict[Any, Any] = {}

    async def run(
        self,
        pool: ThreadPool,
        context: Context,
        function: Callable[..., Any],
        *args: Any,
        drop: Callable[[Any], None],
    ) -> Any:
        """Await ``function(*args)``, called on a thread of ``pool`` in ``context``.

        If this is cancelled, the thread goes on; what it has still to await gets a task of its own.

        :param drop: is called with a result that came too late
        :raises PoolFull: if too many calls wait already
        """
        pool.start(
            self._loop,
            context.run,
            self._talk,
            function,
            args,
            drop=drop,
            future=self,
            is_new=True,
        )
        # Who has gone while it waited for a thread is not begun with.
        found = await (attend(self, self._client) if pool.is_busy else self)
        while found is self:
            await self._take_turn()
            found = await self
        return found

    async def _take_turn(self) -> None:
        carry(self._variables, self._carried_in)
        try:
            self._value = await attend(self._coroutine, self._client)
        except BaseException as error:
            self._error = error
            if isinstance(error, CancelledError) and current_task().cancelling():  # type: ignore[union-attr]
                self._is_cancelled = True
                raise
        finally:
            self._variables = copy_context()
            self._lock.release()

    def _go_on_alone(self, _: Any) -> None:
        """Await on behalf of a thread whose task is no more there."""

        async def turn() -> None:
            # What is raised is the thread's.
            with suppress(CancelledError):
                await self._take_turn()

        self._loop.create_task(turn())

    # -- what the thread does ------------------------------------------------------------

    def _talk(self, function: Callable[..., Any], args: tuple[Any, ...]) -> Any:
        home.conversation = self
        try:
            return function(*args)
        finally:
            home.conversation = None

    def wait(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """On the thread: what ``coroutine`` returns, which the task awaits.  Context variables are
        carried there and back.

        :raises HTTPException: if the body of the request was to be received before, and was not
        :raises RuntimeError: if the loop of the task is closed
        """
        if self._prepare is not None:
            try:
                self._prepare()
            except BaseException:
                coroutine.close()
                raise
        lock = self._lock
        if lock is None:
            lock = self._lock = allocate_lock()
            lock.acquire()
        self._coroutine = coroutine
        self._variables = copy_context()
        if not home.results.add(self, self, None, self._go_on_alone):
            coroutine.close()
            raise RuntimeError("The event loop of the server is closed.")
        pool = getattr(home, "pool", None)
        if pool is None:
            lock.acquire()
        else:
            pool.wait(lock)
        carry(self._variables, self._carried_out)
        value, error = self._value, self._error
        self._coroutine = self._value = self._error = self._variables = None
        if error is None:
            return value
        try:
            raise error
        finally:
            del error

    # -- what the task awaits ------------------------------------------------------------

    def __await__(self) -> Generator[Any, Any, Any]:
        self._asyncio_future_blocking = True
        yield self
        return self.result()

    def get_loop(self) -> AbstractEventLoop:
        """That of the task."""
        return self._loop

    def add_done_callback(self, callback: Callable[..., Any], *, context: Context) -> None:
        """Keep what steps the task."""
        self._callback, self._context = callback, context

    def cancel(self, msg: Any = None) -> bool:
        """The task is cancelled while it awaits this."""
        callback = self._callback
        if callback is None:
            return False
        self._callback = None
        self._is_cancelled = True
        self._loop.call_soon(callback, self, context=self._context)
        return True

    def cancelled(self) -> bool:
        """Whether nobody waits any more."""
        return self._is_cancelled

    def result(self) -> Any:
        """What the thread has.

        :raises CancelledError: if the task is cancelled
        :raises BaseException: what the function raised
        """
        if self._is_cancelled:
            raise CancelledError()
        error, self._failure = self._failure, None
        if error is None:
            return self._found
        try:
            raise error
        finally:
            del error

    def set_result(self, value: Any) -> None:
        """The thread has something."""
        self._found = value
        callback, self._callback = self._callback, None
        self._context.run(callback, self)  # type: ignore[union-attr, arg-type]

    def set_exception(self, error: BaseException) -> None:
        """The function failed."""
        self._failure = error
        self.set_result(None)
