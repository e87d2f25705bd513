"""A function on a thread, and the task that waits for it.

What is asynchronous in the function is awaited by that task: it is where it would be without the
thread, a new task is made for nothing, and it ends when its task is cancelled.
"""

from __future__ import annotations

from _thread import allocate_lock
from asyncio import CancelledError, Future, current_task, get_running_loop
from contextvars import copy_context
from typing import TYPE_CHECKING, Any

from .attend import attend
from .loop import home
from .variables import carry_out

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Callable, Coroutine
    from contextvars import Context

    from .attend import Client
    from .pool import ThreadPool


class Conversation:
    """Takes turns: the thread runs until it has an answer or something to await.

    :param loop: that of the task
    :param client: who it is for; what is awaited ends when the client goes away
    :param prepare: is called on the thread before something is awaited
    """

    __slots__ = (
        "_client",
        "_coroutine",
        "_error",
        "_future",
        "_lock",
        "_prepare",
        "_value",
        "_variables",
    )

    def __init__(
        self, loop: AbstractEventLoop, client: Client, prepare: Callable[[], None] | None = None
    ) -> None:
        self._client = client
        self._prepare = prepare
        self._future: Future[Any] = Future(loop=loop)
        self._lock: Any = None
        self._coroutine: Any = None
        self._value: Any = None
        self._error: BaseException | None = None
        self._variables: Context | None = None

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
        loop = self._future.get_loop()
        pool.start(loop, context, self._talk, function, args, drop=drop, future=self)
        while True:
            try:
                found = await self._future
            except CancelledError:
                future = self._future
                if not future.cancelled() and future.exception() is None:
                    self._drop(future.result(), drop)
                raise
            if found is not self:
                return found
            self._future = Future(loop=loop)
            await self._take_turn()

    def _drop(self, found: Any, drop: Callable[[Any], None]) -> None:
        if found is self:
            self._go_on_alone(found)
        else:
            drop(found)

    async def _take_turn(self) -> None:
        carry_out(self._variables)  # type: ignore[arg-type]
        try:
            self._value = await attend(self._coroutine, self._client)
        except BaseException as error:
            self._error = error
            if isinstance(error, CancelledError) and current_task().cancelling():  # type: ignore[union-attr]
                self._future.cancel()
                raise
        finally:
            self._variables = copy_context()
            self._lock.release()

    def _go_on_alone(self, _: Any) -> None:
        """Await on behalf of a thread whose task is no more there."""

        async def turn() -> None:
            try:
                await self._take_turn()
            except CancelledError:
                # The thread has it.
                pass

        get_running_loop().create_task(turn())

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
        lock.acquire()
        carry_out(self._variables)
        value, error = self._value, self._error
        self._coroutine = self._value = self._error = self._variables = None
        if error is None:
            return value
        try:
            raise error
        finally:
            del error

    # -- what delivers the results -------------------------------------------------------

    def cancelled(self) -> bool:
        """Whether nobody waits any more."""
        return self._future.cancelled()

    def set_result(self, value: Any) -> None:
        """The thread has something."""
        self._future.set_result(value)

    def set_exception(self, error: BaseException) -> None:
        """The function failed."""
        self._future.set_exception(error)
