"""Sessions in a signed cookie: the client can read them, and cannot change them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..json.tag import TaggedJSONSerializer
from .base import SecureCookieSession, SessionInterface, SessionMixin
from .nesting import check_nesting

if TYPE_CHECKING:
    from collections.abc import Callable

    from itsdangerous import URLSafeTimedSerializer

    from ..context.messages import Request, Response

session_json_serializer: TaggedJSONSerializer = TaggedJSONSerializer()
# PERF: that of timeouts.py, which is not imported where no limit is set.
_BEGAN = "_began"


def _lazy_sha1(string: bytes = b"") -> Any:
    # Looked up late: a FIPS build has no SHA-1, and importing it takes time.
    import hashlib

    return hashlib.sha1(string)


class SecureCookieSessionInterface(SessionInterface):
    """Keeps sessions in cookies, signed by ItsDangerous with the secret key.

    The cookies are those of Flask: either reads the other's.  They end
    ``PERMANENT_SESSION_LIFETIME`` after they were last written; ``SESSION_IDLE_TIMEOUT`` after they
    were last used, up to a tenth and at most a minute earlier; and ``SESSION_ABSOLUTE_TIMEOUT``
    after the session has begun.  Each is a number of seconds or a ``timedelta``.
    """

    salt = "cookie-session"
    digest_method: Callable[..., Any] = staticmethod(_lazy_sha1)
    key_derivation = "hmac"
    serializer: Any = session_json_serializer
    session_class: type[SecureCookieSession] = SecureCookieSession
    opens_lazily = True
    does_io = False

    # PERF: the last serializer, with what it was made of: the attributes, and the older keys.
    _made: tuple[Any, Any, URLSafeTimedSerializer] | None = None

    def get_signing_serializer(self, app: Any) -> URLSafeTimedSerializer | None:
        """What signs and reads the cookie; ``None`` without a secret key.

        The newest key signs; it and ``SECRET_KEY_FALLBACKS`` verify.
        """
        secret = app.secret_key
        if not secret:
            return None
        fallbacks = app.config["SECRET_KEY_FALLBACKS"]
        made_of = secret, self.salt, self.serializer, self.key_derivation, self.digest_method
        older = tuple(fallbacks) if fallbacks else ()
        made = self._made
        if made is not None and made[0] == made_of and made[1] == older:
            return made[2]
        from .signing import CachingSerializer

        # ItsDangerous signs with the last key of the list. An empty key, which an unset variable
        # leaves, would let anybody sign.
        keys: Any = [*filter(None, older), secret]
        serializer: URLSafeTimedSerializer = CachingSerializer(
            keys,
            salt=self.salt,
            serializer=self.serializer,
            signer_kwargs={
                "key_derivation": self.key_derivation,
                "digest_method": self.digest_method,
            },
        )
        self._made = made_of, older, serializer
        return serializer

    def open_session(self, app: Any, request: Request) -> SecureCookieSession | None:
        """The session of the cookie; an empty one if it is missing, old, or not ours."""
        serializer = self.get_signing_serializer(app)
        if serializer is None:
            return None
        text = request.cookies.get(self.get_cookie_name(app))
        if not text:
            return self.session_class()
        # What is below a second counts for nothing.
        lifetime = app.permanent_session_lifetime
        max_age = lifetime.days * 86_400 + lifetime.seconds
        get = app.config.get
        is_timed = not (get("SESSION_IDLE_TIMEOUT") is get("SESSION_ABSOLUTE_TIMEOUT") is None)
        if is_timed:
            from .timeouts import shortest

            max_age = shortest(max_age, app)
        # A subclass may give any serializer of ItsDangerous's.
        read = getattr(serializer, "read", None) or serializer.loads
        try:
            data = read(text, max_age=max_age)
        except Exception as error:
            # PERF: imported late, and not for each request.
            from itsdangerous import BadData

            if not isinstance(error, BadData):
                raise
            return self.session_class()
        # Signed by us, and still of another shape: a key shared with another program.
        if not isinstance(data, dict):
            return self.session_class()
        if is_timed or _BEGAN in data:
            from .timeouts import open_in_time

            return open_in_time(self, app, request, text, data)
        if "_permanent" not in data:
            return self.session_class(data)
        from .log_outs import is_ended

        if is_ended(self, app, request, data):
            return self.session_class()
        session = self.session_class(data)
        session.was_permanent = session.was_prolonged = session.permanent
        return session

    _opens_by_cookies = open_session

    def save_session(self, app: Any, session: SessionMixin, response: Response) -> None:
        """Set the cookie if the session was changed, delete it if it is empty."""
        # RFC 9110, 12.5.5: what was read from a cookie differs by cookie.
        if session.accessed:
            response.add_vary("Cookie")
        if not session:
            if session.modified:
                if getattr(session, "was_prolonged", False):
                    from .log_outs import set_mark

                    set_mark(self, app, response)
                name = self.get_cookie_name(app)
                response.delete_cookie(name, **self.cookie_options(app))
                response.add_vary("Cookie")
            return
        if not self.should_set_cookie(app, session):
            return
        serializer = self.get_signing_serializer(app)
        assert serializer is not None
        write = getattr(serializer, "write", None) or serializer.dumps
        content = dict(session)
        check_nesting(content)
        get = app.config.get
        prolongs = get("SESSION_IDLE_TIMEOUT") is not None
        if prolongs or "_permanent" in content or getattr(session, "was_prolonged", False):
            from .log_outs import bear_mark

            bear_mark(self, app, session, content, response, prolongs)
        if prolongs or get("SESSION_ABSOLUTE_TIMEOUT") is not None:
            from .timeouts import bear_beginning

            bear_beginning(session, content)
        try:
            value = write(content)
        except TypeError as error:
            raise TypeError(
                f"{error}: {_what_a_session_keeps(self.serializer, session)}"
            ) from error
        response.set_cookie(
            self.get_cookie_name(app),
            value if isinstance(value, str) else value.decode("ascii"),
            expires=self.get_expiration_time(app, session),
            **self.cookie_options(app),
        )
        if not session.accessed:
            response.add_vary("Cookie")


def _what_a_session_keeps(serializer: Any, session: SessionMixin) -> str:
    """What to say of a session that cannot be written."""

    def is_refused(value: Any) -> bool:
        try:
            serializer.dumps(value)
        except TypeError:
            return True
        return False

    keys = ", ".join(f"session[{key!r}]" for key in session if is_refused(session[key]))
    return (
        f"{keys or 'the session'} cannot be kept in a cookie. Sessions keep text, numbers, dates,"
        " UUIDs, bytes, and lists, tuples and dictionaries of these: keep the id of an object, not"
        " the object."
    )
