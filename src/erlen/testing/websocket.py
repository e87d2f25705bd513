"""Opening a WebSocket of an application in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from ..http.headers import Headers
from .asgi import decode_headers, make_scope
from .asgi_validation import validated

if TYPE_CHECKING:
    from asyncio import Queue, Task
    from collections.abc import Awaitable, Callable

    Application = Callable[[Any, Any, Any], Awaitable[None]]

_LONGEST_WAIT = 10.0


class WebsocketClosed(Exception):
    """The application closed the socket.

    :param code: the close code
    :param reason: what it said
    """

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"The WebSocket was closed with {code} {reason}".rstrip())
        self.code = code
        self.reason = reason


class WebsocketRefused(Exception):
    """The application answered by HTTP in place of accepting.

    :param status_code: the status; 403 where the server would choose it
    :param headers: the headers of the answer
    :param data: its body
    """

    def __init__(self, status_code: int, headers: Headers, data: bytes) -> None:
        super().__init__(f"The WebSocket was refused with {status_code}")
        self.status_code = status_code
        self.headers = headers
        self.data = data


class AsyncTestWebsocket:
    """A WebSocket, from the client's side.

    Each message of the application is checked against the ASGI specification.

    >>> async with client.websocket("/echo") as socket:
    ...     await socket.send("a")
    ...     assert await socket.receive() == "a"
    """

    def __init__(self, application: Application, environ: dict[str, Any]) -> None:
        self._application = application
        self._scope = make_scope(environ, "websocket")
        offered = environ.get("HTTP_SEC_WEBSOCKET_PROTOCOL", "")
        self._scope["subprotocols"] = [p for part in offered.split(",") if (p := part.strip())]
        self._scope["extensions"] = {"websocket.http.response": {}}
        self._task: Task[None]
        #: The sub-protocol that the application chose.
        self.subprotocol: str | None = None
        #: The headers of its answer.
        self.headers: Headers = Headers()

    async def __aenter__(self) -> Self:
        from asyncio import Queue, get_running_loop

        self._to_application: Queue[Any] = Queue()
        self._from_application: Queue[Any] = Queue()
        self._to_application.put_nowait({"type": "websocket.connect"})
        self._task = get_running_loop().create_task(self._run())
        first = await self._next()
        if first["type"] == "websocket.accept":
            self.subprotocol = first.get("subprotocol")
            self.headers = decode_headers(first.get("headers", ()))
            return self
        if first["type"] == "websocket.close":
            await self._task
            raise WebsocketRefused(403, Headers(), b"")
        data, more = b"", True
        while more:
            message = await self._next()
            data += message.get("body", b"")
            more = message.get("more_body", False)
        await self._task
        raise WebsocketRefused(first["status"], decode_headers(first["headers"]), data)

    async def _run(self) -> None:
        try:
            await validated(self._application)(
                self._scope, self._to_application.get, self._from_application.put
            )
        finally:
            self._from_application.put_nowait(None)

    async def _next(self) -> Any:
        from asyncio import wait_for

        message = await wait_for(self._from_application.get(), _LONGEST_WAIT)
        if message is None:
            # Raises what the application has raised.
            await self._task
            raise WebsocketClosed(1006, "The application returned without closing.")
        return message

    async def send(self, data: str | bytes) -> None:
        """Send a message."""
        key = "text" if isinstance(data, str) else "bytes"
        self._to_application.put_nowait({"type": "websocket.receive", key: data})

    async def send_json(self, value: Any) -> None:
        """Send a value as JSON."""
        from json import dumps

        await self.send(dumps(value))

    async def receive(self) -> str | bytes:
        """The next message of the application.

        :raises WebsocketClosed: if it closed the socket
        :raises TimeoutError: after ten seconds without a message
        """
        message = await self._next()
        if message["type"] == "websocket.close":
            raise WebsocketClosed(message.get("code", 1000), message.get("reason") or "")
        text: str | None = message.get("text")
        return message["bytes"] if text is None else text

    async def receive_json(self) -> Any:
        """The next message, decoded from JSON."""
        from json import loads

        return loads(await self.receive())

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close the socket, and wait until the application has ended."""
        from asyncio import CancelledError, wait_for

        self._to_application.put_nowait(
            {"type": "websocket.disconnect", "code": code, "reason": reason}
        )
        try:
            await wait_for(self._task, _LONGEST_WAIT)
        except CancelledError:
            if not self._task.cancelled():
                raise

    async def __aexit__(self, *exc_info: object) -> None:
        await self.close()


class TestWebsocket:
    """:class:`AsyncTestWebsocket` for tests that are not async.

    >>> with client.websocket("/echo") as socket:
    ...     socket.send("a")
    ...     assert socket.receive() == "a"
    """

    __test__ = False

    def __init__(self, socket: AsyncTestWebsocket) -> None:
        self._socket = socket

    @property
    def subprotocol(self) -> str | None:
        """The sub-protocol that the application chose."""
        return self._socket.subprotocol

    @property
    def headers(self) -> Headers:
        """The headers of its answer."""
        return self._socket.headers

    def _wait(self, coroutine: Any) -> Any:
        from ..workers.loop import run_blocking

        return run_blocking(coroutine)

    def __enter__(self) -> Self:
        self._wait(self._socket.__aenter__())
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def send(self, data: str | bytes) -> None:
        """Send a message."""
        self._wait(self._socket.send(data))

    def send_json(self, value: Any) -> None:
        """Send a value as JSON."""
        self._wait(self._socket.send_json(value))

    def receive(self) -> str | bytes:
        """The next message of the application; see :meth:`AsyncTestWebsocket.receive`."""
        message: str | bytes = self._wait(self._socket.receive())
        return message

    def receive_json(self) -> Any:
        """The next message, decoded from JSON."""
        return self._wait(self._socket.receive_json())

    def close(self, code: int = 1000, reason: str = "") -> None:
        """Close the socket, and wait until the application has ended."""
        self._wait(self._socket.close(code, reason))
