"""Log-outs that last where the cookie is the session.

A permanent session is sent with each answer, and one with an idle timeout now and then. An answer
that was begun before a log-out and arrives after it puts the old cookie back. So a log-out from
such a session leaves a cookie with a mark, and the sessions after it bear that; one with another
mark, or with none, is from before.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ..context.contexts import find_request_context

if TYPE_CHECKING:
    from ..context.messages import Request, Response
    from .base import SessionInterface, SessionMixin

# Where a token keeps its mark.
_KEY = "_after"
_MARK = re.compile(r"[A-Za-z0-9_-]{16}\Z")


def _mark_of(interface: SessionInterface, app: Any, request: Request) -> str | None:
    mark = request.cookies.get(_cookie_of(interface, app))
    # Anything else is not ours, and does not go into tokens.
    return mark if mark and _MARK.match(mark) else None


def _cookie_of(interface: SessionInterface, app: Any) -> str:
    return f"{interface.get_cookie_name(app)}-ended"


def is_ended(
    interface: SessionInterface, app: Any, request: Request, content: dict[str, Any]
) -> bool:
    """Whether the content of a session is from before a log-out.

    Without the cookie it is not: who drops it brings nothing back but a token of their own.
    """
    mark = _mark_of(interface, app, request)
    return content.pop(_KEY, None) != mark and mark is not None


def set_mark(interface: SessionInterface, app: Any, response: Response) -> str:
    """Leave a new mark with the client: its session was ended."""
    from secrets import token_urlsafe

    mark = token_urlsafe(12)
    response.set_cookie(
        _cookie_of(interface, app),
        mark,
        max_age=app.permanent_session_lifetime,
        **interface.cookie_options(app),
    )
    return mark


def bear_mark(
    interface: SessionInterface,
    app: Any,
    session: SessionMixin,
    content: dict[str, Any],
    response: Response,
    prolongs: bool,
) -> None:
    """Put the mark into what is written of a session that answers send anew, or did before.

    :param content: that of the session, to be changed
    :param prolongs: whether reading it sends it anew, also if it is not permanent
    """
    mark: str | None = None
    if getattr(session, "was_prolonged", False) and getattr(session, "is_cleared", False):
        mark = set_mark(interface, app, response)
    elif (ctx := find_request_context()) is not None:
        mark = _mark_of(interface, app, ctx.request)
    if mark is not None and (prolongs or session.permanent):
        content[_KEY] = mark
