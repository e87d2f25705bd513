"""To hand over: a thread calls a function for a task, which waits for it."""

from __future__ import annotations

from asyncio import CancelledError, get_running_loop
from contextvars import Context, ContextVar, copy_context
from functools import partial
from time import sleep
from typing import TYPE_CHECKING, Any

from .pool import get_pool
from .variables import carry_out

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Callable, Generator

    from .pool import ThreadPool

# Set for a moment, to know the Context that code runs in from others.
_probe: ContextVar[Any] = ContextVar("erlen.probe", default=None)
_nothing = _probe.get


class Call:
    """A function that a thread calls, to be awaited once, by a task.

    The thread is inside of the ``contextvars.Context`` of the task, which is itself inside only
    while it runs: what the function sets is seen by the task, and a token of one resets in the
    other.

    If the task is cancelled, the function runs to its end, and is waited for.

    PERF: it is itself what the task waits for, by the protocol of asyncio's futures: it refuses to
    be cancelled, where one of the loop's would need a ``shield`` around it, and steps the task at
    once, where that would take another turn of the loop.

    :raises PoolFull: if it is new, and too many calls wait already
    """

    # PERF: what most calls never change stands on the class.
    #: Whose thread; by default that of the process's pool.
    pool: ThreadPool | None = None
    #: Whether a full pool refuses it. What belongs to a request that was begun waits.
    is_new = False
    #: Where it runs, and nobody else meanwhile; by default where the task does.
    context: Context | None = None
    #: What becomes of a result that nobody waits for. With it, a task that is cancelled does not
    #: wait for the function.
    drop: Callable[[Any], None] | None = None
    #: Is called if the task is cancelled, to let the function end sooner.
    interrupt: Callable[[], None] | None = None
    _value: Any = None
    _error: BaseException | None = None
    _is_shared = _is_copied = _is_left = False
    # What steps the task, and where.
    _wakeup: Any = None
    _task_context: Any = None

    def __init__(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> None:
        self._function = partial(function, **kwargs) if kwargs else function
        self._args = args

    def __await__(self) -> Generator[Any, None, Any]:
        self._loop = loop = get_running_loop()
        if self.context is None:
            self._seen = copy_context()
            self._is_shared = True
        (self.pool or get_pool()).start(
            loop,
            self._run,
            self._function,
            *self._args,
            drop=self.drop,
            future=self,
            is_new=self.is_new,
        )
        del self._function, self._args
        self._asyncio_future_blocking = True
        error = None
        if self._is_shared:
            self._token = _probe.set(self)
        try:
            # The task calls add_done_callback() now, and leaves its Context.
            yield self
            error = self._error
            if error is not None:
                raise error
            return self._value
        finally:
            if self._is_copied:
                _probe.reset(self._token)
                carry_out(self.context)  # type: ignore[arg-type]
            # An error keeps this frame, which must not keep the error.
            self._value = self._error = error = None

    # -- on the thread -------------------------------------------------------------------

    def _run(self, function: Callable[..., Any], *args: Any) -> Any:
        try:
            if self._is_shared:
                pause = 0.0
                while not _is_free(self.context):
                    # The task is about to wait, and to leave its Context.
                    sleep(pause)
                    pause = min(pause + 1e-5, 1e-3)
            return self.context.run(function, *args)  # type: ignore[union-attr]
        finally:
            # An error keeps this frame, and the one of the task that waits.
            del function, args

    # -- what a task asks of a future ----------------------------------------------------

    def add_done_callback(self, callback: Any, *, context: Context | None = None) -> None:
        """The task waits.

        :param callback: steps it
        :param context: where
        """
        self._wakeup, self._task_context = callback, context
        if not self._is_shared:
            return
        if context is not None and context.get(_probe) is self and _probe.get() is self:
            _probe.reset(self._token)
            self.context = context
        else:
            # Something between drives the coroutine in another Context than the task's.
            self._is_copied = True
            self.context = self._seen
        del self._seen

    def cancel(self, msg: Any = None) -> bool:
        """The task is being cancelled.

        :returns: whether it is stepped for that; otherwise it is cancelled when the function ends
        """
        if self.interrupt is not None:
            self.interrupt()
        if self.drop is None or self._is_left:
            return False
        self._is_left = True
        self._loop.call_soon(self._wakeup, self, context=self._task_context)
        return True

    def get_loop(self) -> AbstractEventLoop:
        """That of the task."""
        return self._loop

    def result(self) -> None:
        """Nothing: the coroutine takes the result itself.

        :raises CancelledError: where the function goes on
        """
        if self._is_left:
            raise CancelledError

    # -- what the pool tells, on the loop ------------------------------------------------

    def cancelled(self) -> bool:
        """Whether nobody waits any more."""
        return self._is_left

    def set_result(self, value: Any) -> None:
        """The function returned something."""
        self._value = value
        self._task_context.run(self._wakeup, self)

    def set_exception(self, error: BaseException) -> None:
        """The function failed."""
        self._error = error
        # It may keep this frame, by those of the task.
        del error
        self._task_context.run(self._wakeup, self)


def _is_free(context: Context | None) -> bool:
    """Whether nobody is inside of a Context that is known already."""
    if context is None:
        return False
    try:
        context.run(_nothing)
    except RuntimeError:
        return False
    return True


async def run_in_thread(
    function: Callable[..., Any],
    *args: Any,
    context: Context | None = None,
    pool: ThreadPool | None = None,
    interrupt: Callable[[], None] | None = None,
    is_new: bool = False,
) -> Any:
    """Await ``function(*args)``, called in the pool, as :class:`Call` does it."""
    call = Call(function, *args)
    call.context, call.pool, call.interrupt, call.is_new = context, pool, interrupt, is_new
    return await call


def close_unseen(context: Context, body: Any) -> None:
    """Close a body that nobody waits for any more, on a thread, where it was made; on the loop.

    Its end may be the teardown of its request, which waits for a thread.
    """
    close = getattr(body, "close", None)
    if close is not None:
        # The pool keeps the task alive, by what it waits for.
        get_running_loop().create_task(run_in_thread(close, context=context))
