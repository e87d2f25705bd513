"""The middleware that shows the error page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class DebuggedApplication:
    """Wraps an application for development.

    It keeps its arguments and passes every request on unchanged: there is no error page and no
    console yet, and an exception reaches the server, which logs it.

    :param app: the WSGI application
    :param evalex: allow to evaluate code in the frames of a traceback
    :param request_key: the key of the request in the environment
    :param console_path: the URL path of a console
    :param console_init_func: gives the names that the console starts with
    :param show_hidden_frames: show frames that are marked as hidden
    :param pin_security: ask for a PIN before code is evaluated
    :param pin_logging: log the PIN
    """

    def __init__(
        self,
        app: Any,
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
        self.request_key = request_key
        self.console_path = console_path
        self.console_init_func = console_init_func
        self.show_hidden_frames = show_hidden_frames
        self.pin_security = pin_security
        self.pin_logging = pin_logging
        self.trusted_hosts: list[str] = [".localhost", "127.0.0.1"]

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        answer: Iterable[bytes] = self.app(environ, start_response)
        return answer
