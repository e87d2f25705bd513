"""``url_for`` makes no URL that its own rule refuses: such a value is an error at once."""

from __future__ import annotations

from math import inf, nan
from time import process_time
from urllib.parse import unquote, urlsplit
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erlen import Erlen, url_for
from erlen.routing import BaseConverter, BuildError, IntegerConverter, Map, Rule

UNIQUE = UUID(int=1)


class Slug(BaseConverter):
    regex = "[a-z]+(?:-[a-z]+)*"


class Pair(BaseConverter):
    """Two texts; another program's converters write more than one."""

    def to_python(self, value):
        return value.split("+")

    def to_url(self, values):
        return "+".join(map(super().to_url, values))


class Ahead(BaseConverter):
    regex = "(?!admin)[^/]+"


class Year(IntegerConverter):
    regex = "[0-9]{4}"


class Asks(BaseConverter):
    """Its values are looked up, which building does not do."""

    def to_python(self, value):
        raise AssertionError("asked for while a URL was built")


RULES = {
    "text": "<v>",
    "two": "<string(length=2):v>",
    "most": "<string(maxlength=3):v>",
    "path": "<path:v>",
    "inside": "<path:v>/end",
    "int": "<int:v>",
    "signed": "<int(signed=True):v>",
    "bounded": "<int(min=3, max=5):v>",
    "fixed": "<int(fixed_digits=3):v>",
    "float": "<float:v>",
    "any": "<any(a, b):v>",
    "uuid": "<uuid:v>",
    "slug": "<slug:v>",
    "pair": "<pair:v>",
    "ahead": "<ahead:v>",
    "year": "<year:v>",
    "mixed": "x-<v>.<int:n>",
}
CONVERTERS = {"slug": Slug, "pair": Pair, "ahead": Ahead, "year": Year, "asks": Asks}


@pytest.fixture
def app(interface):
    app = Erlen(__name__)
    app.url_map.converters.update(CONVERTERS)
    for name, rule in RULES.items():
        app.add_url_rule(f"/{name}/{rule}", name, lambda **values: repr(values["v"]))
    app.add_url_rule("/asks/<asks:v>", "asks", lambda v: v)
    return app


@pytest.mark.parametrize(
    ("rule", "value"),
    [
        *(("text", value) for value in ("", "a/b", "/", "a/")),
        *(("two", value) for value in ("", "a", "abc", "a/", 123)),
        *(("most", value) for value in ("", "abcd")),
        ("path", "a\nb"),
        ("inside", ""),
        *(("int", value) for value in (-5, "-5", 10**1000, 10**1005, -0.5 - 1)),
        *(("signed", value) for value in (10**1000, -(10**1000))),
        *(("bounded", value) for value in (2, 6, -4)),
        *(("fixed", value) for value in (1234, -12)),
        *(("float", value) for value in (-1.5, inf, nan, -inf)),
        *(("any", value) for value in ("c", "", 1)),
        *(("uuid", value) for value in ("x", "", f"{{{UNIQUE}}}", UNIQUE.hex)),
        *(("slug", value) for value in ("", "a--b", "A", "a/b", 7)),
        *(("pair", value) for value in ([], ["a/b"])),
        *(("year", value) for value in (123, 12345)),
    ],
)
def test_a_value_that_the_rule_refuses_is_an_error(app, rule, value):
    with app.test_request_context(), pytest.raises((BuildError, ValueError)):
        url_for(rule, v=value)
    with app.test_request_context(), pytest.raises((BuildError, ValueError)):
        url_for(rule, v=value, _external=True, _scheme="https")
    with app.test_request_context(), pytest.raises((BuildError, ValueError)):
        url_for(rule, v=value, _method="GET")


@pytest.mark.parametrize(
    ("rule", "value"),
    [
        *(("text", value) for value in ("a", "a b", "ä", "a?b#c", "a%2Fb", "..", "\n", 5)),
        *(("two", value) for value in ("ab", "\u2603\u2603", 12)),
        *(("path", value) for value in ("a", "a/b", "a//b", "ä/ö", "\n", "/a", "//a")),
        *(("inside", value) for value in ("a", "a/b", "a/")),
        *(("int", value) for value in (0, 7, "7", True, 10**999, 7.9)),
        *(("signed", value) for value in (-7, 0, 10**999)),
        *(("bounded", value) for value in (3, 5)),
        *(("fixed", value) for value in (0, 7, 123)),
        *(("float", value) for value in (0, 1.5, 1e30, 1e16, 123456789e300, 1e-9, 5e-324)),
        *(("any", value) for value in ("a", "b")),
        *(("uuid", value) for value in (UNIQUE, str(UNIQUE))),
        *(("slug", value) for value in ("a", "a-b-c")),
        *(("pair", value) for value in (["a"], ["a b", "ä"])),
        ("ahead", "x"),
        ("year", 1999),
    ],
)  # fmt: skip
def test_every_other_one_leads_back(app, rule, value):
    with app.test_request_context():
        url = url_for(rule, v=value)
    assert app.test_client().get(url, follow_redirects=True).status_code == 200


def test_an_empty_path_at_the_end_is_a_prefix(app):
    # url_for("static", filename="") is what programs put the name of a file behind.
    with app.test_request_context():
        assert url_for("path", v="") == "/path/"
        assert url_for("static", filename="") == "/static/"


def test_the_error_names_the_value_and_the_rule(app):
    with app.test_request_context():
        with pytest.raises(BuildError, match=r"'/two/<string\(length=2\):v>' does not take 'abc'"):
            url_for("two", v="abc")
        with pytest.raises(BuildError, match=r"'/mixed/x-<v>.<int:n>' does not take -1 for 'n'"):
            url_for("mixed", v="a", n=-1)
        assert url_for("mixed", v="a-b", n=1) == "/mixed/x-a-b.1"


def test_another_rule_of_the_endpoint_may_take_it(interface):
    app = Erlen(__name__)
    for rule in ("/n/<int:v>", "/t/<v>"):
        app.add_url_rule(rule, "x", repr)
    with app.test_request_context():
        assert url_for("x", v=5) == "/n/5"
        assert url_for("x", v=-5) == "/t/-5"


def test_a_regex_that_reads_a_text_in_many_ways_reads_what_is_built_once(interface):
    class Nested(BaseConverter):
        regex = "(?:[a-z]+-?)+"

    app = Erlen(__name__)
    app.url_map.converters["nested"] = Nested
    app.add_url_rule("/<nested:v>", "x", lambda v: v)
    with app.test_request_context():
        assert url_for("x", v="a-b-c") == "/a-b-c"
        start = process_time()
        with pytest.raises(BuildError):
            url_for("x", v="a" * 2000 + "!")
        assert process_time() - start < 0.1


def test_building_asks_no_converter_of_the_application(app):
    with app.test_request_context():
        assert url_for("asks", v="a b") == "/asks/a%20b"


@pytest.mark.parametrize(
    ("value", "host"),
    [
        ("a", "a.example.org"),
        ("b\xfccher", "xn--bcher-kva.example.org"),
        ("xn--bcher-kva", "xn--bcher-kva.example.org"),
        ("a.b", "a.b.example.org"),
        ("a_b", "a_b.example.org"),
        *((value, None) for value in ("a b", "a@b", "a:8@x", "a#b", "a/b", "..", "a..b", "")),
        *((value, None) for value in ("\xfc/", "a" * 64 + "\xfc", "a\\b", "[::1]")),
    ],
)  # fmt: skip
def test_a_host_is_ascii_or_idna(value, host):
    app = Erlen(__name__, host_matching=True, static_host="static.example.org")
    app.config["SERVER_NAME"] = "static.example.org"
    app.add_url_rule("/", "x", lambda v: "", host="<v>.example.org")
    with app.test_request_context(base_url="http://static.example.org"):
        if host is None:
            with pytest.raises((BuildError, ValueError)):
                url_for("x", v=value)
        else:
            assert url_for("x", v=value) == f"http://{host}/"


values = st.one_of(
    st.text(max_size=6), st.integers(), st.floats(), st.sampled_from(["a", "ab", "a-b", UNIQUE, ""])
)
ADAPTER = Map(
    [Rule(f"/{name}/{rule}", endpoint=name) for name, rule in RULES.items()],
    converters=CONVERTERS,
    merge_slashes=False,
).bind("localhost")


@given(st.sampled_from([name for name in RULES if name not in ("mixed", "pair")]), values)
def test_what_is_built_is_found(rule, value):
    if rule == "path" and value == "":
        return
    try:
        url = ADAPTER.build(rule, {"v": value})
    except (BuildError, ValueError, OverflowError, AttributeError, TypeError):
        return
    assert ADAPTER.match(unquote(urlsplit(url).path))[0] == rule
