"""The map: all rules of an application."""

from __future__ import annotations

import warnings
from threading import Lock
from typing import TYPE_CHECKING, Any

from ..http.exceptions import BadHost, MethodNotAllowed, NotFound
from ..http.hosts import get_environ_host
from ..http.immutable import ImmutableDict
from .adapter import MapAdapter
from .converters import DEFAULT_CONVERTERS
from .matcher import Matcher, Search, _SlashMissing, convert

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from ..http.exceptions import HTTPException
    from .builder import Builder
    from .converters import BaseConverter
    from .rules import Rule, RuleFactory


class Map:
    """Rules, and what they share.

    :param rules: the rules
    :param default_subdomain: the sub-domain of rules that name none
    :param strict_slashes: whether a missing slash at the end of a path redirects
    :param merge_slashes: whether double slashes in a path redirect
    :param redirect_defaults: whether a URL redirects to the one that has its values as defaults
    :param converters: further converters by name
    :param sort_parameters: whether the query of built URLs is sorted
    :param sort_key: by what it is sorted
    :param host_matching: match whole hosts in place of sub-domains
    """

    default_converters: Mapping[str, type[BaseConverter]] = ImmutableDict(DEFAULT_CONVERTERS)
    lock_class: Callable[[], Any] = Lock

    def __init__(
        self,
        rules: Iterable[RuleFactory] | None = None,
        default_subdomain: str = "",
        strict_slashes: bool = True,
        merge_slashes: bool = True,
        redirect_defaults: bool = True,
        converters: Mapping[str, type[BaseConverter]] | None = None,
        sort_parameters: bool = False,
        sort_key: Callable[[Any], Any] | None = None,
        host_matching: bool = False,
    ) -> None:
        self._rules: list[Rule] = []
        self._rules_by_endpoint: dict[Any, list[Rule]] = {}
        self._matcher = Matcher(merge_slashes)
        # PERF: the rules of paths without variables, by path and method. The paths are ASCII, so
        # that they can be looked up before the path of a request is decoded.
        self._static: dict[str, dict[str, Rule]] = {}
        # PERF: what builds the URL of an endpoint that has but one rule, on the default sub-domain.
        self._local_builders: dict[Any, Builder] = {}
        self._remap = True
        self._remap_lock = self.lock_class()
        self._default_subdomain = default_subdomain
        self.strict_slashes = strict_slashes
        self.redirect_defaults = redirect_defaults
        self._host_matching = host_matching
        self.converters: dict[str, type[BaseConverter]] = dict(self.default_converters)
        if converters:
            self.converters.update(converters)
        self.sort_parameters = sort_parameters
        self.sort_key = sort_key
        for factory in rules or ():
            self.add(factory)

    @property
    def merge_slashes(self) -> bool:
        """Whether double slashes in a path redirect."""
        return self._matcher.merge_slashes

    @merge_slashes.setter
    def merge_slashes(self, value: bool) -> None:
        self._matcher.merge_slashes = value

    @property
    def host_matching(self) -> bool:
        """Whether rules have whole hosts in place of sub-domains."""
        return self._host_matching

    @host_matching.setter
    def host_matching(self, value: bool) -> None:
        self._host_matching = value
        self._remap = True

    @property
    def default_subdomain(self) -> str:
        """The sub-domain of rules that name none."""
        return self._default_subdomain

    @default_subdomain.setter
    def default_subdomain(self, value: str) -> None:
        self._default_subdomain = value
        self._remap = True

    def is_endpoint_expecting(self, endpoint: Any, *arguments: str) -> bool:
        """Whether a rule of the endpoint has all these variables."""
        self.update()
        wanted = set(arguments)
        return any(wanted.issubset(rule.arguments) for rule in self._rules_by_endpoint[endpoint])

    def iter_rules(self, endpoint: Any | None = None) -> Iterator[Rule]:
        """The rules, all or those of one endpoint."""
        self.update()
        if endpoint is not None:
            return iter(self._rules_by_endpoint[endpoint])
        return iter(self._rules)

    def add(self, rulefactory: RuleFactory) -> None:
        """Add a rule, or those that a factory makes."""
        for rule in rulefactory.get_rules(self):
            rule.bind(self)
            if not rule.build_only:
                self._matcher.add(rule)
            self._rules.append(rule)
            self._rules_by_endpoint.setdefault(rule.endpoint, []).append(rule)
        self._remap = True

    def update(self) -> None:
        """Put the rules in order, if some were added; matching and building do it by
        themselves."""
        if not self._remap:
            return
        with self._remap_lock:
            if not self._remap:
                return
            self._matcher.sort()
            for rules in self._rules_by_endpoint.values():
                rules.sort(key=lambda rule: rule.build_compare_key())
            self._mark_plain()
            self._static = self._collect_static()
            self._local_builders = self._collect_builders()
            self._remap = False

    def _mark_plain(self) -> None:
        """Tell the rules whose match needs no redirect to be thought of."""
        for rules in self._rules_by_endpoint.values():
            canonical = self.redirect_defaults and any(rule.defaults for rule in rules)
            for rule in rules:
                rule._is_plain = not (
                    canonical or rule.alias or rule.redirect_to is not None or rule.websocket
                )

    def _collect_static(self) -> dict[str, dict[str, Rule]]:
        """The rules that a path alone tells.

        Text goes before variables at every segment, so such a rule wins whenever its method fits.
        A path where any rule is not plain is left to the tree.
        """
        found: dict[str, dict[str, Rule]] = {}
        left_out: set[str] = set()
        for rule in self._rules:
            if rule.build_only or any(part.test is not None for part in rule._parts):
                continue
            if rule._parts[0].content != self.default_subdomain or self.host_matching:
                continue
            path = "/".join(part.content for part in rule._parts[1:])
            if not rule._is_plain or rule.methods is None or not _is_canonical(path):
                left_out.add(path)
                continue
            for method in rule.methods:
                found.setdefault(path, {}).setdefault(method, rule)
        return {path: rules for path, rules in found.items() if path not in left_out}

    def _collect_builders(self) -> dict[Any, Builder]:
        if self._host_matching:
            return {}
        return {
            endpoint: rules[0]._builder
            for endpoint, rules in self._rules_by_endpoint.items()
            if len(rules) == 1
            and not (rules[0].websocket or rules[0].defaults)
            and (rules[0].subdomain or "") == self._default_subdomain
            and "<" not in self._default_subdomain
            and not rules[0].rule.startswith("//")
        }

    def local_url(self, endpoint: Any, values: dict[str, Any]) -> str | None:
        """The path and query of an endpoint on the default sub-domain, where that is all that a
        URL needs; otherwise ``None``, and :meth:`MapAdapter.build` knows why."""
        if self._remap:
            self.update()
        builder = self._local_builders.get(endpoint)
        return None if builder is None else builder.local(values)

    def lookup(self, path: str, method: str) -> tuple[Rule, dict[str, Any]] | HTTPException | None:
        """The rule of a path on the default sub-domain, and the values of its variables, where
        nothing but calling its endpoint follows; the error, where no rule fits in any way;
        otherwise ``None``, and :meth:`MapAdapter.match` knows what follows.

        :param path: the decoded path, with one slash at its beginning
        """
        if self._remap:
            self.update()
        if self._host_matching:
            return None
        try:
            found = self._matcher.find(self._default_subdomain, path, method, False, None)
        except _SlashMissing:
            return None
        if found is None:
            # Once more, to learn what did not fit.
            search = Search()
            self._matcher.find(self._default_subdomain, path, method, False, search)
            if search.websocket_mismatch or (self.merge_slashes and "//" in path):
                return None
            if search.methods:
                return MethodNotAllowed(valid_methods=list(search.methods))
            return NotFound()
        if not found[0]._is_plain:
            return None
        values = convert(*found)
        return None if values is None else (found[0], values)

    def explain(self) -> str:
        """The compiled tree as text."""
        self.update()
        return self._matcher.root.describe()

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
            scheme = "wss" if scheme == "https" else "ws"
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

        def text(key: str) -> str:
            value: str = environ.get(key) or ""
            if value.isascii():
                return value
            return value.encode("latin-1", "replace").decode("utf-8", "replace")

        return self.bind(
            server_name,
            text("SCRIPT_NAME"),
            subdomain,
            scheme,
            environ.get("REQUEST_METHOD", "GET"),
            text("PATH_INFO"),
            query_args=text("QUERY_STRING"),
        )

    def __repr__(self) -> str:
        # As pprint lays out a list: on one line if it is short, otherwise a line for each rule.
        rules = [repr(rule) for rule in self.iter_rules()]
        separator = ", " if len(", ".join(rules)) <= 78 else ",\n "
        return f"{type(self).__name__}([{separator.join(rules)}])"


def _is_canonical(path: str) -> bool:
    """Whether requests have the path as the server hands it over."""
    return path.isascii() and path.startswith("/") and not path.startswith("//")


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
