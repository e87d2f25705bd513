"""The way in and out on WSGI (PEP 3333)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..context.contexts import JOINS, RequestContext, current_context_or
from ..walk.desk import desk_of
from ..walk.find import find, seek

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ..walk.application import Application

_new = object.__new__


def wsgi_app(
    app: Application, environ: dict[str, Any], start_response: Callable[..., Any], send: Any = None
) -> Iterable[bytes]:
    """Answer one request; ``app.wsgi_app = Middleware(app.wsgi_app)`` wraps it.

    :param send: middleware that takes ASGI connections too passes them on as ``scope``,
        ``receive``, ``send``
    """
    if send is not None:
        return app._serve_unwrapped(environ, start_response, send)  # type: ignore[no-any-return]
    desk = app._changes.desk or desk_of(app)
    if not desk.finds_at_once:
        return _seek_and_walk(app, environ, start_response)
    # PERF: what its constructor does, which would be a call more.
    ctx = _new(RequestContext)
    ctx.app = app
    ctx.environ = environ
    if current_context_or(None) is not None:
        # Whatever context this thread inherited: no two requests share g.
        ctx.joins = JOINS in environ
    if "HTTP_COOKIE" in environ:
        ctx.has_cookie = True
    get = environ.get
    plan = find(
        app,
        desk,
        ctx,
        get("PATH_INFO", ""),
        get("REQUEST_METHOD", "GET"),
        get("HTTP_HOST", ""),
    )
    if plan is None:
        return _seek_and_walk(app, environ, start_response)
    ctx.plan = plan
    return plan.walk(ctx, environ, start_response)  # type: ignore[no-any-return]


def _seek_and_walk(
    app: Application, environ: dict[str, Any], start_response: Any
) -> Iterable[bytes]:
    desk = desk_of(app)
    if "request_context" in desk.overridden:
        ctx = app.request_context(environ)
    else:
        ctx = RequestContext(app, environ)  # type: ignore[arg-type]
    ctx.joins = JOINS in environ
    ctx.has_cookie = "HTTP_COOKIE" in environ
    plan = seek(app, ctx)
    return plan.walk(ctx, environ, start_response)  # type: ignore[no-any-return]
