"""When a session in a signed cookie ends, beside ``PERMANENT_SESSION_LIFETIME``: a time after it
was last used, and a time after it began.

A token tells when it was signed, and bears when its session began. One that was used is signed anew
now and then, and not by each answer, as each could put old content in the place of new.
"""

from __future__ import annotations

import time
from datetime import timedelta
from math import ceil
from typing import TYPE_CHECKING, Any

from .log_outs import is_ended
from .signing import signed_at

if TYPE_CHECKING:
    from ..context.messages import Request
    from .base import SecureCookieSession

# Where a token, and a row of a store, keeps when its session began, in seconds.
BEGAN = "_began"
# A token is signed anew at the latest so many seconds after the first use.
_MOST_WAIT = 60


def seconds_of(limit: timedelta | float | None) -> float | None:
    """A limit as a setting has it, in seconds."""
    return limit.total_seconds() if isinstance(limit, timedelta) else limit


def limits_of(app: Any) -> tuple[float | None, float | None]:
    """``SESSION_IDLE_TIMEOUT`` and ``SESSION_ABSOLUTE_TIMEOUT`` in seconds; ``None`` for no
    limit."""
    get = app.config.get
    return seconds_of(get("SESSION_IDLE_TIMEOUT")), seconds_of(get("SESSION_ABSOLUTE_TIMEOUT"))


def shortest(lifetime: int, app: Any) -> int:
    """For how long a token is good that is good for ``lifetime`` seconds without the limits."""
    return ceil(min([lifetime, *(limit for limit in limits_of(app) if limit is not None)]))


def open_in_time(
    interface: Any, app: Any, request: Request, token: str, content: dict[str, Any]
) -> SecureCookieSession:
    """The session of a token that was read; an empty one if its time is over.

    :param content: that of the token, to be changed
    """
    idle, most = limits_of(app)
    now = time.time()
    signed: float | None = signed_at(token)
    if signed is None or signed > now:
        # A serializer of the application's own, or a clock that was set back.
        signed = now
    began = content.pop(BEGAN, None)
    if not isinstance(began, (int, float)):
        # From before the limits were set.
        began = signed
    ended = is_ended(interface, app, request, content)
    prolongs = idle is not None or "_permanent" in content
    if (ended and prolongs) or (most is not None and now - began >= most):
        return interface.session_class()  # type: ignore[no-any-return]
    session: SecureCookieSession = interface.session_class(content)
    session.was_permanent = session.permanent
    session.was_prolonged = session.permanent or idle is not None
    session._began_at = began
    session.is_due = idle is not None and now - signed >= min(idle / 10, _MOST_WAIT)
    return session


def bear_beginning(session: Any, content: dict[str, Any]) -> None:
    """Put into what is written of a session when it began.

    :param content: that of the session, to be changed
    """
    began = getattr(session, "_began_at", None)
    content[BEGAN] = int(time.time()) if began is None else began
