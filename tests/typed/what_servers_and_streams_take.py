"""Middleware, streams, and what runs while an application is served."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable, Iterator
from typing import Any, assert_type

from erlen import Erlen, Response, request, stream_request_body, stream_with_context
from erlen.middleware.proxy_fix import ProxyFix
from erlen.typing import Receive, Scope, Send

app = Erlen(__name__)
app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1)
app.asgi_app = ProxyFix(app.asgi_app, x_for=1)


class Timing:
    def __init__(self, inner: Callable[[Scope, Receive, Send], Awaitable[None]]) -> None:
        self.inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.inner(scope, receive, send)


app.asgi_app = Timing(app.asgi_app)


class Shop(Erlen):
    """Both may be methods of a subclass, too."""

    def wsgi_app(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        return super().wsgi_app(environ, start_response)

    async def asgi_app(self, scope: Scope, receive: Receive, send: Send) -> None:
        await super().asgi_app(scope, receive, send)


@app.put("/count")
@stream_request_body
async def count() -> dict[str, int]:
    size = 0
    async for chunk in request.stream:
        size += len(assert_type(chunk, bytes))
    return {"size": size}


@app.get("/events")
async def events() -> Response:
    assert_type(await count(), dict[str, int])

    @stream_with_context
    async def numbers(first: int) -> AsyncIterator[str]:
        yield f"data: {first}\n\n"

    @stream_with_context
    async def more() -> AsyncGenerator[bytes, None]:
        yield b""

    @stream_with_context
    def plain() -> Iterator[str]:
        yield ""

    async def late() -> AsyncGenerator[str, None]:
        yield ""

    assert_type(numbers(1), AsyncIterator[str])
    assert_type(more(), AsyncIterator[bytes])
    assert_type(plain(), Iterator[str])
    assert_type(stream_with_context(late()), AsyncIterator[str])
    for body in (more(), late()):
        Response(body)
    response = Response(plain())
    response.response = numbers(1)
    return Response(numbers(1), mimetype="text/event-stream")


@app.while_serving
async def pool() -> AsyncIterator[None]:
    yield


@app.while_serving
async def other_pool() -> AsyncGenerator[None, None]:
    yield


@app.before_serving
async def connect() -> None: ...


@app.after_serving
def disconnect() -> None: ...


assert_type(pool(), AsyncIterator[None])
assert_type(other_pool(), AsyncGenerator[None, None])
