"""WebSockets (RFC 6455), as views see them."""

from __future__ import annotations

from asyncio import CancelledError, current_task, sleep
from collections import deque
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ..http.encoding import encode_headers
from ..http.exceptions import BadRequest, Forbidden, HTTPException
from ..workers.call import run_in_thread
from .messages import Request

if TYPE_CHECKING:
    from asyncio import Task
    from collections.abc import Generator, Iterable, Mapping

    from ..typing import Receive, Scope, Send

# RFC 6455, section 7.4.1.
NORMAL, GOING_AWAY, INVALID_DATA, POLICY, TOO_BIG, INTERNAL_ERROR = (
    1000,
    1001,
    1007,
    1008,
    1009,
    1011,
)

# Those of the registry that may be sent (RFC 6455, section 7.4.1).
_CODES = frozenset({*range(NORMAL, 1004), *range(INVALID_DATA, 1015)})
# Bytes: a control frame has 125, of which the code takes two.
_LONGEST_REASON = 123

# How many messages are kept for a view that waits for something else.
_MOST_WAITING = 16
# A view that sends so often and receives nothing gives way, and is told when the client is gone.
_SENDS_IN_A_TURN = 32
# So many more are sent to a client whose messages nobody takes any more: whether it is still there
# would be told behind them.
_SENDS_UNHEARD = 1024
_OPEN, _ACCEPTED, _CLOSED = "connecting", "accepted", "closed"


class WebsocketDisconnect(CancelledError):
    """The client closed the WebSocket, or went away.

    The view ends with it; catch it (or ``asyncio.CancelledError``) to clean up, and raise it again.

    :param code: the close code
    :param reason: what the client said
    """

    def __init__(self, code: int = GOING_AWAY, reason: str = "") -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason


class MessageTooBig(HTTPException):
    """A message is longer than ``WEBSOCKET_MAX_MESSAGE_SIZE``."""

    code: int = 413
    description: str = "The message is longer than this server takes."


class Websocket(Request):
    """A WebSocket, with everything that its opening request had: ``headers``, ``args``,
    ``cookies``, ``path``, ``view_args`` …

    It is accepted by :meth:`accept`, or by the first :meth:`receive` or :meth:`send`; until then
    the view can return an HTTP answer in its place, or raise one with ``abort``.
    """

    _state = _OPEN
    # PERF: on the class, because ten thousand idle sockets should not each have them.
    _reader: Task[None] | None = None
    _waiting: deque[Any] | None = None
    _is_busy = False
    _view: Task[Any] | None = None
    _sends = 0
    _room: Any = None
    _news: Any = None
    _max_size: int | None = None
    gone: WebsocketDisconnect | None = None

    def _connect(self, receive: Receive, send: Send, max_size: int | None) -> None:
        self._receive = receive
        self._send = send
        self._max_size = max_size

    @property
    def requested_subprotocols(self) -> list[str]:
        """The sub-protocols that the client offers, the one it likes best first."""
        text: str = self.environ.get("HTTP_SEC_WEBSOCKET_PROTOCOL", "")
        return [name for part in text.split(",") if (name := part.strip())]

    @property
    def is_accepted(self) -> bool:
        """Whether the socket is open."""
        return self._state == _ACCEPTED

    @property
    def waits_for_answer(self) -> bool:
        """Whether the client waits for the socket, or for an answer by HTTP in its place."""
        return self._state == _OPEN and self.gone is None

    async def accept(
        self,
        headers: Mapping[str, str] | Iterable[tuple[str, str]] | None = None,
        subprotocol: str | None = None,
    ) -> None:
        """Open the socket.

        :param headers: further headers of the answer
        :param subprotocol: one of :attr:`requested_subprotocols`
        :raises RuntimeError: if it is open or closed already
        :raises ValueError: for a sub-protocol that the client did not offer
        """
        if self._state != _OPEN:
            raise RuntimeError(f"The WebSocket cannot be accepted: it is {self._state} already.")
        if subprotocol is not None and subprotocol not in self.requested_subprotocols:
            raise ValueError(
                f"The client did not offer the sub-protocol {subprotocol!r}: choose one of"
                " websocket.requested_subprotocols, or none."
            )
        from ..http.response_headers import ResponseHeaders

        self._state = _ACCEPTED
        await self._send_busy(
            {
                "type": "websocket.accept",
                "subprotocol": subprotocol,
                "headers": encode_headers(ResponseHeaders(headers)),
            }
        )

    async def receive(self) -> str | bytes:
        """The next message: text, or bytes of a binary one.

        :raises WebsocketDisconnect: when the client closed the socket; nothing need catch it
        :raises MessageTooBig: beyond ``WEBSOCKET_MAX_MESSAGE_SIZE``; the socket is closed with 1009
        """
        if self._state == _OPEN:
            await self.accept()
        self._sends = 0
        if self._reader is not None:
            message = await self._take_waiting()
        else:
            self._is_busy = True
            try:
                message = await self._receive()
            finally:
                self._is_busy = False
        if message["type"] == "websocket.disconnect":
            raise self._disconnected(message)
        text = message.get("text")
        data: str | bytes = message["bytes"] if text is None else text
        limit = self._max_size
        if limit is not None and (
            len(data) > limit
            # A character has up to four bytes.
            or (len(data) * 4 > limit and isinstance(data, str) and len(data.encode()) > limit)
        ):
            raise MessageTooBig()
        return data

    async def receive_json(self) -> Any:
        """The next message, decoded from JSON.

        :raises BadRequest: if it is none; unless it is caught, the socket is closed with 1007
        """
        data = await self.receive()
        try:
            return self.json_module.loads_received(data)
        except (ValueError, RecursionError) as error:
            raise BadRequest(f"The message is not JSON: {error}") from None

    async def send(self, data: str | bytes) -> None:
        """Send a message: text, or bytes as a binary one.

        :raises WebsocketDisconnect: when the client has gone away, or the socket was closed
        :raises TypeError: for anything else
        """
        if self._state == _OPEN:
            await self.accept()
        if isinstance(data, str):
            message: dict[str, Any] = {"type": "websocket.send", "text": data, "bytes": None}
        elif isinstance(data, (bytes, bytearray, memoryview)):
            message = {"type": "websocket.send", "text": None, "bytes": bytes(data)}
        else:
            raise TypeError(
                f"A WebSocket message is text or bytes, not {type(data).__name__}:"
                " send_json() sends anything that JSON has."
            )
        await self._send_busy(message)
        self._sends = sends = self._sends + 1
        if not sends % _SENDS_IN_A_TURN:
            await self._give_way(sends)

    async def _give_way(self, sends: int) -> None:
        view = self._view
        if self._reader is None:
            # A task of another's sends to many, and is not to be ended with this one.
            if view is not None and view is current_task():
                self._read_ahead(view)
        elif sends > _SENDS_UNHEARD and len(self._waiting or ()) >= _MOST_WAITING:
            await self.close(POLICY, "Nobody receives what you send.")
            raise self._disconnected({"code": POLICY})
        await sleep(0)

    async def send_json(self, *args: Any, **kwargs: Any) -> None:
        """Send the arguments as JSON; they are those of :func:`erlen.jsonify`."""
        module = self.json_module
        await self.send(module.dumps(module._prepare_response_obj(args, kwargs)))

    async def close(  # type: ignore[override]
        self, code: int = NORMAL, reason: str = ""
    ) -> None:
        """Close the socket; before it was accepted, that refuses it with 403.

        :param code: 1000, or 3000 to 4999 for the application's own
        :param reason: up to 123 bytes of UTF-8 (RFC 6455, section 5.5); a longer one is cut
        :raises ValueError: for a code that may not be sent
        """
        if code not in _CODES and not 3000 <= code <= 4999:
            raise ValueError(
                f"A WebSocket cannot be closed with the code {code!r}: write 1000 for the usual"
                " end, or a code of your own from 4000 to 4999."
            )
        reason = reason.encode()[:_LONGEST_REASON].decode(errors="ignore")
        if self._state == _CLOSED:
            return
        self._state = _CLOSED
        self.stop_reader()
        await self._send_busy({"type": "websocket.close", "code": code, "reason": reason})

    async def _send_busy(self, message: dict[str, Any]) -> None:
        if self.gone is not None:
            raise self.gone
        if self._state == _CLOSED and message["type"] == "websocket.send":
            # Closed by this side; there is nobody to send to either.
            raise self._disconnected({})
        self._is_busy = True
        try:
            await self._send(message)
        except (OSError, RuntimeError) as error:
            # Servers tell a lost connection so; a wrong message is the framework's own mistake.
            if isinstance(error, RuntimeError) and message["type"] != "websocket.send":
                raise
            raise self._disconnected({"code": 1006}) from error
        finally:
            self._is_busy = False

    def _disconnected(self, message: Any) -> WebsocketDisconnect:
        self._state = _CLOSED
        gone = self.gone
        if gone is None:
            gone = WebsocketDisconnect(
                message.get("code") or GOING_AWAY, message.get("reason") or ""
            )
            self.gone = gone
        return gone

    # -- reading ahead -------------------------------------------------------------------

    # A view that only answers needs no task of its own to hear that its client is gone: receive()
    # tells it.  One that waits for something else gets a reader.

    def _read_ahead(self, view: Task[Any]) -> None:
        """Begin to read on behalf of a view that waits for something else; when the client goes
        away, the view is cancelled."""
        from asyncio import Event, get_running_loop

        self._waiting = deque()
        self._news = Event()
        self._room = Event()

        async def read() -> None:
            waiting: deque[Any] = self._waiting  # type: ignore[assignment]
            while True:
                message = await self._receive()
                waiting.append(message)
                self._news.set()
                if message["type"] == "websocket.disconnect":
                    self._disconnected(message)
                    view.cancel()
                    return
                while len(waiting) >= _MOST_WAITING:
                    # The server stops reading from the client meanwhile.
                    self._room.clear()
                    await self._room.wait()

        self._reader = get_running_loop().create_task(read())

    async def _take_waiting(self) -> Any:
        waiting: deque[Any] = self._waiting  # type: ignore[assignment]
        while not waiting:
            if self.gone is not None:
                raise self.gone
            self._news.clear()
            await self._news.wait()
        message = waiting.popleft()
        self._room.set()
        return message

    def stop_reader(self) -> None:
        if self._reader is not None:
            self._reader.cancel()


def check_origin(websocket: Websocket, allowed: Iterable[str] | str | None) -> None:
    """Refuse a page of another site, which would have the cookies of this one (CSWSH).

    A client without ``Origin`` is no browser.

    :param allowed: origins such as ``https://example.org``; ``"*"`` for all; ``None`` for the host
        that the request was sent to
    :raises Forbidden: (403) for another one
    """
    origin: str | None = websocket.environ.get("HTTP_ORIGIN")
    if origin is None:
        return
    if allowed is not None:
        origins = [allowed] if isinstance(allowed, str) else list(allowed)
        if "*" in origins or origin.lower() in (one.lower().rstrip("/") for one in origins):
            return
    else:
        # The scheme is not compared: a proxy in front may have ended TLS.
        try:
            parts = urlsplit(origin.lower())
            default = {"http": 80, "https": 443}.get(parts.scheme)
            if parts.hostname and default and _same_host(parts, default, websocket):
                return
        except ValueError:
            pass
    raise Forbidden("This WebSocket may not be opened by a page of another site.")


def _same_host(origin: Any, default_port: int, websocket: Websocket) -> bool:
    host = urlsplit(f"//{websocket.environ.get('HTTP_HOST', '').lower()}")
    if host.hostname != origin.hostname:
        return False
    return (origin.port or default_port) == (host.port or default_port)


class attend_view:
    """Await a view; where it waits for something other than its socket, the socket is read on its
    behalf."""

    __slots__ = ("awaitable", "websocket")

    def __init__(self, awaitable: Any, websocket: Websocket) -> None:
        self.awaitable: Any = awaitable
        self.websocket: Websocket = websocket

    def __await__(self) -> Generator[Any, Any, Any]:
        iterator = self.awaitable.__await__()
        websocket = self.websocket
        view: Any = current_task()
        websocket._view = view
        # PEP 492 asks for an iterator, which may have no ``send`` and no ``throw``.
        error: BaseException | None = None
        try:
            while True:
                try:
                    if error is None:
                        waited = next(iterator)
                    elif hasattr(iterator, "throw"):
                        waited = iterator.throw(error)
                    else:
                        raise error
                except StopIteration as done:
                    return done.value
                if not websocket._is_busy and websocket._reader is None and websocket.is_accepted:
                    websocket._read_ahead(view)
                try:
                    # Event loops send nothing.
                    yield waited
                    error = None
                except BaseException as thrown:
                    error = thrown
        finally:
            websocket._view = error = None


async def refuse(
    websocket: Websocket, status: int, pairs: list[tuple[str, str]], body: Any, scope: Scope
) -> None:
    """Answer by HTTP in place of accepting; a server without that extension answers 403.

    :param body: an iterable of bytes, synchronous or not; closed at its end
    """
    try:
        if "websocket.http.response" not in (scope.get("extensions") or ()):
            await websocket.close(POLICY)
            return
        if hasattr(body, "__aiter__"):
            content = b"".join([piece async for piece in body])
        elif isinstance(body, (list, tuple)):
            content = b"".join(body)
        else:
            # It may wait for a file.
            content = await run_in_thread(b"".join, body)
        websocket._state = _CLOSED
        headers = encode_headers(pairs)
        start = {"type": "websocket.http.response.start", "status": status, "headers": headers}
        await websocket._send(start)
        await websocket._send({"type": "websocket.http.response.body", "body": content})
    finally:
        source: Any = body
        if hasattr(source, "aclose"):
            await source.aclose()
        elif hasattr(source, "close"):
            await run_in_thread(source.close)
