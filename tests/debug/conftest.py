from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from contextlib import redirect_stderr
from io import StringIO
from typing import Any

import pytest

from erlen.debug import DebuggedApplication
from erlen.testing import Client
from erlen.testing.builder import create_environ


class Debugged:
    """An application that fails, and the browser of the person who mends it."""

    def __init__(self, app: Any, **options: Any) -> None:
        self.application = DebuggedApplication(app, evalex=True, **options)
        self.client = Client(self.application)
        self.errors = StringIO()
        self.page = ""

    def open(self, path: str = "/", **options: Any) -> Any:
        environ = {"wsgi.errors": self.errors}
        response = self.client.get(path, environ_overrides=environ, **options)
        self.page = response.text
        return response

    @property
    def secret(self) -> str:
        found = re.search(r'data-secret="([^"]*)"', self.page)
        return found[1] if found else ""

    @property
    def frames(self) -> list[str]:
        return re.findall(r'id="frame-(\d+)"', self.page)

    def ask(self, command: str, data: dict[str, str] | None = None, **options: Any) -> Any:
        options.setdefault("headers", {"X-Erlen-Debugger": self.secret})
        url = f"/?__debugger__=yes&cmd={command}"
        environ = {"wsgi.errors": self.errors}
        return self.client.post(url, data=data, environ_overrides=environ, **options)

    def unlock(self) -> None:
        assert self.ask("pinauth", {"pin": self.application.pin or ""}).json["auth"]

    def run(self, code: str, frame: str | None = None) -> Any:
        return self.ask("run", {"frm": frame or self.frames[0], "code": code})


def failing(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    name = "<script>"
    raise ValueError(f"<i>{name}</i> -->")


@pytest.fixture
def debugged(monkeypatch: pytest.MonkeyPatch) -> Iterator[Debugged]:
    monkeypatch.delenv("WERKZEUG_DEBUG_PIN", raising=False)
    monkeypatch.setattr("erlen.debug.pin.time.sleep", lambda seconds: None)
    yield Debugged(failing)


@pytest.fixture
def debug(debugged: Debugged) -> type[Debugged]:
    """Makes another one."""
    return Debugged


class Answered:
    """An answer, and what was logged with it."""

    def __init__(self, status: int, headers: dict[str, str], body: bytes, log: str) -> None:
        self.status = status
        self.headers = headers
        self.text = body.decode()
        self.log = log

    @property
    def json(self) -> Any:
        return json.loads(self.text)


class Interface:
    """Sends requests to an application inside of the debugger, as a server does."""

    def __init__(self, name: str) -> None:
        self.is_asgi = name == "asgi"

    def ask(
        self,
        app: Any,
        path: str = "/",
        method: str = "GET",
        headers: dict[str, str] | None = None,
        body: bytes = b"",
        **options: Any,
    ) -> Answered:
        debugged = app
        if not isinstance(app, DebuggedApplication):
            debugged = DebuggedApplication(app, **{"evalex": True, **options})
        headers = {"Host": "localhost", "Accept": "text/html", **(headers or {})}
        if body:
            headers["Content-Length"] = str(len(body))
        log = StringIO()
        if not self.is_asgi:
            return self._by_wsgi(debugged, path, method, headers, body, log)
        with redirect_stderr(log):
            return asyncio.run(self._by_asgi(debugged, path, method, headers, body, log))

    def _by_wsgi(
        self, app: Any, path: str, method: str, headers: Any, body: bytes, log: StringIO
    ) -> Answered:
        environ = create_environ(path, method=method, data=body or None, headers=headers)
        environ["wsgi.errors"] = log
        heads: list[Any] = []

        def start_response(status: str, pairs: Any, exc_info: Any = None) -> Any:
            assert not heads or exc_info, "a second answer"
            heads.append((int(status[:3]), dict(pairs)))

        sent = app(environ, start_response)
        content = b"".join(sent)
        sent.close() if hasattr(sent, "close") else None
        return Answered(*heads[-1], content, log.getvalue())

    async def _by_asgi(
        self, app: Any, path: str, method: str, headers: Any, body: bytes, log: StringIO
    ) -> Answered:
        path, _, query = path.partition("?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "path": path,
            "query_string": query.encode(),
            "headers": [(k.lower().encode(), v.encode("latin-1")) for k, v in headers.items()],
        }
        waiting = [{"type": "http.request", "body": body, "more_body": False}]
        head: dict[str, Any] = {}
        content = b""

        async def receive() -> Any:
            if waiting:
                return waiting.pop()
            await asyncio.Event().wait()

        async def send(message: Any) -> None:
            nonlocal content
            if message["type"] == "http.response.start":
                assert not head, "a second answer"
                head.update(message)
            else:
                assert head
                content += message.get("body", b"")

        await app(scope, receive, send)
        pairs = {k.decode("latin-1").title(): v.decode("latin-1") for k, v in head["headers"]}
        return Answered(head["status"], pairs, content, log.getvalue())


@pytest.fixture(params=["wsgi", "asgi"])
def interface(request: Any) -> Interface:
    """How the application is called."""
    return Interface(request.param)
