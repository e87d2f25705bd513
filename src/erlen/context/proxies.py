"""The proxies that applications import: each stands for a part of the current context."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from .contexts import (
    NO_APP_MESSAGE,
    NO_REQUEST_MESSAGE,
    NO_WEBSOCKET_MESSAGE,
    AppContext,
    RequestContext,
    _AppCtxGlobals,
    _cv_context,
    current_context,
    current_request_context,
)
from .local import LocalProxy

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..app.application import Erlen
    from ..sessions.base import SessionMixin
    from .messages import Request
    from .websocket import Websocket

T = TypeVar("T")
_MISSING: Any = object()


class _ContextView(Generic[T]):
    """Reads like a ``ContextVar``: extensions ask ``_cv_app.get(None)``."""

    def __init__(self, name: str, read: Callable[[], T | None]) -> None:
        self.name = name
        self._read = read

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


def _read_request_context() -> RequestContext | None:
    context = _cv_context.get(None)
    return None if context is None else context._request_ctx


_cv_app: _ContextView[AppContext] = _ContextView("erlen.app_ctx", lambda: _cv_context.get(None))
_cv_request: _ContextView[RequestContext] = _ContextView("erlen.request_ctx", _read_request_context)


# PERF: these getters are the body of each proxy access, so they read the attributes themselves.
def _get_app() -> Erlen:
    context = _cv_context.get(None)
    if context is None:
        raise RuntimeError(NO_APP_MESSAGE)
    return context.app


def _get_g() -> _AppCtxGlobals:
    context = _cv_context.get(None)
    if context is None:
        raise RuntimeError(NO_APP_MESSAGE)
    return context.g  # type: ignore[no-any-return]


def _get_request() -> Request:
    context = _cv_context.get(None)
    if context is None or (found := context._request_ctx) is None:
        raise RuntimeError(NO_REQUEST_MESSAGE)
    return found.request


def _get_session() -> SessionMixin:
    context = _cv_context.get(None)
    if context is None or (found := context._request_ctx) is None:
        raise RuntimeError(NO_REQUEST_MESSAGE)
    return found.session


def _get_websocket() -> Websocket:
    context = _cv_context.get(None)
    found = None if context is None else context._request_ctx
    if found is None or not found._takes_websockets:
        raise RuntimeError(NO_WEBSOCKET_MESSAGE)
    return found.request  # type: ignore[return-value]


app_ctx: AppContext = LocalProxy(current_context)  # type: ignore[assignment]
request_ctx: RequestContext = LocalProxy(current_request_context)  # type: ignore[assignment]
current_app: Erlen = LocalProxy(_get_app)  # type: ignore[assignment]
g: _AppCtxGlobals = LocalProxy(_get_g)  # type: ignore[assignment]
request: Request = LocalProxy(_get_request)  # type: ignore[assignment]
websocket: Websocket = LocalProxy(_get_websocket)  # type: ignore[assignment]
session: SessionMixin = LocalProxy(_get_session)  # type: ignore[assignment]
