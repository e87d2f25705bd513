"""The regexes of converters as automata, which read each character of a text once.

A regular expression of Python's tries one way after the other, and a regex such as ``(?:a+)+`` has
two to the length of the text. What an automaton cannot be (looking around, back references,
anchors) stays with the regular expression.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

# More characters in a regex, with the repeated ones counted as often, are not taken.
_MOST_POSITIONS = 256
# Of more it is not asked whether they are ambiguous, which takes the square.
_MOST_COMPARED = 64
# Sets of positions, and characters, that are remembered.
_MOST_KNOWN = 4096
_SIMPLE_ESCAPES = frozenset("dDwWsSntrfv")
_REPEAT = re.compile(r"\{(\d*)(,?)(\d*)\}")
# By these characters and its own, it is told whether two classes have one in common.
_SAMPLE = "".join(map(chr, range(0x250))) + "\u0660\u2028\u2603\u4e2d\U0001f600"


class NotRegular(Exception):
    """A regex with more than characters, classes, groups, choices and repetitions."""


class _Char(NamedTuple):
    source: str


class _Cat(NamedTuple):
    parts: list[Any]


class _Alt(NamedTuple):
    parts: list[Any]


class _Repeat(NamedTuple):
    part: Any
    least: int
    most: int | None


class _Reader:
    """Reads a regex.

    :raises NotRegular: for what is not known here
    """

    def __init__(self, regex: str) -> None:
        self.regex = regex
        self.position = 0
        self.is_greedy = self.is_lazy = False
        self.tree = self._choices()
        if self.position < len(regex):
            raise NotRegular

    def _next(self) -> str:
        return self.regex[self.position : self.position + 1]

    def _choices(self) -> _Alt:
        branches = [self._sequence()]
        while self._next() == "|":
            self.position += 1
            branches.append(self._sequence())
        return _Alt(branches)

    def _sequence(self) -> _Cat:
        parts: list[Any] = []
        while (char := self._next()) and char not in "|)":
            parts.append(self._repeated(self._atom()))
        return _Cat(parts)

    def _atom(self) -> Any:
        char = self._next()
        self.position += 1
        if char == "(":
            if self._next() == "?":
                if self.regex[self.position : self.position + 2] != "?:":
                    raise NotRegular
                self.position += 2
            inner = self._choices()
            if self._next() != ")":
                raise NotRegular
            self.position += 1
            return inner
        if char == "[":
            return self._set()
        if char == "\\":
            escaped = self._next()
            self.position += 1
            if not escaped or (escaped.isalnum() and escaped not in _SIMPLE_ESCAPES):
                raise NotRegular
            return _Char(f"\\{escaped}")
        if char in "*+?{^$":
            raise NotRegular
        return _Char("." if char == "." else re.escape(char))

    def _set(self) -> _Char:
        start = self.position - 1
        if self._next() == "^":
            self.position += 1
        if self._next() == "]":
            self.position += 1
        while (char := self._next()) != "]":
            if not char:
                raise NotRegular
            self.position += 2 if char == "\\" else 1
        self.position += 1
        return _Char(self.regex[start : self.position])

    def _repeated(self, part: Any) -> Any:
        char = self._next()
        least, most = 0, None
        if char and char in "*+?":
            least, most = {"*": (0, None), "+": (1, None), "?": (0, 1)}[char]
            self.position += 1
        elif match := _REPEAT.match(self.regex, self.position):
            first, comma, last = match.groups()
            if not (first or comma) or len(first + last) > 8:
                raise NotRegular
            least = int(first or 0)
            most = (int(last) if last else None) if comma else least
            self.position = match.end()
        else:
            return part
        if self._next() == "?":
            self.position += 1
            self.is_lazy = True
        elif least != most:
            self.is_greedy = True
        if self._next() and self._next() in "*+?{":
            # Possessive, or a mistake.
            raise NotRegular
        return _Repeat(part, least, most)


class _Masks(dict[str, int]):
    """For each character, the positions that take it."""

    def __init__(self, classes: list[tuple[Any, int]]) -> None:
        super().__init__()
        self.classes = classes

    def __missing__(self, char: str) -> int:
        mask = 0
        for match, positions in self.classes:
            if match(char):
                mask |= positions
        if len(self) < _MOST_KNOWN:
            self[char] = mask
        return mask


class Automaton:
    """A regex by the positions of its characters (Glushkov): sets of them are bits of a number.

    :raises NotRegular: for a regex that is none
    """

    def __init__(self, regex: str) -> None:
        reader = _Reader(regex)
        #: Whether it takes as little as it can.
        self.is_lazy: bool = reader.is_lazy and not reader.is_greedy
        self._sources: list[str] = []
        self._follow: list[int] = []
        self._has_two_ways = False
        self.is_nullable: bool
        self.first: int
        self.last: int
        self.is_nullable, self.first, self.last = self._place(reader.tree)
        self._before = [0] * len(self._follow)
        for position, follow in enumerate(self._follow):
            for other in _bits(follow):
                self._before[other] |= 1 << position
        classes: dict[str, int] = {}
        for position, source in enumerate(self._sources):
            classes[source] = classes.get(source, 0) | 1 << position
        self.masks: _Masks = _Masks(
            [(re.compile(s).fullmatch, mask) for s, mask in classes.items()]
        )
        self._next: dict[int, int] = {}
        self._previous: dict[int, int] = {}
        #: Whether a regular expression has one way to each position for a text.
        self.is_unambiguous: bool = not self._has_two_ways and not self._meets_itself()

    def _place(self, node: Any) -> tuple[bool, int, int]:
        """Give positions to the characters; whether it may be empty, where it begins and ends."""
        if isinstance(node, _Char):
            position = len(self._sources)
            if position >= _MOST_POSITIONS:
                raise NotRegular
            self._sources.append(node.source)
            self._follow.append(0)
            return False, 1 << position, 1 << position
        if isinstance(node, _Alt):
            placed = [self._place(part) for part in node.parts]
            first = last = 0
            for _, begins, ends in placed:
                first, last = first | begins, last | ends
            return any(nullable for nullable, _, _ in placed), first, last
        if isinstance(node, _Repeat):
            return self._place_repeated(node)
        found = True, 0, 0
        for part in node.parts:
            found = self._join(found, self._place(part))
        return found

    def _place_repeated(self, node: _Repeat) -> tuple[bool, int, int]:
        count = max(node.least, 1) if node.most is None else node.most
        if count > _MOST_POSITIONS:
            raise NotRegular
        is_nullable, first, last, previous = node.least == 0, 0, 0, 0
        for number in range(1, count + 1):
            nullable, begins, ends = self._place(node.part)
            if nullable and count + (node.most is None) > 1:
                # A turn may be empty, so that one turn is as good as several.
                self._has_two_ways = True
            self._lead(previous, begins)
            if number == 1 or nullable:
                first |= begins
            if number == count and node.most is None:
                self._lead(ends, begins)
            previous = ends | (previous if nullable else 0)
            if number >= node.least or nullable:
                last |= ends
            is_nullable = is_nullable or nullable
        return is_nullable, first, last

    def _join(
        self, left: tuple[bool, int, int], right: tuple[bool, int, int]
    ) -> tuple[bool, int, int]:
        self._lead(left[2], right[1])
        return (
            left[0] and right[0],
            left[1] | (right[1] if left[0] else 0),
            right[2] | (left[2] if right[0] else 0),
        )

    def _lead(self, positions: int, to: int) -> None:
        for position in _bits(positions):
            if self._follow[position] & to:
                # As in (?:a+)+, where another turn of the inner or of the outer one may be next.
                self._has_two_ways = True
            self._follow[position] |= to

    def _meets_itself(self) -> bool:
        """Whether two ways by the same text part, and meet at a position again."""
        if len(self._sources) > _MOST_COMPARED:
            return True
        sample = sorted({*_SAMPLE, *"".join(self._sources)})
        takes = [
            sum(
                1 << number
                for number, char in enumerate(sample)
                if self.masks[char] >> position & 1
            )
            for position in range(len(self._sources))
        ]
        seen: set[tuple[int, int]] = set()
        todo = [(one, other) for one in _bits(self.first) for other in _bits(self.first)]
        todo = [(one, other) for one, other in todo if one < other and takes[one] & takes[other]]
        # Those that have not parted yet can do it at any position.
        for follow in self._follow:
            nexts = list(_bits(follow))
            todo += [(a, b) for a in nexts for b in nexts if a < b and takes[a] & takes[b]]
        while todo:
            pair = todo.pop()
            if pair in seen:
                continue
            seen.add(pair)
            for one in _bits(self._follow[pair[0]]):
                for other in _bits(self._follow[pair[1]]):
                    if not takes[one] & takes[other]:
                        continue
                    if one == other:
                        return True
                    todo.append((min(one, other), max(one, other)))
        return False

    def starts(self, text: str, ends: bytearray, least: int) -> bytearray:
        """Where a text begins that the regex takes, and that ends at one of ``ends``.

        :param ends: for each place of the text, and the one behind it, whether it is an end
        :param least: the first place to look at
        """
        found = bytearray(len(text) + 1)
        if self.is_nullable:
            found[:] = ends
        masks, known, first = self.masks, self._previous, self.first
        positions = 0
        for place in range(ends.rfind(1) - 1, least - 1, -1):
            key = positions << 1 | ends[place + 1]
            before = known.get(key)
            if before is None:
                before = self._look_back(key)
            positions = before & masks[text[place]]
            if positions & first:
                found[place] = 1
        return found

    def _look_back(self, key: int) -> int:
        """Where one may be who is at one of these positions next, or at the end."""
        before = self.last if key & 1 else 0
        for position in _bits(key >> 1):
            before |= self._before[position]
        if len(self._previous) < _MOST_KNOWN:
            self._previous[key] = before
        return before

    def end(self, text: str, start: int, ends: bytearray) -> int:
        """Where the text ends that the regex takes from ``start``: the last of ``ends``, or the
        first if it is lazy; -1 for none."""
        found = start if self.is_nullable and ends[start] else -1
        if found >= 0 and self.is_lazy:
            return found
        masks, known, last = self.masks, self._next, self.last
        positions, most = self.first, ends.rfind(1)
        for place in range(start, most):
            positions &= masks[text[place]]
            if not positions:
                break
            if positions & last and ends[place + 1]:
                found = place + 1
                if self.is_lazy:
                    break
            follow = known.get(positions)
            if follow is None:
                follow = self._look_on(positions)
            positions = follow
        return found

    def takes(self, text: str) -> bool:
        """Whether the regex takes the whole of a text."""
        return self.ends(text, 0, len(text))[-1:] == [len(text)]

    def ends(self, text: str, start: int, most: int) -> list[int]:
        """All places up to ``most`` where a text ends that the regex takes from ``start``."""
        found = [start] if self.is_nullable else []
        positions = self.first
        for place in range(start, most):
            positions &= self.masks[text[place]]
            if not positions:
                break
            if positions & self.last:
                found.append(place + 1)
            known = self._next.get(positions)
            positions = self._look_on(positions) if known is None else known
        return found

    def _look_on(self, positions: int) -> int:
        follow = 0
        for position in _bits(positions):
            follow |= self._follow[position]
        if len(self._next) < _MOST_KNOWN:
            self._next[positions] = follow
        return follow


def _bits(number: int) -> Iterator[int]:
    while number:
        lowest = number & -number
        yield lowest.bit_length() - 1
        number ^= lowest


@lru_cache(maxsize=256)
def automaton_of(regex: str) -> Automaton | None:
    """The automaton of a regex; ``None`` where it is not regular."""
    try:
        return Automaton(regex)
    except (NotRegular, RecursionError):
        return None
