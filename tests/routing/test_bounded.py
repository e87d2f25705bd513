"""Parts with several variables: as their regular expression has them, in bounded time."""

from __future__ import annotations

import re
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from erlen.http.exceptions import NotFound
from erlen.routing import BaseConverter, Map, Rule
from erlen.routing.bounded import Search, reads_once
from erlen.routing.segments import _regex


class Letters(BaseConverter):
    regex = "[a-z]+[0-9]*"


class Slashed(BaseConverter):
    regex = "[a-z/]+?"


class Nested(BaseConverter):
    """Two to the length of a text are the ways in which a regular expression reads it."""

    regex = "(?:[a-z]+-?)+"


class Twice(BaseConverter):
    regex = r"\w*[a-z0-9]*1?"


class Around(BaseConverter):
    """No automaton looks ahead."""

    regex = "(?!1)[^/]+"


CONVERTERS = {
    "letters": Letters, "slashed": Slashed, "nested": Nested, "twice": Twice, "around": Around,
}  # fmt: skip
PATTERNS = [
    "<a>-<b>-<c>.html",
    "x<a>-<b>",
    "<a><b>",
    "<a>--<b>",
    "<a>aa<b>aa<c>",
    "<int:a>-<b>-<c>",
    "<int:a><int:b>",
    "<int(signed=True):a>-<int(signed=True):b>",
    "<float:a>-<float(signed=True):b>x",
    "<string(length=2):a><b>",
    "<string(maxlength=3):a>-<string(minlength=2):b>",
    "<any(a, aa, '-'):a>-<any(a, aa):b>",
    "<letters:a>-<letters:b>",
    "<letters:a><b>.<int:c>",
    "<path:a>/x/<path:b>/x/<path:c>/end",
    "<path:a>/<path:b>",
    "<path:a><path:b>",
    "<a>/<path:b>-<int:c>",
    "<path:a>/<int:b>/",
    "<path:a>/x/<path:b>/",
    "<path:a>-<letters:b>/",
    "<slashed:a>/<slashed:b>",
    "<nested:a>",
    "<nested:a>-<nested:b>",
    "<nested:a>/x/<path:b>",
    "x<nested:a>.<int:b>/",
    "<twice:a>",
    "<twice:a><twice:b>x",
    "<nested:a>-<string(length=2):b><twice:c>",
    "<around:a>-<nested:b>",
]
# A regular expression takes of several texts the one whose choice is written first, or the shortest
# where it is lazy; of those the long way takes the longest.
CHOOSES = ("slashed", "any", "nested", "twice")


def compiled(pattern):
    """The search for a pattern, and its regular expression."""
    rule = Rule(f"/{pattern}", endpoint="x", merge_slashes=False)
    Map([rule], converters=CONVERTERS)
    rule._converters = {}
    pieces = rule._read(pattern)
    slash_ends = pattern.endswith("/")
    if not slash_ends:
        return Search(pieces), _regex(pieces)
    if pieces[-1] == "/":
        pieces.pop()
    else:
        pieces[-1] = pieces[-1][:-1]
    return Search(pieces, slash_ends=True), f"{_regex(pieces)}(?<!/)(/?)"


def route_of(pattern):
    """Asks a route for its values; ``None`` where the path is another one's."""
    rule = Rule(f"/{pattern}", endpoint="x", strict_slashes=False)
    adapter = Map([rule], converters=CONVERTERS, merge_slashes=False).bind("localhost")

    def ask(text):
        try:
            return adapter.match(f"/{text}")[1]
        except NotFound:
            return None

    return ask


def best_time(test, text):
    """The best of several times: other processes take the caches."""
    spent = []
    while len(spent) < 4 and (not spent or spent[-1] > 0.005):
        start = process_time()
        test(text)
        spent.append(process_time() - start)
    return min(spent)


def groups(match):
    return None if match is None else tuple(match.groups())


@pytest.mark.parametrize("pattern", PATTERNS)
def test_it_finds_what_the_regular_expression_finds(pattern):
    search, regex = compiled(pattern)

    @settings(max_examples=100, deadline=None)
    @given(st.text("a1-/.x\n", max_size=14) | st.from_regex(regex, fullmatch=True))
    def check(text):
        # A regular expression is asked of long ones for ever.
        text = text[: 12 if "nested" in pattern else 60]
        wanted = groups(re.fullmatch(regex, text))
        found = groups(search.match(text))
        # What a lazy converter of the application's takes, where it has a choice, is not told.
        assert found == wanted or (found and wanted and "slashed" in pattern), text
        if search.cuts is not None:
            found = groups(search.match_by_cuts(text))
            chooses = any(name in pattern for name in CHOOSES)
            assert found == wanted or (found and wanted and chooses), text
            assert found is None or re.fullmatch(regex, text)

    check()


NEAR_MISSES = ["-", "a-", "1-", "1", "a/x/", "a/-", "aa", "1.", "a1"]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_98_a_long_text_takes_bounded_time(pattern):
    """SECURITY 98: 8 kB of near misses take at most 10 ms."""
    test = route_of(pattern)
    for piece in NEAR_MISSES:
        for tail in ("!", ".html", "/end", "/", "x"):
            text = (piece * 8192)[:8192] + tail
            assert best_time(test, text) < 0.01, (piece, tail)


@pytest.mark.parametrize("pattern", [p for p in PATTERNS if "around" not in p])
def test_98_time_grows_as_the_text_does(pattern):
    test = route_of(pattern)
    for piece in NEAR_MISSES:
        for tail in ("!", "/end", "x"):
            text = (piece * 65536)[:65536] + tail
            assert best_time(test, text) < 0.08, (piece, tail)


def test_98_a_long_text_that_fits_is_found_whatever_it_looks_like():
    """There is no number of steps behind which a text is given up."""
    ask = route_of("<path:a>-<nested:b>.<int:c>")
    text = "a-" * 20_000 + "b.7"
    assert ask(text) == {"a": "a", "b": "a-" * 19_999 + "b", "c": 7}
    assert ask(text + "!") is None
    ask = route_of("<nested:a>")
    assert ask("a-" * 20_000)
    assert not ask("a-" * 20_000 + "!")


@pytest.mark.parametrize(
    ("regex", "once"),
    [
        ("[a-z]+[0-9]*", True), ("[a-z]+(?:-[a-z]+)*", True), (r"\d{4}-\d{2}", True),
        ("a{,3}b", True), ("(?:ab|cd)+", True), ("(?:a+)+", False), ("(?:a*)*", False),
        ("(?:a|aa)+", False), ("a*a*b", False), (r"\w+-?\w+", False), ("(?:x{0,9}){0,9}", False),
        ("(?:a?b?)*c", False), ("(?=a).+", True),
    ],
)  # fmt: skip
def test_98_regexes_that_can_be_read_in_several_ways_are_known(regex, once):
    """Those that are not regular are left to themselves."""
    assert reads_once(type("Own", (BaseConverter,), {"regex": regex})(Map())) is once
