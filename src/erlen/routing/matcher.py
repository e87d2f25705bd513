"""The tree that finds the rule of a path; its cost is that of the path, not of the rules."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from .converters import ValidationError
from .exceptions import NoMatch, RequestAliasRedirect, RequestPath

if TYPE_CHECKING:
    from .rules import Rule
    from .segments import Part, Test


class Node:
    """A place in the tree: the ways on from here, and the rules that end here."""

    __slots__ = ("only", "rules", "static", "ways")

    def __init__(self) -> None:
        self.static: dict[str, Node] = {}
        # Parts with variables, the most special first.
        self.ways: list[tuple[Part, Node]] = []
        # PERF: the test of the one way on and the node behind it, where there is but one and it
        # takes one part.
        self.only: tuple[Test, Node] | None = None
        self.rules: list[Rule] = []

    def child(self, part: Part) -> Node:
        """The node behind ``part``, made if it is missing."""
        if part.test is None:
            return self.static.setdefault(part.content, Node())
        for known, node in self.ways:
            if (
                known.content == part.content
                and known.weight == part.weight
                and known.takes_rest == part.takes_rest
            ):
                return node
        node = Node()
        self.ways.append((part, node))
        return node

    def sort(self) -> None:
        """Put the ways in the order in which they are tried."""
        self.ways.sort(key=lambda way: way[0].weight)
        self.only = None
        if len(self.ways) == 1:
            [(part, node)] = self.ways
            if part.test is not None and not part.takes_rest:
                self.only = part.test, node
        for node in self.static.values():
            node.sort()
        for _, node in self.ways:
            node.sort()

    def describe(self, indent: int = 0) -> str:
        """The tree as text, for people who want to see what was compiled."""
        pad = "  " * indent
        lines = [f"{pad}= {rule.endpoint} {sorted(rule.methods or ())}" for rule in self.rules]
        for text, node in self.static.items():
            lines += [f"{pad}/{text}", node.describe(indent + 1)]
        for part, node in self.ways:
            lines += [f"{pad}/{part.content}", node.describe(indent + 1)]
        return "\n".join(line for line in lines if line)


class _SlashMissing(Exception):
    """The rule has a slash at its end, and the path has none."""


class Search:
    """What one match has learned of rules that did not fit."""

    __slots__ = ("methods", "websocket_mismatch")

    def __init__(self) -> None:
        self.methods: set[str] = set()
        self.websocket_mismatch = False


class Matcher:
    """Finds rules.

    :param merge_slashes: whether double slashes are merged
    """

    def __init__(self, merge_slashes: bool) -> None:
        self.merge_slashes = merge_slashes
        self.root = Node()

    def add(self, rule: Rule) -> None:
        """Add a rule."""
        node = self.root
        for part in rule._parts:
            node = node.child(part)
        node.rules.append(rule)

    def sort(self) -> None:
        """Order the tree, after rules were added."""
        self.root.sort()

    def find(
        self, domain: str, path: str, method: str, websocket: bool, search: Search | None
    ) -> tuple[Rule, tuple[str, ...]] | None:
        """The rule and the texts of its variables, or ``None``.

        :param search: is told of rules that did not fit
        :raises _SlashMissing: if a rule fits but for the slash at its end
        """
        return _find(self.root, [domain, *path.split("/")], 0, (), method, websocket, search)

    def match(
        self, domain: str, path: str, method: str, websocket: bool
    ) -> tuple[Rule, dict[str, Any]]:
        """The rule and the values of its variables.

        :raises RequestPath: if the canonical path is another one
        :raises RequestAliasRedirect: if an alias fits
        :raises NoMatch: if none fits
        """
        search = Search()
        try:
            found = self.find(domain, path, method, websocket, search)
        except _SlashMissing:
            raise RequestPath(f"{path}/") from None
        if found is None and self.merge_slashes:
            merged = re.sub("/{2,}", "/", path)
            if merged != path:
                try:
                    found = self.find(domain, merged, method, websocket, search)
                except _SlashMissing:
                    raise RequestPath(f"{merged}/") from None
                if found is None or found[0].merge_slashes is False:
                    raise NoMatch(search.methods, search.websocket_mismatch)
                raise RequestPath(merged)
        values = None if found is None else convert(*found)
        if found is None or values is None:
            raise NoMatch(search.methods, search.websocket_mismatch)
        rule = found[0]
        if rule.alias and rule.map.redirect_defaults:
            raise RequestAliasRedirect(values, rule.endpoint)
        return rule, values


def convert(rule: Rule, texts: tuple[str, ...]) -> dict[str, Any] | None:
    """The values of the variables, or ``None`` if a converter refuses a text."""
    values: dict[str, Any] = {}
    try:
        for (name, to_python), text in zip(rule._variables, texts, strict=False):
            values[name] = text if to_python is None else to_python(text)
    except ValidationError:
        return None
    if rule.defaults:
        values.update(rule.defaults)
    return values


def _find(
    node: Node,
    parts: list[str],
    index: int,
    texts: tuple[str, ...],
    method: str,
    websocket: bool,
    search: Search | None,
) -> tuple[Rule, tuple[str, ...]] | None:
    last = len(parts) - 1
    # PERF: where there is one way on, it is gone without a call. The last part, if it is empty, is
    # a slash at the end, which has more ways to fit.
    while index < last or (index == last and parts[index]):
        part = parts[index]
        child = node.static.get(part)
        if child is None:
            if node.only is None:
                break
            test, child = node.only
            fit = test(part)
            if fit is None:
                return None
            texts += fit
        elif node.ways:
            break
        node = child
        index += 1
    if index > last:
        rule = _fitting(node, method, websocket, search, any_slash=False)
        if rule is not None:
            return rule, texts
        # A slash behind it would fit.
        branch = node.static.get("")
        if branch is not None and branch.rules:
            for rule in branch.rules:
                if websocket == rule.websocket and (rule.methods is None or method in rule.methods):
                    if rule.strict_slashes:
                        raise _SlashMissing
                    return rule, texts
        return None
    part = parts[index]
    child = node.static.get(part)
    if child is not None:
        found = _find(child, parts, index + 1, texts, method, websocket, search)
        if found is not None:
            return found
    for way, child in node.ways:
        if not way.takes_rest:
            fit = way.test(part)  # type: ignore[misc]
            if fit is not None:
                found = _find(child, parts, index + 1, texts + fit, method, websocket, search)
                if found is not None:
                    return found
            continue
        fit = way.test("/".join(parts[index:]))  # type: ignore[misc]
        if fit is None:
            continue
        rule = _fitting(child, method, websocket, search, any_slash=False)
        if rule is None:
            continue
        if way.slash_ends:
            if not fit[-1] and rule.strict_slashes:
                raise _SlashMissing
            fit = fit[:-1]
        return rule, texts + fit
    # A slash at the end of the path that the rule has not.
    if part == "" and index == last:
        rule = _fitting(node, method, websocket, search, any_slash=True)
        if rule is not None:
            return rule, texts
    return None


def _fitting(
    node: Node, method: str, websocket: bool, search: Search | None, any_slash: bool
) -> Rule | None:
    """The first rule that ends here and answers the method."""
    for rule in node.rules:
        if any_slash and rule.strict_slashes:
            continue
        if rule.methods is not None and method not in rule.methods:
            if search is not None:
                search.methods.update(rule.methods)
        elif rule.websocket != websocket:
            if search is not None:
                search.websocket_mismatch = True
        else:
            return rule
    return None
