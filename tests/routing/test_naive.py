"""The router against a matcher that tries one rule after the other, on random maps and paths."""

from __future__ import annotations

import re
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from hypothesis import given, settings
from hypothesis import strategies as st

from erlen.http.exceptions import MethodNotAllowed, NotFound
from erlen.routing import Map, RequestRedirect, Rule

# Of a kind of segment: how a rule writes it, the regex of its variable, the weight, the conversion.
KINDS: dict[str, tuple[str, str, int, Any]] = {
    "string": ("<x{n}>", "[^/]+", 100, str),
    "int": ("<int:x{n}>", "[0-9]+", 50, int),
    "float": ("<float:x{n}>", r"[0-9]+\.[0-9]+", 50, float),
    "any": ("<any(a,c):x{n}>", "a|c", 100, str),
    "path": ("<path:x{n}>", "[^/].*?", 200, str),
    "two": ("<string(length=2):x{n}>", "[^/]{2}", 100, str),
}


class Written(NamedTuple):
    """A rule: its segments, each as texts and kinds; whether it ends in a slash; its methods."""

    segments: list[list[str]]
    is_branch: bool
    methods: list[str]

    @property
    def text(self) -> str:
        names = iter(range(99))
        parts = [
            "".join(KINDS[p][0].format(n=next(names)) if p in KINDS else p for p in segment)
            for segment in self.segments
        ]
        slash = "/" if self.is_branch and parts else ""
        return "/" + "/".join(parts) + slash


def kinds_of(rule: Written) -> list[str]:
    return [piece for segment in rule.segments for piece in segment if piece in KINDS]


def regex_of(rule: Written) -> str:
    """The last group is the slash at the end of the rule."""
    text = "".join(
        "/" + "".join(f"({KINDS[p][1]})" if p in KINDS else re.escape(p) for p in segment)
        for segment in rule.segments
    )
    if not rule.segments:
        return "(/)"
    return text + ("(?<!/)(/?)" if rule.is_branch else "()")


def weights_of(rule: Written) -> list[tuple[Any, ...]]:
    """What is tried first, segment by segment: text, then what is more special."""
    found: list[tuple[Any, ...]] = []
    segments = [*rule.segments, *([[]] if rule.is_branch or not rule.segments else [])]
    for number, segment in enumerate(segments):
        takes_rest = "path" in segment
        if takes_rest:
            # From here on the rest is one part; texts on both sides of a slash are one piece.
            pieces: list[str] = []
            for n, further in enumerate(segments[number:]):
                for piece in ["/", *further] if n else further:
                    if pieces and piece not in KINDS and pieces[-1] not in KINDS:
                        pieces[-1] += piece
                    else:
                        pieces.append(piece)
        else:
            pieces = segment
        if not any(piece in KINDS for piece in pieces):
            found.append((0, "".join(pieces)))
            continue
        texts = [
            (index, -len(text))
            for index, piece in enumerate(pieces)
            if piece not in KINDS
            for text in piece.split("/")
            if text
        ]
        weights = [KINDS[piece][2] for piece in pieces if piece in KINDS]
        found.append((1, (-len(texts), texts, -len(weights), weights), tuple(pieces), takes_rest))
        if takes_rest:
            break
    return found


def in_order(rules: list[Written]) -> list[int]:
    """The numbers of the rules as they are tried; of equals the one that was added first, with
    all that share the way to it."""
    first: dict[tuple[Any, ...], int] = {}
    keys = []
    for number, rule in enumerate(rules):
        key: list[Any] = []
        way: tuple[Any, ...] = ()
        for kind, *rest in weights_of(rule):
            # Lists cannot be in a key of a dictionary.
            way = (*way, (kind, repr(rest)))
            rank = first.setdefault(way, number)
            key.append((kind, (), 0) if kind == 0 else (kind, rest[0], rank))
        # A rule that ends here goes before those that go on.
        keys.append((key, number))
    return [number for _, number in sorted(keys)]


def naive_find(rules: list[Written], path: str, method: str, missed: set[str]) -> Any:
    """``("slash",)``, a number and values, or ``None``."""
    for number in in_order(rules):
        rule = rules[number]
        match = re.fullmatch(regex_of(rule), path)
        if match is None:
            continue
        *texts, slash = match.groups()
        complete = bool(slash) or not rule.is_branch or not rule.segments
        if method not in rule.methods:
            if complete or "path" in kinds_of(rule):
                missed.update(rule.methods)
            continue
        if not complete:
            return ("slash",)
        kinds = kinds_of(rule)
        return number, [KINDS[kind][3](text) for kind, text in zip(kinds, texts, strict=True)]
    return None


def naive(rules: list[Written], path: str, method: str) -> Any:
    """A redirect with its path, a number and values, the methods for 405, or ``None``."""
    missed: set[str] = set()
    found = naive_find(rules, path, method, missed)
    if found is None:
        merged = re.sub("/+", "/", path)
        if merged != path:
            found = naive_find(rules, merged, method, missed)
            if found is not None:
                return "redirect", merged + ("/" if found == ("slash",) else "")
    if found == ("slash",):
        return "redirect", f"{path}/"
    if found is None:
        return (
            ("405", sorted({*missed, *(["HEAD"] if "GET" in missed else [])})) if missed else None
        )
    return found


def real(map: Map, path: str, method: str) -> Any:
    try:
        endpoint, values = map.bind("localhost").match(path, method)
    except RequestRedirect as redirect:
        return "redirect", unquote(urlsplit(redirect.new_url).path)
    except MethodNotAllowed as error:
        return "405", sorted(error.valid_methods or ())
    except NotFound:
        return None
    return endpoint, [values[name] for name in sorted(values)]


segments = st.one_of(
    st.sampled_from([["a"], ["b"], ["c7"]]),
    st.sampled_from([[kind] for kind in KINDS]),
    st.sampled_from([["v", "int"], ["string", "-", "int"], ["int", ".a"], ["any", "string"]]),
)


def without_second_path(found: list[list[str]]) -> bool:
    # Two of them share the text as the regex of the rule has it, which no rule of thumb tells.
    return sum("path" in segment for segment in found) < 2


rules_strategy = st.lists(
    st.builds(
        Written,
        st.lists(segments, max_size=3).filter(without_second_path),
        st.booleans(),
        st.lists(st.sampled_from(["GET", "POST"]), min_size=1, max_size=2, unique=True),
    ),
    min_size=1,
    max_size=8,
    unique_by=lambda rule: rule.text,
)
# Texts that several kinds of segments take.
TAKEN = {
    "string": ["a", "b", "c", "c7", "7", "v7", "1.5", "x-3", "7.a", "ab", "ä"],
    "int": ["7", "42"],
    "float": ["1.5"],
    "any": ["a", "c"],
    "path": ["a", "7", "a/b", "v7/a", "c/7/b", "a/", "b//a"],
    "two": ["ab", "c7", "v7", "42"],
}


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[Written], str]:
    """Rules, and a path that one of them takes, or nearly."""
    rules = draw(rules_strategy)
    rule = draw(st.sampled_from(rules))
    path = "".join(
        "/"
        + "".join(
            draw(st.sampled_from(TAKEN[piece])) if piece in KINDS else piece for piece in segment
        )
        for segment in rule.segments
    )
    path += draw(st.sampled_from(["/" if rule.is_branch else "", "", "/", "/a", "//"]))
    if draw(st.integers(0, 9)) == 0:
        path = path.replace("/", "//")
    return rules, re.sub("^/+", "/", f"/{path}")


def map_of(rules: list[Written]) -> Map:
    return Map([Rule(rule.text, endpoint=n, methods=rule.methods) for n, rule in enumerate(rules)])


@settings(max_examples=300, deadline=None)
@given(cases(), st.sampled_from(["GET", "POST", "PUT"]))
def test_the_router_agrees_with_a_naive_matcher(
    case: tuple[list[Written], str], method: str
) -> None:
    rules, path = case
    assert real(map_of(rules), path, method) == naive(rules, path, method)


texts = st.text(
    st.characters(exclude_characters="/", exclude_categories=["Cs"]), min_size=1, max_size=8
)
VALUES: dict[str, Any] = {
    "string": texts,
    "int": st.integers(0, 10**12),
    "float": st.floats(0, 10**6, allow_nan=False).map(lambda number: round(number, 3) + 0.0),
    "any": st.sampled_from(["a", "c"]),
    "path": st.lists(texts.filter(lambda text: "\n" not in text), min_size=1, max_size=3).map(
        "/".join
    ),
    "two": st.text(
        st.characters(exclude_characters="/", exclude_categories=["Cs"]), min_size=2, max_size=2
    ),
}


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_what_is_built_is_matched_again(data: st.DataObject) -> None:
    kinds = data.draw(st.lists(st.sampled_from(sorted(KINDS)), max_size=3))
    rule = Written([["pre"], *([kind] for kind in kinds)], data.draw(st.booleans()), ["GET"])
    if not without_second_path(rule.segments):
        return
    values = {f"x{n}": data.draw(VALUES[kind]) for n, kind in enumerate(kinds)}
    map = map_of([rule])
    adapter = map.bind("localhost")
    url = adapter.build(0, values)
    assert url.isascii()
    assert urlsplit(url).path == url
    assert adapter.match(unquote(url)) == (0, values)
    # The short way of building writes the same.
    assert map.find_writer(0)(values) == url
    outside = adapter.build(0, values, force_external=True)
    assert outside == f"http://localhost{url}"


@settings(max_examples=200, deadline=None)
@given(cases())
def test_what_is_matched_is_built_to_a_path_that_matches(case: tuple[list[Written], str]) -> None:
    rules, path = case
    adapter = map_of(rules).bind("localhost")
    found = real(map_of(rules), path, "GET")
    if found is None or not isinstance(found[0], int):
        return
    number, values = found
    url = adapter.build(number, {f"x{n}": value for n, value in enumerate(values)})
    assert unquote(url) == path
    assert adapter.match(unquote(url), "GET")[0] == number
