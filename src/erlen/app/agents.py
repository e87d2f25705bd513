"""Agents put a ``__call__`` of their own in the place of the application's.

One that takes ``(environ, start_response)`` alone, as agents for WSGI do, would lose the ASGI
connections: it gets the HTTP ones by the bridge, and the others go past it.
"""

from __future__ import annotations

from functools import partial, wraps
from typing import TYPE_CHECKING, Any

from ..gateways.detection import CALL, mark_as_asgi
from ..http.noticing import Noticing

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from ..typing import Receive, Scope, Send

CO_VARARGS = 0x04


class KeepingInterfaces(Noticing):
    """The class of applications: whatever their ``__call__`` is, they stay WSGI and ASGI."""

    def __init__(
        cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **options: Any
    ) -> None:
        super().__init__(name, bases, namespace, **options)
        call = namespace.get("__call__")
        if call is not None and not takes(call, 4):
            KeepingInterfaces.__setattr__(cls, "__call__", call)

    if not TYPE_CHECKING:

        def __setattr__(cls, name: str, value: Any) -> None:
            if name == "__call__":
                value = value if takes(value, 4) else _on_both(value)
                mark_as_asgi(value)
            super().__setattr__(name, value)


def takes(call: Any, count: int) -> bool:
    """Whether a function can be called with so many arguments.

    What takes any number for another one takes as many as that.
    """
    # What stands for a function has the attributes of that.
    code = getattr(call, "__code__", None)
    if code is None:
        from inspect import signature

        try:
            signature(call).bind(*range(count))
        except TypeError:
            return False
        except ValueError:
            # Something that does not tell.
            pass
        return True
    if code.co_argcount >= count + (getattr(call, "__self__", None) is not None):
        return True
    inner = getattr(call, "__wrapped__", None)
    return bool(code.co_flags & CO_VARARGS) and (inner is None or takes(inner, count))


def serve_call(
    app: Any, call: Callable[..., Any], scope: Scope, receive: Receive, send: Send
) -> Awaitable[None]:
    """Serve a connection of an application whose ``__call__`` takes two arguments."""
    if scope["type"] == "http":
        scope = {**scope, CALL: (app, call)}
    return app.asgi_app(scope, receive, send)  # type: ignore[no-any-return]


def _on_both(call: Any) -> Callable[..., Any]:
    """``call``, which takes two arguments, as a ``__call__`` for both interfaces."""

    @wraps(call)
    def __call__(
        self: Any,
        environ: Any = None,
        start_response: Any = None,
        send: Any = None,
        *,
        scope: Any = None,
        receive: Any = None,
    ) -> Any:
        bound = call.__get__(self, type(self)) if hasattr(call, "__get__") else call
        if send is not None:
            scope = environ if scope is None else scope
            return serve_call(self, bound, scope, start_response or receive, send)
        if start_response is None:
            return partial(serve_call, self, bound, environ if scope is None else scope)
        return bound(environ, start_response)

    return __call__
