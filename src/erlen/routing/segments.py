"""A rule cut at its slashes, each part ready to be compared with a part of a path."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from .bounded import bounded, reads_once

if TYPE_CHECKING:
    from collections.abc import Callable

    from .converters import BaseConverter

    Pieces = list[str | tuple[str, BaseConverter]]
    # Something true if the part fits: a match with the texts of the variables, unless it is whole.
    Test = Callable[[str], Any]


class Part(NamedTuple):
    """A part of a rule.

    ``content`` identifies it: rules with the same parts share the way through the tree.
    """

    content: str
    #: ``None`` for text that is compared as it is.
    test: Test | None
    #: Whether it is one variable, and nothing else.
    is_whole: bool
    #: Whether it takes all the rest of the path.
    takes_rest: bool
    #: Whether the rest may lack the slash at the end of the rule.
    slash_ends: bool
    weight: tuple[object, ...]


def parts_of(domain: Pieces, path: Pieces, is_branch: bool) -> list[Part]:
    """The host or sub-domain as one part, then the segments of the path."""
    # A host has no slashes: it is one part whatever its converters are.
    parts = [_part(domain)]
    segment: Pieces = []
    # The text before the first slash is empty: a path begins with one.
    position = 0
    while position < len(path):
        piece = path[position]
        if isinstance(piece, tuple):
            if not piece[1].part_isolating:
                parts.append(_rest(segment + path[position:], is_branch))
                return parts
            segment.append(piece)
        else:
            first, *others = piece.split("/")
            if first:
                segment.append(first)
            for text in others:
                parts.append(_part(segment))
                segment = [text] if text else []
        position += 1
    parts.append(_part(segment))
    return parts


def _weight(pieces: Pieces) -> tuple[object, ...]:
    """Lower is tried first: more text, longer text, more variables, lighter converters."""
    # Slashes separate; they make a part no more special.
    texts = [
        (i, -len(text))
        for i, p in enumerate(pieces)
        if isinstance(p, str)
        for text in p.split("/")
        if text
    ]
    weights = [p[1].weight for p in pieces if isinstance(p, tuple)]
    return (-len(texts), texts, -len(weights), weights)


def _regex(pieces: Pieces) -> str:
    return "".join(re.escape(p) if isinstance(p, str) else f"({_no_groups(p[1])})" for p in pieces)


def _no_groups(converter: BaseConverter) -> str:
    """The regex of a converter; groups inside of it would be taken for variables."""
    return re.sub(r"(?<!\\)\((?!\?)", "(?:", converter.regex)


def _part(pieces: Pieces) -> Part:
    texts = [piece for piece in pieces if isinstance(piece, str)]
    if len(texts) == len(pieces):
        return Part("".join(texts), None, False, False, False, ())
    content = _regex(pieces)
    # PERF: what the default regex says of a text that was cut at its slashes.
    test = bool if content in {"([^/]+)", "([^/]{1,})"} else _test(pieces, content)
    return Part(content, test, len(pieces) == 1, False, False, _weight(pieces))


def _test(pieces: Pieces, pattern: str, slash_ends: bool = False) -> Test:
    variables = [piece for piece in pieces if not isinstance(piece, str)]
    if len(variables) < 2 and all(reads_once(piece[1]) for piece in variables):
        return re.compile(pattern).fullmatch
    return bounded(pieces, pattern, slash_ends)


def _rest(pieces: Pieces, is_branch: bool) -> Part:
    last = pieces[-1]
    weight = _weight(pieces)
    if is_branch and isinstance(last, str) and last.endswith("/"):
        cut = [*pieces[:-1], last[:-1]] if last != "/" else pieces[:-1]
        # The slash is a group of its own: where it is missing, the path is not canonical.
        content = f"{_regex(cut)}(?<!/)(/?)"
        return Part(content, _test(cut, content, slash_ends=True), False, True, True, weight)
    content = _regex(pieces)
    # PERF: alone it is no lazier than this, which does not look for an end at each character.
    test = _test(pieces, "[^/].*" if content == "([^/].*?)" else content)
    return Part(content, test, len(pieces) == 1, True, False, weight)
