"""Sessions on the server: the client keeps an id alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from .base import SecureCookieSession, SessionInterface, SessionMixin
from .secure_cookie import session_json_serializer

if TYPE_CHECKING:
    from ..context.messages import Request, Response
    from .stores import Store

# What _new_id makes; nothing else reaches the store.
_ID = re.compile(r"[A-Za-z0-9_-]{43}\Z")


def _new_id() -> str:
    from secrets import token_urlsafe

    return token_urlsafe(32)


class ServerSideSession(SecureCookieSession):
    """A session whose content stays on the server."""

    #: The id that the client sent and the store knows; ``None`` for a new session.
    session_id: str | None = None
    #: An id that the store has to forget.
    _forgotten: str | None = None

    def regenerate(self) -> None:
        """Give the session a new id: call it at log-in, so that an id that somebody planted
        before is worth nothing."""
        if self.session_id is not None:
            self._forgotten = self.session_id
            self.session_id = None
        self.modified = True


class ServerSideSessionInterface(SessionInterface):
    """Keeps sessions in a store, under random ids of 256 bits.

    >>> app.session_interface = ServerSideSessionInterface(SQLiteStore("sessions.db"))

    No secret key is needed.  A session is stored when it is first written; one that is emptied is
    deleted.  Without :attr:`SessionMixin.permanent` the cookie ends with the browser; the stored
    session ends after ``PERMANENT_SESSION_LIFETIME`` in either case.

    :param store: see :mod:`erlen.sessions.stores`
    :param namespace: whose sessions they are, by default the application's name. Applications that
        share a store do not read each other's sessions, unless they give the same namespace.
    """

    session_class = ServerSideSession
    opens_lazily = True
    # A page that does not use the session does not wait for the store, nor fails with it.
    refreshes_untouched = False

    def __init__(self, store: Store, namespace: str | None = None) -> None:
        self.store = store
        self.namespace = namespace

    def _key(self, app: Any, session_id: str) -> str:
        namespace = app.name if self.namespace is None else self.namespace
        return f"{namespace}:{session_id}"

    def open_session(self, app: Any, request: Request) -> ServerSideSession:
        """The session of the id in the cookie; a new one for an id that is unknown.

        :raises Exception: what the store raises: a session that cannot be read is an error, and
            never an anonymous visitor
        """
        session_id = request.cookies.get(self.get_cookie_name(app), "")
        if _ID.match(session_id):
            data = self.store.get(self._key(app, session_id))
            if data is not None:
                session = self.session_class(session_json_serializer.loads(data.decode()))
                session.session_id = session_id
                return session
        # An id of the client's choice is never taken over.
        session = self.session_class()
        session.new = True
        return session

    _opens_by_cookies = open_session

    def save_session(self, app: Any, session: SessionMixin, response: Response) -> None:
        """Store the session if it was changed, and set the cookie."""
        assert isinstance(session, ServerSideSession)
        name = self.get_cookie_name(app)
        if session.accessed:
            response.add_vary("Cookie")
        if session._forgotten is not None:
            self.store.delete(self._key(app, session._forgotten))
            session._forgotten = None
        if not session:
            if session.modified:
                if session.session_id is not None:
                    self.store.delete(self._key(app, session.session_id))
                response.delete_cookie(name, **self.cookie_options(app))
                response.add_vary("Cookie")
            return
        if not self.should_set_cookie(app, session):
            return
        data = session_json_serializer.dumps(dict(session)).encode()
        lifetime = int(app.permanent_session_lifetime.total_seconds())
        if session.session_id is None:
            session.session_id = _new_id()
            self.store.set(self._key(app, session.session_id), data, lifetime)
        elif not self.store.replace(self._key(app, session.session_id), data, lifetime):
            # A request that ran at the same time has ended it: a log-out must last.
            response.delete_cookie(name, **self.cookie_options(app))
            response.add_vary("Cookie")
            return
        expires = self.get_expiration_time(app, session)
        response.set_cookie(name, session.session_id, expires=expires, **self.cookie_options(app))
        response.add_vary("Cookie")
