"""What matching and building raise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from ..http.exceptions import BadHost, BadRequest, HTTPException
from ..http.hosts import get_environ_host
from ..http.properties import cached_property
from ..http.redirects import redirect

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..http.response import Response
    from .rules import Rule

    class Rules(Protocol):
        """What :class:`BuildError` asks of a map."""

        def iter_rules(self) -> Iterable[Rule]: ...

    class Bound(Protocol):
        """What :class:`BuildError` asks of the adapter that could not build."""

        @property
        def map(self) -> Rules: ...


class RoutingException(Exception):
    """Ends routing without an error: the application is told to do something else."""


class RequestRedirect(HTTPException, RoutingException):
    """The canonical URL is another one.

    :param new_url: that URL
    """

    code: int = 308

    def __init__(self, new_url: str) -> None:
        super().__init__(new_url)
        self.new_url = new_url

    def get_response(self, environ: Any = None, scope: Any = None) -> Response:
        """The redirect: a path where it stays on scheme and host of the request, which hold behind
        a proxy that speaks TLS for the application too.

        :param environ: a WSGI environment or a request; without one the URL is absolute
        """
        environ = getattr(environ, "environ", environ)
        return redirect(
            self.new_url if environ is None else _relative(self.new_url, environ), self.code or 308
        )


def _relative(url: str, environ: dict[str, Any]) -> str:
    """A URL without scheme and host, where they are those of the request."""
    scheme = environ.get("wsgi.url_scheme", "http")
    origin = f"{scheme}://{get_environ_host(environ).lower()}"
    path = url[len(origin) :]
    # "//" would begin another host (RFC 3986, section 4.2).
    is_here = url.startswith(origin) and path[:1] == "/" and path[:2] != "//"
    return path if is_here else url


class RequestAliasRedirect(RoutingException):
    """An alias matched; the canonical rule has to be built."""

    def __init__(self, matched_values: dict[str, Any], endpoint: Any) -> None:
        super().__init__()
        self.matched_values = matched_values
        self.endpoint = endpoint


class RequestPath(RoutingException):
    """The same path, written canonically, matches."""

    def __init__(self, path_info: str) -> None:
        super().__init__()
        self.path_info = path_info


class BuildError(RoutingException, LookupError):
    """No URL can be built for an endpoint with these values."""

    def __init__(
        self,
        endpoint: Any,
        values: dict[str, Any],
        method: str | None,
        adapter: Bound | None = None,
    ) -> None:
        super().__init__(endpoint, values, method)
        self.endpoint = endpoint
        self.values = values
        self.method = method
        self.adapter = adapter

    @cached_property
    def suggested(self) -> Rule | None:
        """The rule that is nearest to what was asked for."""
        if self.adapter is None:
            return None
        return self.closest_rule(self.adapter)

    def closest_rule(self, adapter: Bound) -> Rule | None:
        """The rule of the adapter's map that is nearest to what was asked for."""
        from difflib import SequenceMatcher

        def score(rule: Rule) -> float:
            same_name = SequenceMatcher(None, str(rule.endpoint), str(self.endpoint)).ratio()
            same_values = bool(set(self.values or ()).issubset(rule.arguments))
            same_method = bool(rule.methods and self.method in rule.methods)
            return 0.98 * same_name + 0.01 * same_values + 0.01 * same_method

        return max(adapter.map.iter_rules(), key=score, default=None)

    def __str__(self) -> str:
        message = [f"Could not build url for endpoint {self.endpoint!r}"]
        if self.method:
            message.append(f" ({self.method!r})")
        if self.values:
            message.append(f" with values {sorted(self.values)!r}")
        message.append(".")
        suggested = self.suggested
        if suggested is not None:
            if self.endpoint == suggested.endpoint:
                if self.method and suggested.methods and self.method not in suggested.methods:
                    message.append(f" Did you mean to use methods {sorted(suggested.methods)!r}?")
                missing = suggested.arguments.union(suggested.defaults or ()) - set(self.values)
                if missing:
                    message.append(f" Did you forget to specify values {sorted(missing)!r}?")
                elif (name := suggested._builder.refused(self.values)) is not None:
                    message.append(
                        f" The rule {suggested.rule!r} does not take {self.values[name]!r} for"
                        f" {name!r}: the URL would not be found. Pass what the view would get."
                    )
            else:
                message.append(f" Did you mean {suggested.endpoint!r} instead?")
        return "".join(message)


class WebsocketNeedsASGI(HTTPException):
    """426: a WebSocket was asked for where the server cannot open one."""

    code: int = 426
    description: str = (
        "This is the address of a WebSocket, and this server has none: it runs the application on"
        " WSGI. Run it on ASGI, as 'erlen serve' does, or name it 'module:app.asgi' to a server."
    )

    def get_headers(self, environ: Any = None, scope: Any = None) -> list[tuple[str, str]]:
        # RFC 9110, section 15.5.22.
        return [*super().get_headers(environ, scope), ("Upgrade", "websocket")]


class WebsocketMismatch(BadRequest):
    """400: a WebSocket rule was asked for by HTTP, or the other way round."""

    description: str = (
        "This address is that of a WebSocket, or of a page, and the request was for the other:"
        " WebSockets are opened with ws:// or wss://, pages with http:// or https://."
    )


class NoMatch(Exception):
    """No rule fits; inside of the matcher alone."""

    def __init__(self, have_match_for: set[str], websocket_mismatch: bool) -> None:
        super().__init__()
        self.have_match_for = have_match_for
        self.websocket_mismatch = websocket_mismatch


__all__ = [
    "BadHost",
    "BuildError",
    "NoMatch",
    "RequestAliasRedirect",
    "RequestPath",
    "RequestRedirect",
    "RoutingException",
    "WebsocketMismatch",
    "WebsocketNeedsASGI",
]
