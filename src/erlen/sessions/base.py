"""What every session and every way to keep sessions has."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from ..context.session import SessionMixin as SessionMixin
from ..http.callback_dict import CallbackDict
from ..http.noticing import Noticed, set_quietly

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..context.messages import Request, Response


def _mark_modified(session: Any) -> None:
    session.modified = True


class SecureCookieSession(CallbackDict[str, Any], SessionMixin):
    """A session that the client keeps in a signed cookie.

    :param initial: its content
    """

    modified: bool = False
    accessed: bool = False
    #: Whether it was permanent when it was opened.
    was_permanent: bool = False
    #: Whether answers that only read it send it anew, so that a log-out has to outlast them.
    was_prolonged: bool = False
    #: Whether the next answer that reads it sends it anew.
    is_due: bool = False
    #: Whether all of its content was dropped, which is how people log out.
    is_cleared: bool = False
    # When a session in a cookie began; None for now.
    _began_at: float | None = None

    # PERF: one function for all of them, where an instance would make its own.
    on_update: Callable[[Any], None] | None = staticmethod(_mark_modified)

    def __init__(self, initial: Any = None) -> None:
        if initial is not None:
            dict.__init__(self, initial)

    def regenerate(self) -> None:
        """Write the cookie anew: what is in it is all of the session, and there is no id.
        ``SESSION_ABSOLUTE_TIMEOUT`` begins anew."""
        self.modified = True
        self._began_at = None

    def clear(self) -> None:
        """Drop all of its content: a log-out."""
        super().clear()
        self.is_cleared = True
        self._began_at = None


class NullSession(SecureCookieSession):
    """An empty session that cannot be written: there is no secret key."""

    def _fail(self, *args: Any, **kwargs: Any) -> Any:
        raise RuntimeError(
            "The session is unavailable because no secret key was set. Set the secret_key on the"
            " application to something unique and secret:"
            " app.secret_key = os.environ['SECRET_KEY']; make one with"
            " python -c 'import secrets; print(secrets.token_hex())'."
        )

    if not TYPE_CHECKING:
        # A checker sees what they are in the sessions that are written.
        __setitem__ = __delitem__ = clear = pop = popitem = update = _fail
        setdefault = regenerate = _fail
    del _fail


_DECIDING = ("is_null_session", "open_session", "save_session", "should_set_cookie")


class SessionInterface(Noticed):
    """How an application keeps its sessions; a subclass writes :meth:`open_session` and
    :meth:`save_session`, and an instance is set as ``app.session_interface``."""

    null_session_class: type[NullSession] = NullSession
    #: Kept for extensions that read it.
    pickle_based = False
    #: Whether the session may be opened when it is first used. It is looked for on the class
    #: itself: a subclass opens at the beginning of the request unless it says so again.
    opens_lazily = False
    # Whether an agent or a test has put another method in the place of one that decides about the
    # session of a request, so that each request has to ask it.
    is_replaced = False
    _came_with: ClassVar[dict[str, Any]] = {}
    #: Whether opening or saving may wait for a disk or a network: on an event loop it is then done
    #: on a thread.
    does_io = True
    #: Whether a permanent session that nobody touched is opened all the same, to prolong it.
    refreshes_untouched = True

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        set_quietly(cls, "_came_with", {name: getattr(cls, name) for name in _DECIDING})

    @classmethod
    def _learn_anew(cls) -> None:
        came_with = cls._came_with.items()
        replaced = any(getattr(cls, name) is not original for name, original in came_with)
        set_quietly(cls, "is_replaced", replaced)

    # The application is Any: an override names the class of its own, which no Protocol could be.

    # PERF: an open_session() that asks nothing of the request but ``cookies.get``, so that no
    # request need be made for it. An override gets the request.
    _opens_by_cookies: Any = None

    def make_null_session(self, app: Any) -> NullSession:
        """What stands in where :meth:`open_session` gives ``None``."""
        return self.null_session_class()

    def is_null_session(self, obj: object) -> bool:
        """Whether it is such a stand-in, which is not saved."""
        # PERF: isinstance() without the questions to abc, which knows of no other instances.
        return type.__instancecheck__(self.null_session_class, obj)

    def get_cookie_name(self, app: Any) -> str:
        """``SESSION_COOKIE_NAME``."""
        return app.config["SESSION_COOKIE_NAME"]  # type: ignore[no-any-return]

    def get_cookie_domain(self, app: Any) -> str | None:
        """``SESSION_COOKIE_DOMAIN``; without one the host alone gets the cookie."""
        return app.config["SESSION_COOKIE_DOMAIN"]  # type: ignore[no-any-return]

    def get_cookie_path(self, app: Any) -> str:
        """``SESSION_COOKIE_PATH``, or ``APPLICATION_ROOT``."""
        return app.config["SESSION_COOKIE_PATH"] or app.config["APPLICATION_ROOT"]  # type: ignore[no-any-return]

    def get_cookie_httponly(self, app: Any) -> bool:
        """``SESSION_COOKIE_HTTPONLY``."""
        return app.config["SESSION_COOKIE_HTTPONLY"]  # type: ignore[no-any-return]

    def get_cookie_secure(self, app: Any) -> bool:
        """``SESSION_COOKIE_SECURE``."""
        return app.config["SESSION_COOKIE_SECURE"]  # type: ignore[no-any-return]

    def get_cookie_samesite(self, app: Any) -> str | None:
        """``SESSION_COOKIE_SAMESITE``."""
        return app.config["SESSION_COOKIE_SAMESITE"]  # type: ignore[no-any-return]

    def get_cookie_partitioned(self, app: Any) -> bool:
        """``SESSION_COOKIE_PARTITIONED``."""
        return app.config["SESSION_COOKIE_PARTITIONED"]  # type: ignore[no-any-return]

    def get_expiration_time(self, app: Any, session: SessionMixin) -> datetime | None:
        """When the cookie ends: ``None`` is with the browser."""
        if session.permanent:
            lifetime: timedelta = app.permanent_session_lifetime
            return datetime.now(UTC) + lifetime
        return None

    def should_set_cookie(self, app: Any, session: SessionMixin) -> bool:
        """Whether the answer sets the cookie: if the session was changed, if it is permanent and
        ``SESSION_REFRESH_EACH_REQUEST`` is on, or if it was used and the idle time of its cookie is
        to begin anew."""
        return (
            session.modified
            or (session.permanent and app.config["SESSION_REFRESH_EACH_REQUEST"])
            or (getattr(session, "is_due", False) and session.accessed)
        )

    def cookie_options(self, app: Any) -> dict[str, Any]:
        """The attributes of the cookie, for setting and for deleting it."""
        return {
            "domain": self.get_cookie_domain(app),
            "path": self.get_cookie_path(app),
            "secure": self.get_cookie_secure(app),
            "partitioned": self.get_cookie_partitioned(app),
            "samesite": self.get_cookie_samesite(app),
            "httponly": self.get_cookie_httponly(app),
        }

    def open_session(self, app: Any, request: Request) -> SessionMixin | None:
        """The session of a request, or ``None`` if sessions cannot be kept."""
        raise NotImplementedError

    def save_session(self, app: Any, session: SessionMixin, response: Response) -> None:
        """Write the session, and what the client must keep to the response."""
        raise NotImplementedError
