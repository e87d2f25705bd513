"""Work that goes on behind the response."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from .colours import is_coroutine_function
from .exits import EXITS
from .loop import run_soon

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future
    from contextlib import AbstractContextManager


class Application(Protocol):
    """What a task needs of its application."""

    @property
    def logger(self) -> Any: ...
    def app_context(self) -> AbstractContextManager[Any]: ...


class BackgroundTasks:
    """The tasks of one application."""

    def __init__(self) -> None:
        self._running: set[Future[Any]] = set()

    def add(
        self, app: Application, function: Callable[..., Any], *args: Any, **kwargs: Any
    ) -> None:
        """Start ``function`` in an application context of its own: on the event loop if it is
        async, on a thread if it is not."""

        async def run() -> None:
            with app.app_context():
                try:
                    if is_coroutine_function(function):
                        await function(*args, **kwargs)
                    else:
                        from .call import run_in_thread

                        await run_in_thread(lambda: function(*args, **kwargs))
                except (Exception, *EXITS):
                    app.logger.exception("Background task %r failed", function)

        future = run_soon(run())
        self._running.add(future)
        future.add_done_callback(self._running.discard)

    async def finish(self, timeout: float | None) -> None:
        """Wait for the tasks; those that take longer than ``timeout`` seconds are cancelled."""
        from asyncio import gather, wait, wrap_future

        waited = [wrap_future(future) for future in list(self._running)]
        if not waited:
            return
        _, late = await wait(waited, timeout=timeout)
        for future in late:
            future.cancel()
        if late:
            await gather(*late, return_exceptions=True)
