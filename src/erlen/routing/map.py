"""The map: all rules of an application, to be bound to its requests."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

from ..http.exceptions import BadHost
from ..http.hosts import get_environ_host
from ..http.request import decode_wsgi
from .adapter import MapAdapter
from .converters import is_original
from .table import RuleTable


class Map(RuleTable):
    """Rules, and what they share; the arguments are those of :class:`~.table.RuleTable`."""

    @property
    def needs_adapter(self) -> bool:
        """Whether requests have to be bound before they are matched, and URLs built: somebody has
        put another method in the place of one of the map's or the adapter's."""
        return not (
            is_original(self.bind, _original_bind)
            and is_original(self.bind_to_environ, _original_bind_to_environ)
            and vars(MapAdapter) == _original_adapter
        )

    def bind(
        self,
        server_name: str,
        script_name: str | None = None,
        subdomain: str | None = None,
        url_scheme: str = "http",
        default_method: str = "GET",
        path_info: str | None = None,
        query_args: Mapping[str, Any] | str | None = None,
    ) -> MapAdapter:
        """The map with the parts of a URL that rules do not have.

        :raises BadHost: (400) if the name is no host
        """
        server_name = server_name.lower()
        if self.host_matching:
            if subdomain is not None:
                raise RuntimeError("host matching enabled and a subdomain was provided")
        elif subdomain is None:
            subdomain = self.default_subdomain
        if script_name is None:
            script_name = "/"
        if path_info is None:
            path_info = "/"
        if not server_name.isascii():
            server_name, has_port, port = server_name.partition(":")
            try:
                server_name = server_name.encode("idna").decode("ascii")
            except UnicodeError as error:
                raise BadHost() from error
            server_name = f"{server_name}{has_port}{port}"
        return MapAdapter(
            self,
            server_name,
            script_name,
            subdomain,
            url_scheme,
            path_info,
            default_method,
            query_args,
        )

    def bind_to_environ(
        self,
        environ: Any,
        server_name: str | None = None,
        subdomain: str | None = None,
    ) -> MapAdapter:
        """The map bound to a WSGI environment or a request.

        :param server_name: the name that sub-domains belong to, in place of the request's host
        :param subdomain: the sub-domain, in place of the one that the host tells
        """
        environ = getattr(environ, "environ", environ)
        host = get_environ_host(environ).lower()
        scheme = environ.get("wsgi.url_scheme", "http")
        if "HTTP_UPGRADE" in environ and _is_websocket(environ):
            scheme = "wss" if scheme in ("https", "wss") else "ws"
        if server_name is None:
            server_name = host
        else:
            server_name = server_name.lower()
            # The host has lost the port that the scheme has by default.
            if scheme in {"http", "ws"} and server_name.endswith(":80"):
                server_name = server_name[:-3]
            elif scheme in {"https", "wss"} and server_name.endswith(":443"):
                server_name = server_name[:-4]
        if subdomain is None and not self.host_matching:
            subdomain = _subdomain_of(host, server_name)
        return self.bind(
            server_name,
            decode_wsgi(environ.get("SCRIPT_NAME") or ""),
            subdomain,
            scheme,
            environ.get("REQUEST_METHOD", "GET"),
            # Left out, it is the root; an empty one is a mount point without its slash.
            decode_wsgi(environ.get("PATH_INFO", "/") or ""),
            decode_wsgi(environ.get("QUERY_STRING") or ""),
        )


_original_bind, _original_bind_to_environ = Map.bind, Map.bind_to_environ
_original_adapter = dict(vars(MapAdapter))


def _is_websocket(environ: dict[str, Any]) -> bool:
    """RFC 6455, section 4.2.1."""
    tokens = environ.get("HTTP_CONNECTION", "").lower().split(",")
    return "upgrade" in map(str.strip, tokens) and environ["HTTP_UPGRADE"].lower() == "websocket"


def _subdomain_of(host: str, server_name: str) -> str:
    labels = host.split(".")
    base = server_name.split(".")
    if labels[-len(base) :] == base:
        return ".".join(label for label in labels[: -len(base)] if label)
    # Under the module name that existing warning filters name.
    warnings.warn_explicit(
        f"Current server name {host!r} doesn't match configured server name {server_name!r}",
        UserWarning,
        filename=__file__,
        lineno=1,
        module="flask.app",
    )
    # No rule has it, so the answer is 404.
    return "<invalid>"
