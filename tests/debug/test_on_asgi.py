"""The debugger on ASGI: its console, WebSockets, start and stop."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any
from urllib.parse import urlencode

import pytest

from erlen import Erlen, g, websocket
from erlen.debug import DebuggedApplication


@pytest.fixture
def app() -> Erlen:
    app = Erlen("app")
    app.debug = True

    @app.get("/boom")
    async def boom() -> str:
        g.user = "ada"
        raise ValueError("<wrong>")

    @app.websocket("/feed")
    async def feed() -> None:
        if websocket.args.get("when") == "late":
            await websocket.send("sent")
        raise ValueError("of the socket")

    return app


@pytest.fixture
def asgi(interface: Any) -> Any:
    if not interface.is_asgi:
        pytest.skip("ASGI alone")
    return interface


def send_form(asgi: Any, debugged: Any, command: str, **form: str) -> Any:
    headers = {
        "X-Erlen-Debugger": debugged.secret,
        "Content-Type": "application/x-www-form-urlencoded",
    }
    body = urlencode(form).encode()
    return asgi.ask(debugged, f"/any?__debugger__=yes&cmd={command}", "POST", headers, body)


def test_the_console(app: Erlen, asgi: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("erlen.debug.pin.time.sleep", lambda seconds: None)
    debugged = DebuggedApplication(app, evalex=True)
    page = asgi.ask(debugged, "/boom").text
    frame = re.findall(r'id="frame-(\d+)"', page)[0]
    code = "import erlen; (erlen.g.user, erlen.request.path)"
    refused = send_form(asgi, debugged, "run", frm=frame, code=code)
    assert refused.status == 404
    assert send_form(asgi, debugged, "pinauth", pin="1").json["auth"] is False
    debugged.pin = None
    output = send_form(asgi, debugged, "run", frm=frame, code=code).json["output"]
    assert "ada" in output and "/boom" in output
    assert "Interactive Console" in asgi.ask(debugged, "/console").text
    assert asgi.ask(debugged, "/console", headers={"Host": "evil.example"}).status == 400


def test_its_files(app: Erlen, asgi: Any) -> None:
    for name, kind in (("style.css", "text/css"), ("icon.svg", "image/svg+xml")):
        answer = asgi.ask(app, f"/x?__debugger__=yes&cmd=resource&f={name}")
        assert answer.status == 200
        assert answer.headers["Content-Type"].startswith(kind)


def test_more_than_a_page_sends(app: Erlen, asgi: Any) -> None:
    answer = asgi.ask(app, "/x?__debugger__=yes&cmd=run", "POST", {}, b"x" * 300_000)
    assert answer.status == 413


async def connect(app: Any, path: str, extensions: dict[str, Any], **headers: str) -> list[Any]:
    path, _, query = path.partition("?")
    scope = {
        "type": "websocket",
        "asgi": {"version": "3.0"},
        "scheme": "ws",
        "path": path,
        "query_string": query.encode(),
        "headers": [
            (b"host", b"localhost"),
            *((k.encode(), v.encode()) for k, v in headers.items()),
        ],
        "extensions": extensions,
    }
    sent: list[Any] = []

    async def receive() -> Any:
        if not sent:
            return {"type": "websocket.connect"}
        await asyncio.Event().wait()

    async def send(message: Any) -> None:
        sent.append(message)

    try:
        await app(scope, receive, send)
    except ValueError:
        sent.append("raised")
    return sent


REFUSES = {"websocket.http.response": {}}


def test_a_handshake_that_fails(app: Erlen, capsys: pytest.CaptureFixture[str]) -> None:
    debugged = DebuggedApplication(app, evalex=True)
    start, body = asyncio.run(connect(debugged, "/feed", REFUSES))
    assert (start["type"], start["status"]) == ("websocket.http.response.start", 500)
    assert body["body"].endswith(b"\nValueError: of the socket\n")
    assert dict(start["headers"])[b"content-type"] == b"text/plain; charset=utf-8"
    start, body = asyncio.run(connect(debugged, "/feed", REFUSES, accept="text/html"))
    assert b"<h1>ValueError</h1>" in body["body"]
    # A server that has no answer in place of the handshake refuses it itself.
    [closed] = asyncio.run(connect(debugged, "/feed", {}))
    assert closed["type"] == "websocket.close"
    assert "ValueError: of the socket" in capsys.readouterr().err


def test_a_socket_that_is_open(app: Erlen) -> None:
    debugged = DebuggedApplication(app, evalex=True)
    sent = asyncio.run(connect(debugged, "/feed?when=late", REFUSES))
    kinds = [message if isinstance(message, str) else message["type"] for message in sent]
    assert kinds == ["websocket.accept", "websocket.send", "websocket.close", "raised"]


def test_a_socket_without_a_route(app: Erlen) -> None:
    debugged = DebuggedApplication(app, evalex=True)
    start, body = asyncio.run(connect(debugged, "/fed", REFUSES))
    assert start["status"] == 404
    assert b"Nearest routes:\n  /feed" in body["body"]
    start, body = asyncio.run(connect(debugged, "/fed", REFUSES, accept="application/json"))
    assert json.loads(body["body"])["nearest"] == ["/feed"]


def test_refusals_of_the_application_pass(app: Erlen) -> None:
    @app.websocket("/closed")
    async def closed() -> None:
        await websocket.close(4001, "no")

    debugged = DebuggedApplication(app, evalex=True)
    [message] = asyncio.run(connect(debugged, "/closed", REFUSES))
    assert (message["type"], message["code"]) == ("websocket.close", 4001)


def test_start_and_stop_pass(app: Erlen) -> None:
    begun: list[str] = []
    app.before_serving(lambda: begun.append("begun"))

    async def main() -> list[str]:
        sent: list[str] = []
        waiting = ["lifespan.startup", "lifespan.shutdown"]

        async def receive() -> Any:
            return {"type": waiting.pop(0)}

        async def send(message: Any) -> None:
            sent.append(message["type"])

        await DebuggedApplication(app)({"type": "lifespan", "asgi": {}}, receive, send)
        return sent

    assert asyncio.run(main()) == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert begun == ["begun"]


def test_a_request_that_is_cancelled(app: Erlen) -> None:
    @app.get("/slow")
    async def slow() -> str:
        await asyncio.sleep(30)
        return ""

    async def main() -> Any:
        headers = [(b"host", b"localhost")]
        scope = {"type": "http", "method": "GET", "path": "/slow", "headers": headers}
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        task = asyncio.ensure_future(DebuggedApplication(app)(scope, asyncio.Event().wait, send))
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return sent

    assert asyncio.run(main()) == []


def test_the_loop_goes_on_while_a_page_is_made(app: Erlen, asgi: Any) -> None:
    class Slow:
        def __repr__(self) -> str:
            import time

            time.sleep(0.4)
            return "slow"

    @app.get("/slow")
    async def slow() -> Any:
        value = Slow()
        return 1 / 0, value

    async def main() -> float:
        longest = 0.0
        loop = asyncio.get_running_loop()

        async def send(message: Any) -> None: ...

        scope = {"type": "http", "method": "GET", "path": "/slow", "headers": []}
        scope["headers"] = [(b"host", b"localhost"), (b"accept", b"text/html")]
        task = asyncio.ensure_future(DebuggedApplication(app)(scope, asyncio.Event().wait, send))
        while not task.done():
            begun = loop.time()
            await asyncio.sleep(0.01)
            longest = max(longest, loop.time() - begun)
        await task
        return longest

    assert asyncio.run(main()) < 0.35
