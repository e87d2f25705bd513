"""What the development server shows of a connection on ASGI: its line in the log, and its error."""

from __future__ import annotations

import asyncio
import time
from traceback import format_exc
from typing import TYPE_CHECKING, Any

from ...context.contexts import PRESERVE
from ...gateways.bridge import serve_by_wsgi
from ...logging import log_server
from .request_lines import log_request

if TYPE_CHECKING:
    from ...typing import Message, Receive, Scope, Send

# Where the error of a request waits for the page that shows it.
_ERROR = "erlen.development.error"
_CONTEXTS = "erlen.development.contexts"


class Watched:
    """An ASGI application, whose requests are logged, and whose errors are shown.

    :param application: an application of Erlen
    :param debugged: makes a page of an error: :class:`erlen.debug.DebuggedApplication`
    :param state: what start-up functions left for requests
    """

    def __init__(self, application: Any, debugged: Any, state: dict[str, Any]) -> None:
        self._application = application
        self._debugged = debugged
        self._state = state
        if debugged is not None:
            debugged.console_init_func = lambda: {"app": application}
            debugged.app = self._raise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._state:
            scope["state"] = self._state.copy()
        answer = _Answer(scope, send)
        try:
            if self._is_for_debugger(scope):
                await serve_by_wsgi(self._application, self._debugged, scope, receive, answer.send)
            else:
                await self._serve(scope, receive, answer)
        except Exception:
            if not answer.is_told:
                log_server("error", "Error on request:\n%s", format_exc())
            await answer.fail()
            raise

    async def _serve(self, scope: Scope, receive: Receive, answer: _Answer) -> None:
        if self._debugged is None or scope["type"] != "http":
            await self._application.asgi(scope, receive, answer.send)
            return
        contexts: list[Any] = []
        if self._debugged.evalex:
            scope[PRESERVE] = contexts.append
        try:
            await self._application.asgi(scope, receive, answer.send)
        except Exception as error:
            if answer.has_begun:
                # It cannot be shown any more.
                raise
            shown = {**scope, _ERROR: error, _CONTEXTS: contexts}
            await serve_by_wsgi(self._application, self._debugged, shown, _received(), answer.send)

    def _is_for_debugger(self, scope: Scope) -> bool:
        debugged = self._debugged
        return (
            debugged is not None
            and scope["type"] == "http"
            and (
                b"__debugger__=yes" in scope["query_string"]
                or (debugged.evalex and scope["path"] == debugged.console_path)
            )
        )

    def _raise(self, environ: dict[str, Any], start_response: Any) -> Any:
        """The WSGI application that the debugger stands around."""
        __traceback_hide__ = True  # noqa: F841
        scope = environ["asgi.scope"]
        error = scope.pop(_ERROR, None)
        if error is None:
            return self._application.wsgi(environ, start_response)
        for context in scope[_CONTEXTS]:
            environ[PRESERVE](context)
        try:
            raise error
        finally:
            del error


class _Answer:
    """What is sent to a client, with the line for the log when it begins."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope = scope
        self._send = send
        self._since = time.perf_counter()
        self.has_begun = False
        self.is_told = False

    async def send(self, message: Message) -> None:
        kind = message["type"]
        if not self.has_begun:
            self.has_begun = True
            self._log(message)
        # It closes the socket for an error that it has logged.
        self.is_told = self.is_told or kind == "websocket.close"
        await self._send(message)

    def _log(self, message: Message) -> None:
        scope = self._scope
        status = message.get("status")
        if status is None:
            status = 101 if message["type"] == "websocket.accept" else 403
        path = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1")
        if scope["query_string"]:
            path += "?" + scope["query_string"].decode("latin-1")
        client = (scope.get("client") or ("<local>",))[0]
        line = f"{scope.get('method', 'GET')} {path} HTTP/{scope.get('http_version', '1.1')}"
        log_request(client, line, status, time.perf_counter() - self._since)

    async def fail(self) -> None:
        """Answer an error, if it is not too late."""
        if self.has_begun:
            return
        if self._scope["type"] == "http":
            await self.send(
                {
                    "type": "http.response.start",
                    "status": 500,
                    "headers": [(b"content-type", b"text/plain")],
                }
            )
            await self._send({"type": "http.response.body", "body": b"Internal Server Error"})
        else:
            await self.send({"type": "websocket.close", "code": 1011})


def _received() -> Receive:
    """A body that has been received: who shows the error reads none."""
    is_over = False

    async def receive() -> Message:
        nonlocal is_over
        if is_over:
            await asyncio.get_running_loop().create_future()
        is_over = True
        return {"type": "http.request", "body": b"", "more_body": False}

    return receive
