"""The debugger on ASGI."""

from __future__ import annotations

from asyncio import CancelledError, to_thread
from io import BytesIO
from typing import TYPE_CHECKING, Any

from ..context.asgi import Captured, listed_headers, make_environ
from ..context.contexts import PRESERVE
from ..http.encoding import encode_headers
from ..http.exceptions import RequestEntityTooLarge
from .explain import TOO_LATE

if TYPE_CHECKING:
    from typing import Protocol

    from ..http.response import Response
    from ..typing import Message, Receive, Scope, Send

    class Debugger(Protocol):
        """What serving has to know of the middleware."""

        app: Any
        evalex: bool
        console_path: Any

        def own_answer(self, environ: dict[str, Any]) -> Response | None: ...

        def watch(self, environ: Any, host: str | None) -> Any: ...

        def explain(
            self, error: BaseException, environ: dict[str, Any], watch: Any
        ) -> tuple[Response, str]: ...


# Bytes of what a page sends: a line of Python, a PIN.
_MOST_SENT = 256 * 1024
# What a server gets in front of an answer.
_INFORMATION = frozenset({"http.response.debug", "http.response.early_hint"})


async def serve(debugged: Debugger, scope: Scope, receive: Receive, send: Send) -> None:
    """Serve a connection, and answer with the page if the application raises before it has sent
    something."""
    kind = scope["type"]
    if kind not in ("http", "websocket"):
        await debugged.app(scope, receive, send)
        return
    headers = listed_headers(scope)
    if kind == "http" and _may_be_own(debugged, scope):
        body = await _receive_all(receive)
        environ = make_environ(scope, BytesIO(body or b""))
        own = await to_thread(debugged.own_answer, environ)
        if body is None:
            own = RequestEntityTooLarge().get_response()
        if own is not None:
            await _send(own, environ, send, "http.response")
            return
        receive = _again(body, receive)
    host = next((value.decode("latin-1") for name, value in headers if name == b"host"), None)
    watch = debugged.watch(scope, host)
    held = _Held(send)
    try:
        await debugged.app({**scope, PRESERVE: watch}, receive, held)
    except (CancelledError, GeneratorExit, KeyboardInterrupt):
        raise
    except BaseException as error:
        environ = make_environ(scope, BytesIO())
        if held.is_begun:
            # The server tells it.
            environ["wsgi.errors"].write(TOO_LATE)
            raise
        response, told = await to_thread(debugged.explain, error, environ, watch)
        environ["wsgi.errors"].write(told)
        prefix = "http.response"
        if kind == "websocket":
            prefix = "websocket.http.response"
            if prefix not in (scope.get("extensions") or ()):
                # The server refuses the handshake with a page of its own.
                await send(held.message or {"type": "websocket.close", "code": 1011})
                return
        await _send(response, environ, send, prefix)
    else:
        await held.release()


class _Held:
    """A ``send`` that holds the head of an answer until the first byte of its body, as PEP 3333
    has it, and the closing of a WebSocket that was not accepted.

    :param send: the server's
    """

    def __init__(self, send: Send) -> None:
        self._send = send
        #: Whether the client has got something.
        self.is_begun = False
        #: What is held.
        self.message: Message | None = None

    async def __call__(self, message: Message) -> None:
        if not self.is_begun:
            kind = message["type"]
            if kind in _INFORMATION:
                await self._send(message)
                return
            if kind in ("http.response.start", "websocket.close"):
                self.message = message
                return
            if kind == "http.response.body" and (
                not message.get("body") and message.get("more_body")
            ):
                return
            await self.release()
            self.is_begun = True
        await self._send(message)

    async def release(self) -> None:
        """Send what is held."""
        if self.message is not None:
            self.is_begun = True
            message, self.message = self.message, None
            await self._send(message)


def _may_be_own(debugged: Debugger, scope: Scope) -> bool:
    if b"__debugger__=yes" in scope.get("query_string", b""):
        return True
    return debugged.evalex and make_environ(scope, None)["PATH_INFO"] == debugged.console_path


async def _receive_all(receive: Receive) -> bytes | None:
    """The body of a request; ``None`` if it is more than any page sends."""
    body: bytes = b""
    while True:
        message: Any = await receive()
        body += message.get("body", b"")
        if len(body) > _MOST_SENT:
            return None
        if not message.get("more_body"):
            return body


def _again(body: bytes | None, receive: Receive) -> Receive:
    """A ``receive`` that gives a body that was received already."""
    first: list[Message] = [{"type": "http.request", "body": body or b"", "more_body": False}]

    async def receive_again() -> Message:
        return first.pop() if first else await receive()

    return receive_again


async def _send(response: Response, environ: dict[str, Any], send: Send, prefix: str) -> None:
    captured = Captured()
    body = b"".join(response(environ, captured))
    headers = encode_headers(captured.pairs)
    await send({"type": f"{prefix}.start", "status": captured.status, "headers": headers})
    await send({"type": f"{prefix}.body", "body": body})
