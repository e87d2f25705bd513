"""WebSocket routes and hooks of an application or a blueprint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from ..walk.hooks import HookDict
from ..workers.colours import is_coroutine_function
from .setupmethod import setupmethod

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Awaitable, Callable

    from ..walk.hooks import Changes

    Scope = str | None
    WebsocketView = Callable[..., Awaitable[Any] | AsyncIterable[Any]]

T_view = TypeVar("T_view", bound="WebsocketView")
T_hook = TypeVar("T_hook", bound="Callable[..., Any]")


class WebsocketRoutes:
    """The set-up methods of WebSockets; a mix-in over an object with ``add_url_rule``."""

    _changes: Changes | None

    def __init__(self) -> None:
        changes = self._changes
        self.before_websocket_funcs: dict[Scope, list[Callable[[], Any]]] = HookDict(changes)
        self.after_websocket_funcs: dict[Scope, list[Callable[[Any], Any]]] = HookDict(changes)
        self.teardown_websocket_funcs: dict[Scope, list[Callable[[Any], Any]]] = HookDict(changes)

    @setupmethod
    def websocket(self, rule: str, **options: Any) -> Callable[[T_view], T_view]:
        """Decorate an async view with the URL rule of a WebSocket.

        >>> @app.websocket("/echo")
        ... async def echo():
        ...     while True:
        ...         await websocket.send(await websocket.receive())

        The options are those of :meth:`route`, without ``methods``. An async generator sends what
        it yields.
        """

        def decorator(f: T_view) -> T_view:
            self.add_websocket(rule, options.pop("endpoint", None), f, **options)
            return f

        return decorator

    @setupmethod
    def add_websocket(
        self,
        rule: str,
        endpoint: str | None = None,
        view_func: WebsocketView | None = None,
        **options: Any,
    ) -> None:
        """Add the URL rule of a WebSocket; see :meth:`websocket`.

        :raises TypeError: for a view that is not async
        """
        if view_func is not None and not (
            is_coroutine_function(view_func) or _is_async_generator_function(view_func)
        ):
            name = getattr(view_func, "__name__", repr(view_func))
            raise TypeError(
                f"The view {name!r} of a WebSocket must be async, because receiving and sending are"
                f" awaited: write 'async def {name}(...)'."
            )
        options["methods"] = {"GET"}
        self.add_url_rule(  # type: ignore[attr-defined]
            rule,
            endpoint,
            view_func,
            provide_automatic_options=False,
            websocket=True,
            **options,
        )

    @setupmethod
    def before_websocket(self, f: T_hook) -> T_hook:
        """Call ``f()`` before each WebSocket; what it returns, other than ``None``, is the HTTP
        answer in its place."""
        self.before_websocket_funcs.setdefault(None, []).append(f)
        return f

    @setupmethod
    def after_websocket(self, f: T_hook) -> T_hook:
        """Call ``f(response)`` after each WebSocket: with the HTTP answer that refused it, which it
        may change and returns, or with ``None``."""
        self.after_websocket_funcs.setdefault(None, []).append(f)
        return f

    @setupmethod
    def teardown_websocket(self, f: T_hook) -> T_hook:
        """Call ``f(exception)`` when a WebSocket has ended, with ``None`` if nothing was raised."""
        self.teardown_websocket_funcs.setdefault(None, []).append(f)
        return f


def _is_async_generator_function(f: Any) -> bool:
    from inspect import isasyncgenfunction

    return isasyncgenfunction(f)
