"""The table of all rules: by their order in the tree, by their paths, by their endpoints."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any

from ..http.exceptions import MethodNotAllowed, NotFound
from ..http.immutable import ImmutableDict
from ..http.noticing import Noticed
from .builder import first_of
from .converters import DEFAULT_CONVERTERS
from .matcher import Matcher, SlashMissing, convert, find, no_match
from .rules import Rule, builds_as_written

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from ..http.exceptions import HTTPException
    from .builder import Write
    from .converters import BaseConverter
    from .matcher import Node
    from .rules import RuleFactory


class RuleTable(Noticed):
    """Rules, and what they share; :class:`~erlen.routing.Map` binds them to requests.

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
        self.static_rules: dict[str, dict[str, Rule]] = {}
        # PERF: what writes the path and query of an endpoint on the default sub-domain, where
        # neither host nor method choose between its rules: those that were asked for, until the
        # rules change. No endpoint that begins with "." is in it: such a name is relative.
        self.writers: dict[Any, Write] = {}
        # Where the tree begins, if nothing of a request but path and method chooses its rule.
        self._start: Node | None = None
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
    def needs_adapter(self) -> bool:
        """Whether requests have to be bound before they are matched, and URLs built."""
        return False

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
        self.changed()

    @property
    def default_subdomain(self) -> str:
        """The sub-domain of rules that name none."""
        return self._default_subdomain

    @default_subdomain.setter
    def default_subdomain(self, value: str) -> None:
        self._default_subdomain = value
        self.changed()

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
            with self._remap_lock:
                if not rule.build_only:
                    self._matcher.add(rule)
                self._rules.append(rule)
                self._rules_by_endpoint.setdefault(rule.endpoint, []).append(rule)
        self.changed()

    def changed(self) -> None:
        """Forget what was derived from the rules."""
        with self._remap_lock:
            self._remap = True
            self.writers = {}

    def update(self) -> None:
        """Put the rules in order, if some were added; matching and building do it by
        themselves."""
        if not self._remap:
            return
        with self._remap_lock:
            if not self._remap:
                return
            self._matcher.sort()
            for endpoint, rules in self._rules_by_endpoint.items():
                # A list of its own: URLs are built by the other one meanwhile.
                rules = sorted(rules, key=lambda rule: rule.build_compare_key())
                self._rules_by_endpoint[endpoint] = rules
                self._find_redirects(rules)
            self._start = None
            if not (self._host_matching or self.needs_adapter):
                self._start = self._matcher.start(self._default_subdomain)
            self.static_rules = self._collect_static()
            self._remap = False

    def _find_redirects(self, rules: list[Rule]) -> None:
        """Tell the rules of an endpoint where a match may have to redirect."""
        for index, rule in enumerate(rules):
            rule._is_plain = not (
                rule.alias
                or rule.redirect_to is not None
                or rule.websocket
                # One of the application's may ask for the request, and raise what it likes.
                or not rule.converts_by_itself
            )
            # Rules behind this one in the order are not more canonical.
            rule._more_canonical = [
                other
                for other in rules[:index]
                if (other.defaults or type(other) is not Rule) and other.provides_defaults_for(rule)
            ]

    def _collect_static(self) -> dict[str, dict[str, Rule]]:
        """The rules that a path alone tells.

        Text goes before variables at every segment, so such a rule wins whenever its method fits.
        A path where any rule is not plain is left to the tree.
        """
        found: dict[str, dict[str, Rule]] = {}
        left_out: set[str] = set()
        for rule in () if self._start is None else self._rules:
            if rule.build_only or any(part.test is not None for part in rule._parts):
                continue
            if rule._parts[0].content != self.default_subdomain:
                continue
            path = "/".join(part.content for part in rule._parts[1:])
            if (
                not rule._is_plain
                or rule._more_canonical
                or rule.methods is None
                or not _is_canonical(path)
            ):
                left_out.add(path)
                continue
            for method in rule.methods:
                found.setdefault(path, {}).setdefault(method, rule)
        return {path: rules for path, rules in found.items() if path not in left_out}

    def find_writer(self, endpoint: Any) -> Write | None:
        """What writes path and query of an endpoint on the default sub-domain, where a URL needs no
        more; otherwise ``None``, and :meth:`MapAdapter.build` knows why.

        It raises :exc:`KeyError` or :exc:`ValueError` for values that do not fit.
        """
        # Rules that change meanwhile bring another dictionary.
        writers = self.writers
        self.update()
        rules = self._rules_by_endpoint.get(endpoint)
        domain = self._default_subdomain
        if not rules or self._host_matching or "<" in domain or str(endpoint)[:1] == ".":
            return None
        for rule in rules:
            if (
                (rule.subdomain or "") != domain
                or rule.methods != rules[0].methods
                or rule.websocket
                or not builds_as_written(rule)
            ):
                return None
        write = writers[endpoint] = first_of([rule._builder for rule in rules])
        return write

    def lookup(self, path: str, method: str) -> tuple[Rule, dict[str, Any]] | HTTPException | None:
        """The rule of a path on the default sub-domain, and the values of its variables, where
        nothing but calling its endpoint follows; the error, where no rule fits in any way;
        otherwise ``None``, and :meth:`MapAdapter.match` knows what follows.

        :param path: the decoded path, with one slash at its beginning
        """
        if self._remap:
            self.update()
        start = self._start
        if start is None:
            return None
        missed: list[Rule] = []
        try:
            found = find(start, path.split("/"), 1, (), method, False, missed)
        except SlashMissing:
            return None
        if found is None:
            if self._matcher.merge_slashes and "//" in path:
                return None
            if not missed:
                return NotFound()
            error = no_match(missed, method)
            if error.websocket_mismatch or not error.have_match_for:
                return None
            return MethodNotAllowed(valid_methods=list(error.have_match_for))
        rule = found[0]
        if not rule._is_plain:
            return None
        values = convert(rule, found[1])
        if values is None:
            return None
        if rule._more_canonical and self.redirect_defaults:
            for other in rule._more_canonical:
                if other.suitable_for(values, method):
                    return None
        return rule, values

    def explain(self) -> str:
        """The compiled tree as text."""
        self.update()
        return self._matcher.root.describe()

    def __repr__(self) -> str:
        # As pprint lays out a list: on one line if it is short, otherwise a line for each rule.
        rules = [repr(rule) for rule in self.iter_rules()]
        separator = ", " if len(", ".join(rules)) <= 78 else ",\n "
        return f"{type(self).__name__}([{separator.join(rules)}])"


def _is_canonical(path: str) -> bool:
    """Whether requests have the path as the server hands it over."""
    return path.isascii() and path.startswith("/") and not path.startswith("//")
