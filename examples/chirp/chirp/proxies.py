"""Whose address a request has, where proxies stand in front of the servers."""

from __future__ import annotations

from erlen import Erlen
from erlen.middleware.proxy_fix import ProxyFix


def init_app(app: Erlen) -> None:
    """Believe what ``CHIRP_PROXIES`` proxies say of the client, and nothing that it says itself:
    the limit on log-ins goes by addresses."""
    count = app.config["CHIRP_PROXIES"]
    if count:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count)
        app.asgi_app = ProxyFix(app.asgi_app, x_for=count, x_proto=count)
