"""Start-up and shut-down (ASGI's lifespan protocol, and what stands in for it elsewhere)."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from ..workers.call import run_in_thread
from ..workers.colours import is_coroutine_function
from ..workers.pool import get_pool

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from ..typing import Receive, Scope, Send
    from ..walk.application import Application

#: Makes what stands around the start-up functions. A server's worker sets its own.
around_startup: Callable[[], AbstractContextManager[None]] = nullcontext


async def _call(app: Application, function: Any) -> None:
    """Call a start-up or shut-down function inside of an application context."""
    with app.app_context():
        if is_coroutine_function(function):
            await function()
        else:
            await run_in_thread(function)


async def startup(app: Application, on_asgi: bool = True) -> None:
    """Run the ``before_serving`` functions and the first halves of ``while_serving``, once.

    :raises Exception: the first that one of them raised; those that had begun are ended
    """
    if app._is_serving:
        return
    app._is_serving = True
    with around_startup():
        await _run_startup_functions(app, on_asgi)


async def _run_startup_functions(app: Application, on_asgi: bool) -> None:
    try:
        if on_asgi:
            app._warn_of_gaps(on_asgi)
        for function in app.before_serving_funcs:
            await _call(app, function)
        for make in app.while_serving_gens:
            generator = make()
            with app.app_context():
                await generator.__anext__()
            app._serving_gens.append(generator)
    except BaseException:
        # The next try runs all of them again.
        app._is_serving = False
        await _end_generators(app)
        raise


async def _end_generators(app: Application) -> BaseException | None:
    """Run the second halves of ``while_serving``; all of them, whatever one of them raises.

    :return: the first exception that one of them raised
    """
    first: BaseException | None = None
    while app._serving_gens:
        with app.app_context():
            error = await _attempt(app, app._serving_gens.pop().__anext__())
        first = first or error
    return first


async def _attempt(app: Application, awaitable: Any) -> BaseException | None:
    try:
        await awaitable
    except StopAsyncIteration:
        pass
    except Exception as error:
        app.logger.exception("A shut-down function failed")
        return error
    return None


async def begin(app: Application) -> None:
    """What runs before the first request, where the server has no lifespan protocol.

    Several loops may ask at once, each on a thread of its own: one does it, the others wait. Where
    it fails, the next one tries again.
    """
    from asyncio import shield, wrap_future
    from concurrent.futures import Future

    while not app._got_first_request:
        mine: Future[None] = Future()
        first = app.__dict__.setdefault("_beginning", mine)
        if first is not mine:
            # Whoever waits may be cancelled, and the others wait on.
            await shield(wrap_future(first))
            continue
        try:
            config = app.config
            get_pool(config["THREAD_POOL_SIZE"], config["THREAD_POOL_MAX_WAITING"])
            await startup(app)
            await run_in_thread(app._begin)
        finally:
            del app.__dict__["_beginning"]
            mine.set_result(None)


async def shutdown(app: Application) -> None:
    """Await the background tasks, then run the second halves and the ``after_serving``
    functions; all of them, whatever one of them raises.

    :raises Exception: the first that one of them raised
    """
    if not app._is_serving:
        return
    app._is_serving = False
    timeout = app.config["BACKGROUND_TASK_SHUTDOWN_TIMEOUT"]
    errors = [await _attempt(app, app._background.finish(timeout)), await _end_generators(app)]
    for function in app.after_serving_funcs:
        errors.append(await _attempt(app, _call(app, function)))
    first = next(filter(None, errors), None)
    if first is not None:
        raise first


async def serve_lifespan(app: Application, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer the server's lifespan messages."""
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            try:
                await startup(app)
            except Exception as error:
                app.logger.exception("Start-up failed")
                await send({"type": "lifespan.startup.failed", "message": repr(error)})
                return
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            try:
                await shutdown(app)
            except Exception as error:
                await send({"type": "lifespan.shutdown.failed", "message": repr(error)})
                return
            await send({"type": "lifespan.shutdown.complete"})
            return
