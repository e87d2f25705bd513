from __future__ import annotations

import re
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest

from erlen.debug import DebuggedApplication
from erlen.testing import Client


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
