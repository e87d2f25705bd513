"""Content negotiation: the ``Accept`` headers (RFC 9110, section 12.5)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any, TypeVar, overload

from .grammar import dump_options_header, parse_options_header, split_list
from .header_value import HeaderValue
from .immutable import ImmutableList

A = TypeVar("A", bound="Accept")

# RFC 9110, 12.4.2: weight.
_QUALITY = re.compile(r"-?\d{1,8}(?:\.\d{1,32})?\Z", re.ASCII)
# Clients name a few dozen; more is an attack, and the rest is passed over.
MAX_ITEMS = 256
# So is a longer header, of which no more than this is read.
MAX_LENGTH = 16 * 1024


class Accept(HeaderValue, ImmutableList[tuple[str, float]]):
    """Values with their quality, best first.

    :param values: pairs of value and quality

    >>> parse_accept_header("gzip;q=0.5, br").best_match(["gzip", "br"])
    'br'
    """

    def __init__(self, values: Accept | Iterable[tuple[str, float]] | None = ()) -> None:
        if values is None:
            list.__init__(self)
            self.provided: bool = False
        elif isinstance(values, Accept):
            self.provided = values.provided
            list.__init__(self, values)
        else:
            self.provided = True
            list.__init__(
                self,
                sorted(values, key=lambda x: (self._specificity(x[0]), x[1]), reverse=True),
            )

    def _specificity(self, value: str) -> tuple[bool, ...]:
        """How exact a value is; ``*`` is not."""
        return (value != "*",)

    def _value_matches(self, value: str, item: str) -> bool:
        """Whether ``value`` fits the ``item`` of the client."""
        return item == "*" or item.lower() == value.lower()

    @overload  # type: ignore[override]
    def __getitem__(self, key: str) -> float: ...

    @overload
    def __getitem__(self, key: int) -> tuple[str, float]: ...

    def __getitem__(self, key: Any) -> Any:
        """The quality of a value, or the pair at a place."""
        if isinstance(key, str):
            return self.quality(key)
        return list.__getitem__(self, key)

    def quality(self, key: str) -> float:
        """The quality of a value; 0 if it is not accepted."""
        for item, quality in self:
            if self._value_matches(key, item):
                return quality
        return 0

    def __contains__(self, value: object) -> bool:
        """Whether the client takes the value: one with ``q=0`` it does not (RFC 9110, 12.4.2)."""
        if not isinstance(value, str):
            return False
        # The star itself is no value: it is there if it was sent.
        return self.quality(value) > 0 or (value == "*" and any(item == "*" for item, _ in self))

    def index(self, key: Any, *args: Any) -> int:
        """The place of a value.

        :raises ValueError: if it is not there
        """
        if isinstance(key, str):
            for position, (item, _) in enumerate(self):
                if self._value_matches(key, item):
                    return position
            raise ValueError(key)
        return list.index(self, key, *args)

    def find(self, key: str | tuple[str, float]) -> int:
        """The place of a value, or -1."""
        try:
            return self.index(key)
        except ValueError:
            return -1

    def values(self) -> Iterator[str]:
        """The values, best first."""
        for item in self:
            yield item[0]

    def to_header(self) -> str:
        """The list as a header value."""
        return ",".join([value if q == 1 else f"{value};q={q}" for value, q in self])

    @overload
    def best_match(self, matches: Iterable[str], default: str) -> str: ...

    @overload
    def best_match(self, matches: Iterable[str], default: str | None = None) -> str | None: ...

    def best_match(self, matches: Iterable[str], default: str | None = None) -> str | None:
        """The one of ``matches`` that the client likes best; of equals the more exact, then the
        first. ``default`` if it takes none."""
        result = default
        best_quality: float = -1
        best_specificity: tuple[bool, ...] = ()
        for candidate in matches:
            # The first fit is the most exact one.
            found = next((pair for pair in self if self._value_matches(candidate, pair[0])), None)
            if found is None or found[1] <= 0 or found[1] < best_quality:
                continue
            specificity = self._specificity(found[0])
            if found[1] > best_quality or specificity > best_specificity:
                result = candidate
                best_quality = found[1]
                best_specificity = specificity
        return result

    @property
    def best(self) -> str | None:
        """The value that the client likes best; ``None`` if it takes none."""
        return next((value for value, quality in self if quality > 0), None)

    def __repr__(self) -> str:
        return f"{type(self).__name__}([{', '.join(f'({x!r}, {y})' for x, y in self)}])"


def _normalize_mime(value: str) -> tuple[str, str, frozenset[tuple[str, str]]]:
    name, options = parse_options_header(value.lower())
    kind, _, subtype = name.partition("/")
    return kind, subtype, frozenset(options.items())


class MIMEAccept(Accept):
    """Media types: ``text/*`` and ``*/*`` cover others, and parameters must fit."""

    def _specificity(self, value: str) -> tuple[bool, ...]:
        kind, subtype, options = _normalize_mime(value)
        return (kind != "*", subtype != "*", bool(options)) if value else (False,)

    def _value_matches(self, value: str, item: str) -> bool:
        # What the client sends may be anything; what the program asks for must be a type.
        if "/" not in item:
            return False
        if "/" not in value:
            raise ValueError(f"invalid mimetype {value!r}")
        kind, subtype, options = _normalize_mime(value)
        if kind == "*" and subtype != "*":
            raise ValueError(f"invalid mimetype {value!r}")
        item_kind, item_subtype, item_options = _normalize_mime(item)
        if item_kind == "*" and item_subtype != "*":
            return False
        if (item_kind == "*" and item_subtype == "*") or (kind == "*" and subtype == "*"):
            return True
        return item_kind == kind and (
            item_subtype == "*"
            or subtype == "*"
            or (item_subtype == subtype and item_options == options)
        )

    @property
    def accept_html(self) -> bool:
        """Whether the client takes HTML."""
        return self.quality("text/html") > 0 or self.accept_xhtml

    @property
    def accept_xhtml(self) -> bool:
        """Whether the client takes XHTML."""
        return self.quality("application/xhtml+xml") > 0 or self.quality("application/xml") > 0

    @property
    def accept_json(self) -> bool:
        """Whether the client takes JSON."""
        return self.quality("application/json") > 0


def _subtags(value: str) -> list[str]:
    # BCP 47 tags are cut at "-"; some clients send "_".
    return value.lower().replace("_", "-").split("-")


class LanguageAccept(Accept):
    """Language ranges (RFC 4647): ``en`` covers ``en-GB``, and ``en-GB`` falls back to ``en``."""

    def _value_matches(self, value: str, item: str) -> bool:
        return item == "*" or _subtags(value) == _subtags(item)

    def best_match(self, matches: Iterable[str], default: Any = None) -> Any:
        """The one of ``matches`` that the client likes best.

        A range covers a language that begins with it (RFC 4647, 3.3.1, basic filtering), and the
        longest one decides, so that ``en-GB;q=0`` refuses that and no other English. Where none
        covers any, the ranges are cut from their end until one fits (3.4, lookup). Of equals the
        more exact counts, then the first.
        """
        star = next((quality for item, quality in self if item == "*"), 0)
        ranges = [(_subtags(item), quality) for item, quality in self if item != "*"]
        covered: list[tuple[float, bool, int, str]] = []
        others: list[tuple[float, int, str]] = []
        for match in matches:
            tags = _subtags(match)
            fits = [(len(r), quality) for r, quality in ranges if tags[: len(r)] == r]
            if fits:
                # Of ranges that are alike the first has the higher quality.
                length, quality = max(fits, key=lambda fit: fit[0])
                covered.append((quality, length == len(tags), length, match))
            else:
                cut = max((quality for r, quality in ranges if r[: len(tags)] == tags), default=0)
                is_named = cut > 0 and cut >= star
                others.append((max(cut, star), len(tags) if is_named else 0, match))
        best = max(covered, key=lambda fit: fit[:3], default=None)
        if best is not None and best[0] > 0 and not (others and best[0] < star):
            return best[3]
        other = max(others, key=lambda fit: fit[:2], default=None)
        return other[2] if other is not None and other[0] > 0 else default


class CharsetAccept(Accept):
    """Character sets: names of the same codec are the same."""

    def _value_matches(self, value: str, item: str) -> bool:
        import codecs

        def normalize(name: str) -> str:
            # Python warns of names that are not ASCII, which no codec has.
            with suppress(LookupError, ValueError):
                if name.isascii():
                    return codecs.lookup(name).name
            return name.lower()

        return item == "*" or normalize(value) == normalize(item)


@overload
def parse_accept_header(value: str | None) -> Accept: ...


@overload
def parse_accept_header(value: str | None, cls: Callable[..., A]) -> A: ...


def parse_accept_header(value: str | None, cls: Any = None) -> Any:
    """The values of an ``Accept`` header.

    An item whose weight is none, or not from 0 to 1, is left out.  Beyond 256 items or 16 KiB
    nothing is read.

    :param cls: the class of the result
    """
    if cls is None:
        cls = Accept
    if not value:
        return cls(None)
    if len(value) > MAX_LENGTH:
        value = value[:MAX_LENGTH].rpartition(",")[0]
    result: list[tuple[str, float]] = []
    for item in split_list(value)[:MAX_ITEMS]:
        if ";" not in item:
            result.append((item, 1))
            continue
        name, options = parse_options_header(item)
        quality: float = 1
        if "q" in options:
            text = options.pop("q")
            if _QUALITY.match(text) is None:
                # A malformed weight: the item does not count.
                continue
            quality = float(text)
            if not 0 <= quality <= 1:
                continue
        result.append((dump_options_header(name, options) if options else name, quality))
    return cls(result)
