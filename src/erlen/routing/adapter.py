"""A map bound to a host and a path: matches requests and builds URLs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlunsplit

from ..http.exceptions import HTTPException, MethodNotAllowed, NotFound
from ..http.multidict import MultiDict
from ..http.noticing import Noticing
from ..http.urls import dump_query
from .converters import quote_path
from .exceptions import (
    BuildError,
    NoMatch,
    RequestAliasRedirect,
    RequestPath,
    RequestRedirect,
    WebsocketMismatch,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .rules import Rule
    from .table import RuleTable

_OF_PAGES = {"ws": "http", "wss": "https"}


class MapAdapter(metaclass=Noticing):
    """See :meth:`Map.bind`, which makes it."""

    def __init__(
        self,
        map: RuleTable,
        server_name: str,
        script_name: str,
        subdomain: str | None,
        url_scheme: str,
        path_info: str,
        default_method: str,
        query_args: Mapping[str, Any] | str | None = None,
    ) -> None:
        self.map = map
        self.server_name = server_name
        self.script_name: str = script_name if script_name.endswith("/") else f"{script_name}/"
        self.subdomain = subdomain
        self.url_scheme = url_scheme
        self.path_info = path_info
        self.default_method = default_method
        self.query_args = query_args
        self.websocket: bool = url_scheme in {"ws", "wss"}

    def dispatch(
        self,
        view_func: Callable[[Any, Mapping[str, Any]], Any],
        path_info: str | None = None,
        method: str | None = None,
        catch_http_exceptions: bool = False,
    ) -> Any:
        """Match, and call ``view_func(endpoint, values)``.

        :param catch_http_exceptions: return HTTP errors of the view rather than raise them
        """
        try:
            try:
                endpoint, values = self.match(path_info, method)
            except RequestRedirect as redirect:
                return redirect
            return view_func(endpoint, values)
        except HTTPException as error:
            if catch_http_exceptions:
                return error
            raise

    def match(
        self,
        path_info: str | None = None,
        method: str | None = None,
        return_rule: bool = False,
        query_args: Mapping[str, Any] | str | None = None,
        websocket: bool | None = None,
    ) -> tuple[Any, dict[str, Any]]:
        """The endpoint, or with ``return_rule`` the rule, and the values.

        :raises RequestRedirect: if the canonical URL is another one
        :raises NotFound: (404) if no rule fits
        :raises MethodNotAllowed: (405) if rules fit that answer other methods
        :raises WebsocketMismatch: (400) if only a rule of the other kind fits
        """
        map = self.map
        if map._remap:
            map.update()
        path_info = self.path_info if path_info is None else path_info
        query_args = self.query_args or {} if query_args is None else query_args
        method = (method or self.default_method).upper()
        if websocket is None:
            websocket = self.websocket
        path = f"/{path_info.lstrip('/')}" if path_info else ""
        domain = self.server_name if map.host_matching else self.subdomain
        try:
            rule, values = self.map._matcher.match(domain or "", path, method, websocket)
        except RequestPath as canonical:
            raise RequestRedirect(
                self.make_redirect_url(quote_path(canonical.path_info), query_args)
            ) from None
        except RequestAliasRedirect as alias:
            raise RequestRedirect(
                self.make_alias_redirect_url(
                    f"{domain}|{path}", alias.endpoint, alias.matched_values, method, query_args
                )
            ) from None
        except NoMatch as missed:
            if missed.have_match_for:
                raise MethodNotAllowed(valid_methods=list(missed.have_match_for)) from None
            if missed.websocket_mismatch:
                raise WebsocketMismatch() from None
            raise NotFound() from None
        if self.map.redirect_defaults:
            target = self.get_default_redirect(rule, method, values, query_args)
            if target is not None:
                raise RequestRedirect(target)
        if rule.redirect_to is not None:
            if isinstance(rule.redirect_to, str):
                path = rule._redirect_target(values)
            else:
                path = rule.redirect_to(self, **values)
            host = f"{self.subdomain}.{self.server_name}" if self.subdomain else self.server_name
            scheme = self.url_scheme or "http"
            raise RequestRedirect(urljoin(f"{scheme}://{host}{self.script_name}", path))
        return (rule if return_rule else rule.endpoint), values

    def test(self, path_info: str | None = None, method: str | None = None) -> bool:
        """Whether a rule fits, or redirects."""
        try:
            self.match(path_info, method)
        except RequestRedirect:
            pass
        except HTTPException:
            return False
        return True

    def allowed_methods(self, path_info: str | None = None) -> list[str]:
        """The methods that the path answers."""
        try:
            # No rule answers it, so the error tells what they do answer.
            self.match(path_info, method="--")
        except MethodNotAllowed as error:
            return list(error.valid_methods or ())
        except HTTPException:
            pass
        return []

    def get_host(self, domain_part: str | None) -> str:
        """The host of a URL, from the sub-domain (or host) of its rule."""
        if self.map.host_matching:
            return self.server_name if domain_part is None else domain_part
        subdomain = self.subdomain if domain_part is None else domain_part
        return f"{subdomain}.{self.server_name}" if subdomain else self.server_name

    def get_default_redirect(
        self,
        rule: Rule,
        method: str,
        values: dict[str, Any],
        query_args: Mapping[str, Any] | str,
    ) -> str | None:
        """The URL of the rule that has these values as defaults, or ``None``."""
        for candidate in rule._more_canonical:
            if candidate.suitable_for(values, method):
                values.update(candidate.defaults or {})
                built = candidate.build(values)
                if built is not None:
                    return self.make_redirect_url(built[1], query_args, domain_part=built[0])
        return None

    def encode_query_args(self, query_args: Mapping[str, Any] | str) -> str:
        """A query as text."""
        return query_args if isinstance(query_args, str) else dump_query(query_args)

    def make_redirect_url(
        self,
        path_info: str,
        query_args: Mapping[str, Any] | str | None = None,
        domain_part: str | None = None,
    ) -> str:
        """The whole URL of a path of this host."""
        if query_args is None:
            query_args = self.query_args
        query = self.encode_query_args(query_args) if query_args else ""
        path = "/".join((self.script_name.strip("/"), path_info.lstrip("/"))).lstrip("/")
        return urlunsplit(
            (self.url_scheme or "http", self.get_host(domain_part), f"/{path}", query, "")
        )

    def make_alias_redirect_url(
        self,
        path: str,
        endpoint: Any,
        values: Mapping[str, Any],
        method: str,
        query_args: Mapping[str, Any] | str,
    ) -> str:
        """The canonical URL of an alias."""
        url = self.build(endpoint, values, method, append_unknown=False, force_external=True)
        if query_args:
            url += f"?{self.encode_query_args(query_args)}"
        if url == path:
            raise AssertionError("detected invalid alias setting: no canonical URL found")
        return url

    def _partial_build(
        self, endpoint: Any, values: Mapping[str, Any], method: str | None, append_unknown: bool
    ) -> tuple[str, str, bool] | None:
        """Host or sub-domain, path and whether it is for WebSockets; or ``None``."""
        if method is None:
            # A rule that answers the usual method goes first.
            built = self._partial_build(endpoint, values, self.default_method, append_unknown)
            if built is not None:
                return built
        first: tuple[str, str, bool] | None = None
        for rule in self.map._rules_by_endpoint.get(endpoint, ()):
            if not rule.suitable_for(values, method):
                continue
            parts = rule.build(values, append_unknown)
            if parts is None:
                continue
            found = parts[0], parts[1], rule.websocket
            if not self.map.host_matching or parts[0] == self.server_name:
                return found
            first = first or found
        return first

    def build(
        self,
        endpoint: Any,
        values: Mapping[str, Any] | None = None,
        method: str | None = None,
        force_external: bool = False,
        append_unknown: bool = True,
        url_scheme: str | None = None,
    ) -> str:
        """The URL of an endpoint.

        :param values: the variables; ``None`` values are left out
        :param method: build a rule that answers it
        :param force_external: with scheme and host
        :param append_unknown: put values that are no variables into the query
        :param url_scheme: the scheme; ``""`` for none
        :raises BuildError: if no rule fits
        """
        map = self.map
        if map._remap:
            map.update()
        if append_unknown and method is None and (values is None or values.__class__ is dict):
            # PERF: most endpoints need neither host nor method to choose between their rules.
            write = map.writers.get(endpoint) or map.find_writer(endpoint)
            is_here = self.subdomain == map._default_subdomain
            if write is not None and (force_external or is_here):
                try:
                    url = write(values or {})
                except (KeyError, ValueError):
                    # What follows tells why.
                    pass
                else:
                    if force_external:
                        return self._absolute(map._default_subdomain, url, url_scheme)
                    root = self.script_name
                    return url if root == "/" else f"{root.rstrip('/')}{url}"
        if values:
            if isinstance(values, MultiDict):
                values = {
                    key: (items[0] if len(items) == 1 else items)
                    for key, items in dict.items(values)
                    if len(items) != 0
                }
            else:
                values = {key: value for key, value in values.items() if value is not None}
        else:
            values = {}
        built = self._partial_build(endpoint, values, method, append_unknown)
        if built is None:
            raise BuildError(endpoint, values, method, self)
        domain, path, websocket = built
        if websocket:
            secure = (self.url_scheme if url_scheme is None else url_scheme) in {"https", "wss"}
            return self._prefixed("wss" if secure else "ws", domain, path)
        if not force_external:
            if map.host_matching:
                local = self.get_host(domain) == self.server_name
            else:
                local = domain == self.subdomain
            if local:
                return f"{self.script_name.rstrip('/')}/{path.lstrip('/')}"
            return self._prefixed(
                self.url_scheme if url_scheme is None else url_scheme, domain, path
            )
        return self._absolute(domain, path, url_scheme)

    def _absolute(self, domain: str, path: str, url_scheme: str | None) -> str:
        """The URL of a page with scheme and host; WebSockets' schemes become those of pages."""
        if url_scheme is None:
            url_scheme = self.url_scheme
        return self._prefixed(_OF_PAGES.get(url_scheme, url_scheme), domain, path)

    def _prefixed(self, url_scheme: str, domain: str, path: str) -> str:
        prefix = f"{url_scheme}:" if url_scheme else ""
        return f"{prefix}//{self.get_host(domain)}{self.script_name.rstrip('/')}/{path.lstrip('/')}"
