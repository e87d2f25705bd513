"""Matching and building agree with each other, on random maps and paths."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from erlen.http.exceptions import HTTPException, MethodNotAllowed, NotFound
from erlen.routing import BuildError, Map, RequestRedirect, Rule

SEGMENTS = ["a", "b", "<x{n}>", "<int:n{n}>", "<path:p{n}>", "v<int:m{n}>", "<any(a,c):y{n}>"]


@st.composite
def rules(draw):
    found = []
    for index in range(draw(st.integers(1, 8))):
        parts = draw(st.lists(st.sampled_from(SEGMENTS), min_size=0, max_size=4))
        text = "/" + "/".join(part.format(n=n) for n, part in enumerate(parts))
        if parts and draw(st.booleans()):
            text += "/"
        methods = draw(st.sampled_from([["GET"], ["POST"], ["GET", "POST"]]))
        found.append((text, methods, f"e{index}"))
    return found


paths = st.lists(st.sampled_from(["a", "b", "c", "7", "v7", "x", ""]), max_size=5).map(
    lambda parts: "/" + "/".join(parts)
)


def answer(adapter, path, method):
    try:
        rule, values = adapter.match(path, method, return_rule=True)
    except RequestRedirect as redirect:
        return "redirect", redirect.new_url
    except MethodNotAllowed as error:
        return "405", sorted(error.valid_methods)
    except HTTPException as error:
        return "error", error.code
    return rule, values


@settings(max_examples=150, deadline=None)
@given(rules(), paths, st.sampled_from(["GET", "POST", "PUT"]))
def test_the_short_way_agrees_with_the_whole_one(specs, path, method):
    map = Map([Rule(text, methods=methods, endpoint=name) for text, methods, name in specs])
    adapter = map.bind("localhost")
    whole = answer(adapter, path, method)
    # The request has one slash at its beginning, as bind() has it.
    short = map.lookup("/" + path.lstrip("/"), method)
    if isinstance(short, tuple):
        assert short == whole
    elif isinstance(short, MethodNotAllowed):
        assert whole == ("405", sorted(short.valid_methods))
    elif isinstance(short, NotFound):
        assert whole == ("error", 404)


def short(map, endpoint, values):
    """What the short way builds; ``None`` where it leaves it to the adapter."""
    try:
        return map.find_writer(endpoint)(values)
    except (KeyError, ValueError):
        return None


@settings(max_examples=150, deadline=None)
@given(rules(), paths)
def test_what_matches_is_built_again(specs, path):
    map = Map([Rule(text, methods=methods, endpoint=name) for text, methods, name in specs])
    adapter = map.bind("localhost")
    rule, values = answer(adapter, path, "GET")
    if isinstance(rule, Rule):
        assert adapter.build(rule.endpoint, values) == "/" + path.lstrip("/")
        values = {**values, "q": ["ä b", None, 1], "empty": None}
        built = adapter.build(rule.endpoint, values)
        # The short way builds the same, or leaves it to the adapter.
        assert short(map, rule.endpoint, values) in {None, built}
        values.pop("empty")
        assert short(map, rule.endpoint, values) == built


@pytest.mark.parametrize(
    ("path", "endpoint"),
    [
        ("/Some/Page", "page"),
        ("/Some/Page/edit", "edit"),
        ("/Talk:Some", "talk"),
        ("/1", "year"),
        ("/a/b/c", "three"),
    ],
)
def test_the_most_special_rule_wins(path, endpoint):
    map = Map(
        [
            Rule("/<path:name>", endpoint="page"),
            Rule("/<path:name>/edit", endpoint="edit"),
            Rule("/<a>/<b>/<c>", endpoint="three"),
            Rule("/Talk:<path:name>", endpoint="talk"),
            Rule("/<int:year>", endpoint="year"),
        ]
    )
    assert map.bind("localhost").match(path)[0] == endpoint


def test_many_slashes_are_one():
    adapter = Map([Rule("/yes/tail/", endpoint="x")]).bind("localhost")
    with pytest.raises(RequestRedirect) as caught:
        adapter.match("//yes///tail////")
    assert caught.value.new_url == "http://localhost/yes/tail/"


def test_rules_added_later_are_seen():
    map = Map([Rule("/a", endpoint="a")])
    assert isinstance(map.lookup("/b", "GET"), NotFound)
    map.add(Rule("/b", endpoint="b"))
    found = map.lookup("/b", "GET")
    assert isinstance(found, tuple) and found[0].endpoint == "b"


def test_values_outside_of_the_rule_become_the_query():
    adapter = Map([Rule("/u/<x>", endpoint="u")]).bind("localhost")
    built = adapter.build("u", {"x": "a b", "q": ["1", None, "ä"], "none": None, "e": []})
    assert built == "/u/a%20b?q=1&q=%C3%A4"
    with pytest.raises(BuildError, match=r"forget to specify values \['x'\]"):
        adapter.build("u", {})


def test_the_compiled_tree_can_be_read():
    map = Map([Rule("/a/<int:n>", endpoint="n"), Rule("/", endpoint="root")])
    text = map.explain()
    assert "= root" in text and "= n" in text and "/a" in text


@pytest.mark.parametrize("rule", ["/<x", "/x>", "/<x>/<x>", "/<int(1:x>", "/<nope:x>", "no-slash"])
def test_malformed_rules_are_told(rule):
    with pytest.raises((ValueError, LookupError)):
        Map([Rule(rule, endpoint="x")])
