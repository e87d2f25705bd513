"""Middleware that stands around one interface of the application: said once, at start."""

from __future__ import annotations

from typing import Any

from ..walk.desk import desk_of


def warn_of_gaps(app: Any, on_asgi: bool) -> None:
    """Say which middleware does not see all that the server brings.  Whoever has wrapped both
    interfaces has seen to it."""
    desk = desk_of(app)
    wraps_wsgi = "wsgi_app" in desk.overridden
    if wraps_wsgi is app.wraps_asgi:
        return
    if app.wraps_asgi and not on_asgi:
        app.logger.warning(
            "The middleware around asgi_app sees no request, as the server speaks WSGI. Serve the"
            " application by ASGI, or wrap wsgi_app too: app.wsgi_app = Middleware(app.wsgi_app)."
        )
    elif wraps_wsgi and on_asgi and not desk.wrapper_takes_asgi and app.has_websockets():
        app.logger.warning(
            "The middleware around wsgi_app does not see WebSockets, and the application has"
            " WebSocket routes. If it guards them, wrap asgi_app too: app.asgi_app ="
            " Middleware(app.asgi_app)."
        )
