"""The middleware that shows the error page and runs its console."""

from __future__ import annotations

import json
import os
import sys
from contextlib import ExitStack
from functools import cache, partial
from hmac import compare_digest
from secrets import token_urlsafe
from threading import Lock, current_thread, main_thread
from typing import TYPE_CHECKING, Any

from ..context.contexts import PRESERVE
from ..gateways.detection import mark_as_asgi
from ..http.exceptions import HTTPException, NotFound, SecurityError
from ..http.hosts import host_is_trusted
from ..http.request import Request
from ..http.response import Response
from ..logging import log_server
from .console import Console
from .explain import TOO_LATE, explain_error, printable
from .formats import answer
from .pages import render_console_html
from .pin import PIN_TIME, PinGuard, get_pin_and_cookie_name
from .routes import explain_routing
from .tracebacks import DebugTraceback

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from .tracebacks import DebugFrameSummary

_SHARED = os.path.join(os.path.dirname(__file__), "shared")
_RESOURCES = {
    "style.css": "text/css",
    "debugger.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}
# So many exceptions keep their frames, with all that these refer to.
_KEPT_ERRORS = 16


class _Frames:
    """The frames that a console may run in, each with its contexts; the oldest are dropped."""

    def __init__(self) -> None:
        self._groups: list[list[int]] = []
        self._lock = Lock()
        self._by_id: dict[int, tuple[Callable[[], Console], list[Any]]] = {}

    def add(self, frames: list[DebugFrameSummary], contexts: list[Any]) -> None:
        """Keep the frames of an exception; a frame gets its console when one is asked for."""
        with self._lock:
            for frame in frames:
                console = cache(partial(Console, frame.global_ns, frame.local_ns))
                self._by_id[frame.number] = console, contexts
            self._groups.append([frame.number for frame in frames])
            if len(self._groups) > _KEPT_ERRORS:
                for number in self._groups.pop(0):
                    self._by_id.pop(number, None)

    def get(self, number: int | None) -> tuple[Console, list[Any]] | None:
        """The console of a frame, and its contexts."""
        found = None if number is None else self._by_id.get(number)
        return None if found is None else (found[0](), found[1])


class Watch:
    """What is in the environment of a request: it keeps the request's contexts, and answers in
    place of an error of matching.

    :param environ: that of the request, or its ASGI scope
    :param explain: answers for a context and its error; ``None`` leaves it to the application
    """

    def __init__(self, environ: Any, explain: Callable[[Any, Any], Any] | None) -> None:
        self.contexts: list[Any] = []
        self.explain = explain
        # A test client around this keeps them as well.
        self._others = environ.get(PRESERVE)

    def __call__(self, context: Any) -> None:
        self.contexts.append(context)
        if self._others is not None:
            self._others(context)


class DebuggedApplication:
    """Wraps an application for development: an exception becomes a page with its traceback.

    The page has the variables of the person's own code, the request and the session, without what
    is secret by its name. With ``evalex`` it has a console at each frame, which **runs any code**:
    never serve it to others. The console asks for a PIN, which is in the log; after ten wrong ones
    it stays shut until the server starts again. Neither is there for hosts that are none of
    :attr:`trusted_hosts`.

    Called with two arguments it is a WSGI application, with three an ASGI application, as what it
    wraps has to be.

    :param app: the application
    :param evalex: allow to evaluate code in the frames of a traceback
    :param request_key: kept for compatibility
    :param console_path: the URL path of a console, with ``evalex``
    :param console_init_func: gives the names that this console starts with
    :param show_hidden_frames: show frames with the variable ``__traceback_hide__`` too
    :param pin_security: ask for a PIN before code is evaluated
    :param pin_logging: log the PIN
    """

    takes_asgi = True

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
        mark_as_asgi(DebuggedApplication.__call__)
        self.app = app
        self.evalex = evalex
        self.request_key = request_key
        self.console_path = console_path
        self.console_init_func = console_init_func
        self.show_hidden_frames = show_hidden_frames
        self.pin_security = pin_security
        self.pin_logging = pin_logging
        self.secret: str = token_urlsafe(20)
        # Names; one that begins with a dot covers its sub-domains. A page of another host that a
        # name server sends here must not reach the console.
        self.trusted_hosts: list[str] = [".localhost", "127.0.0.1", "[::1]"]
        self._frames = _Frames()
        self._console: Console | None = None
        self._pin: str | None = None
        self._cookie_name: str | None = None
        if pin_security:
            self._pin, self._cookie_name = get_pin_and_cookie_name(app)
        self._guard = PinGuard(app, self._pin)
        # Once, and not by the parent of a reloader's processes.
        if pin_security and pin_logging and os.environ.get("WERKZEUG_RUN_MAIN") == "true":
            log_server("warning", " * Debugger is active!")
            if self._pin is None:
                log_server("warning", " * Debugger PIN disabled. DEBUGGER UNSECURED!")
            else:
                log_server("info", " * Debugger PIN: %s", self._pin)

    @property
    def pin(self) -> str | None:
        """The PIN that opens the console; ``None`` asks for none."""
        return self._pin

    @pin.setter
    def pin(self, value: str | None) -> None:
        self._pin = value
        self._guard = PinGuard(self.app, value)

    @property
    def pin_cookie_name(self) -> str | None:
        """The cookie of a browser that gave the PIN."""
        return self._cookie_name

    # -- who may ------------------------------------------------------------------------

    def check_host_trust(self, environ: dict[str, Any]) -> bool:
        """Whether the request was sent to one of :attr:`trusted_hosts`."""
        return host_is_trusted(environ.get("HTTP_HOST"), self.trusted_hosts)

    def check_pin_trust(self, environ: dict[str, Any]) -> bool:
        """Whether the browser gave the PIN before."""
        if self._pin is None:
            return True
        token = Request(environ, populate_request=False).cookies.get(self._cookie_name or "")
        return self._guard.is_token(token)

    # -- the interfaces -----------------------------------------------------------------

    def __call__(self, environ: Any, start_response: Any, send: Any = None) -> Any:
        if send is not None:
            return self.asgi(environ, start_response, send)
        own = self.own_answer(environ)
        if own is None:
            return self.debug_application(environ, start_response)
        return own(environ, start_response)

    def asgi(self, scope: Any, receive: Any, send: Any) -> Awaitable[None]:
        """Serve one ASGI connection."""
        from .on_asgi import serve

        return serve(self, scope, receive, send)

    def debug_application(self, environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        """Run the application, and answer with the page if it raises."""
        watch = environ[PRESERVE] = self.watch(environ, environ.get("HTTP_HOST"))
        body: Any = None
        try:
            body = self.app(environ, start_response)
            yield from body
        except GeneratorExit:
            # The server wants no more.
            raise
        except BaseException as error:
            if _is_exit(error):
                raise
            yield from self._replace(error, environ, start_response, watch)
        finally:
            close = getattr(body, "close", None)
            if close is not None:
                close()

    def _replace(
        self, error: BaseException, environ: dict[str, Any], start_response: Any, watch: Watch
    ) -> Iterator[bytes]:
        response, told = self.explain(error, environ, watch)
        try:
            # PEP 3333: where nothing was sent yet this takes the place of the first answer; else
            # the server raises the error again, and tells it.
            start_response(
                response.status, response.get_wsgi_headers(environ).to_wsgi_list(), sys.exc_info()
            )
        except Exception:
            environ["wsgi.errors"].write(TOO_LATE)
            raise
        environ["wsgi.errors"].write(told)
        yield from response.get_app_iter(environ)

    # -- an error ------------------------------------------------------------------------

    def watch(self, environ: Any, host: str | None) -> Watch:
        """What keeps the contexts of a request.

        :param environ: the environment or the scope
        :param host: the one that the request was sent to
        """
        is_trusted = host_is_trusted(host, self.trusted_hosts)
        return Watch(environ, explain_routing if is_trusted else None)

    def explain(
        self, error: BaseException, environ: dict[str, Any], watch: Watch
    ) -> tuple[Response, str]:
        """The answer to an error, and what is to be logged of it by who can send the answer: where
        it is too late for one, the error is the server's to tell."""
        is_trusted = self.check_host_trust(environ)
        traceback = DebugTraceback(error, skip=1, hide=not self.show_hidden_frames)
        evalex = self.evalex and is_trusted
        if evalex:
            self._frames.add(traceback.all_frames, watch.contexts)
        response = explain_error(
            traceback,
            environ,
            watch.contexts[-1] if watch.contexts else None,
            self.app,
            shows_values=is_trusted,
            evalex=evalex,
            secret=self.secret,
            is_unlocked=evalex and self.check_pin_trust(environ),
        )
        return response, printable(traceback.render_traceback_text())

    # -- what the pages ask for ---------------------------------------------------------

    def own_answer(self, environ: dict[str, Any]) -> Response | None:
        """The answer to what the pages and the console ask for; ``None`` if it is a request for
        the application."""
        if "__debugger__=yes" in environ.get("QUERY_STRING", ""):
            return self._answer(Request(environ, populate_request=False))
        if (
            self.evalex
            and self.console_path is not None
            and environ.get("PATH_INFO") == self.console_path
        ):
            return self.display_console(Request(environ, populate_request=False))
        return None

    def _answer(self, request: Request) -> Response | None:
        args = request.args
        command = args.get("cmd")
        if command == "resource":
            return self.get_resource(request, args.get("f", ""))
        if request.method != "POST" or not self.evalex:
            return None
        # In a header, which is in no log, and which another site's page cannot send.
        secret = request.headers.get("X-Erlen-Debugger", "")
        if not compare_digest(secret.encode(), self.secret.encode()):
            return None
        if not self.check_host_trust(request.environ):
            return _refuse(SecurityError("Host is not trusted."), request)
        if command == "pinauth":
            return self.pin_auth(request)
        if command == "printpin":
            return self.log_pin_request(request)
        if command == "run":
            number = request.form.get("frm", type=int)
            console, contexts = self._frames.get(number) or (None, [])
            if number == 0:
                console = self._console
            if console is not None and self.check_pin_trust(request.environ):
                with ExitStack() as stack:
                    for context in contexts:
                        stack.enter_context(context)
                    return self.execute_command(request, request.form.get("code", ""), console)
        return _refuse(NotFound("The frame is not there any more, or the PIN is missing."), request)

    def execute_command(self, request: Request, command: str, console: Console) -> Response:
        """Run a line in a console."""
        return _json({"output": console.eval(command), "more": console.is_open})

    def display_console(self, request: Request) -> Response:
        """The page of the console alone."""
        if not self.check_host_trust(request.environ):
            return _refuse(SecurityError("Host is not trusted."), request)
        if self._console is None:
            names = {} if self.console_init_func is None else dict(self.console_init_func())
            names.setdefault("app", self.app)
            self._console = Console(names)
        is_trusted = self.check_pin_trust(request.environ)
        page: Response = answer(render_console_html(self.secret, is_trusted), 200, "html")
        return page

    def get_resource(self, request: Request, filename: str) -> Response:
        """The script or the style sheet of the pages."""
        if filename not in _RESOURCES:
            return _refuse(NotFound(), request)
        with open(os.path.join(_SHARED, filename), "rb") as file:
            response = Response(file.read(), mimetype=_RESOURCES[filename])
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.cache_control.no_cache = True
        response.add_etag()
        return response.make_conditional(request)

    def pin_auth(self, request: Request) -> Response:
        """Whether the PIN of the form is right; a browser that gave it gets a cookie."""
        is_right = self.check_pin_trust(request.environ)
        if not is_right:
            is_right = self._guard.try_pin(request.form.get("pin", ""))
        response = _json({"auth": is_right, "exhausted": self._guard.is_exhausted})
        if is_right and self._cookie_name is not None:
            response.set_cookie(
                self._cookie_name,
                self._guard.make_token(),
                max_age=PIN_TIME,
                httponly=True,
                samesite="Strict",
                secure=request.is_secure,
            )
        return response

    def log_pin_request(self, request: Request) -> Response:
        """Log the PIN, for somebody who looks for it now."""
        if self.pin_logging and self._pin is not None:
            log_server("info", " * To enable the debugger you need to enter the security PIN:")
            log_server("info", " * Debugger PIN: %s", self._pin)
        return Response("", mimetype="text/plain")


def _is_exit(error: BaseException) -> bool:
    """Whether an error may be the end of the process, which a signal's handler raises: that is in
    the main thread alone."""
    return isinstance(error, (KeyboardInterrupt, SystemExit)) and (
        current_thread() is main_thread()
    )


def _refuse(error: HTTPException, request: Request) -> Response:
    refusal: Response = error.get_response(request.environ)
    return refusal


def _json(value: dict[str, Any]) -> Response:
    response = Response(json.dumps(value), mimetype="application/json")
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response
