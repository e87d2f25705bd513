"""A rule cut at its slashes, each part ready to be compared with a part of a path."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from .converters import BaseConverter

    Pieces = list[str | tuple[str, BaseConverter]]
    # The texts of the variables, or None if the part does not fit.
    Test = Callable[[str], tuple[str, ...] | None]


class Part(NamedTuple):
    """A part of a rule.

    ``content`` identifies it: rules with the same parts share the way through the tree.
    """

    content: str
    #: ``None`` for text that is compared as it is.
    test: Test | None
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
    if not any(isinstance(piece, tuple) for piece in pieces):
        text = "".join(pieces)  # type: ignore[arg-type]
        return Part(text, None, False, False, ())
    content = _regex(pieces)
    return Part(content, _test(pieces, content), False, False, _weight(pieces))


def _rest(pieces: Pieces, is_branch: bool) -> Part:
    last = pieces[-1]
    weight = _weight(pieces)
    if is_branch and isinstance(last, str) and last.endswith("/"):
        cut = [*pieces[:-1], last[:-1]] if last != "/" else pieces[:-1]
        # The slash is a group of its own: where it is missing, the path is not canonical.
        content = f"{_regex(cut)}(?<!/)(/?)"
        return Part(content, _compiled(content), True, True, weight)
    content = _regex(pieces)
    return Part(content, _test(pieces, content), True, False, weight)


def _test(pieces: Pieces, content: str) -> Test:
    if len(pieces) == 1:
        converter: Any = pieces[0][1]
        kind = type(converter).__module__, type(converter).__name__
        # PERF: what these regexes say, without a regex; the differential tests compare both.
        if kind == (f"{__package__}.converters", "UnicodeConverter") and converter.is_plain:
            return _any_text
        if kind == (f"{__package__}.converters", "PathConverter"):
            return _any_path
        if kind == (f"{__package__}.converters", "IntegerConverter") and not converter.signed:
            return _any_digits
    return _compiled(content)


def _any_text(text: str) -> tuple[str, ...] | None:
    return (text,) if text else None


def _any_path(text: str) -> tuple[str, ...] | None:
    # "." matches no line feed, so a path with one does not fit.
    return (text,) if text and text[0] != "/" and "\n" not in text else None


def _any_digits(text: str) -> tuple[str, ...] | None:
    return (text,) if text.isascii() and text.isdigit() else None


def _compiled(content: str) -> Test:
    match = re.compile(rf"{content}\Z").match

    def test(text: str) -> tuple[str, ...] | None:
        found = match(text)
        return None if found is None else found.groups()

    return test
