"""The WSGI way on ASGI: for middleware around ``wsgi_app``, and where all is synchronous.

The request goes to a WSGI application on a thread, by PEP 3333 to the letter; async views run on
the server's loop all the same.
"""

from __future__ import annotations

from asyncio import CancelledError, get_running_loop
from contextvars import copy_context
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, Any

from ..context.contexts import find_request_context
from ..http.encoding import encode_headers
from ..http.exceptions import ServiceUnavailable
from ..workers.loop import home
from ..workers.pool import PoolFull, get_pool, run_in_thread
from .asgi import make_environ
from .asgi_body import ThreadBody, announces_body
from .asgi_send import send_response

if TYPE_CHECKING:
    from asyncio import Future
    from collections.abc import Callable

    from ..typing import Receive, Scope, Send
    from ..walk.application import Application

# A body of an announced length up to this is received before its request takes a thread.
_SMALL_BODY = 64 * 1024


async def serve_by_wsgi(
    app: Application, wsgi: Callable[..., Any], scope: Scope, receive: Receive, send: Send
) -> None:
    """Answer a request by a WSGI application, on a thread.

    :param wsgi: the application's ``wsgi_app`` or what stands in its place
    """
    loop = get_running_loop()
    stream: Any
    headers = dict(scope["headers"])
    if announces_body(headers, scope["method"]):
        first, has_more = b"", True
        length = headers.get(b"content-length", b"")
        if length.isdigit() and len(length) < 6 and int(length) <= _SMALL_BODY:
            # PERF: it is on its way, and waiting for it here takes no thread.
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            first, has_more = message.get("body", b""), message.get("more_body", False)
        stream = (
            ThreadBody(receive, app.config["BODY_TIMEOUT"], loop, first)
            if has_more
            else BytesIO(first)
        )
    else:
        stream = BytesIO()
    answer = Answer()
    context = copy_context()
    try:
        future = get_pool().start(
            loop, context, _run, app, wsgi, scope, stream, answer, drop=_close
        )
    except PoolFull:
        await refuse(send)
        return
    body = await result_of(future, _close)
    client = Waiting(None if isinstance(stream, ThreadBody) else receive)
    call = partial(run_in_thread, context=context)
    await send_response(answer.status, answer.pairs, body, scope, send, client, call)


class Waiting:
    """A client that waits for its answer.

    :param receive: where its going away is told; ``None`` if the body of its request is read there
    """

    def __init__(self, receive: Receive | None) -> None:
        self.receive = receive


class Answer:
    """A ``start_response`` that keeps what it is called with, and the ``write`` that it returns."""

    def __init__(self) -> None:
        self.status = 0
        self.pairs: list[tuple[str, str]] = []
        self.written: list[bytes] = []

    def __call__(
        self, status: str, headers: list[tuple[str, str]], exc_info: Any = None
    ) -> Callable[[bytes], Any]:
        """:raises AssertionError: for a second call without ``exc_info``"""
        if self.status and exc_info is None:
            raise AssertionError("start_response() was called twice without exc_info.")
        # Nothing has been sent yet, so that an error may replace the head.
        self.status = int(status[:3])
        self.pairs = headers
        return self.written.append


def _run(
    app: Application, wsgi: Callable[..., Any], scope: Scope, stream: Any, answer: Answer
) -> Any:
    environ = make_environ(scope, stream)
    if isinstance(stream, ThreadBody):
        # A decorator may call an async view: the loop that runs it could not wait for the body.
        home.receive_body = partial(_receive_rest, app, stream)
    try:
        body = wsgi(environ, answer)
        return _begun(body, answer)
    finally:
        if isinstance(stream, ThreadBody):
            del home.receive_body


def _begun(body: Any, answer: Answer) -> Any:
    """A body whose head is known: middleware may call ``start_response`` as late as for the first
    piece, and write pieces before that.

    :raises AssertionError: if it never calls it
    """
    if answer.status and not answer.written:
        return body
    try:
        iterator = iter(body)
        first = next(iterator, _END)
        while not answer.status and first is not _END:
            if first:
                break
            first = next(iterator, _END)
        if not answer.status:
            raise AssertionError(
                "The WSGI application has not called start_response() before its first piece."
            )
    except BaseException:
        _close(body)
        raise
    return _Rest(body, iterator, [*answer.written, *(() if first is _END else (first,))])


class _Rest:
    """A body of which some pieces are known already."""

    def __init__(self, body: Any, iterator: Any, known: list[bytes]) -> None:
        self._body = body
        self._iterator = iterator
        self._known = known

    def __iter__(self) -> _Rest:
        return self

    def __next__(self) -> bytes:
        if self._known:
            return self._known.pop(0)
        piece: bytes = next(self._iterator)
        return piece

    def close(self) -> None:
        """Close the body."""
        _close(self._body)


_END: Any = object()


def _receive_rest(app: Application, body: ThreadBody) -> None:
    """Receive the body, up to its limit; whoever reads a longer one gets the 413."""
    ctx = find_request_context()
    if ctx is None:
        body.receive_all(app.config["MAX_CONTENT_LENGTH"])
        return
    limit, length = ctx.request.max_content_length, ctx.request.content_length
    if limit is None or length is None or length <= limit:
        body.receive_all(limit)


async def result_of(future: Future[Any], drop: Callable[[Any], None]) -> Any:
    """What a thread answers with.  If this is cancelled, the thread goes on, and does the teardown;
    what it answers is closed unseen."""
    try:
        return await future
    except CancelledError:
        if not future.cancelled() and future.exception() is None:
            drop(future.result())
        raise


def _close(body: Any) -> None:
    close = getattr(body, "close", None)
    if close is not None:
        close()


async def refuse(send: Send) -> None:
    """503: the pool is full."""
    error = ServiceUnavailable(retry_after=1)
    page = error.get_body().encode()
    pairs = [*error.get_headers(), ("Content-Length", str(len(page)))]
    start = {"type": "http.response.start", "status": 503, "headers": encode_headers(pairs)}
    await send(start)
    await send({"type": "http.response.body", "body": page})
