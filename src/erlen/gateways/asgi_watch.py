"""What is awaited for a client ends when the client goes away."""

from __future__ import annotations

from asyncio import CancelledError, current_task, get_running_loop
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Coroutine, Generator

    from .asgi import Receive


_NOT_BEGUN: Any = object()


class Disconnected(CancelledError):
    """The client went away, and what was done for it was cancelled."""


class attend:
    """Await a coroutine; if it takes long enough to suspend, the client's going away cancels it.

    PERF: a coroutine that never suspends is not watched.

    :param receive: where the server tells that the client is gone, once the body was received
    :param waited: what the coroutine waits for, if its first step was taken already
    :raises Disconnected: in place of ``CancelledError``
    """

    __slots__ = ("coroutine", "receive", "waited")

    def __init__(
        self, coroutine: Coroutine[Any, Any, Any], receive: Receive | None, waited: Any = _NOT_BEGUN
    ) -> None:
        self.coroutine = coroutine
        self.receive = receive
        self.waited = waited

    def __await__(self) -> Generator[Any, Any, Any]:
        iterator = self.coroutine.__await__()
        waited = self.waited
        if waited is _NOT_BEGUN:
            try:
                waited = iterator.send(None)
            except StopIteration as done:
                return done.value
        if self.receive is None:
            # Whoever reads the body is told.
            return (yield from _go_on(iterator, waited))
        task = current_task()
        gone: list[bool] = []

        async def watch() -> None:
            while (await self.receive())["type"] != "http.disconnect":  # type: ignore[misc]
                pass
            gone.append(True)
            task.cancel()  # type: ignore[union-attr]

        watcher = get_running_loop().create_task(watch())
        try:
            return (yield from _go_on(iterator, waited))
        except CancelledError:
            if gone:
                task.uncancel()  # type: ignore[union-attr]
                raise Disconnected() from None
            raise
        finally:
            watcher.cancel()


def _go_on(iterator: Generator[Any, Any, Any], waited: Any) -> Generator[Any, Any, Any]:
    """``yield from iterator``, whose first step was taken."""
    while True:
        try:
            sent = yield waited
        except BaseException as error:
            try:
                waited = iterator.throw(error)
            except StopIteration as done:
                return done.value
        else:
            try:
                waited = iterator.send(sent)
            except StopIteration as done:
                return done.value
