"""A client for async tests: the application runs on the event loop of the test."""

from __future__ import annotations

from contextvars import copy_context
from functools import partial
from typing import TYPE_CHECKING, Any, Self

from ..context.contexts import context_var
from ..workers.call import run_in_thread
from ..workers.pool import ThreadPool

if TYPE_CHECKING:
    from .app_client import ErlenClient
    from .client import TestResponse
    from .websocket import AsyncTestWebsocket

# Apart from the pool of the views: a client that waits must not take a view's thread.
_pool = ThreadPool(32, 1024)


class AsyncErlenClient:
    """:class:`ErlenClient` with requests to await; ``app.async_test_client()`` makes it.

    >>> client = app.async_test_client()
    >>> response = await client.get("/")
    >>> assert response.text == "Hello!"

    In an ``async with`` block the context of the last request stays.
    """

    def __init__(self, client: ErlenClient) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:
        # Cookies, session_transaction and what else needs no waiting.
        return getattr(self._client, name)

    async def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Make a request; the arguments are those of :meth:`ErlenClient.open`."""
        context = copy_context()
        make_request = partial(self._client.open, *args, **kwargs)
        response = await run_in_thread(make_request, context=context, pool=_pool)
        # The context of the request, if it is kept; what else was set is not for the test.
        kept = context.get(context_var)
        if kept is not context_var.get(None):
            context_var.set(kept)
        return response  # type: ignore[no-any-return]

    async def get(self, *args: Any, **kwargs: Any) -> TestResponse:
        """:meth:`open` with GET."""
        return await self.open(*args, **{**kwargs, "method": "GET"})

    async def post(self, *args: Any, **kwargs: Any) -> TestResponse:
        """:meth:`open` with POST."""
        return await self.open(*args, **{**kwargs, "method": "POST"})

    async def put(self, *args: Any, **kwargs: Any) -> TestResponse:
        """:meth:`open` with PUT."""
        return await self.open(*args, **{**kwargs, "method": "PUT"})

    async def delete(self, *args: Any, **kwargs: Any) -> TestResponse:
        """:meth:`open` with DELETE."""
        return await self.open(*args, **{**kwargs, "method": "DELETE"})

    async def patch(self, *args: Any, **kwargs: Any) -> TestResponse:
        """:meth:`open` with PATCH."""
        return await self.open(*args, **{**kwargs, "method": "PATCH"})

    async def options(self, *args: Any, **kwargs: Any) -> TestResponse:
        """:meth:`open` with OPTIONS."""
        return await self.open(*args, **{**kwargs, "method": "OPTIONS"})

    async def head(self, *args: Any, **kwargs: Any) -> TestResponse:
        """:meth:`open` with HEAD."""
        return await self.open(*args, **{**kwargs, "method": "HEAD"})

    def websocket(self, *args: Any, **kwargs: Any) -> AsyncTestWebsocket:
        """Open a WebSocket: ``async with client.websocket("/path") as socket: ...``."""
        return self._client.websocket(*args, **kwargs)._socket

    async def __aenter__(self) -> Self:
        self._client.__enter__()
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        self._client.__exit__(*exc_info)
