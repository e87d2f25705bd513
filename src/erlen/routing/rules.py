"""Rules and the factories that make them."""

from __future__ import annotations

import re
from string import Template
from typing import TYPE_CHECKING, Any, ClassVar

from .builder import Builder
from .converters import OWN_CONVERTERS, ValidationError, conversion, is_original
from .parsing import converter_arguments, tokens
from .segments import Part, parts_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from .converters import BaseConverter, RuleMap

# A variable as it stands in a rule.
_CONVERTER = re.compile(r"<(?:[^<>:]*(?:\([^<>]*\))?:)?([^<>:]+)>")
_SIMPLE_VARIABLE = re.compile(r"<([^>]+)>")
# A redirect that the program sends elsewhere: another host, or another scheme.
_LEAVES_HOST = re.compile(r"//|[a-zA-Z][a-zA-Z0-9+.\-]*:")


class RuleFactory:
    """Makes rules for a map; :class:`Rule` is one that makes itself."""

    def get_rules(self, map: RuleMap) -> Iterable[Rule]:
        """The rules."""
        raise NotImplementedError


class Subdomain(RuleFactory):
    """Rules on one sub-domain.

    :param subdomain: the sub-domain
    :param rules: the rules
    """

    def __init__(self, subdomain: str, rules: Iterable[RuleFactory]) -> None:
        self.subdomain = subdomain
        self.rules = rules

    def get_rules(self, map: RuleMap) -> Iterator[Rule]:
        for factory in self.rules:
            for rule in factory.get_rules(map):
                rule = rule.empty()
                rule.subdomain = self.subdomain
                yield rule


class Submount(RuleFactory):
    """Rules below a path.

    :param path: the path
    :param rules: the rules
    """

    def __init__(self, path: str, rules: Iterable[RuleFactory]) -> None:
        self.path: str = path.rstrip("/")
        self.rules = rules

    def get_rules(self, map: RuleMap) -> Iterator[Rule]:
        for factory in self.rules:
            for rule in factory.get_rules(map):
                rule = rule.empty()
                rule.rule = self.path + rule.rule
                yield rule


class EndpointPrefix(RuleFactory):
    """Rules whose endpoints begin with a prefix.

    :param prefix: the prefix
    :param rules: the rules
    """

    def __init__(self, prefix: str, rules: Iterable[RuleFactory]) -> None:
        self.prefix = prefix
        self.rules = rules

    def get_rules(self, map: RuleMap) -> Iterator[Rule]:
        for factory in self.rules:
            for rule in factory.get_rules(map):
                rule = rule.empty()
                rule.endpoint = self.prefix + rule.endpoint
                yield rule


class RuleTemplate:
    """Rules with placeholders (``$name``), filled by calling it.

    :param rules: the rules
    """

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules: list[Rule] = list(rules)

    def __call__(self, *args: Any, **kwargs: Any) -> RuleTemplateFactory:
        return RuleTemplateFactory(self.rules, dict(*args, **kwargs))


class RuleTemplateFactory(RuleFactory):
    """The rules of a template with its placeholders filled."""

    def __init__(self, rules: Iterable[RuleFactory], context: dict[str, Any]) -> None:
        self.rules = rules
        self.context = context

    def get_rules(self, map: RuleMap) -> Iterator[Rule]:
        def fill(text: Any) -> Any:
            return Template(text).substitute(self.context) if isinstance(text, str) else text

        for factory in self.rules:
            for rule in factory.get_rules(map):
                defaults = None
                if rule.defaults:
                    defaults = {key: fill(value) for key, value in rule.defaults.items()}
                yield Rule(
                    fill(rule.rule),
                    defaults,
                    fill(rule.subdomain),
                    rule.methods,
                    rule.build_only,
                    fill(rule.endpoint),
                    rule.strict_slashes,
                )


class Rule(RuleFactory):
    """A URL pattern and the endpoint that it stands for.

    :param string: the path: ``/user/<name>``; a variable is ``<converter(arguments):name>``
    :param defaults: values that the path does not have
    :param subdomain: the sub-domain, which may have variables too
    :param methods: those that the rule answers; ``None`` is all. GET brings HEAD
    :param build_only: never match, only build
    :param endpoint: what it stands for
    :param strict_slashes: whether a missing slash at the end redirects; ``None`` as the map does
    :param merge_slashes: whether double slashes redirect; ``None`` as the map does
    :param redirect_to: a path, or a function that returns it, to redirect to
    :param alias: another URL of an endpoint, which redirects to its rule
    :param host: the host, with host matching
    :param websocket: match WebSocket requests, and no others
    """

    def __init__(
        self,
        string: str,
        defaults: Mapping[str, Any] | None = None,
        subdomain: str | None = None,
        methods: Iterable[str] | None = None,
        build_only: bool = False,
        endpoint: Any | None = None,
        strict_slashes: bool | None = None,
        merge_slashes: bool | None = None,
        redirect_to: str | Callable[..., str] | None = None,
        alias: bool = False,
        host: str | None = None,
        websocket: bool = False,
    ) -> None:
        if not string.startswith("/"):
            raise ValueError(f"URL rule '{string}' must start with a slash.")
        self.rule = string
        self.is_leaf: bool = not string.endswith("/")
        self.is_branch: bool = string.endswith("/")
        self.map: RuleMap = None  # type: ignore[assignment]
        self.strict_slashes = strict_slashes
        self.merge_slashes = merge_slashes
        self.subdomain = subdomain
        self.host = host
        self.defaults = defaults
        self.build_only = build_only
        self.alias = alias
        self.websocket = websocket
        if methods is not None:
            if isinstance(methods, str):
                raise TypeError("'methods' should be a list of strings.")
            methods = {method.upper() for method in methods}
            if "HEAD" not in methods and "GET" in methods:
                methods.add("HEAD")
            if websocket and methods - {"GET", "HEAD", "OPTIONS"}:
                raise ValueError(
                    "WebSocket rules can only use 'GET', 'HEAD', and 'OPTIONS' methods."
                )
        self.methods: set[str] | None = methods
        self.endpoint: Any = endpoint
        self.redirect_to = redirect_to
        self.arguments: set[str] = set(map(str, defaults)) if defaults else set()
        self._converters: dict[str, BaseConverter] = {}
        # PERF: the variables in the order of their texts, each with what converts it, if anything.
        self._variables: list[tuple[str, Callable[[str], Any] | None]] = []
        # The host or sub-domain, then the segments of the path.
        self._parts: list[Part] = []
        self._builder: Builder
        # Calling the endpoint follows from a match, unless the values are defaults of rules that
        # are more canonical; the map decides it.
        self._is_plain = False
        self._more_canonical: list[Rule] = []

    def empty(self) -> Rule:
        """An unbound copy."""
        return type(self)(self.rule, **self.get_empty_kwargs())

    @property
    def converts_by_itself(self) -> bool:
        """Whether its converters are those of the framework, which ask nobody."""
        return all(
            type(converter) in OWN_CONVERTERS and "to_python" not in vars(converter)
            for converter in self._converters.values()
        )

    def get_empty_kwargs(self) -> Mapping[str, Any]:
        """The arguments of :meth:`empty`; a subclass with more arguments adds them."""
        return {
            "defaults": dict(self.defaults) if self.defaults else None,
            "subdomain": self.subdomain,
            "methods": self.methods,
            "build_only": self.build_only,
            "endpoint": self.endpoint,
            "strict_slashes": self.strict_slashes,
            "merge_slashes": self.merge_slashes,
            "redirect_to": self.redirect_to,
            "alias": self.alias,
            "host": self.host,
            "websocket": self.websocket,
        }

    def get_rules(self, map: RuleMap) -> Iterator[Rule]:
        yield self

    def refresh(self) -> None:
        """Compile again, after a change of the rule."""
        self.bind(self.map, rebind=True)
        self.map.changed()

    def bind(self, map: RuleMap, rebind: bool = False) -> None:
        """Make the rule part of a map.

        :raises RuntimeError: if it is part of one already
        """
        if self.map is not None and not rebind:
            raise RuntimeError(f"url rule {self!r} already bound to map {self.map!r}")
        self.map = map
        if self.strict_slashes is None:
            self.strict_slashes = map.strict_slashes
        if self.merge_slashes is None:
            self.merge_slashes = map.merge_slashes
        if self.subdomain is None:
            self.subdomain = map.default_subdomain
        self.compile()

    def get_converter(
        self, variable_name: str, converter_name: str, args: tuple[Any, ...], kwargs: Any
    ) -> BaseConverter:
        """The converter of a variable.

        :raises LookupError: for an unknown name
        """
        if converter_name not in self.map.converters:
            raise LookupError(
                f"the converter {converter_name!r} does not exist; the map knows"
                f" {', '.join(sorted(self.map.converters))}. Add one to app.url_map.converters."
            )
        return self.map.converters[converter_name](self.map, *args, **kwargs)

    def _read(self, text: str) -> list[str | tuple[str, BaseConverter]]:
        """A pattern as text and variables with their converters."""
        pieces: list[str | tuple[str, BaseConverter]] = []
        for token in tokens(text):
            name = token.variable
            if name is None:
                pieces.append(token.text)
                continue
            if name in self._converters:
                raise ValueError(f"variable name {name!r} used twice in {self.rule!r}.")
            args, kwargs = converter_arguments(token.arguments) if token.arguments else ((), {})
            converter = self.get_converter(name, token.converter or "default", args, kwargs)
            self._converters[name] = converter
            self.arguments.add(name)
            pieces.append((name, converter))
        return pieces

    def _patterns(self) -> tuple[str, str]:
        """Those of host or sub-domain, and of the path."""
        domain = self.host if self.map.host_matching else self.subdomain
        path = re.sub("/{2,}", "/", self.rule) if self.merge_slashes else self.rule
        return domain or "", path

    @property
    def _trace(self) -> list[tuple[bool, str]]:
        """The rule piece by piece: whether it is a variable, and its name or text.

        Werkzeug's name, by which tools write rules in other forms, as for OpenAPI.
        """
        if self.map is None:
            return []
        domain, path = self._patterns()
        trace = [(t.variable is not None, t.variable or t.text) for t in tokens(domain)]
        trace.append((False, "|"))
        for token in tokens(path):
            if token.variable is not None:
                trace.append((True, token.variable))
            else:
                trace += [(False, text) for text in re.split("(/)", token.text) if text]
        return trace

    def compile(self) -> None:
        """Prepare matching and building."""
        self._converters = {}
        domain_text, rule = self._patterns()
        domain = self._read(domain_text)
        path = self._read(rule)
        self._variables = [(name, conversion(c)) for name, c in self._converters.items()]
        self._parts = [] if self.build_only else parts_of(domain, path, self.is_branch)
        self._builder = Builder(self.map, domain, path, self.arguments, dict(self.defaults or {}))

    def build(
        self, values: Mapping[str, Any], append_unknown: bool = True
    ) -> tuple[str, str] | None:
        """The host or sub-domain and the path, or ``None`` if a value does not fit."""
        try:
            return self._builder.build(values, append_unknown)
        except ValidationError:
            return None

    def provides_defaults_for(self, rule: Rule) -> bool:
        """Whether this rule is the canonical one of ``rule``, with defaults for its values."""
        return bool(
            not self.build_only
            and self.defaults
            and self.endpoint == rule.endpoint
            and self is not rule
            and self.arguments == rule.arguments
        )

    def suitable_for(self, values: Mapping[str, Any], method: str | None = None) -> bool:
        """Whether a URL can be built with these values."""
        if method is not None and self.methods is not None and method not in self.methods:
            return False
        return self._builder.fits(values)

    def build_compare_key(self) -> tuple[int, int, int]:
        """Of the rules that are suitable, the one with the lowest key is built."""
        return (1 if self.alias else 0, -len(self.arguments), -len(self.defaults or ()))

    def _redirect_target(self, values: dict[str, Any]) -> str:
        """The path of a textual ``redirect_to`` with its variables filled."""

        def fill(match: re.Match[str]) -> str:
            return self._converters[match[1]].to_url(values[match[1]])

        target = str(self.redirect_to)
        path = _SIMPLE_VARIABLE.sub(fill, target)
        if _LEAVES_HOST.match(target):
            return path
        # What is a path in the rule stays one, whatever the values are (RFC 3986, section 4.2).
        if path.startswith("//"):
            return f"/{path.lstrip('/')}"
        return f"./{path}" if ":" in path.partition("/")[0] else path

    def _shape(self) -> tuple[str | None, str] | None:
        """Domain and path without their converters; ``None`` for a rule of no map."""
        if self.map is None:
            return None
        domain = self.host if self.map.host_matching else self.subdomain
        return domain and _CONVERTER.sub(r"<\1>", domain), _CONVERTER.sub(r"<\1>", self.rule)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and self._shape() == other._shape()

    # Two rules are equal only once they are bound.
    __hash__: ClassVar[None] = None  # type: ignore[assignment]

    def __str__(self) -> str:
        return self.rule

    def __repr__(self) -> str:
        shape = self._shape()
        if shape is None:
            return f"<{type(self).__name__} (unbound)>"
        methods = f" ({', '.join(self.methods)})" if self.methods is not None else ""
        return f"<{type(self).__name__} {shape[1]!r}{methods} -> {self.endpoint}>"


_original_build, _original_suitable_for = Rule.build, Rule.suitable_for


def builds_as_written(rule: Rule) -> bool:
    """Whether no subclass, instance or agent has put other methods in the place of those that
    build the URLs of the rule."""
    return is_original(rule.build, _original_build) and is_original(
        rule.suitable_for, _original_suitable_for
    )
