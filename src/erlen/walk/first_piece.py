"""An error of the first piece of a body, which the error handlers answer: nothing was sent yet."""

from __future__ import annotations

from functools import partial
from itertools import chain, islice
from typing import Any

from ..http.streams import AsyncBodyIterator, ClosingIterator, Recovery
from . import steps_sync as steps

_MADE_WHILE_SENT: frozenset[type[Any]] = frozenset({ClosingIterator, AsyncBodyIterator})


# They take no other head once they have the body, against PEP 3333: the first piece is made before.
_TAKE_NO_LATE_HEADS = frozenset({"Granian"})


def watch_first_piece(ctx: Any, answer: Any, start: Any) -> Any:
    """Let the handlers of a request answer an error of the first piece.

    :param answer: what the response gave: a body, or status, headers and body
    :param start: the ``start_response`` of the request; ``None`` on ASGI
    :returns: ``answer``, or what stands for it
    """
    body: Any = answer[-1] if start is None else answer
    if body.__class__ in _MADE_WHILE_SENT:
        body.recovery = Recovery(partial(_answer, ctx), start)
        if start is not None and ctx.environ.get("SERVER_SOFTWARE") in _TAKE_NO_LATE_HEADS:
            return ClosingIterator(chain(list(islice(body, 1)), body), body.close)
    return answer


def _answer(ctx: Any, error: Exception) -> tuple[str, list[tuple[str, str]], Any]:
    """Status line, headers and body for an error.

    The context of the request may have ended: the handlers run in one of their own, with the same
    request and session, which is torn down behind them.

    :raises Exception: ``error``, where errors propagate
    """
    app = ctx.app
    head: list[Any] = []
    try:
        with ctx.copy() as again:
            plan = app._plan_on_thread(again)
            try:
                answer = steps.handle(again, plan, error)
                response = app.call_by_signature("finalize_request", again, answer)
            except Exception as raised:
                response = steps.unhandled(again, plan, raised)
            body = response(again.environ, lambda *said: head.extend(said[:2]))
        status, pairs = head
        return status, pairs, body
    finally:
        # The error keeps this frame, which must not keep the error.
        del error
