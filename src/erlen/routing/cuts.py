"""How a text is cut into the pieces of a pattern, told in two passes.

From the end of the text, it is found where each variable may begin so that the rest fits; then the
first takes what it likes best of that, and so on. Nothing is tried twice, whatever the regexes are.
"""

from __future__ import annotations

import re
from itertools import accumulate
from typing import TYPE_CHECKING, Protocol

from .automaton import automaton_of

if TYPE_CHECKING:
    from .converters import BaseConverter

# A sign, if any, and so many characters of a class: too many for an automaton.
_COUNTED = re.compile(
    r"(?P<sign>-\?)?(?P<kind>\[\^/\]|\[0-9\])"
    r"(?:\{(?P<least>\d+)(?P<range>,(?P<most>\d*))?\}|(?P<plus>\+))\Z"
)


class _Kind(Protocol):
    """What a variable takes."""

    def starts(self, text: str, ends: bytearray, least: int) -> bytearray: ...
    def end(self, text: str, start: int, ends: bytearray) -> int: ...


class _Counted:
    """A run of characters of one class, from ``least`` to ``most`` of them."""

    def __init__(self, found: re.Match[str]) -> None:
        self.is_signed = found["sign"] is not None
        self.least = 1 if found["plus"] else int(found["least"])
        most = self.least if found["least"] and not found["range"] else None
        self.most = int(found["most"]) if found["most"] else most
        self.takes = re.compile(f"{found['kind']}*").match

    def starts(self, text: str, ends: bytearray, least: int) -> bytearray:
        found = bytearray(len(text) + 1)
        counts = list(accumulate(ends, initial=0))
        last = ends.rfind(1)
        # The runs of the class, each looked at once.
        place = least
        while place <= last:
            stop = min(self.takes(text, place).end(), last)  # type: ignore[union-attr]
            self._mark(found, counts, place, stop)
            place = stop + 1
        if self.is_signed:
            for place in range(least, last):
                if text[place] == "-" and found[place + 1]:
                    found[place] = 1
        return found

    def _mark(self, found: bytearray, counts: list[int], place: int, stop: int) -> None:
        """Mark the beginnings in a run of the class."""
        least, most = self.least, self.most
        for begin in range(place, stop - least + 1):
            last = stop if most is None else min(stop, begin + most)
            if counts[last + 1] > counts[begin + least]:
                found[begin] = 1

    def end(self, text: str, start: int, ends: bytearray) -> int:
        if self.is_signed and text.startswith("-", start):
            start += 1
        most = len(text) if self.most is None else min(len(text), start + self.most)
        stop = self.takes(text, start, most).end()  # type: ignore[union-attr]
        return ends.rfind(1, start + self.least, stop + 1)


def _kind_of(converter: BaseConverter) -> _Kind | None:
    """What a converter takes; ``None`` if its regex is not regular."""
    found = _COUNTED.match(converter.regex)
    return automaton_of(converter.regex) if found is None else _Counted(found)


class Cuts:
    """Cuts texts into the pieces of a pattern.

    :param first: the text in front of the variables
    :param kinds: what each of them takes, and the text behind it
    """

    def __init__(self, first: str, kinds: list[tuple[_Kind, str]]) -> None:
        self.first = first
        self.kinds = kinds

    @classmethod
    def of(cls, first: str, variables: list[tuple[BaseConverter, str]]) -> Cuts | None:
        """For these converters; ``None`` where one of them is not regular."""
        kinds = [(_kind_of(converter), follows) for converter, follows in variables]
        if any(kind is None for kind, _ in kinds):
            return None
        return cls(first, kinds)  # type: ignore[arg-type]

    def match(self, text: str) -> tuple[str, ...] | None:
        """The texts of the variables, ``None`` if the text does not fit."""
        least, kinds = len(self.first), self.kinds
        end = len(text) - len(kinds[-1][1])
        if end < least or not (text.startswith(self.first) and text.endswith(kinds[-1][1])):
            return None
        ends = bytearray(len(text) + 1)
        ends[end] = 1
        # Where each variable may end, from the last one on.
        all_ends = [ends]
        for (kind, _), (_, follows) in zip(kinds[:0:-1], kinds[-2::-1], strict=True):
            ends = kind.starts(text, ends, least)
            if follows:
                ends = _in_front(text, follows, ends, least)
            if ends.find(1) < 0:
                return None
            all_ends.append(ends)
        found: list[str] = []
        start = least
        for (kind, follows), ends in zip(kinds, reversed(all_ends), strict=True):
            end = kind.end(text, start, ends)
            if end < 0:
                return None
            found.append(text[start:end])
            start = end + len(follows)
        return tuple(found)


def _in_front(text: str, follows: str, starts: bytearray, least: int) -> bytearray:
    """The places with this text behind them, and one of ``starts`` behind that."""
    found = bytearray(len(text) + 1)
    size = len(follows)
    place = text.find(follows, least)
    while place >= 0:
        found[place] = starts[place + size]
        place = text.find(follows, place + 1)
    return found


def is_linear(regex: str) -> bool:
    """Whether a regular expression reads a text once by this regex, as far as can be told: of one
    that is not regular nothing is known, and it is left to itself."""
    automaton = automaton_of(regex)
    return automaton is None or automaton.is_unambiguous
