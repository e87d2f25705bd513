"""Believing the proxies in front, and nobody else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..http.grammar import parse_list_header

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class ProxyFix:
    """Takes what trusted proxies say of the client from the ``X-Forwarded-…`` headers.

    A client can send such headers too, so each number says how many proxies add a value: that
    many are counted from the end, and what stands before is not believed.

    :param app: the WSGI application
    :param x_for: the client's address
    :param x_proto: the scheme
    :param x_host: the host
    :param x_port: the port
    :param x_prefix: the mount point

    >>> app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_host=1)
    """

    def __init__(
        self,
        app: Callable[..., Iterable[bytes]],
        x_for: int = 1,
        x_proto: int = 1,
        x_host: int = 0,
        x_port: int = 0,
        x_prefix: int = 0,
    ) -> None:
        self.app = app
        self.x_for = x_for
        self.x_proto = x_proto
        self.x_host = x_host
        self.x_port = x_port
        self.x_prefix = x_prefix

    def _get_real_value(self, trusted: int, value: str | None) -> str | None:
        """The value that the outermost trusted proxy added."""
        if not (trusted and value):
            return None
        values = parse_list_header(value)
        return values[-trusted] if len(values) >= trusted else None

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        get = environ.get
        keys = (
            "REMOTE_ADDR",
            "wsgi.url_scheme",
            "HTTP_HOST",
            "SERVER_NAME",
            "SERVER_PORT",
            "SCRIPT_NAME",
        )
        environ["werkzeug.proxy_fix.orig"] = {key: get(key) for key in keys}
        address = self._get_real_value(self.x_for, get("HTTP_X_FORWARDED_FOR"))
        if address:
            environ["REMOTE_ADDR"] = address
        scheme = self._get_real_value(self.x_proto, get("HTTP_X_FORWARDED_PROTO"))
        if scheme:
            environ["wsgi.url_scheme"] = scheme
        host = self._get_real_value(self.x_host, get("HTTP_X_FORWARDED_HOST"))
        if host:
            environ["HTTP_HOST"] = environ["SERVER_NAME"] = host
            # "]" ends an IPv6 address, which has colons of its own.
            if ":" in host and not host.endswith("]"):
                environ["SERVER_NAME"], environ["SERVER_PORT"] = host.rsplit(":", 1)
        port = self._get_real_value(self.x_port, get("HTTP_X_FORWARDED_PORT"))
        if port:
            host = get("HTTP_HOST")
            if host:
                if ":" in host and not host.endswith("]"):
                    host = host.rsplit(":", 1)[0]
                environ["HTTP_HOST"] = f"{host}:{port}"
            environ["SERVER_PORT"] = port
        prefix = self._get_real_value(self.x_prefix, get("HTTP_X_FORWARDED_PREFIX"))
        if prefix:
            environ["SCRIPT_NAME"] = prefix
        return self.app(environ, start_response)
