"""The error page of debug mode."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class DebuggedApplication:
    """Accepts what Werkzeug's debugger accepts, and passes requests on.

    Erlen's error page in the browser comes in a later version; until then an error in debug mode
    is raised to the server, which logs it.

    :param app: the WSGI application
    """

    def __init__(
        self,
        app: Callable[..., Iterable[bytes]],
        evalex: bool = False,
        request_key: str = "werkzeug.request",
        console_path: str = "/console",
        console_init_func: Callable[[], dict[str, Any]] | None = None,
        show_hidden_frames: bool = False,
        pin_security: bool = True,
        pin_logging: bool = True,
    ) -> None:
        self.app = app
        self.evalex = evalex

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        return self.app(environ, start_response)
