"""orjson writes what the library writes."""

from __future__ import annotations

import json as library
import sys
from collections import OrderedDict, namedtuple
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from importlib.util import find_spec
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from erlen import Erlen
from erlen.http import MultiDict
from erlen.json.compact import make_compact
from erlen.json.provider import _default

pytestmark = pytest.mark.skipif(
    find_spec("orjson") is None, reason="orjson is not installed: it has no wheel for each Python"
)


class Level(IntEnum):
    LOW = 1


class Colour(StrEnum):
    RED = "red"


class Kind(Enum):
    PLAIN = "plain"


class Shout(str):
    def __html__(self):
        return self.upper()


class Point(namedtuple("Point", "x y")):
    pass


@dataclass
class Place:
    name: str
    seen: date


def texts(value, **options):
    """The library's text and orjson's."""
    given = {"default": _default, "ensure_ascii": True, "sort_keys": True, **options}
    encode = library.JSONEncoder(separators=(",", ":"), **given).encode
    return encode(value), make_compact(encode, **given)(value)


plain = st.none() | st.booleans() | st.integers() | st.text()
nested = st.recursive(
    plain,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner, inner),
    max_leaves=20,
)


@given(nested, st.booleans(), st.booleans())
def test_the_same_text(value, ensure_ascii, sort_keys):
    ours, theirs = texts(value, ensure_ascii=ensure_ascii, sort_keys=sort_keys)
    # The library alone escapes the last character of ASCII.
    assert theirs in (ours, ours.replace("\\u007f", "\x7f"))


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_the_same_numbers(value):
    ours, theirs = texts([value])
    assert library.loads(theirs) == library.loads(ours)


@pytest.mark.parametrize(
    "value",
    [
        datetime(2026, 11, 21, 8, 9, 10),
        date(2026, 11, 21),
        Decimal("1.20"),
        UUID(int=17),
        Place("Paris", date(2026, 11, 21)),
        Markup("<b>bold</b>"),
        Shout("loud"),
        Level.LOW,
        Colour.RED,
        Point(1, 2),
        OrderedDict(b=1, a=2),
        MultiDict([("a", "1"), ("a", "2")]),
        {1: "one", 2: "two"},
        {"big": 2**70},
        "\ud800",
        [[]] * 3,
    ],
    ids=repr,
)
def test_the_same_text_for_other_types(value):
    ours, theirs = texts({"value": value})
    assert theirs == ours


def test_what_differs():
    assert texts([1e-05, float("nan")]) == ("[1e-05,NaN]", "[0.00001,null]")
    with pytest.raises(TypeError, match="Kind is not JSON serializable"):
        library.dumps(Kind.PLAIN, default=_default)
    assert make_compact(library.dumps, _default, True, True)(Kind.PLAIN) == '"plain"'


@pytest.mark.parametrize("value", [{"a": object()}, {object(): 1}, {"a": 1, 2: 3}, {b"a": 1}])
def test_the_library_says_what_is_wrong(value):
    encode = library.JSONEncoder(default=_default, sort_keys=True).encode
    with pytest.raises(TypeError) as of_library:
        encode(value)
    with pytest.raises(TypeError) as error:
        make_compact(encode, _default, True, True)(value)
    assert str(error.value) == str(of_library.value)


def test_what_refers_to_itself_is_an_error():
    value = []
    value.append(value)
    with pytest.raises(ValueError, match="Circular reference"):
        texts(value)[1]


def test_without_orjson_the_library_writes(monkeypatch):
    monkeypatch.setitem(sys.modules, "orjson", None)
    encode = library.JSONEncoder().encode
    assert make_compact(encode, _default, True, True) is encode


def test_responses():
    app = Erlen("compact")
    app.add_url_rule("/", "beyond", lambda: {"b": [1e-05, "é"], "a": [1e-05]})
    app.add_url_rule("/ascii", "ascii", lambda: {"b": [1e-05], "a": Kind.PLAIN})
    client = app.test_client()
    # Text beyond ASCII is escaped, as only the library does it.
    assert client.get("/").text == '{"a":[1e-05],"b":[1e-05,"\\u00e9"]}\n'
    assert client.get("/ascii").text == '{"a":"plain","b":[0.00001]}\n'
    app.json.ensure_ascii = False
    assert client.get("/").text == '{"a":[0.00001],"b":[0.00001,"é"]}\n'
    app.json.sort_keys = False
    assert client.get("/ascii").text == '{"b":[0.00001],"a":"plain"}\n'
    # Whoever says how a type is written is asked for all of them.
    app.json.default = lambda o: o.name
    assert client.get("/ascii").text == '{"b":[1e-05],"a":"PLAIN"}\n'


def test_it_can_be_switched_off():
    app = Erlen("compact")
    app.add_url_rule("/", view_func=lambda: [1e-05])
    client = app.test_client()
    assert client.get("/").text == "[0.00001]\n"
    app.json.use_orjson = False
    assert client.get("/").text == "[1e-05]\n"
