"""What ``app.asgi`` is: an object that every server, adapter and mount takes for ASGI 3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .agents import serve_call, takes

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from ..typing import Receive, Scope, Send


def make_entry(app: Any) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
    """A function by which an application is asked for connections.

    Some ask whether it is a coroutine function, uvicorn asks that of its ``__call__`` unless it is
    a plain function, and some ask the ``__call__`` of whatever there is.
    """
    made = _make(app)
    # Not the function itself: that would keep the application until the collector comes.
    made.__call__ = _make(app)
    entry: Callable[[Scope, Receive, Send], Awaitable[None]] = made
    return entry


def _make(app: Any) -> Any:
    async def asgi(scope: Scope, receive: Receive, send: Send) -> None:
        call = app.__call__
        if takes(call, 3):
            await call(scope, receive, send)
        else:
            # It stands on the instance, where it is as it was assigned.
            await serve_call(app, call, scope, receive, send)

    return asgi
