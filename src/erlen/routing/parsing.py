"""The language of rules: ``/user/<int(min=1):id>``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

_VARIABLE = re.compile(
    r"""
    <
    (?:
        (?P<converter>[a-zA-Z_][a-zA-Z0-9_]*)
        (?:\((?P<arguments>(?:'[^']*'|"[^"]*"|[^'")])*)\))?
        :
    )?
    (?P<variable>[a-zA-Z_][a-zA-Z0-9_]*)
    >
    """,
    re.VERBOSE,
)
_ARGUMENT = re.compile(
    r"""
    \s*
    (?:(?P<name>\w+)\s*=\s*)?
    (?P<value>
        True|False|
        [+-]?\d+\.\d+|[+-]?\d+\.|
        [+-]?\d[\w.]*|
        [\w.-]+|
        "[^"]*"|'[^']*'
    )
    \s*(?:,|\Z)
    """,
    re.VERBOSE,
)
_CONSTANTS = {"None": None, "True": True, "False": False}


class Token(NamedTuple):
    """A part of a rule: text, or a variable."""

    text: str
    converter: str | None
    arguments: str | None
    variable: str | None


def tokens(rule: str) -> Iterator[Token]:
    """The parts of a rule.

    :raises ValueError: for a ``<`` or ``>`` that belongs to no variable
    """
    position = 0
    for match in _VARIABLE.finditer(rule):
        text = rule[position : match.start()]
        if text:
            yield _text(text, rule)
        yield Token(
            "", match["converter"] or "default", match["arguments"] or None, match["variable"]
        )
        position = match.end()
    if position < len(rule):
        yield _text(rule[position:], rule)


def _text(text: str, rule: str) -> Token:
    if "<" in text or ">" in text:
        raise ValueError(
            f"malformed url rule: {rule!r}. A variable is written <name> or <converter:name>."
        )
    return Token(text, None, None, None)


def _value(text: str) -> Any:
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    for convert in (int, float):
        try:
            return convert(text)
        except ValueError:
            pass
    if text[0] == text[-1] and text[0] in "\"'":
        text = text[1:-1]
    return text


def converter_arguments(text: str) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The arguments of a converter.

    :raises ValueError: if they are malformed

    >>> converter_arguments("a, 'b c', length=2")
    (('a', 'b c'), {'length': 2})
    """
    args: list[Any] = []
    kwargs: dict[str, Any] = {}
    position = 0
    while position < len(text):
        match = _ARGUMENT.match(text, position)
        if match is None:
            raise ValueError(
                f"Cannot parse converter argument {text[position:]!r}: write name=value, or"
                " values separated by commas."
            )
        value = _value(match["value"])
        if match["name"]:
            kwargs[match["name"]] = value
        else:
            args.append(value)
        position = match.end()
    return tuple(args), kwargs
