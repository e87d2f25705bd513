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
        self.ways: list[tuple[Part, Test, Node]] = []
        # PERF: the one way on, where there is but one and it takes one part: its test, whether the
        # part is whole, and the node behind it.
        self.only: tuple[Test, bool, Node] | None = None
        self.rules: list[Rule] = []

    def child(self, part: Part) -> Node:
        """The node behind ``part``, made if it is missing."""
        if part.test is None:
            return self.static.setdefault(part.content, Node())
        for known, _, node in self.ways:
            if (
                known.content == part.content
                and known.weight == part.weight
                and known.takes_rest == part.takes_rest
            ):
                return node
        node = Node()
        self.ways.append((part, part.test, node))
        return node

    def sort(self) -> None:
        """Put the ways in the order in which they are tried. Requests on their way go on in the
        list that was there."""
        ways = self.ways = sorted(self.ways, key=lambda way: way[0].weight)
        only = None
        if len(ways) == 1:
            [(part, test, node)] = ways
            if not part.takes_rest:
                only = test, part.is_whole, node
        self.only = only
        for node in (*self.static.values(), *(way[2] for way in ways)):
            node.sort()

    def describe(self, indent: int = 0) -> str:
        """The tree as text, for people who want to see what was compiled."""
        pad = "  " * indent
        lines = [f"{pad}= {rule.endpoint} {sorted(rule.methods or ())}" for rule in self.rules]
        for text, node in self.static.items():
            lines += [f"{pad}/{text}", node.describe(indent + 1)]
        for part, _, node in self.ways:
            lines += [f"{pad}/{part.content}", node.describe(indent + 1)]
        return "\n".join(line for line in lines if line)


_NOWHERE = Node()


class SlashMissing(Exception):
    """The rule has a slash at its end, and the path has none."""


class Matcher:
    """Finds rules.

    :param merge_slashes: whether double slashes are merged
    """

    def __init__(self, merge_slashes: bool) -> None:
        self.merge_slashes = merge_slashes
        self.root: Node = Node()

    def add(self, rule: Rule) -> None:
        """Add a rule."""
        node = self.root
        for part in rule._parts:
            node = node.child(part)
        node.rules.append(rule)

    def sort(self) -> None:
        """Order the tree, after rules were added."""
        self.root.sort()

    def start(self, domain: str) -> Node | None:
        """The node behind a domain and the slash that every rule begins with; ``None`` where the
        domain may have variables."""
        if self.root.ways:
            return None
        return self.root.static.get(domain, _NOWHERE).static.get("", _NOWHERE)

    def match(
        self, domain: str, path: str, method: str, websocket: bool
    ) -> tuple[Rule, dict[str, Any]]:
        """The rule and the values of its variables.

        :raises RequestPath: if the canonical path is another one
        :raises RequestAliasRedirect: if an alias fits
        :raises NoMatch: if none fits
        """
        missed: list[Rule] = []
        try:
            found = find(self.root, [domain, *path.split("/")], 0, (), method, websocket, missed)
        except SlashMissing:
            raise RequestPath(f"{path}/") from None
        if found is None and self.merge_slashes and "//" in path:
            merged = re.sub("/{2,}", "/", path)
            try:
                parts = [domain, *merged.split("/")]
                found = find(self.root, parts, 0, (), method, websocket, missed)
            except SlashMissing:
                raise RequestPath(f"{merged}/") from None
            if found is None or found[0].merge_slashes is False:
                raise no_match(missed, method)
            raise RequestPath(merged)
        values = None if found is None else convert(*found)
        if found is None or values is None:
            raise no_match(missed, method)
        rule = found[0]
        if rule.alias and rule.map.redirect_defaults:
            raise RequestAliasRedirect(values, rule.endpoint)
        return rule, values


def no_match(missed: list[Rule], method: str) -> NoMatch:
    """What the rules of the path tell of a request that they do not fit."""
    others = [
        rule.methods for rule in missed if rule.methods is not None and method not in rule.methods
    ]
    # The rest answers the method, and was asked for by HTTP in place of a WebSocket or the reverse.
    return NoMatch(set().union(*others), len(others) < len(missed))


def convert(rule: Rule, texts: tuple[str, ...]) -> dict[str, Any] | None:
    """The values of the variables, or ``None`` if a converter refuses a text."""
    values: dict[str, Any] = {}
    index = 0
    try:
        # PERF: counted by hand, which costs a third of zip().
        for name, to_python in rule._variables:
            values[name] = texts[index] if to_python is None else to_python(texts[index])
            index += 1
    except ValidationError:
        return None
    if rule.defaults:
        values.update(rule.defaults)
    return values


def find(
    node: Node,
    parts: list[str],
    index: int,
    texts: tuple[str, ...],
    method: str,
    websocket: bool,
    missed: list[Rule],
) -> tuple[Rule, tuple[str, ...]] | None:
    """The rule and the texts of its variables, or ``None``.

    :param node: where to begin, with the part of this index
    :param texts: those of the variables before
    :param missed: takes the rules of the path that do not fit otherwise
    :raises SlashMissing: if a rule fits but for the slash at its end
    """
    last = len(parts) - 1
    # PERF: where there is one way on, it is gone without a call. The last part, if it is empty, is
    # a slash at the end, which has more ways to fit.
    while index < last or (index == last and parts[index]):
        part = parts[index]
        child = node.static.get(part)
        if child is None:
            if node.only is None:
                break
            test, is_whole, child = node.only
            fit = test(part)
            if not fit:
                return None
            texts += (part,) if is_whole else fit.groups()
        elif node.ways:
            break
        node = child
        index += 1
    if index > last:
        for rule in node.rules:
            if (rule.methods is None or method in rule.methods) and rule.websocket == websocket:
                return rule, texts
            missed.append(rule)
        # A slash behind it would fit.
        branch = node.static.get("")
        if branch is not None and branch.rules:
            for rule in branch.rules:
                if websocket == rule.websocket and (rule.methods is None or method in rule.methods):
                    if rule.strict_slashes:
                        raise SlashMissing
                    return rule, texts
        return None
    part = parts[index]
    child = node.static.get(part)
    if child is not None:
        found = find(child, parts, index + 1, texts, method, websocket, missed)
        if found is not None:
            return found
    for way, test, child in node.ways:
        text = "/".join(parts[index:]) if way.takes_rest else part
        fit = test(text)
        if not fit:
            continue
        more = (text,) if way.is_whole else fit.groups()
        if not way.takes_rest:
            found = find(child, parts, index + 1, texts + more, method, websocket, missed)
            if found is not None:
                return found
            continue
        fitting = _fitting(child.rules, method, websocket, missed)
        if fitting is None:
            continue
        if way.slash_ends:
            if not more[-1] and fitting.strict_slashes:
                raise SlashMissing
            more = more[:-1]
        return fitting, texts + more
    # A slash at the end of the path that the rule has not.
    if part == "" and index == last:
        rules = [rule for rule in node.rules if not rule.strict_slashes]
        fitting = _fitting(rules, method, websocket, missed)
        if fitting is not None:
            return fitting, texts
    return None


def _fitting(rules: list[Rule], method: str, websocket: bool, missed: list[Rule]) -> Rule | None:
    """The first rule that answers the method."""
    for rule in rules:
        if (rule.methods is None or method in rule.methods) and rule.websocket == websocket:
            return rule
        missed.append(rule)
    return None
