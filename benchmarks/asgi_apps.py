"""The ASGI applications that are measured, in process and served: one function for each framework.

All of them answer ``/``, ``/user/<name>/post/<int>`` and ``/json`` alike, by functions that are
``async``; those that run synchronous functions on threads also answer ``/sync`` by one.  The source
is the same for Quart and for Erlen: only the import differs.
"""

from __future__ import annotations

from typing import Any

import real_views

HTML = "text/html; charset=utf-8"
DATA = {"id": 17, "name": "Ada", "tags": ["a", "b", "c"], "active": True, "score": 1.5}


def quart_like(f: Any) -> Any:
    """The application of Quart and Erlen.

    :param f: the module that has the names of ``quart``
    """
    app = (getattr(f, "Quart", None) or f.Erlen)(__name__)
    # Quart does not know it: both write JSON by the standard library.
    app.json.use_orjson = False

    @app.route("/")
    async def hello() -> Any:
        return "Hello, World!"

    @app.route("/sync")
    def sync_hello() -> Any:
        return "Hello, World!"

    @app.route("/user/<name>/post/<int:id>")
    async def dynamic(name: str, id: int) -> Any:
        return f"{name} {id}"

    @app.route("/json")
    async def json() -> Any:
        return DATA

    return app


def erlen() -> Any:
    """Erlen."""
    import erlen

    return quart_like(erlen)


def erlen_guarded() -> Any:
    """Erlen behind WSGI middleware, which marks each answer."""
    app = erlen()
    inner = app.wsgi_app

    def guard(environ: Any, start_response: Any) -> Any:
        def start(status: str, headers: Any, exc_info: Any = None) -> Any:
            return start_response(status, [*headers, ("X-Guarded", "yes")], exc_info)

        return inner(environ, start)

    app.wsgi_app = guard
    return app


def erlen_real_views() -> dict[str, tuple[Any, real_views.Sent]]:
    """The real views on Erlen, as async ones: application and request."""
    import erlen

    return real_views.make(erlen, is_async=True)


def quart() -> Any:
    """Quart."""
    import quart

    return quart_like(quart)


def starlette() -> Any:
    """Starlette."""
    from starlette.applications import Starlette
    from starlette.responses import HTMLResponse, JSONResponse
    from starlette.routing import Route

    async def hello(request: Any) -> Any:
        return HTMLResponse("Hello, World!")

    def sync_hello(request: Any) -> Any:
        return HTMLResponse("Hello, World!")

    async def dynamic(request: Any) -> Any:
        values = request.path_params
        return HTMLResponse(f"{values['name']} {values['id']}")

    async def json(request: Any) -> Any:
        return JSONResponse(DATA)

    return Starlette(
        routes=[
            Route("/", hello),
            Route("/sync", sync_hello),
            Route("/user/{name}/post/{id:int}", dynamic),
            Route("/json", json),
        ]
    )


def fastapi() -> Any:
    """FastAPI."""
    from fastapi import FastAPI
    from fastapi.responses import HTMLResponse

    app = FastAPI()

    async def hello() -> Any:
        return "Hello, World!"

    def sync_hello() -> Any:
        return "Hello, World!"

    # FastAPI resolves annotations itself: these are its declaration of the two parameters.
    async def dynamic(name: str, id: int) -> Any:
        return f"{name} {id}"

    async def json() -> Any:
        return DATA

    app.get("/", response_class=HTMLResponse)(hello)
    app.get("/sync", response_class=HTMLResponse)(sync_hello)
    app.get("/user/{name}/post/{id}", response_class=HTMLResponse)(dynamic)
    app.get("/json")(json)
    return app


def litestar() -> Any:
    """Litestar."""
    from litestar import Litestar, MediaType, get

    @get("/", media_type=MediaType.HTML)
    async def hello() -> str:
        return "Hello, World!"

    @get("/sync", media_type=MediaType.HTML, sync_to_thread=True)
    def sync_hello() -> str:
        return "Hello, World!"

    @get("/user/{name:str}/post/{id:int}", media_type=MediaType.HTML)
    async def dynamic(name: str, id: int) -> str:
        return f"{name} {id}"

    @get("/json")
    async def json() -> dict[str, Any]:
        return DATA

    return Litestar([hello, sync_hello, dynamic, json])


def blacksheep() -> Any:
    """BlackSheep."""
    from blacksheep import Application, html
    from blacksheep import json as as_json

    app = Application()

    async def hello() -> Any:
        return html("Hello, World!")

    async def dynamic(name: str, id: int) -> Any:
        return html(f"{name} {id}")

    async def json() -> Any:
        return as_json(DATA)

    app.router.add_get("/", hello)
    app.router.add_get("/user/{name}/post/{id}", dynamic)
    app.router.add_get("/json", json)
    return app


def falcon() -> Any:
    """Falcon."""
    import falcon
    import falcon.asgi

    class Hello:
        async def on_get(self, req: Any, resp: Any) -> None:
            resp.content_type = falcon.MEDIA_HTML
            resp.text = "Hello, World!"

    class Dynamic:
        async def on_get(self, req: Any, resp: Any, name: str, id: int) -> None:
            resp.content_type = falcon.MEDIA_HTML
            resp.text = f"{name} {id}"

    class Json:
        async def on_get(self, req: Any, resp: Any) -> None:
            resp.media = DATA

    app = falcon.asgi.App()
    app.add_route("/", Hello())
    app.add_route("/user/{name}/post/{id:int}", Dynamic())
    app.add_route("/json", Json())
    return app


def raw() -> Any:
    """An ASGI application without a framework: what the server and the protocol cost."""
    from json import dumps

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await lifespan(receive, send)
            return
        path = scope["path"]
        kind = HTML
        if path == "/":
            body = b"Hello, World!"
        elif path == "/json":
            kind = "application/json"
            body = dumps(DATA).encode()
        else:
            _, _, name, _, id = path.split("/")
            body = f"{name} {int(id)}".encode()
        await answer(send, body, kind.encode())

    return app


def raw_pool() -> Any:
    """An ASGI application without a framework whose function runs on Erlen's pool of threads."""
    from erlen.workers.call import run_in_thread

    def hello() -> bytes:
        return b"Hello, World!"

    kind = HTML.encode()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await lifespan(receive, send)
            return
        await answer(send, await run_in_thread(hello), kind)

    return app


async def answer(send: Any, body: bytes, kind: bytes) -> None:
    """A response of one piece."""
    length = b"%d" % len(body)
    headers = [(b"content-type", kind), (b"content-length", length)]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def lifespan(receive: Any, send: Any) -> None:
    """Start and stop without doing anything."""
    for step in ("startup", "shutdown"):
        await receive()
        await send({"type": f"lifespan.{step}.complete"})
