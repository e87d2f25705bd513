"""The proxies that applications import: each stands for a part of the current context."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from .contexts import (
    NO_WEBSOCKET_MESSAGE,
    AppContext,
    RequestContext,
    _AppCtxGlobals,
    context_var,
    current_app_context,
    current_context,
    current_request_context,
    find_request_context,
)
from .local import OWN_NAMES, LocalProxy, own_attribute

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextvars import Token

    from .messages import Request
    from .session import SessionMixin
    from .websocket import Websocket

T = TypeVar("T")
_MISSING: Any = object()


class _ContextView(Generic[T]):
    """One side of the context variable, to be used like a ``ContextVar`` of its own: extensions ask
    ``_cv_app.get(None)``, and some set it."""

    def __init__(
        self,
        name: str,
        read: Callable[[], T | None],
        show: Callable[[T | None], AppContext | None],
    ) -> None:
        self.name = name
        self._read = read
        self._show = show

    def get(self, default: Any = _MISSING) -> T | Any:
        """The current value, or ``default``.

        :raises LookupError: if there is neither
        """
        value = self._read()
        if value is not None:
            return value
        if default is _MISSING:
            raise LookupError(self.name)
        return default

    def set(self, value: T | None) -> Token[AppContext | None]:
        """Make a context the current one without pushing it: nothing is told, and nothing torn
        down.

        :returns: what :meth:`reset` takes
        """
        return context_var.set(self._show(value))

    def reset(self, token: Token[AppContext | None]) -> None:
        """Undo :meth:`set`."""
        shown = _current(None)
        context_var.reset(token)
        if shown is not None and not shown.tokens:
            # It is current nowhere, and would wait for the garbage collector.
            shown.request_context = None


_current = context_var.get


def _read_app_context() -> AppContext | None:
    context = _current(None)
    return None if context is None else context._joined or context


def _show_app_context(value: AppContext | None) -> AppContext | None:
    if value is not None and not value.tokens:
        # The request stays what it is.
        value.request_context = find_request_context()
    return value


def _show_request_context(value: RequestContext | None) -> AppContext | None:
    if value is not None:
        value.request_context = value
        return value
    current = _current(None)
    if current is None or current.request_context is None:
        return current
    # The application stays what it is, and so does its g.
    shown = AppContext(current.app)
    shown.made_g = current.g
    shown._joined = current._joined or current
    return shown


_cv_app: _ContextView[AppContext] = _ContextView(
    "erlen.app_ctx", _read_app_context, _show_app_context
)
_cv_request: _ContextView[RequestContext] = _ContextView(
    "erlen.request_ctx", find_request_context, _show_request_context
)


def _get_app() -> Any:
    return current_context().app


def _get_g() -> Any:
    return current_context().g


def _get_request() -> Request:
    return current_request_context().request


def _get_session() -> SessionMixin:
    return current_request_context().session


def _get_websocket() -> Websocket:
    found = find_request_context()
    if found is None or not found.takes_websockets:
        raise RuntimeError(NO_WEBSOCKET_MESSAGE)
    return found.request  # type: ignore[return-value]


# PERF: code asks these four at every turn, so they find their objects themselves, in the same way
# as the functions above, which have the last word where there is no context.
class _App(LocalProxy[Any]):
    __slots__ = ()

    def __getattribute__(self, name: str) -> Any:
        if name in OWN_NAMES:
            return own_attribute(self, name)
        context = _current(None)
        return getattr(_get_app() if context is None else context.app, name)


class _G(LocalProxy[Any]):
    __slots__ = ()

    def __getattribute__(self, name: str) -> Any:
        if name in OWN_NAMES:
            return own_attribute(self, name)
        context = _current(None)
        return getattr(_get_g() if context is None else context.made_g or context.g, name)

    def __setattr__(self, name: str, value: Any) -> None:
        context = _current(None)
        setattr(_get_g() if context is None else context.made_g or context.g, name, value)


class _Request(LocalProxy[Any]):
    __slots__ = ()

    def __getattribute__(self, name: str) -> Any:
        if name in OWN_NAMES:
            return own_attribute(self, name)
        context = _current(None)
        if context is None or (found := context.request_context) is None:
            return getattr(_get_request(), name)
        return getattr(found.made_request or found.request, name)


class _Session(LocalProxy[Any]):
    __slots__ = ()

    def __getattribute__(self, name: str) -> Any:
        if name in OWN_NAMES:
            return own_attribute(self, name)
        context = _current(None)
        if context is None or (found := context.request_context) is None:
            return getattr(_get_session(), name)
        return getattr(found.session, name)

    def __getitem__(self, key: str) -> Any:
        context = _current(None)
        found = None if context is None else context.request_context
        return (_get_session() if found is None else found.session)[key]

    def __setitem__(self, key: str, value: Any) -> None:
        context = _current(None)
        found = None if context is None else context.request_context
        (_get_session() if found is None else found.session)[key] = value


for _class in (_App, _G, _Request, _Session):
    # They show themselves as what they are for everybody.
    for _name in ("__name__", "__qualname__", "__module__"):
        setattr(_class, _name, getattr(LocalProxy, _name))
    _class.__doc__ = vars(LocalProxy)["__doc__"]
del _class, _name

app_ctx: AppContext = LocalProxy(current_app_context)  # type: ignore[assignment]
request_ctx: RequestContext = LocalProxy(current_request_context)  # type: ignore[assignment]
# Its type is told by erlen.app.current, which knows the class.
current_app: Any = _App(_get_app)
g: _AppCtxGlobals = _G(_get_g)  # type: ignore[assignment]
request: Request = _Request(_get_request)  # type: ignore[assignment]
session: SessionMixin = _Session(_get_session)  # type: ignore[assignment]
websocket: Websocket = LocalProxy(_get_websocket)  # type: ignore[assignment]
