"""Hosts one framework's ASGI scenarios and times rounds of them on request.

Speaks as ``worker.py`` does.  The application is awaited on one running loop with a scope as a
server makes it, after the lifespan protocol's start-up; what it sends is collected.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
from time import perf_counter
from typing import Any

import asgi_apps

PATHS = {"hello": "/", "dynamic rule": "/user/ada/post/17", "JSON": "/json"}
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


def make_scope(path: str) -> dict[str, Any]:
    """What a server hands over for a browser's request."""
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": HEADERS.copy(),
        "server": ("127.0.0.1", 8000),
        "client": ("127.0.0.1", 51234),
        "extensions": {"http.response.pathsend": {}},
        "state": {},
    }


class Exchange:
    """The server's side of one request without a body."""

    __slots__ = ("_end", "_is_asked", "messages")

    def __init__(self) -> None:
        self.messages: list[Any] = []
        self._is_asked = False
        self._end: asyncio.Future[None] | None = None

    async def receive(self) -> dict[str, Any]:
        """The empty body, then nothing until the exchange is over."""
        if not self._is_asked:
            self._is_asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
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


async def run(app: Any, path: str, count: int) -> float:
    """Seconds for ``count`` requests."""
    total = 0.0
    for number in range(1, count + 1):
        # Outside of the time: a fresh scope, as a server makes one.
        scope = make_scope(path)
        exchange = Exchange()
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
        print(json.dumps(await run(app, PATHS[order["scenario"]], order["count"])), flush=True)
    await lifespan.go("shutdown")


if __name__ == "__main__":
    asyncio.run(main())
