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
    finds_at_once = desk.finds_at_once
    if desk.makes_contexts:
        ctx = app.request_context(environ)
        # A context of another class may find its rule in a way of its own.
        finds_at_once = finds_at_once and ctx.__class__ is RequestContext
    else:
        # PERF: what its constructor does, which would be a call more.
        ctx = _new(RequestContext)
        ctx.app = app
        ctx.environ = environ
        # PERF: and what the walk reads, which takes a sixth of the time that it takes on the class.
        ctx.made_request = ctx.found_values = ctx.opened_session = ctx.set_on_loop = None
        ctx.after_request_functions = ()
        ctx.has_cookie = False
    if current_context_or(None) is not None:
        # Whatever context this thread inherited: no two requests share g.
        ctx.joins = JOINS in environ
    if "HTTP_COOKIE" in environ:
        ctx.has_cookie = True
    if finds_at_once:
        get = environ.get
        ctx.plan = find(
            app,
            desk,
            ctx,
            get("PATH_INFO", ""),
            get("REQUEST_METHOD", "GET"),
            get("HTTP_HOST", ""),
        )
    plan = ctx.plan or seek(app, ctx)
    return plan.walk(ctx, environ, start_response)  # type: ignore[no-any-return]
