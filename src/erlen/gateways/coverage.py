"""Middleware that stands around one interface of the application, and not around another: said
once, at start."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..walk.desk import desk_of

if TYPE_CHECKING:
    from ..walk.application import Application


def warn_of_websockets(app: Application) -> None:
    """On ASGI: WebSockets pass by WSGI middleware, which may be a guard."""
    desk = desk_of(app)
    if (
        _is_guarded(app, desk)
        and not (desk.wrapper_takes_asgi or app.wraps_asgi)
        and app.has_websockets()
    ):
        app.logger.warning(
            "The middleware around wsgi_app does not see WebSockets, and the application has WebSocket"
            " routes. If it guards them, wrap asgi_app as well: app.asgi_app ="
            " Middleware(app.asgi_app)."
        )


def warn_of_asgi_app(app: Application) -> None:
    """On WSGI: nothing goes through ``asgi_app``."""
    if app.wraps_asgi and not _is_guarded(app, desk_of(app)):
        app.logger.warning(
            "The middleware around asgi_app sees no request, as the server speaks WSGI. Serve the"
            " application by ASGI, or wrap wsgi_app as well: app.wsgi_app ="
            " Middleware(app.wsgi_app)."
        )
