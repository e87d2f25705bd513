"""Sessions on the server: the client keeps an id alone."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import lru_cache
from hashlib import blake2b
from math import ceil
from time import time
from typing import TYPE_CHECKING, Any, Literal

from ..http.exceptions import Conflict
from .base import SecureCookieSession, SessionInterface, SessionMixin
from .nesting import check_nesting
from .secure_cookie import session_json_serializer
from .timeouts import BEGAN, seconds_of

if TYPE_CHECKING:
    from ..context.messages import Request, Response
    from .stores import Store

# What _new_id makes; nothing else reaches the store.
_ID = re.compile(r"[A-Za-z0-9_-]{43}\Z")
# What is kept for some seconds under an id that a new one has taken the place of: no session, so
# that a request which was sent before the new id arrived begins none that would put another cookie
# in the place of the new one. The sign tells whether the content has moved (+) or was dropped (-),
# the number when that was.
_GONE = re.compile(rb"([+-])(\d{1,12})\Z")
_GONE_FOR = 10
# How often a session is merged before it is given up, with many writers at once.
_MOST_MERGES = 20


def _new_id() -> str:
    from secrets import token_urlsafe

    return token_urlsafe(32)


@lru_cache(maxsize=64)
def _of_key(secret: str | bytes) -> str:
    key = secret.encode() if isinstance(secret, str) else secret
    return blake2b(key, digest_size=8, person=b"erlen.sessions").hexdigest()


def namespace_of(app: Any, secret: str | bytes | None) -> str:
    """What the keys of an application begin with, where it shares a store with others: its name,
    which two may have, and what a secret key of it comes to."""
    return f"{app.name}:{_of_key(secret)}" if secret else app.name


class SessionConflict(Conflict):
    """409: another request has written the session since this one read it."""

    description: str = (
        "Another request has changed the session in the meantime. Load the page again, and repeat"
        " what you did."
    )


class ServerSideSession(SecureCookieSession):
    """A session whose content stays on the server."""

    #: The id that the client sent and the store knows; ``None`` for a new session.
    session_id: str | None = None
    # What the store has under the id: the key, the row as it was read, and what was in it.
    _key = ""
    _row = b""
    _began = 0.0
    # Whether it gets a new id.
    _renews = False
    # Whether the client's id was replaced a moment ago.
    _is_late = False

    def regenerate(self) -> None:
        """Give the session a new id: call it at log-in, so that an id that somebody planted
        before is worth nothing.  ``SESSION_ABSOLUTE_TIMEOUT`` begins anew."""
        self._renews = self.modified = True

    def clear(self) -> None:
        """Drop all of its content: a log-out, and what is written after it gets a new id."""
        super().clear()
        self._renews = True


class ServerSideSessionInterface(SessionInterface):
    """Keeps sessions in a store, under random ids of 256 bits.

    >>> app.session_interface = ServerSideSessionInterface(SQLiteStore("sessions.db"))

    No secret key is needed.  A session is stored when it is first written; one that is emptied is
    deleted.  Without :attr:`SessionMixin.permanent` the cookie ends with the browser.  The stored
    session ends ``SESSION_IDLE_TIMEOUT`` after it was last used, or, where that is not set,
    ``PERMANENT_SESSION_LIFETIME`` after it was last written; and ``SESSION_ABSOLUTE_TIMEOUT`` after
    it has begun.  Each is a number of seconds or a ``timedelta``.

    :param store: see :mod:`erlen.sessions.stores`
    :param namespace: whose sessions they are, by default the application's by its name and its
        secret key. Applications that share a store do not read each other's sessions, unless they
        give the same namespace.
    :param conflicts: what happens to a request that writes a session which another one has written
        since it was read: ``"merge"`` keeps the changes of both by key, and of a key that both
        changed the later one; ``"refuse"`` answers the later one 409
    """

    session_class = ServerSideSession
    opens_lazily = True
    # A page that does not use the session does not wait for the store, nor fails with it.
    refreshes_untouched = False

    def __init__(
        self,
        store: Store,
        namespace: str | None = None,
        *,
        conflicts: Literal["merge", "refuse"] = "merge",
    ) -> None:
        if conflicts not in ("merge", "refuse"):
            raise ValueError(f"conflicts is {conflicts!r}: write 'merge' or 'refuse'.")
        self.store = store
        self.namespace = namespace
        self.conflicts = conflicts
        self._has_told = False

    def _keys(self, app: Any, session_id: str) -> list[str]:
        """The keys that a session may be under, the one of new sessions first."""
        if self.namespace is not None:
            return [f"{self.namespace}:{session_id}"]
        older = filter(None, app.config["SECRET_KEY_FALLBACKS"] or ())
        return [f"{namespace_of(app, secret)}:{session_id}" for secret in (app.secret_key, *older)]

    def open_session(self, app: Any, request: Request) -> ServerSideSession:
        """The session of the id in the cookie; a new one for an id that is unknown.

        :raises Exception: what the store raises: a session that cannot be read is an error, and
            never an anonymous visitor
        """
        session_id = request.cookies.get(self.get_cookie_name(app), "")
        is_late = False
        if _ID.match(session_id):
            idle = _whole(app.config.get("SESSION_IDLE_TIMEOUT"))
            for key in self._keys(app, session_id):
                row = self.store.get(key, idle)
                if row is None:
                    continue
                gone = _GONE.match(row)
                session = self._read(app, key, row) if gone is None else None
                if session is not None:
                    session.session_id = session_id
                    return session
                is_late = gone is not None and time() - int(gone[2]) < _GONE_FOR
                break
        # An id of the client's choice is never taken over.
        session = self.session_class()
        session.new = True
        session._is_late = is_late
        return session

    _opens_by_cookies = open_session

    def _read(self, app: Any, key: str, row: bytes) -> ServerSideSession | None:
        """The session of a row; ``None`` where its time is over."""
        try:
            content, began = _decode(row)
        except Exception as error:
            if not self._has_told:
                self._has_told = True
                app.logger.warning(
                    "A stored session cannot be read (%s: %s): it is taken for an empty one, and"
                    " so are others like it, which are not told of.",
                    type(error).__name__,
                    error,
                )
            # Whoever has it may log out, or begin anew, by a new id.
            session = self.session_class()
            session._renews = session.is_cleared = True
        else:
            most = seconds_of(app.config.get("SESSION_ABSOLUTE_TIMEOUT"))
            if most is not None and time() - began >= most:
                self.store.delete(key)
                return None
            session = self.session_class(content)
            session._began = began
            session.was_permanent = session.permanent
        session._key, session._row = key, row
        return session

    def save_session(self, app: Any, session: SessionMixin, response: Response) -> None:
        """Store the session if it was changed, and set the cookie.

        What a request writes with an id that another one has ended or replaced in the meantime is
        dropped, and the cookie stays as it is: a log-out lasts, and so does a log-in.

        :raises BadRequest: (400) for content that is nested too deeply
        :raises SessionConflict: (409) if it was changed by another request, and ``conflicts`` says
            that it is refused
        """
        assert isinstance(session, ServerSideSession)
        if session.accessed:
            response.add_vary("Cookie")
        if session:
            if not self.should_set_cookie(app, session):
                return
        elif session.session_id is None or not session.modified:
            return
        sent = session.session_id
        is_kept = self._store(app, session) if session.modified else self._prolong(app, session)
        if not is_kept:
            return
        name = self.get_cookie_name(app)
        if session.session_id is None:
            response.delete_cookie(name, **self.cookie_options(app))
        elif session.session_id != sent or session.permanent or session.was_permanent:
            expires = self.get_expiration_time(app, session)
            response.set_cookie(
                name, session.session_id, expires=expires, **self.cookie_options(app)
            )
        else:
            # The client has it already. Sent late, it would take the place of a newer one.
            return
        response.add_vary("Cookie")

    def _lifetime(self, app: Any, began: float) -> int:
        config = app.config
        lifetime = _whole(config.get("SESSION_IDLE_TIMEOUT"))
        if lifetime is None:
            lifetime = int(app.permanent_session_lifetime.total_seconds())
        most = seconds_of(config.get("SESSION_ABSOLUTE_TIMEOUT"))
        return lifetime if most is None else min(lifetime, ceil(began + most - time()))

    def _prolong(self, app: Any, session: ServerSideSession) -> bool:
        """Keep a session that was not changed for longer; whether it is still there."""
        if session.session_id is None:
            return False
        row = self.store.get(session._key, self._lifetime(app, session._began))
        return row is not None and not _GONE.match(row)

    def _store(self, app: Any, session: ServerSideSession) -> bool:
        """Store a session that was changed, or forget it if it is empty; whether the client's
        cookie is to follow."""
        if session._renews or session.session_id is None:
            return self._renew(app, session)
        store, key, row = self.store, session._key, session._row
        lifetime = self._lifetime(app, session._began)
        content = dict(session)
        for _ in range(_MOST_MERGES):
            data = _encode(content, session._began) if content else None
            if store.swap(key, row, data, lifetime):
                if data is None:
                    session.session_id = None
                return True
            current = store.get(key)
            if current is None or _GONE.match(current):
                return False
            content, row = self._merge(session, current), current
        raise SessionConflict

    def _renew(self, app: Any, session: ServerSideSession) -> bool:
        """The same under a new id, in whose place the old one ends, if there was one."""
        if session._is_late and not session._renews:
            return False
        store, key, row = self.store, session._key, session._row
        new_id = _new_id()
        new_key = self._keys(app, new_id)[0]
        began = round(time(), 3)
        lifetime = self._lifetime(app, began)
        content = dict(session)
        for _ in range(_MOST_MERGES):
            if content:
                # Before the old id ends, so that a store that fails between the two loses nothing.
                store.set(new_key, _encode(content, began), lifetime)
            if session.session_id is None:
                break
            left = b"%c%d" % (b"-" if session.is_cleared else b"+", time())
            if store.swap(key, row, left if content else None, _GONE_FOR):
                break
            current = store.get(key)
            if current is None or _GONE.match(current):
                if not session.is_cleared and (current is None or current[:1] == b"-"):
                    # It has ended. What this request has written is all that begins anew.
                    content = _changes(session._row, session)
                    if content:
                        store.set(new_key, _encode(content, began), lifetime)
                    else:
                        store.delete(new_key)
                if not content:
                    return False
                break
            if not session.is_cleared:
                content = self._merge(session, current, new_key)
            row = current
        else:
            store.delete(new_key)
            raise SessionConflict
        session.session_id = new_id if content else None
        return True

    def _merge(
        self, session: ServerSideSession, current: bytes, new_key: str | None = None
    ) -> dict[str, Any]:
        """What another request has stored, with the changes of this one.

        :param new_key: what is to be forgotten where that is refused
        :raises SessionConflict: where changes are not merged
        """
        if self.conflicts == "refuse":
            if new_key is not None:
                self.store.delete(new_key)
            raise SessionConflict
        was = _decode(session._row)[0]
        theirs = _decode(current)[0]
        kept = {key: value for key, value in theirs.items() if key in session or key not in was}
        return kept | _changes(session._row, session)


def _whole(limit: timedelta | float | None) -> int | None:
    seconds = seconds_of(limit)
    return None if seconds is None else int(seconds)


def _encode(content: dict[str, Any], began: float) -> bytes:
    check_nesting(content)
    return session_json_serializer.dumps({**content, BEGAN: began}).encode()


def _decode(row: bytes) -> tuple[dict[str, Any], float]:
    """What is in a row, and when the session began.

    :raises Exception: for a row that is none of ours
    """
    content = session_json_serializer.loads(row.decode())
    began = content.pop(BEGAN)
    if not isinstance(began, (int, float)):
        raise TypeError(f"{BEGAN} is no number")
    return content, began


def _changes(row: bytes, session: ServerSideSession) -> dict[str, Any]:
    """What a request has written to the session of a row."""
    was = _decode(row)[0]
    write = session_json_serializer.dumps
    # As they are written: a list may have been changed in place.
    return {
        key: value
        for key, value in session.items()
        if key not in was or write(was[key]) != write(value)
    }
