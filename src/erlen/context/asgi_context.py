"""The context of a request that came by ASGI."""

from __future__ import annotations

from asyncio import ensure_future, shield
from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING, Any

from ..http.response import Response, needs_environ
from ..workers.exits import EXITS
from .asgi import Captured, make_environ
from .asgi_send import send_response
from .contexts import JOINS, RequestContext, context_var

if TYPE_CHECKING:
    from asyncio import Future

    from ..typing import Message, Receive, Scope, Send


class Receiver:
    """``receive``, which goes on when the one who awaits it is cancelled; whoever awaits it next
    gets its message.

    Granian does not notice the cancellation, and a second call beside it is told that the client
    is gone.
    """

    __slots__ = ("_receive", "_task")

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._task: Future[Message] | None = None

    async def __call__(self) -> Message:
        task = self._task
        if task is None:
            task = self._task = ensure_future(self._receive())
        message = await shield(task)
        self._task = None
        return message

    def close(self) -> None:
        """Await no more."""
        task, self._task = self._task, None
        if task is not None:
            # It keeps its Context, whose request context keeps this.
            task.cancel()


@lru_cache(maxsize=16)
def _on_scope(cls: Any) -> type[RequestContext]:
    return type(cls.__name__, (ScopeContext, cls), {})


class ScopeContext(RequestContext):
    """A request context whose WSGI environment is made of the ASGI scope, if it is asked for."""

    _environ: dict[str, Any] | None = None
    joins: bool = False
    # On a loop others would end with it.
    caught: Any = (Exception, *EXITS)
    # The body, if one was announced.
    body: Any = None
    # What the server's messages come from, where nobody else awaits them.
    _receiver: Any = None

    def __init__(self, app: Any, scope: Scope) -> None:
        self.app = app
        self.scope = scope
        self.joins = JOINS in scope

    def exchanged(self, made: RequestContext) -> ScopeContext:
        """The context that the application made of the environment, for the same connection."""
        environ = made.__dict__.pop("environ")
        made.__class__ = _on_scope(type(made))  # type: ignore[arg-type]
        ctx: Any = made
        ctx._environ, ctx.scope = environ, self.scope
        ctx.joins, ctx.has_cookie = self.joins, self.has_cookie
        return ctx  # type: ignore[no-any-return]

    @property
    def environ(self) -> dict[str, Any]:  # type: ignore[override]
        environ = self._environ
        if environ is None:
            stream = BytesIO() if self.body is None else self.body
            environ = self._environ = make_environ(self.scope, stream)
        return environ

    @property
    def receive(self) -> Receiver | None:
        """Where the going away of the client is told, once its body was received."""
        receiver: Receiver | None = self._receiver
        if receiver is not None and receiver.__class__ is not Receiver:
            # PERF: made for what takes time.
            receiver = self._receiver = Receiver(receiver)
            self.is_watched = True
        return receiver

    def close_receiver(self) -> None:
        receiver = self._receiver
        if receiver.__class__ is Receiver:
            receiver.close()

    def write(self, response: Response) -> Any:
        """Status, headers and body for :func:`send_response`."""
        environ = self._environ
        if environ is None:
            # PERF: mostly the method alone is asked for, and no environment is made for that.
            plain = not needs_environ(response)
            environ = {"REQUEST_METHOD": self.method} if plain else self.environ
        captured = Captured()
        body = response(environ, captured)
        return captured.status, captured.pairs, body

    def close(self, answer: Any) -> None:
        super().close(answer and answer[-1])

    async def send(self, answer: Any, send: Send) -> None:
        """Send what :meth:`write` gave."""
        status, pairs, body = answer
        try:
            await send_response(status, pairs, body, self.scope, send, self)
        finally:
            if self.due is not None:
                token = context_var.set(self)
                try:
                    await self.plan.tear_down(self, *self.due)
                finally:
                    context_var.reset(token)

    def copy(self) -> RequestContext:
        copied = type(self)(self.app, self.scope)
        # By code it is pushed, and no server.
        copied.joins = True
        copied.made_request = self.request
        copied._environ = copied.made_request.environ
        copied.opened_session = self.open_session()
        return copied
