"""Headers that tell browsers what a page may do, and a nonce for its scripts."""

from __future__ import annotations

from collections.abc import Mapping
from secrets import token_urlsafe
from typing import TYPE_CHECKING, Any, TypeAlias

from ..context.contexts import current_request_context
from ..http.response_headers import ResponseHeaders
from ..workers.light_hooks import LightHook
from .settings import Derived, register

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..app.application import Erlen
    from ..context.messages import Response

    Policy: TypeAlias = Mapping[str, str | Iterable[str]]

_G_KEY = "_erlen_csp_nonce"
_CSP, _CSP_REPORT_ONLY = "Content-Security-Policy", "Content-Security-Policy-Report-Only"

#: What ``CSP = "strict"`` stands for: everything is of this site, and scripts in the page itself
#: need the nonce.
STRICT_POLICY: Mapping[str, str] = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
}

DEFAULTS: dict[str, Any] = {
    # "strict", or a mapping of directives to sources: {"script-src": ["'self'", "https://a.b"]}.
    "CSP": None,
    # The same, for a policy that is only reported on: {..., "report-uri": "/csp"}.
    "CSP_REPORT_ONLY": None,
    # Where csp_nonce() counts.
    "CSP_NONCE_IN": ("script-src", "style-src"),
    # Who may show the pages in a frame: "'none'", "'self'", "https://example.org"; None is anybody.
    "FRAME_ANCESTORS": "'none'",
    "CONTENT_TYPE_OPTIONS": "nosniff",
    "REFERRER_POLICY": "strict-origin-when-cross-origin",
    "CROSS_ORIGIN_OPENER_POLICY": "same-origin",
    "PERMISSIONS_POLICY": None,
    # How long browsers use HTTPS alone; told on HTTPS. None does not tell it, 0 takes it back.
    "HSTS_SECONDS": 31_536_000,
    "HSTS_INCLUDE_SUBDOMAINS": False,
    "HSTS_PRELOAD": False,
    # Whether caches may not keep a page that depends on the session; one with an age of its own is
    # kept by its client alone.
    "NO_STORE_SESSIONS": True,
}

# Setting and header, where the value is the header's as it stands.
_PLAIN = (
    ("CONTENT_TYPE_OPTIONS", "X-Content-Type-Options"),
    ("REFERRER_POLICY", "Referrer-Policy"),
    ("CROSS_ORIGIN_OPENER_POLICY", "Cross-Origin-Opener-Policy"),
    ("PERMISSIONS_POLICY", "Permissions-Policy"),
)
_FRAME_OPTIONS = {"'none'": "DENY", "'self'": "SAMEORIGIN"}


class _Prepared:
    """What the settings come to, made once for each set of them."""

    def __init__(self, settings: dict[str, Any]) -> None:
        plain = [(name, settings[key]) for key, name in _PLAIN if settings[key] is not None]
        #: Lower-case names and pairs. Headers refuse line feeds.
        self.plain = [(pair[0].lower(), pair) for pair in ResponseHeaders(plain)]
        self.nonce_in: tuple[str, ...] = tuple(settings["CSP_NONCE_IN"])
        self.directives = _directives("CSP", settings["CSP"])
        self.report_only = _directives("CSP_REPORT_ONLY", settings["CSP_REPORT_ONLY"])
        #: Whether a nonce may be named somewhere.
        self.takes_nonce = bool(self.directives or self.report_only)
        ancestors = settings["FRAME_ANCESTORS"]
        self.frame_options: str | None = None
        if ancestors is not None:
            self.directives.setdefault("frame-ancestors", ancestors)
            self.frame_options = _FRAME_OPTIONS.get(self.directives["frame-ancestors"])
        self.policy = _to_header(self.directives)
        self.hsts: str | None = None
        if settings["HSTS_SECONDS"] is not None:
            parts = [f"max-age={int(settings['HSTS_SECONDS'])}"]
            if settings["HSTS_INCLUDE_SUBDOMAINS"]:
                parts.append("includeSubDomains")
            if settings["HSTS_PRELOAD"]:
                parts.append("preload")
            self.hsts = "; ".join(parts)
        self.no_store = bool(settings["NO_STORE_SESSIONS"])


class SecurityHeaders:
    """Adds the headers to every answer of the application, errors too.

    What a view sets itself is kept: ``response.headers["Referrer-Policy"] = "no-referrer"``. A
    setting that is ``None`` sends nothing.

    :param app: the application; without one, call :meth:`init_app`
    """

    def __init__(self, app: Erlen | None = None) -> None:
        self._prepared = Derived(DEFAULTS, _Prepared)
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Erlen) -> None:
        """Add them to the answers of an application; the settings may be set later."""
        register(app, "erlen.security_headers", self, DEFAULTS)
        app.add_template_global(csp_nonce, "csp_nonce")
        app.after_request(LightHook(self._add_headers))
        # The last to run, whenever it was registered: it sees what the other hooks have set, and
        # which of them has read the session.
        hooks = app.after_request_funcs[None]
        hooks.insert(0, hooks.pop())

    def _add_headers(self, response: Response) -> Response:
        ctx = current_request_context()
        prepared = self._prepared.of(ctx.app.config)
        headers = response.headers
        present = {name.lower() for name, _ in headers}
        pairs = [pair for name, pair in prepared.plain if name not in present]
        if (
            prepared.hsts is not None
            and ctx.environ.get("wsgi.url_scheme") == "https"
            and "strict-transport-security" not in present
        ):
            pairs.append(("Strict-Transport-Security", prepared.hsts))
        if prepared.takes_nonce and response.is_streamed:
            # The template may ask for its nonce when the headers are gone.
            csp_nonce()
        nonce: str | None = ctx.made_g.get(_G_KEY) if ctx.made_g is not None else None
        # A view with a policy of its own says there who may frame it.
        if prepared.policy and _CSP.lower() not in present:
            policy = prepared.policy
            if nonce is not None:
                policy = _with_nonce(prepared.directives, nonce, prepared.nonce_in)
            pairs.append((_CSP, policy))
            if prepared.frame_options is not None and "x-frame-options" not in present:
                pairs.append(("X-Frame-Options", prepared.frame_options))
        if prepared.report_only and _CSP_REPORT_ONLY.lower() not in present:
            text = _with_nonce(prepared.report_only, nonce, prepared.nonce_in)
            pairs.append((_CSP_REPORT_ONLY, text))
        headers.extend(pairs)
        session = ctx.opened_session
        if prepared.no_store and session is not None and session.accessed:
            control = response.cache_control
            if not control:
                control.no_store = True
            elif not (control.private is True or control.no_store):
                # Fields behind "private" are all that it is said of (RFC 9111, 5.2.2.7). And what a
                # file says of itself does not know that it is one person's.
                control.public = False
                control.private = True
        return response


def csp_nonce() -> str:
    """The nonce of the answer to the current request: ``<script nonce="{{ csp_nonce() }}">``.

    The policy names it if it was asked for before the answer is sent, or if the answer is streamed.
    """
    g = current_request_context().g
    nonce: str | None = g.get(_G_KEY)
    if nonce is None:
        nonce = token_urlsafe(16)
        setattr(g, _G_KEY, nonce)
    return nonce


def _directives(setting: str, policy: Any) -> dict[str, str]:
    """The directives of a policy.

    :raises TypeError: for a policy that is none, with what to write
    """
    if policy is None:
        return {}
    if policy == "strict":
        return dict(STRICT_POLICY)
    if not isinstance(policy, Mapping):
        raise TypeError(
            f"{setting} is {policy!r}: set it to 'strict', or to a dictionary such as"
            """ {"default-src": "'self'", "img-src": ["'self'", "https://example.org"]}."""
        )
    directives = {
        name: sources if isinstance(sources, str) else " ".join(sources)
        for name, sources in policy.items()
    }
    ResponseHeaders([("Content-Security-Policy", _to_header(directives))])
    return directives


def _with_nonce(directives: Mapping[str, str], nonce: str | None, names: Iterable[str]) -> str:
    found = dict(directives)
    for name in names if nonce is not None else ():
        # Without either the policy says nothing of scripts, and naming a nonce would forbid all
        # others.
        sources = found.get(name, found.get("default-src"))
        if sources is not None:
            kept = "" if sources.strip() == "'none'" else f"{sources} "
            found[name] = f"{kept}'nonce-{nonce}'"
    return _to_header(found)


def _to_header(directives: Mapping[str, str]) -> str:
    return "; ".join(f"{name} {sources}".rstrip() for name, sources in directives.items())


__all__ = ["STRICT_POLICY", "SecurityHeaders", "csp_nonce"]
