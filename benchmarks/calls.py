"""How many Python functions of Erlen a warm request calls, and in how many files they stand.

A function counts each time that it is called, and a generator each time that it goes on; so do
those that the framework makes of source text.  Views, hooks, the server's side and other libraries
do not count.  The figures are the same on every machine; a newer Python calls less where it inlines
comprehensions.

Prints them as JSON: functions and files by request.  ``--trace`` and the name of a request prints
what it calls, in order.
"""

from __future__ import annotations

import asyncio
import io
import json
import sys
from pathlib import Path
from types import FrameType
from typing import Any

import asgi_apps
import asgi_worker
import real_views
import scenarios
import worker
from application import application_of

import erlen

PACKAGE = str(Path(erlen.__file__).parent)
# So many requests before the one that counts: what is kept is made by then.
WARM = 100
Called = list[tuple[str, str]]


class counted:
    """The framework's functions that are called inside of it, with their files."""

    def __init__(self) -> None:
        self.called: Called = []

    def __enter__(self) -> Called:
        sys.setprofile(self._note)
        return self.called

    def __exit__(self, *error: object) -> None:
        sys.setprofile(None)

    def _note(self, frame: FrameType, event: str, argument: Any) -> None:
        if event != "call":
            return
        path = frame.f_code.co_filename
        module = frame.f_globals.get("__name__") or ""
        if path.startswith(PACKAGE) or module.partition(".")[0] == "erlen":
            self.called.append((path.removeprefix(PACKAGE + "/"), frame.f_code.co_qualname))


def on_wsgi(app: Any, environ: dict[str, Any]) -> Called:
    """What a warm request calls on WSGI."""
    worker.run(app, environ, WARM)
    request = {**environ, "wsgi.input": io.BytesIO(environ["wsgi.input"].getvalue())}
    with counted() as called:
        body = app(request, worker.start_response)
        for _ in body:
            pass
        if hasattr(body, "close"):
            body.close()
    return called


async def on_asgi(app: Any, scope: dict[str, Any]) -> Called:
    """The same on ASGI, for a request without a body."""
    await asgi_worker.Lifespan(app).go("startup")
    await asgi_worker.run(app, scope, WARM)
    exchange = asgi_worker.Exchange()
    with counted() as called:
        await app(scope, exchange.receive, exchange.send)
    exchange.close()
    return called


def trace() -> dict[str, Called]:
    """What each of the requests calls."""
    app = application_of(erlen, "called")
    app.add_url_rule("/", "hello", lambda: "Hello, World!")
    app.add_url_rule("/post/<int:id>", "post", lambda id: str(id))

    @app.post("/json")
    def json() -> Any:
        return {"name": erlen.request.get_json()["name"]}

    hooked, sent = real_views.make(erlen)["hooks with g"]
    body, kind = b'{"name": "Ada", "tags": ["a"]}', "application/json"
    hello = asgi_worker.make_scope("/")
    return {
        "hello": on_wsgi(app, scenarios.environ("/")),
        "ASGI hello": asyncio.run(on_asgi(asgi_apps.erlen(), hello)),
        "int parameter": on_wsgi(app, scenarios.environ("/post/17")),
        "hooks with g": on_wsgi(hooked, scenarios.environ_of(sent)),
        "JSON post": on_wsgi(app, scenarios.environ("/json", "POST", "", body, kind)),
    }


def main() -> None:
    """Count, and print."""
    traced = trace()
    if sys.argv[1:2] == ["--trace"]:
        for path, name in traced[sys.argv[2]]:
            print(f"{path:28} {name}")
        return
    counts = {
        name: (len(called), len({path for path, _ in called})) for name, called in traced.items()
    }
    print(json.dumps(counts))


if __name__ == "__main__":
    main()
