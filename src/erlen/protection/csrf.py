"""Protection against forged requests (CSRF): a page of another site must not act for the user.

Each request with an unsafe method is asked where it comes from:

1. ``Sec-Fetch-Site``, which browsers set and pages cannot: ``same-origin`` and ``none`` (the user
   typed it) pass; ``same-site`` and ``cross-site`` pass for ``CSRF_TRUSTED_ORIGINS`` alone.
2. Without it ``Origin``, compared with the host that the request was sent to.
3. A token of the session decides where both are silent, and where ``Origin`` is ``null`` or
   another host, which a proxy that changes ``Host`` can cause.

Without either header the client is an old browser or none. Only what an HTML form can send then
needs a token: for anything else a browser asks first (a CORS pre-flight).
"""

from __future__ import annotations

import hmac
import sys
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as BinasciiError
from secrets import token_bytes, token_urlsafe
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar

from ..app.view_marks import ViewMarks
from ..context.contexts import RequestContext, current_request_context
from ..http.exceptions import BadRequest, HTTPException
from ..workers.light_hooks import LightHook
from .origins import Origin, OriginList
from .settings import register

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..app.application import Erlen
    from ..app.view_marks import Markable
    from ..context.messages import Request
    from ..http.response import Response

    Exemptible = TypeVar("Exemptible", bound=Markable)

Reason: TypeAlias = Literal[
    "other-origin", "no-session", "token-missing", "token-invalid", "token-expired"
]

# RFC 9110, section 9.2.1.
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_FORM_TYPES = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})
# What a page can send to another site without asking it first (Fetch, "CORS-safelisted").
_SIMPLE_TYPES = _FORM_TYPES | {"text/plain", ""}

# Where the session keeps the secret, and g the token of this request.
_SESSION_KEY = "_csrf"
_G_KEY = "_erlen_csrf_token"
# Seconds since 1970 in five bytes, and HMAC-SHA256.
_TIME_SIZE = 5
_PLAIN_SIZE = _TIME_SIZE + 32
_TOKEN_LENGTH = len(urlsafe_b64encode(bytes(2 * _PLAIN_SIZE)))

DEFAULTS: dict[str, Any] = {
    "CSRF_ENABLED": True,
    # "forms": where the browser does not say where the request comes from; "always": beside what
    # the browser says; "never": what the browser says is enough, as in Go 1.25.
    "CSRF_REQUIRE_TOKEN": "forms",
    # Seconds; None is as long as the session.
    "CSRF_TIME_LIMIT": 86_400,
    # Other origins whose pages may send requests: "https://example.org", "https://*.example.org".
    "CSRF_TRUSTED_ORIGINS": (),
    "CSRF_FIELD_NAME": "csrf_token",
    "CSRF_HEADERS": ("X-CSRF-Token", "X-CSRFToken"),
}

_DESCRIPTIONS: dict[str, tuple[str, str]] = {
    # What everybody is told, and what the programmer is told in debug mode.
    "other-origin": (
        "The request was sent by a page of another site.",
        "If that page is yours, add its origin to CSRF_TRUSTED_ORIGINS. If it is of this very"
        " site, a proxy changes the Host header: let it pass Host on, or use ProxyFix with"
        " x_host=1.",
    ),
    "no-session": (
        "The session has no CSRF token: it has ended, or cookies are off. Load the page again.",
        "The client sent no session cookie of this application, or one of a session that never"
        " called csrf_token(). On plain HTTP a browser does not send back a Secure cookie.",
    ),
    "token-missing": (
        "The CSRF token is missing.",
        'Put <input type="hidden" name="csrf_token" value="{{ csrf_token() }}"> into the form, or'
        " send the token as the header X-CSRF-Token. In a test, send the header"
        " 'Sec-Fetch-Site: same-origin', or set CSRF_ENABLED to False. A view that other programs"
        " call, without cookies, is exempted by @csrf.exempt.",
    ),
    "token-invalid": (
        "The CSRF token is not that of this session. Load the page again.",
        "It was made for another session or with another SECRET_KEY, or it was cut. A page with a"
        " token must not be kept by caches that are shared.",
    ),
    "token-expired": (
        "The CSRF token has expired. Load the page again.",
        "CSRF_TIME_LIMIT says how many seconds a token is valid; None is as long as the session.",
    ),
}


class CSRFError(BadRequest):
    """400: the request may be forged.

    :param reason: ``"other-origin"``, ``"no-session"``, ``"token-missing"``, ``"token-invalid"``
        or ``"token-expired"``
    """

    def __init__(
        self,
        reason: Reason = "token-missing",
        description: str | None = None,
        response: Response | None = None,
    ) -> None:
        super().__init__(_DESCRIPTIONS[reason][0] if description is None else description, response)
        self.reason: Reason = reason


class CSRF:
    """Checks every request with an unsafe method, before its view is called.

    >>> csrf = CSRF(app)

    Templates have ``csrf_token()``; scripts send its value as the header ``X-CSRF-Token``.

    :param app: the application; without one, call :meth:`init_app`
    """

    def __init__(self, app: Erlen | None = None) -> None:
        self._exempt: ViewMarks[bool] = ViewMarks("_erlen_csrf_exempt")
        self._trusted: tuple[Any, OriginList] = ((), OriginList((), "CSRF_TRUSTED_ORIGINS"))
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Erlen) -> None:
        """Protect an application; settings that begin with ``CSRF_`` may be set later.

        :raises RuntimeError: if it is protected already
        """
        # Flask-WTF's extension calls itself "csrf".
        register(app, "erlen.csrf", self, DEFAULTS)
        app.add_template_global(csrf_token, "csrf_token")
        app.before_request(LightHook(self._protect, _needs_thread))

    def exempt(self, view: Exemptible) -> Exemptible:
        """Check nothing for a view function, a view class, a blueprint with all that is nested in
        it, or an endpoint.  Returns what it was given, so that it decorates views.
        """
        self._exempt.mark(view, True)
        return view

    def renew(self) -> None:
        """Make the tokens of the session invalid: call it at log-in, unless that clears the
        session."""
        session = current_request_context().session
        if _SESSION_KEY in session:
            session[_SESSION_KEY] = _new_secret()

    def check(self) -> None:
        """Check the current request, whatever its method, and whether its view is exempt or not.

        :raises CSRFError: (400) if it may be forged
        """
        self._check(current_request_context())

    def _protect(self) -> None:
        ctx = current_request_context()
        request = ctx.request
        if request.method in _SAFE_METHODS or request.url_rule is None:
            # Without a rule no view is called.
            return
        app = ctx.app
        if app.config["CSRF_ENABLED"] and not self._exempt.find(app, request.endpoint):
            self._check(ctx)

    def _check(self, ctx: RequestContext) -> None:
        app, request = ctx.app, ctx.request
        config = app.config
        required = config["CSRF_REQUIRE_TOKEN"]
        if required not in ("forms", "always", "never"):
            raise ValueError(
                f"CSRF_REQUIRE_TOKEN is {required!r}: set it to 'forms', 'always' or 'never'."
            )
        try:
            says = self._ask_browser(app, request)
            if says == "same" and required != "always":
                return
            if says == "silent" and (
                required == "never"
                or (
                    required == "forms"
                    and (request.method != "POST" or request.mimetype not in _SIMPLE_TYPES)
                )
            ):
                return
            reason = _check_token(ctx, _tokens_of(ctx))
            if reason is None:
                return
            if says == "differs":
                reason = "other-origin"
            raise CSRFError(reason)
        except CSRFError as error:
            if app.debug:
                error.description = f"{error.description}\n{_DESCRIPTIONS[error.reason][1]}"
            raise

    def _ask_browser(
        self, app: Erlen, request: Request
    ) -> Literal["same", "silent", "opaque", "differs"]:
        """What the headers say of the page that sent the request.

        :raises CSRFError: if it is of another site beyond doubt
        """
        environ = request.environ
        site: str | None = environ.get("HTTP_SEC_FETCH_SITE")
        sent: str | None = environ.get("HTTP_ORIGIN")
        if site in ("same-origin", "none"):
            return "same"
        if site is None and not sent:
            return "silent"
        origin = None if sent is None else Origin.from_header(sent)
        if origin in self._trusted_origins(app):
            return "same"
        if site is not None:
            raise CSRFError("other-origin")
        if sent == "null":
            # A sandboxed frame, or a page with "Referrer-Policy: no-referrer".
            return "opaque"
        host = environ.get("HTTP_HOST") or request.host
        return "same" if origin and origin.is_host_of(request.scheme, host) else "differs"

    def _trusted_origins(self, app: Erlen) -> OriginList:
        setting = app.config["CSRF_TRUSTED_ORIGINS"] or ()
        key = setting if isinstance(setting, str) else tuple(setting)
        known, origins = self._trusted
        if key != known:
            origins = OriginList(setting, "CSRF_TRUSTED_ORIGINS")
            self._trusted = key, origins
        return origins


def _needs_thread() -> bool:
    """Whether the check may read a form or wait for a session."""
    ctx = current_request_context()
    return ctx.request.method not in _SAFE_METHODS and (
        ctx.environ.get("HTTP_SEC_FETCH_SITE") != "same-origin"
        or ctx.app.config["CSRF_REQUIRE_TOKEN"] == "always"
    )


def csrf_token() -> str:
    """A token for the session of the current request; another text in each answer, so that its
    compression tells nothing (BREACH).

    :raises RuntimeError: while the answer is streamed, unless the session has given a token before:
        it was saved already
    """
    ctx = current_request_context()
    session = ctx.session
    secret = session.get(_SESSION_KEY)
    if not isinstance(secret, str):
        if ctx.is_answered:
            raise RuntimeError(
                "csrf_token() was called for the first time in this session while the answer is"
                " streamed, and the session can no longer be saved. Call csrf_token() (from"
                " erlen.protection.csrf) in the view as well, before it returns the stream."
            )
        secret = session[_SESSION_KEY] = _new_secret()
    known = ctx.g.get(_G_KEY)
    if known is not None and known[0] == secret:
        return known[1]  # type: ignore[no-any-return]
    issued = int(time.time()).to_bytes(_TIME_SIZE, "big")
    plain = issued + _sign(_keys_of(ctx.app)[0], secret, issued)
    pad = token_bytes(_PLAIN_SIZE)
    token = urlsafe_b64encode(pad + _xor(pad, plain)).decode("ascii")
    setattr(ctx.g, _G_KEY, (secret, token))
    return token


def _new_secret() -> str:
    return token_urlsafe(32)


def _xor(pad: bytes, data: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(pad, data, strict=True))


def _keys_of(app: Erlen) -> list[bytes]:
    """The newest key and those that still verify; sessions on the server need none."""
    keys = [app.secret_key, *(app.config["SECRET_KEY_FALLBACKS"] or ())]
    found = [key.encode() if isinstance(key, str) else key for key in keys if key]
    return found or [b""]


def _sign(key: bytes, secret: str, issued: bytes) -> bytes:
    # With a key of its own, so that no other signature of the application is a token.
    own = hmac.digest(key, b"erlen.csrf:" + secret.encode(), "sha256")
    return hmac.digest(own, issued, "sha256")


def _tokens_of(ctx: RequestContext) -> Iterator[str]:
    """The token of the request: the header's, else the form's.

    The form is parsed only for a session that has a token to compare with, and within the limits of
    the application.
    """
    request, config = ctx.request, ctx.app.config
    for name in config["CSRF_HEADERS"]:
        token = request.headers.get(name)
        if token:
            yield token
            return
    if _SESSION_KEY not in ctx.session and _foreign_validator(ctx.app) is None:
        return
    if request.mimetype in _FORM_TYPES and not _is_streamed(ctx):
        token = request.form.get(config["CSRF_FIELD_NAME"])
        if token:
            yield token


def _is_streamed(ctx: RequestContext) -> bool:
    """Whether the view reads the body itself while it comes; its token is a header's."""
    view = ctx.app.view_functions.get(ctx.request.endpoint or "")
    return hasattr(view, "streams_request_body")


def _check_token(ctx: RequestContext, tokens: Iterator[str]) -> Reason | None:
    """What is wrong with the token; ``None`` for a good one."""
    app = ctx.app
    token = next(tokens, None)
    validate = _foreign_validator(app)
    if token is not None and validate is not None and validate(token):
        return None
    secret = ctx.session.get(_SESSION_KEY)
    if not isinstance(secret, str) and validate is None:
        return "no-session"
    if token is None:
        return "token-missing"
    if not isinstance(secret, str):
        return "token-invalid"
    try:
        raw = urlsafe_b64decode(token) if len(token) == _TOKEN_LENGTH else b""
    except (BinasciiError, ValueError):
        raw = b""
    if len(raw) != 2 * _PLAIN_SIZE:
        return "token-invalid"
    plain = _xor(raw[:_PLAIN_SIZE], raw[_PLAIN_SIZE:])
    issued, mac = plain[:_TIME_SIZE], plain[_TIME_SIZE:]
    if not any(hmac.compare_digest(_sign(key, secret, issued), mac) for key in _keys_of(app)):
        return "token-invalid"
    limit = app.config["CSRF_TIME_LIMIT"]
    if limit is not None and time.time() - int.from_bytes(issued, "big") > limit:
        return "token-expired"
    return None


def _foreign_validator(app: Erlen) -> Callable[[str], bool] | None:
    """Where Flask-WTF's ``CSRFProtect`` guards the application too, its ``csrf_token`` is the one
    that templates see: a token that it takes is good here as well."""
    extension = app.extensions.get("csrf")
    if extension is None:
        return None
    modules = (sys.modules.get(cls.__module__) for cls in type(extension).__mro__)
    found = (getattr(module, "validate_csrf", None) for module in modules)
    validate = next(filter(None, found), None)
    if validate is None:
        return None

    def is_valid(token: str) -> bool:
        try:
            validate(token)
        except HTTPException:
            raise
        except Exception:
            # wtforms.ValidationError, with nothing else to tell it by.
            return False
        return True

    return is_valid


__all__ = ["CSRF", "CSRFError", "csrf_token"]
