"""The secure preset: one line that turns the batteries for security on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from .cors import CORS
from .csrf import CSRF
from .rate_limits import RateLimits
from .security_headers import SecurityHeaders

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..app.application import Erlen
    from ..sessions.stores import Store

_THIS_MACHINE = (".localhost", "127.0.0.1", "[::1]")
_MOST_BODY = 16 * 1024 * 1024
_MOST_REQUESTS = "600 per minute"
# Of sessions: after the last use, and after the log-in.
_IDLE = timedelta(days=1)
_ABSOLUTE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Secured:
    """The parts of the preset, to loosen them: ``secured.csrf.exempt(view)``."""

    csrf: CSRF
    headers: SecurityHeaders
    cors: CORS
    limits: RateLimits


def secure(
    app: Erlen,
    *,
    trusted_hosts: Iterable[str] | None = None,
    https: bool | None = None,
    session_store: Store | None = None,
) -> Secured:
    """Turn the secure preset on; call it once, when the application is made.

    >>> secured = secure(app, trusted_hosts=["example.org"])

    Every part has settings, which may be changed before or after: what differs from Flask's default
    already is left alone.  A part that the application has already is taken as it is.

    :param trusted_hosts: the hosts that are answered, ``TRUSTED_HOSTS``; without them
        ``SERVER_NAME``, and this machine alone
    :param https: whether clients come by HTTPS, so that cookies are for HTTPS alone; by default
        yes, unless debug mode is on
    :param session_store: keep sessions there in place of a signed cookie; see
        :mod:`erlen.sessions.stores`
    """
    config = app.config

    def preset(key: str, value: Any) -> None:
        if config.get(key) == app.default_config.get(key):
            config[key] = value

    if https is None:
        https = not app.debug
    # A browser takes a __Host- cookie from this host alone, over HTTPS, and for all paths.
    if (
        https
        and config["SESSION_COOKIE_DOMAIN"] is None
        and (config["SESSION_COOKIE_PATH"] or config["APPLICATION_ROOT"]) == "/"
    ):
        preset("SESSION_COOKIE_NAME", "__Host-session")
    preset("SESSION_COOKIE_SECURE", https)
    preset("SESSION_COOKIE_SAMESITE", "Lax")
    if https:
        preset("PREFERRED_URL_SCHEME", "https")
    preset("MAX_CONTENT_LENGTH", _MOST_BODY)
    config.setdefault("RATE_LIMIT_DEFAULT", _MOST_REQUESTS)
    if trusted_hosts is not None:
        hosts = [trusted_hosts] if isinstance(trusted_hosts, str) else list(trusted_hosts)
        if not hosts:
            raise ValueError(
                "secure() got an empty list of trusted_hosts, which would answer every host. Name"
                " them, or leave the argument out for this machine alone."
            )
        config["TRUSTED_HOSTS"] = hosts
    elif config["TRUSTED_HOSTS"] is None:
        _trust_this_machine(app)
    if session_store is not None:
        from ..sessions.server_side import ServerSideSessionInterface

        app.session_interface = ServerSideSessionInterface(session_store)
    config.setdefault("SESSION_IDLE_TIMEOUT", _IDLE)
    config.setdefault("SESSION_ABSOLUTE_TIMEOUT", _ABSOLUTE)
    # After hooks run from the last to the first, so that this one sees what the others have set;
    # a pre-flight is answered before it is counted or asked for a token.
    known = app.extensions
    return Secured(
        headers=known.get("erlen.security_headers") or SecurityHeaders(app),
        cors=known.get("erlen.cors") or CORS(app),
        limits=known.get("erlen.rate_limits") or RateLimits(app),
        csrf=known.get("erlen.csrf") or CSRF(app),
    )


def _trust_this_machine(app: Erlen) -> None:
    """Trust this machine and ``SERVER_NAME``, and tell so where that is all in production."""
    name: str | None = app.config["SERVER_NAME"]
    hosts = [*_THIS_MACHINE, name] if name else list(_THIS_MACHINE)
    app.config["TRUSTED_HOSTS"] = hosts
    if name:
        return

    def tell() -> None:
        if app.config["TRUSTED_HOSTS"] is hosts and not (app.debug or app.testing):
            app.logger.warning(
                "TRUSTED_HOSTS is not set: requests to another host than localhost are answered"
                " with 400. Set it to the hosts of this application, such as ['example.org']; a dot"
                " in front covers sub-domains."
            )

    app.before_first_request(tell)


__all__ = ["Secured", "secure"]
