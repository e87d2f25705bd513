"""The ASGI applications that send back what comes through a WebSocket at ``/ws``.

The source is the same for Quart and for Erlen: only the import differs.
"""

from __future__ import annotations

from typing import Any

from asgi_apps import lifespan


def quart_like(f: Any) -> Any:
    """The application of Quart and Erlen.

    :param f: the module that has the names of ``quart``
    """
    app = (getattr(f, "Quart", None) or f.Erlen)(__name__)
    websocket = f.websocket

    @app.websocket("/ws")
    async def echo() -> None:
        while True:
            await websocket.send(await websocket.receive())

    return app


def erlen() -> Any:
    """Erlen."""
    import erlen

    return quart_like(erlen)


def quart() -> Any:
    """Quart."""
    import quart

    return quart_like(quart)


def starlette() -> Any:
    """Starlette."""
    from starlette.applications import Starlette
    from starlette.routing import WebSocketRoute
    from starlette.websockets import WebSocketDisconnect

    async def echo(websocket: Any) -> None:
        await websocket.accept()
        try:
            while True:
                await websocket.send_text(await websocket.receive_text())
        except WebSocketDisconnect:
            return

    return Starlette(routes=[WebSocketRoute("/ws", echo)])


def raw() -> Any:
    """An ASGI application without a framework."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "websocket":
            await lifespan(receive, send)
            return
        await receive()
        await send({"type": "websocket.accept"})
        while True:
            message = await receive()
            if message["type"] == "websocket.disconnect":
                return
            await send({"type": "websocket.send", "text": message["text"]})

    return app
