"""Headers that tell browsers what a page may do, and a nonce for its scripts."""

from __future__ import annotations

from collections.abc import Mapping
from secrets import token_urlsafe
from typing import TYPE_CHECKING, Any, TypeAlias

from .context import RequestContext, current_request_context

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .app.application import Erlen
    from .wrappers import Response

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
    # Whether caches may not keep a page that depends on the session, unless it says they may.
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


class SecurityHeaders:
    """Adds the headers to every answer of the application, errors too.

    What a view sets itself is kept: ``response.headers["Referrer-Policy"] = "no-referrer"``. A
    setting that is ``None`` sends nothing.

    :param app: the application; without one, call :meth:`init_app`
    """

    def __init__(self, app: Erlen | None = None) -> None:
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Erlen) -> None:
        """Add them to the answers of an application; the settings may be set later."""
        if "erlen.security_headers" in app.extensions:
            raise RuntimeError("This application has its SecurityHeaders already: keep one.")
        app.extensions["erlen.security_headers"] = self
        for key, value in DEFAULTS.items():
            app.config.setdefault(key, value)
        app.add_template_global(csp_nonce, "csp_nonce")
        app.after_request(_add_headers)


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


def _add_headers(response: Response) -> Response:
    ctx = current_request_context()
    config, headers = ctx.app.config, response.headers
    for setting, name in _PLAIN:
        value = config[setting]
        if value is not None and name not in headers:
            headers[name] = value
    _add_policies(ctx, config, response)
    seconds = config["HSTS_SECONDS"]
    if (
        seconds is not None
        and ctx.environ.get("wsgi.url_scheme") == "https"
        and "Strict-Transport-Security" not in headers
    ):
        parts = [f"max-age={int(seconds)}"]
        if config["HSTS_INCLUDE_SUBDOMAINS"]:
            parts.append("includeSubDomains")
        if config["HSTS_PRELOAD"]:
            parts.append("preload")
        headers["Strict-Transport-Security"] = "; ".join(parts)
    session = ctx._session_object
    if config["NO_STORE_SESSIONS"] and session is not None and session.accessed:
        control = response.cache_control
        if not control:
            control.no_store = True
        elif not (control.public or control.private or control.no_store):
            # What a file says of itself does not know that it is one person's.
            control.private = True
    return response


def _add_policies(ctx: RequestContext, config: Any, response: Response) -> None:
    headers = response.headers
    policy, report_only = config["CSP"], config["CSP_REPORT_ONLY"]
    if (policy or report_only) and response.is_streamed:
        # The template may ask for its nonce when the headers are gone.
        csp_nonce()
    nonce: str | None = ctx._g.get(_G_KEY) if ctx._g is not None else None
    nonce_in = config["CSP_NONCE_IN"]
    if _CSP not in headers:
        # A view with a policy of its own says there who may frame it.
        ancestors = config["FRAME_ANCESTORS"]
        directives = _directives("CSP", policy, nonce, nonce_in)
        if ancestors is not None:
            directives.setdefault("frame-ancestors", ancestors)
            option = _FRAME_OPTIONS.get(directives["frame-ancestors"])
            if option is not None and "X-Frame-Options" not in headers:
                headers["X-Frame-Options"] = option
        if directives:
            headers[_CSP] = _to_header(directives)
    if report_only and _CSP_REPORT_ONLY not in headers:
        directives = _directives("CSP_REPORT_ONLY", report_only, nonce, nonce_in)
        headers[_CSP_REPORT_ONLY] = _to_header(directives)


def _directives(
    setting: str, policy: Any, nonce: str | None, nonce_in: Iterable[str]
) -> dict[str, str]:
    """The directives of a policy, with the nonce where there is one.

    :raises TypeError: for a policy that is none, with what to write
    """
    if policy == "strict":
        policy = STRICT_POLICY
    elif policy is None:
        policy = {}
    elif not isinstance(policy, Mapping):
        raise TypeError(
            f"{setting} is {policy!r}: set it to 'strict', or to a dictionary such as"
            """ {"default-src": "'self'", "img-src": ["'self'", "https://example.org"]}."""
        )
    found = {
        name: sources if isinstance(sources, str) else " ".join(sources)
        for name, sources in policy.items()
    }
    if nonce is not None:
        for name in nonce_in:
            # Without either the policy says nothing of scripts, and naming a nonce would forbid
            # all others.
            sources = found.get(name, found.get("default-src"))
            if sources is not None:
                kept = "" if sources.strip() == "'none'" else f"{sources} "
                found[name] = f"{kept}'nonce-{nonce}'"
    return found


def _to_header(directives: Mapping[str, str]) -> str:
    return "; ".join(f"{name} {sources}".rstrip() for name, sources in directives.items())


__all__ = ["STRICT_POLICY", "SecurityHeaders", "csp_nonce"]
