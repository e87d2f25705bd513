"""Parts with variables, compared in a time that grows as the text does.

A regular expression tries every way to cut a text, which with three variables are as many as its
length to the third. Short texts go to it all the same: for these nothing takes less time. Longer
ones are searched, and where that takes many steps, :mod:`.cuts` reads the text once for each
variable. That is all that a regex gets which may be read in several ways itself.
"""

from __future__ import annotations

import re
from math import comb
from typing import TYPE_CHECKING, Any, NamedTuple

from .automaton import automaton_of
from .converters import OWN_CONVERTERS
from .cuts import Cuts, is_linear

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .converters import BaseConverter

    Pieces = list[str | tuple[str, BaseConverter]]

# Ways to cut a text that a regular expression may try.
_MOST_WAYS = 10_000
# Ends of variables that may be tried before the text is read by the other way. Where that is not
# there, as a converter's regex looks around: so many, and one more for each character of the text;
# one that takes more is made for it, and does not fit.
_MOST_ENDS = 1_000
_MOST_ENDS_WITHOUT = 4_000
# Characters that are looked at in the time of one end.
_OF_AN_END = 256
_ANY_LENGTH = 1 << 30

# The regexes of the framework's converters: a head, if any, and a run of characters.
_STRING = re.compile(r"\[\^/\](?:\{(?P<least>\d+)(?P<range>,(?P<most>\d*))?\}|\+)\Z")
_INTEGER = re.compile(r"(?P<sign>-\?)?\[0-9\]\{1,(?P<most>\d+)\}\Z")
_FLOAT = re.compile(r"(?P<sign>-\?)?\[0-9\]\+\\\.\[0-9\]\+\Z")
_PATH = "[^/].*?"


class _Run(NamedTuple):
    """A variable that is a run of characters of one kind, behind a head."""

    head: Callable[..., Any]
    run: Callable[..., Any]
    least: int = 1
    most: int = _ANY_LENGTH
    is_lazy: bool = False
    digits: bool = False


def _run_of(regex: str) -> _Run | None:
    """The run that a regex says; ``None`` for one of another kind."""
    nothing = re.compile("").match
    digits: Any = re.compile("[0-9]*").match
    if regex == _PATH:
        return _Run(re.compile("(?=[^/])").match, re.compile("[^/].*").match, is_lazy=True)
    if found := _STRING.match(regex):
        least = int(found["least"] or 1)
        most = int(found["most"] or _ANY_LENGTH) if found["range"] or not found["least"] else least
        return _Run(nothing, re.compile("[^/]*").match, least, most)
    if found := _INTEGER.match(regex):
        return _Run(
            re.compile(found["sign"] or "").match, digits, 1, int(found["most"]), digits=True
        )
    if found := _FLOAT.match(regex):
        return _Run(re.compile(rf"{found['sign'] or ''}[0-9]+\.").match, digits, digits=True)
    return None


class _Variable:
    """A variable, and the text behind it.

    :param follows: that text; ``""`` where another variable is next, or the end
    """

    def __init__(self, converter: BaseConverter, follows: str, is_last: bool) -> None:
        self.converter = converter
        self.follows = follows
        self.is_last = is_last
        self.run = _run_of(converter.regex)
        self.regex = re.compile(converter.regex)
        # What reads a text in place of the regex, which would read it more than once.
        self.automaton = None if reads_once(converter) else automaton_of(converter.regex)


class Groups(tuple[str, ...]):
    """The texts of the variables, as a match has them."""

    __slots__ = ()

    def groups(self) -> tuple[str, ...]:
        """The texts."""
        return self

    def __bool__(self) -> bool:
        return True


def bounded(pieces: Pieces, pattern: str, slash_ends: bool) -> Callable[[str], Any]:
    """What stands for the ``fullmatch`` of a pattern.

    :param pieces: what the pattern is made of, with a variable
    :param slash_ends: whether one slash may be behind them, which is a group of its own
    """
    search = Search(pieces, slash_ends)
    converters = [piece[1] for piece in pieces if not isinstance(piece, str)]
    if not all(map(reads_once, converters)):
        return search.match if search.cuts is None else search.match_by_cuts
    return _by_length(re.compile(pattern).fullmatch, search.match, len(converters))


def reads_once(converter: BaseConverter) -> bool:
    """Whether a regular expression reads a text once by the regex of the converter."""
    return type(converter) in OWN_CONVERTERS or is_linear(converter.regex)


def _by_length(fullmatch: Any, match: Any, count: int) -> Callable[[str], Any]:
    """``fullmatch`` for texts that can be cut in few ways, otherwise ``match``."""
    short = count
    while comb(short + 1, count) <= _MOST_WAYS:
        short += 1
    return lambda text: fullmatch(text) if len(text) <= short else match(text)


class Search:
    """Finds how a text is cut into the pieces of a pattern, as its regular expression would.

    The arguments are those of :func:`bounded`.
    """

    def __init__(self, pieces: Pieces, slash_ends: bool = False) -> None:
        self.slash_ends = slash_ends
        self.first: str = ""
        self.variables: list[_Variable] = []
        for index, piece in enumerate(pieces):
            if isinstance(piece, str):
                if not index:
                    self.first = piece
                continue
            behind = pieces[index + 1 :]
            follows = behind[0] if behind and isinstance(behind[0], str) else ""
            is_last = len(behind) == (1 if follows else 0)
            self.variables.append(_Variable(piece[1], follows, is_last))
        self.last: str = self.variables[-1].follows
        self.cuts: Cuts | None = Cuts.of(
            self.first, [(v.converter, v.follows) for v in self.variables]
        )

    def match(self, text: str) -> Groups | None:
        """The texts of the variables, ``None`` if the text does not fit."""
        return self._match_body(text, self._match)

    def match_by_cuts(self, text: str) -> Groups | None:
        """The same, in two passes from the beginning."""
        return self._match_body(text, self._match_by_cuts)

    def _match_body(self, text: str, match: Callable[[str], Groups | None]) -> Groups | None:
        if self.slash_ends:
            body = text.removesuffix("/")
            found = None if body.endswith("/") else match(body)
            return None if found is None else Groups((*found, text[len(body) :]))
        return match(text)

    def _match(self, text: str) -> Groups | None:
        if not (text.startswith(self.first) and text.endswith(self.last)):
            return None
        most = _MOST_ENDS if self.cuts is not None else _MOST_ENDS_WITHOUT + len(text)
        attempt = _Attempt(self.variables, text, most)
        if any(first > last for first, last in attempt.windows):
            return None
        found = attempt.cut(0, len(self.first))
        if found is None and attempt.left < 0 and self.cuts is not None:
            return self._match_by_cuts(text)
        return found

    def _match_by_cuts(self, text: str) -> Groups | None:
        found = None if self.cuts is None else self.cuts.match(text)
        return None if found is None else Groups(found)


class _Attempt:
    """One text, as far as it was looked at."""

    def __init__(self, variables: list[_Variable], text: str, most: int) -> None:
        self.variables = variables
        self.text = text
        #: The ends that may still be tried.
        self.left = most
        # Variables and places where they fit with nothing behind them.
        self.failed: set[tuple[int, int]] = set()
        # Variables and the ends of runs: the first end in the run that was tried. None behind it
        # fits, wherever the variable begins.
        self.tried: dict[tuple[int, int], int] = {}
        self.windows = self._find_windows()

    def _find_windows(self) -> list[tuple[int, int]]:
        """Between which places each variable has to end, for those behind it to fit."""
        low = high = len(self.text) - len(self.variables[-1].follows)
        windows = [(low, high)]
        for variable, before in zip(self.variables[:0:-1], self.variables[-2::-1], strict=True):
            run = variable.run
            if run is None:
                low = 0
            else:
                high -= run.least
                low = self._begin_of_run(run, low) if variable.is_last else 0
            size = len(before.follows)
            low -= size
            if size:
                high = self.text.rfind(before.follows, 0, max(high, 0))
            windows.append((low, high))
        windows.reverse()
        return windows

    def _begin_of_run(self, run: _Run, end: int) -> int:
        """The first place from which the last variable may reach its end."""
        if run.digits:
            return len(self.text[:end].rstrip("0123456789-."))
        if run.is_lazy:
            # A path may begin with a line feed, and have no other.
            return max(self.text.rfind("\n", 0, end), 0)
        return self.text.rfind("/", 0, end) + 1

    def cut(self, number: int, start: int) -> Groups | None:
        """The texts of this variable, which begins at ``start``, and of those behind it."""
        if self.left < 0 or (number, start) in self.failed:
            return None
        text, variable = self.text, self.variables[number]
        size = len(variable.follows)
        for end in self._ends(number, variable, start):
            self.left -= 1
            if variable.is_last:
                return Groups((text[start:end],))
            if self.left < 0:
                return None
            rest = self.cut(number + 1, end + size)
            if rest is not None:
                return Groups((text[start:end], *rest))
        if self.left < 0:
            return None
        self.failed.add((number, start))
        return None

    def _ends(self, number: int, variable: _Variable, start: int) -> Iterator[int]:
        """Where the variable may end, with its text behind it, the best first."""
        run = variable.run
        if run is None:
            yield from self._ends_by_regex(number, variable, start)
            return
        head = run.head(self.text, start)
        if head is None:
            return
        begin = head.end()
        end = run.run(self.text, begin, begin + run.most).end()
        self.left -= (end - begin) // _OF_AN_END
        low, high = begin + run.least, min(end, begin + run.most)
        key = number, end
        if run.most == _ANY_LENGTH:
            tried = self.tried.get(key)
            if tried is not None:
                high = min(high, tried - 1)
        first, last = self.windows[number]
        yield from self._places(variable, max(low, first), min(high, last), run.is_lazy)
        if run.most == _ANY_LENGTH and low <= high:
            self.tried[key] = low

    def _ends_by_regex(self, number: int, variable: _Variable, start: int) -> Iterator[int]:
        """The end that the regex takes by itself first, then the others from the last on."""
        if variable.automaton is not None:
            first, last = self.windows[number]
            fitting = variable.automaton.ends(self.text, start, last)
            self.left -= (last - start) // (_OF_AN_END // 4)
            for end in reversed(fitting):
                yield from self._places(variable, max(end, first), end, False)
            return
        found = variable.regex.match(self.text, start)
        if found is None:
            return
        preferred = found.end()
        self.left -= (preferred - start) // _OF_AN_END
        if preferred in self._places(variable, preferred, preferred, False):
            yield preferred
        fullmatch = variable.regex.fullmatch
        first, last = self.windows[number]
        for end in self._places(variable, max(start, first), last, False):
            # Looking at a long text takes longer.
            self.left -= 1 + (end - start) // (_OF_AN_END // 4)
            if self.left < 0:
                return
            if end != preferred and fullmatch(self.text, start, end):
                yield end

    def _places(self, variable: _Variable, low: int, high: int, is_lazy: bool) -> Iterator[int]:
        """The ends between two places, both included, that have the variable's text behind them."""
        text, follows = self.text, variable.follows
        size = len(follows)
        if variable.is_last:
            end = len(text) - size
            if low <= end <= high:
                yield end
        elif not follows:
            yield from range(low, high + 1) if is_lazy else range(high, low - 1, -1)
        elif is_lazy:
            place = text.find(follows, low, high + size)
            while place >= 0:
                yield place
                place = text.find(follows, place + 1, high + size)
        else:
            place = text.rfind(follows, low, high + size)
            while place >= 0:
                yield place
                place = text.rfind(follows, low, place + size - 1)
