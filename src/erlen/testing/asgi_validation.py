"""Answers checked against the ASGI specification while a test runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    Application = Callable[[Any, Any, Any], Awaitable[None]]


def _check(condition: object, message: str) -> None:
    # Not by assert, which python -O leaves out.
    if not condition:
        raise AssertionError(f"ASGI: {message}")


def _check_headers(headers: Iterable[Any]) -> None:
    for pair in headers:
        _check(len(tuple(pair)) == 2, f"a header is a pair, not {pair!r}")
        name, value = pair
        _check(type(name) is bytes and type(value) is bytes, f"headers are bytes: {pair!r}")
        _check(name == name.lower(), f"header names are in lower case: {name!r}")
        _check(name and not name.startswith(b":"), f"{name!r} is no header name")
        for part in pair:
            _check(not set(part) & set(b"\r\n\0"), f"a control character in {pair!r}")


class _Http:
    """The messages of one HTTP response."""

    def __init__(self, scope: Any) -> None:
        self.state = "new"
        self.length: int | None = None
        self.sent = 0
        self.has_body = scope["method"] != "HEAD"

    def see(self, message: dict[str, Any]) -> None:
        kind = message.get("type")
        if kind == "http.response.start":
            _check(self.state == "new", "http.response.start was sent twice")
            status: Any = message.get("status")
            _check(type(status) is int, f"status {status!r}")
            headers = list(message.get("headers", ()))
            _check_headers(headers)
            lengths = [value for name, value in headers if name == b"content-length"]
            _check(len(lengths) < 2, "two Content-Length headers")
            if lengths:
                self.length = int(lengths[0])
            if status in (204, 304) or status < 200:
                self.has_body = False
            self.state = "started"
        elif kind == "http.response.body":
            _check(self.state == "started", f"a body when the response is {self.state}")
            body = message.get("body", b"")
            _check(type(body) is bytes, f"a body is bytes, not {type(body).__name__}")
            more = message.get("more_body", False)
            _check(type(more) is bool, "more_body is a bool")
            self.sent += len(body)
            _check(self.has_body or not self.sent, "a body where there may be none")
            if not more:
                self.state = "complete"
        elif kind == "http.response.pathsend":
            _check(self.state == "started", f"a path when the response is {self.state}")
            _check(type(message.get("path")) is str, "a path is text")
            self.length = None
            self.state = "complete"
        else:
            _check(False, f"{kind!r} is no message of an HTTP response")

    def end(self) -> None:
        _check(
            self.state == "complete", f"the application returned, and the response is {self.state}"
        )
        if self.has_body and self.length is not None:
            _check(self.length == self.sent, f"{self.sent} bytes, announced were {self.length}")


class _WebSocket:
    """The messages of one WebSocket."""

    def __init__(self, scope: Any) -> None:
        self.state = "new"

    def see(self, message: dict[str, Any]) -> None:
        kind = message.get("type")
        if kind == "websocket.accept":
            _check(self.state == "new", "websocket.accept was sent twice")
            protocol = message.get("subprotocol")
            _check(protocol is None or type(protocol) is str, "a sub-protocol is text")
            _check_headers(message.get("headers", ()))
            self.state = "open"
        elif kind == "websocket.send":
            _check(self.state == "open", f"data when the WebSocket is {self.state}")
            data, text = message.get("bytes"), message.get("text")
            _check((data is None) != (text is None), "either bytes or text")
            _check(data is None or type(data) is bytes, "bytes are bytes")
            _check(text is None or type(text) is str, "text is text")
        elif kind == "websocket.close":
            _check(self.state in ("new", "open"), f"closed when the WebSocket is {self.state}")
            code = message.get("code", 1000)
            _check(type(code) is int and 1000 <= code < 5000, f"close code {code!r}")
            self.state = "closed"
        elif kind == "websocket.http.response.start":
            _check(self.state == "new", f"an answer when the WebSocket is {self.state}")
            _check_headers(message.get("headers", ()))
            self.state = "refusing"
        elif kind == "websocket.http.response.body":
            _check(self.state == "refusing", f"a body when the WebSocket is {self.state}")
            if not message.get("more_body", False):
                self.state = "closed"
        else:
            _check(False, f"{kind!r} is no message of a WebSocket")

    def end(self) -> None:
        """A server closes what the application leaves open."""


class _Lifespan:
    """The messages of the lifespan protocol."""

    def __init__(self, scope: Any) -> None:
        self.seen: list[str] = []

    def see(self, message: dict[str, Any]) -> None:
        kind = str(message.get("type"))
        known = {
            f"lifespan.{when}.{how}"
            for when in ("startup", "shutdown")
            for how in ("complete", "failed")
        }
        _check(kind in known, f"{kind!r} is no message of the lifespan")
        _check(kind not in self.seen, f"{kind} was sent twice")
        self.seen.append(kind)

    def end(self) -> None:
        """An application may end at any time."""


_CHECKERS = {"http": _Http, "websocket": _WebSocket, "lifespan": _Lifespan}


def validated(application: Application) -> Application:
    """An ASGI application that raises ``AssertionError`` for each message of ``application`` that
    breaks the specification."""

    async def checked(scope: Any, receive: Any, send: Any) -> None:
        checker: Any = _CHECKERS[scope["type"]](scope)

        async def checked_send(message: dict[str, Any]) -> None:
            checker.see(message)
            await send(message)

        await application(scope, receive, checked_send)
        checker.end()

    return checked
