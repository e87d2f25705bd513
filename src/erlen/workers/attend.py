"""What is awaited for a client ends when the client goes away."""

from __future__ import annotations

from asyncio import CancelledError, current_task, get_running_loop
from contextvars import copy_context
from typing import TYPE_CHECKING, Any, Protocol

from .alarms import Alarm, alarms_of

if TYPE_CHECKING:
    from asyncio import Task
    from collections.abc import Awaitable, Callable, Generator
    from contextvars import Context

    class Client(Protocol):
        """Who a coroutine works for."""

        @property
        def receive(self) -> Callable[[], Awaitable[Any]] | None:
            """Where the server tells that the client is gone, once the body was received;
            ``None`` where somebody else is told."""


# Seconds that a coroutine has before somebody looks whether its client is still there. PERF: most
# have ended by then, and a watcher costs as much as a request.
_GRACE = 0.05


class Disconnected(CancelledError):
    """The client went away, and what was done for it was cancelled."""


class attend:
    """Await something; if it takes longer than a moment, the client's going away cancels it.

    PERF: made for what waits; what ends at once has no timer and no watcher.

    :param client: who it is for, ``None`` for nobody
    :raises Disconnected: in place of ``CancelledError``
    """

    __slots__ = ("awaitable", "client")

    def __init__(self, awaitable: Awaitable[Any], client: Client | None) -> None:
        self.awaitable: Awaitable[Any] = awaitable
        self.client: Client | None = client

    def __await__(self) -> Generator[Any, Any, Any]:
        iterator: Any = self.awaitable.__await__()
        try:
            waited = next(iterator)
        except StopIteration as done:
            return done.value
        receive = None if self.client is None else self.client.receive
        if receive is None:
            return (yield from go_on(iterator, waited))
        watch = _Watch(receive)
        try:
            return (yield from go_on(iterator, waited))
        except CancelledError:
            if watch.is_gone and watch.task is not None:
                watch.task.uncancel()
                raise Disconnected() from None
            raise
        finally:
            watch.end()


class _Watch(Alarm):
    """Cancels the current task when the client goes away."""

    __slots__ = ("_alarms", "_context", "_loop", "_receive", "_watcher", "is_gone", "task")

    def __init__(self, receive: Callable[[], Awaitable[Any]]) -> None:
        self._receive = receive
        self.task: Task[Any] | None = current_task()
        self.is_gone = False
        self._watcher: Task[None] | None = None
        self._loop = get_running_loop()
        # What receives may be middleware.
        self._context: Context | None = copy_context()
        self._alarms = alarms_of(self._loop)
        self._alarms.set(self, _GRACE)

    def ring(self) -> None:
        """What is awaited takes its time: look whether the client is still there."""
        self._watcher = self._loop.create_task(self._watch(), context=self._context)

    async def _watch(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.is_gone = True
        if self.task is not None:
            self.task.cancel()

    def end(self) -> None:
        """Watch no more."""
        self._alarms.take_back(self)
        if self._watcher is not None:
            self._watcher.cancel()
        # An error that the task ends by has the frame that this is in.
        self.task = self._watcher = self._context = None


def go_on(iterator: Generator[Any, Any, Any], waited: Any) -> Generator[Any, Any, Any]:
    """``yield from iterator``, whose first step was taken.

    An iterator is all that an ``__await__`` has to return (PEP 492): that of Granian's messages has
    neither ``send`` nor ``throw``.
    """
    while True:
        try:
            sent = yield waited
        except BaseException as error:
            if not hasattr(iterator, "throw"):
                raise
            try:
                waited = iterator.throw(error)
            except StopIteration as done:
                return done.value
        else:
            try:
                waited = next(iterator) if sent is None else iterator.send(sent)
            except StopIteration as done:
                return done.value
