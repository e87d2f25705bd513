"""Route patterns, against a matcher that knows nothing but sets of places.

The first line chooses the pieces of a pattern, a byte for each; what is behind it is a path.
"""

from __future__ import annotations

import re
from functools import lru_cache

from erlen.http.exceptions import HTTPException
from erlen.routing import BaseConverter, Map, MapAdapter, Rule


class Slug(BaseConverter):
    regex = "[a-z]+(?:-[a-z]+)*"


class Nested(BaseConverter):
    regex = "(?:[a-z]+-?)+"


class Twice(BaseConverter):
    regex = "[a-z0-9]*[a-z]*1?"


class Slashed(BaseConverter):
    regex = "(?:[a-z]|/[a-z])+"


class Ahead(BaseConverter):
    regex = "(?!1)[^/]+"


CONVERTERS = {
    "slug": Slug, "nested": Nested, "twice": Twice, "slashed": Slashed, "ahead": Ahead,
}  # fmt: skip
# How a rule writes a variable, and what it takes, written so that nothing is read twice.
VARIABLES = [
    ("", "[^/]+"),
    ("string(length=2):", "[^/]{2}"),
    ("string(maxlength=3):", "[^/]{1,3}"),
    ("int:", "[0-9]+"),
    ("int(signed=True):", "-?[0-9]+"),
    ("float:", r"[0-9]+\.[0-9]+"),
    ("any(a, aa, '-'):", "a|aa|-"),
    ("path:", "[^/].*"),
    ("slug:", "[a-z]+(?:-[a-z]+)*"),
    ("nested:", "[a-z]+(?:-[a-z]+)*-?"),
    ("twice:", "[a-z0-9]*"),
    ("slashed:", "(?:[a-z]|/[a-z])+"),
    ("ahead:", "[^/1][^/]*"),
]
TEXTS = ["-", ".", "a", "x/y", "/", "/x/", "--", "1"]
_MOST_PIECES = 6
# What the naive matcher is asked of, and how many texts it may compare for that.
_LONGEST = 24
_MOST_STEPS = _MOST_PIECES * (_LONGEST + 1) * (_LONGEST + 2)


def pieces_of(shape: bytes) -> list[int]:
    """Numbers of variables, and of texts behind those."""
    return [byte % (len(VARIABLES) + len(TEXTS)) for byte in shape[:_MOST_PIECES]]


@lru_cache(maxsize=512)
def adapter_of(pieces: tuple[int, ...]) -> MapAdapter:
    """A map with the rule of the pieces."""
    text = ""
    for place, number in enumerate(pieces):
        if number < len(VARIABLES):
            text += f"<{VARIABLES[number][0]}v{place}>"
        else:
            text += TEXTS[number - len(VARIABLES)]
    rule = Rule(f"/{text}", endpoint="x", merge_slashes=False)
    return Map([rule], converters=CONVERTERS, merge_slashes=False).bind("localhost")


def naive(pieces: tuple[int, ...], text: str) -> bool:
    """Whether the pieces take the whole text: where each may end, from the first one on."""
    ends, steps = {0}, 0
    for number in pieces:
        after: set[int] = set()
        for start in ends:
            if number >= len(VARIABLES):
                wanted = TEXTS[number - len(VARIABLES)]
                if text.startswith(wanted, start):
                    after.add(start + len(wanted))
                continue
            takes = re.compile(VARIABLES[number][1])
            for end in range(start, len(text) + 1):
                steps += 1
                assert steps <= _MOST_STEPS, "the naive matcher takes too many steps itself"
                if takes.fullmatch(text, start, end):
                    after.add(end)
        ends = after
    return len(text) in ends


def patterns(data: bytes) -> None:
    """A pattern and a path, of any length; of a short one it is known whether they fit."""
    shape, _, rest = data.partition(b"\n")
    pieces = tuple(pieces_of(shape))
    adapter = adapter_of(pieces)
    # Slashes at both ends are another question: that of redirects.
    text = rest.decode("utf-8", "replace").strip("/")
    is_branch = adapter_is_branch(pieces)
    for path in {text, text[:_LONGEST].rstrip("/")}:
        try:
            _, values = adapter.match(f"/{path}")
        except HTTPException:
            values = None
        if len(path) <= _LONGEST and not is_branch:
            assert (values is not None) == naive(pieces, path), (pieces, path)


def adapter_is_branch(pieces: tuple[int, ...]) -> bool:
    """Whether the rule begins or ends with a slash of its own."""
    texts = [TEXTS[n - len(VARIABLES)] if n >= len(VARIABLES) else "v" for n in pieces]
    whole = "".join(texts)
    return whole[:1] == "/" or whole[-1:] == "/"


SEEDS = [
    bytes([0, 13, 0, 13, 0, 14]) + b"\na-b-c.",
    bytes([7, 18, 7, 18, 7]) + b"\na/x/b/x/c",
    bytes([9, 13, 9]) + b"\na-b-c-d",
    bytes([10, 10, 15]) + b"\naa1a",
    bytes([3, 4]) + b"\n1-2",
    bytes([5, 13, 6]) + b"\n1.5-aa",
    bytes([11, 17, 12]) + b"\na/b/c",
]
