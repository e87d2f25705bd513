"""What is awaited has its time."""

from __future__ import annotations

from asyncio import CancelledError, current_task, get_running_loop
from typing import TYPE_CHECKING, Any

from .alarms import Alarm, alarms_of
from .attend import go_on

if TYPE_CHECKING:
    from asyncio import Task
    from collections.abc import Awaitable, Generator


class within:
    """Await something for so many seconds at most.

    PERF: what is there at once has no alarm.

    :raises TimeoutError: if it takes longer
    """

    __slots__ = ("awaitable", "seconds")

    def __init__(self, awaitable: Awaitable[Any], seconds: float) -> None:
        self.awaitable: Awaitable[Any] = awaitable
        self.seconds: float = seconds

    def __await__(self) -> Generator[Any, Any, Any]:
        iterator: Any = self.awaitable.__await__()
        try:
            waited = next(iterator)
        except StopIteration as done:
            return done.value
        limit = _Limit(self.seconds)
        try:
            return (yield from go_on(iterator, waited))
        except CancelledError:
            if limit.is_over and limit.task is not None and not limit.task.uncancel():
                raise TimeoutError from None
            raise
        finally:
            limit.end()


class _Limit(Alarm):
    """Cancels the current task when its time is up."""

    __slots__ = ("_alarms", "is_over", "task")

    def __init__(self, seconds: float) -> None:
        self.task: Task[Any] | None = current_task()
        self.is_over = False
        self._alarms = alarms_of(get_running_loop())
        self._alarms.set(self, seconds)

    def ring(self) -> None:
        """Time is up."""
        self.is_over = True
        if self.task is not None:
            self.task.cancel()

    def end(self) -> None:
        """Its time is of no interest any more."""
        self._alarms.take_back(self)
        # An error that the task ends by has the frame that this is in.
        self.task = None
