"""What the development server shows of a connection on ASGI: its line in the log, and its error."""

from __future__ import annotations

import time
from traceback import format_exc
from typing import TYPE_CHECKING, Any

from ...logging import log_server
from .request_lines import log_request

if TYPE_CHECKING:
    from ...typing import Message, Receive, Scope, Send


class Watched:
    """An ASGI application, whose requests are logged, with the errors that nobody answered.

    :param application: an application of Erlen
    :param debugged: the debugger around it: :class:`erlen.debug.DebuggedApplication`
    :param state: what start-up functions left for requests
    """

    def __init__(self, application: Any, debugged: Any, state: dict[str, Any]) -> None:
        self._served = debugged or application
        self._state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._state:
            scope["state"] = self._state.copy()
        answer = _Answer(scope, send)
        try:
            await self._served.asgi(scope, receive, answer.send)
        except Exception:
            log_server("error", "Error on request:\n%s", format_exc())
            await answer.fail()
            raise


class _Answer:
    """What is sent to a client, with the line for the log when it begins."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope = scope
        self._send = send
        self._since = time.perf_counter()
        self.has_begun = False

    async def send(self, message: Message) -> None:
        if not self.has_begun:
            self.has_begun = True
            self._log(message)
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
