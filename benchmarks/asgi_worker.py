"""Hosts one framework's ASGI scenarios and times rounds of them on request.

Speaks as ``worker.py`` does.  The application is awaited on one running loop with a scope as a
server makes it, after the lifespan protocol's start-up; what it sends is collected.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
from collections.abc import Iterable
from time import perf_counter
from typing import Any

import asgi_apps
import real_views

PATHS = {"hello": "/", "dynamic rule": "/user/ada/post/17", "JSON": "/json"}
Headers = Iterable[tuple[bytes, bytes]]
# Behind so many requests the loop turns once, within the time, for what was left to it.
TURN = 32
HEADERS = [
    (b"host", b"localhost:8000"),
    (b"connection", b"keep-alive"),
    (b"user-agent", b"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
    (b"accept", b"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
    (b"accept-language", b"en-US,en;q=0.5"),
    (b"accept-encoding", b"gzip, deflate, br"),
    (b"referer", b"http://localhost:8000/"),
    (b"sec-fetch-dest", b"document"),
    (b"sec-fetch-mode", b"navigate"),
    (b"sec-fetch-site", b"same-origin"),
]


def make_scope(
    path: str, method: str = "GET", query: str = "", headers: Headers = ()
) -> dict[str, Any]:
    """What a server hands over for a browser's request.

    :param headers: beside those that the browser always sends
    """
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [*HEADERS, *headers],
        "server": ("127.0.0.1", 8000),
        "client": ("127.0.0.1", 51234),
        "extensions": {"http.response.pathsend": {}},
        "state": {},
    }


def scope_of(sent: real_views.Sent) -> dict[str, Any]:
    """The same for a request of the real views."""
    headers = [(name.encode(), value.encode()) for name, value in sent.headers.items()]
    if sent.body:
        headers.append((b"content-length", str(len(sent.body)).encode()))
    return make_scope(sent.path, sent.method, sent.query, headers)


def scenarios() -> dict[str, tuple[Any, dict[str, Any], bytes, int]]:
    """What Erlen is looked at with on ASGI: application, scope, body, and the status of the answer.

    The names are those of ``scenarios.py``.
    """
    app = asgi_apps.erlen()
    plain = {name: (app, make_scope(path), b"", 200) for name, path in PATHS.items()}
    real = {
        name: (app, scope_of(sent), sent.body, sent.status)
        for name, (app, sent) in asgi_apps.erlen_real_views().items()
    }
    return plain | real


class Exchange:
    """The server's side of one request."""

    __slots__ = ("_body", "_end", "_is_asked", "messages")

    def __init__(self, body: bytes = b"") -> None:
        self.messages: list[Any] = []
        self._body = body
        self._is_asked = False
        self._end: asyncio.Future[None] | None = None

    async def receive(self) -> dict[str, Any]:
        """The body, then nothing until the exchange is over."""
        if not self._is_asked:
            self._is_asked = True
            return {"type": "http.request", "body": self._body, "more_body": False}
        if self._end is None:
            self._end = asyncio.get_running_loop().create_future()
        await self._end
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        """Collect what the application sends."""
        self.messages.append(message)

    def close(self) -> None:
        """The end, for whoever still waits for it."""
        if self._end is not None and not self._end.done():
            self._end.set_result(None)


class Lifespan:
    """The server's side of the lifespan protocol."""

    def __init__(self, app: Any) -> None:
        self._orders: asyncio.Queue[str] = asyncio.Queue()
        self._answers: asyncio.Queue[str] = asyncio.Queue()
        asgi = {"version": "3.0", "spec_version": "2.3"}
        scope = {"type": "lifespan", "asgi": asgi, "state": {}}
        self._task = asyncio.create_task(app(scope, self._receive, self._send))

    async def _receive(self) -> dict[str, Any]:
        return {"type": "lifespan." + await self._orders.get()}

    async def _send(self, message: Any) -> None:
        await self._answers.put(message["type"])

    async def go(self, step: str) -> None:
        """Go through ``startup`` or ``shutdown``."""
        await self._orders.put(step)
        answer = await asyncio.wait_for(self._answers.get(), 10)
        if answer != f"lifespan.{step}.complete":
            sys.exit(f"{sys.argv[1]}: {answer}")


async def check(app: Any) -> None:
    """End the process if an answer is not what every framework is to give."""
    wanted = {"hello": b"Hello, World!", "dynamic rule": b"ada 17"}
    for name, path in PATHS.items():
        exchange = Exchange()
        await app(make_scope(path), exchange.receive, exchange.send)
        exchange.close()
        status = exchange.messages[0]["status"]
        types = [v for k, v in exchange.messages[0]["headers"] if k.lower() == b"content-type"]
        body = b"".join(message.get("body", b"") for message in exchange.messages[1:])
        if name == "JSON":
            good = json.loads(body) == asgi_apps.DATA and types[0].startswith(b"application/json")
        else:
            good = body == wanted[name] and types[0].startswith(b"text/html")
        if status != 200 or not good:
            sys.exit(f"{sys.argv[1]}: {name} answers {status}, {types}, {body!r}")


async def check_status(
    name: str, app: Any, scope: dict[str, Any], body: bytes, status: int
) -> None:
    """End the process if a request is not answered with its status."""
    exchange = Exchange(body)
    await app(scope, exchange.receive, exchange.send)
    exchange.close()
    if exchange.messages[0]["status"] != status:
        sys.exit(f"{name} answers {exchange.messages[0]['status']} on ASGI, not {status}")


async def run(app: Any, wanted: dict[str, Any], count: int, body: bytes = b"") -> float:
    """Seconds for ``count`` requests.

    :param wanted: their scope
    """
    total = 0.0
    for number in range(1, count + 1):
        # Outside of the time: a fresh scope, as a server makes one.
        scope = {**wanted, "headers": wanted["headers"].copy(), "state": {}}
        exchange = Exchange(body)
        receive, send = exchange.receive, exchange.send
        start = perf_counter()
        await app(scope, receive, send)
        total += perf_counter() - start
        exchange.close()
        if number % TURN == 0:
            start = perf_counter()
            await asyncio.sleep(0)
            total += perf_counter() - start
    return total


async def main() -> None:
    """Serve rounds until the input ends."""
    app = getattr(asgi_apps, sys.argv[1])()
    lifespan = Lifespan(app)
    await lifespan.go("startup")
    await check(app)
    gc.collect()
    gc.freeze()
    print(json.dumps(list(PATHS)), flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        scope = make_scope(PATHS[order["scenario"]])
        print(json.dumps(await run(app, scope, order["count"])), flush=True)
    await lifespan.go("shutdown")


if __name__ == "__main__":
    asyncio.run(main())
