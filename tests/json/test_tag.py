from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from erlen.json.tag import JSONTag, TaggedJSONSerializer

VALUES = [
    None, True, 0, 1.5, "text", "größe", [], {}, (), [1, [2]], (1, (2,)), {"a": (1, [b"x"])},
    b"\0\xff", b"", Markup("<b>"), UUID(int=5), datetime(2026, 11, 21, 8, tzinfo=UTC),
    {" t": [1]}, {" di": {" t": 1}}, {" b": "YQ=="}, {" t": [1], "b": 2}, {" x": 1}, {"": 1},
    {" t__": 1}, [{" u": "x"}], {"a": {" m": "<b>"}},
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_values_come_back_as_they_went(value):
    serializer = TaggedJSONSerializer()
    back = serializer.loads(serializer.dumps(value))
    assert back == value
    assert type(back) is type(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ((1, "a"), '{" t":[1,"a"]}'),
        (b"abc", '{" b":"YWJj"}'),
        (Markup("<b>"), '{" m":"<b>"}'),
        (UUID(int=5), '{" u":"00000000000000000000000000000005"}'),
        (datetime(2026, 11, 21, 8, tzinfo=UTC), '{" d":"Sat, 21 Nov 2026 08:00:00 GMT"}'),
        ({" t": 1}, '{" di":{" t__":1}}'),
        ({"a": [1, (2,)]}, '{"a":[1,{" t":[2]}]}'),
    ],
)
def test_how_it_is_written(value, text):
    assert TaggedJSONSerializer().dumps(value) == text


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.binary() | st.uuids(),
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.dictionaries(st.text() | st.sampled_from([" t", " di", " b", " t__"]), inner)
    ),
    max_leaves=20,
)


@given(plain)
def test_nothing_is_mistaken_for_something_else(value):
    serializer = TaggedJSONSerializer()
    assert serializer.loads(serializer.dumps(value)) == value


def test_an_unknown_key_is_no_tag():
    assert TaggedJSONSerializer().loads('{" x":1}') == {" x": 1}


def test_objects_with_html_become_markup():
    class Html:
        def __html__(self):
            return "<i>"

    serializer = TaggedJSONSerializer()
    back = serializer.loads(serializer.dumps(Html()))
    assert back == Markup("<i>")
    assert type(back) is Markup


def test_what_has_no_tag_is_told():
    with pytest.raises(TypeError, match="not JSON serializable"):
        TaggedJSONSerializer().dumps({"a": object()})


class Point:
    def __init__(self, x):
        self.x = x

    def __eq__(self, other):
        return self.x == other.x


class TagPoint(JSONTag):
    key = " p"

    def check(self, value):
        return isinstance(value, Point)

    def to_json(self, value):
        return self.serializer.tag(value.x)

    def to_python(self, value):
        return Point(value)


def test_an_own_type():
    serializer = TaggedJSONSerializer()
    serializer.register(TagPoint)
    assert serializer.dumps(Point((1,))) == '{" p":{" t":[1]}}'
    assert serializer.loads(serializer.dumps([Point((1,))])) == [Point((1,))]


def test_a_key_is_taken_once():
    serializer = TaggedJSONSerializer()
    serializer.register(TagPoint)
    with pytest.raises(KeyError, match="' p' is already registered"):
        serializer.register(TagPoint)
    serializer.register(TagPoint, force=True, index=0)
    assert type(serializer.tags[" p"]) is TagPoint


@pytest.mark.parametrize("index", [0, 2, -1])
def test_a_special_type_goes_before_the_general_one(index):
    class OwnTuple(tuple):
        pass

    class TagOwn(JSONTag):
        key = " own"

        def check(self, value):
            return isinstance(value, OwnTuple)

        def to_json(self, value):
            return list(value)

        def to_python(self, value):
            return OwnTuple(value)

    serializer = TaggedJSONSerializer()
    serializer.register(TagOwn, index=index)
    assert type(serializer.order[index if index >= 0 else index - 1]) is TagOwn
    found = type(serializer.loads(serializer.dumps(OwnTuple([1]))))
    assert found is (tuple if index == -1 else OwnTuple)


def test_a_tag_has_three_methods_to_write():
    tag = JSONTag(TaggedJSONSerializer())
    for method in (tag.check, tag.to_json, tag.to_python):
        with pytest.raises(NotImplementedError):
            method(None)


def test_dates_without_time_are_plain():
    serializer = TaggedJSONSerializer()
    assert serializer.loads(serializer.dumps(date(2026, 11, 21))) == "Sat, 21 Nov 2026 00:00:00 GMT"


# -- who hooks in ------------------------------------------------------------------------


def tag_of(kind, cls, to_json):
    """A tag for instances of a class, under the key `` own``."""

    class TagOwn(JSONTag):
        key = " own"

        def check(self, value):
            return type(value) is cls

        def to_json(self, value):
            return to_json(value)

        def to_python(self, value):
            return "own", value

    TagOwn.__name__ = kind
    return TagOwn


@pytest.mark.parametrize(
    ("cls", "to_json", "value"),
    [(int, str, 5), (str, str.upper, "a"), (float, str, 1.5), (type(None), str, None)],
)
def test_a_tag_for_plain_values_is_asked(cls, to_json, value):
    serializer = TaggedJSONSerializer()
    serializer.register(tag_of("TagPlain", cls, to_json))
    told = ("own", to_json(value))
    assert serializer.loads(serializer.dumps(value)) == told
    assert serializer.loads(serializer.dumps({"k": value})) == {"k": told}
    assert serializer.loads(serializer.dumps([value])) == [told]


@pytest.mark.parametrize("value", [{"a": 1}, [1, 2]])
def test_a_tag_for_containers_goes_before(value):
    serializer = TaggedJSONSerializer()
    serializer.register(tag_of("TagContainer", type(value), lambda v: "told"), index=0)
    assert serializer.loads(serializer.dumps(value)) == ("own", "told")


def test_the_order_may_be_changed_in_place():
    serializer = TaggedJSONSerializer()
    assert serializer.dumps({"a": 1}) == '{"a":1}'
    serializer.order[:] = [tag_of("TagInt", int, lambda value: "told")(serializer)]
    assert serializer.dumps(1) == '{" own":"told"}'
    # Nobody looks into it.
    assert serializer.dumps({"a": 1}) == '{"a":1}'


def test_a_serializer_with_fewer_tags_looks_into_what_it_has_tags_for():
    class Few(TaggedJSONSerializer):
        default_tags = TaggedJSONSerializer.default_tags[2:3]

    assert Few().dumps((1,)) == '{" t":[1]}'
    # JSON has no tuples, and nobody looks into the dictionary.
    assert Few().dumps({"a": (1,)}) == '{"a":[1]}'


def test_an_untag_of_a_subclass_is_asked():
    class Own(TaggedJSONSerializer):
        def untag(self, value):
            return super().untag({**value, "untagged": True})

    assert Own().loads('{"a":{}}') == {"a": {"untagged": True}, "untagged": True}


def test_a_subclass_is_asked_for_each_value():
    class Shouting(TaggedJSONSerializer):
        def tag(self, value):
            return super().tag(value.upper() if type(value) is str else value)

    assert Shouting().dumps({"a": ["b", ("c", {"d": "e"})]}) == '{"a":["B",{" t":["C",{"d":"E"}]}]}'


@given(plain)
def test_tags_are_those_of_the_general_way(value):
    serializer, general = TaggedJSONSerializer(), TaggedJSONSerializer()
    general._usual_order = None
    assert serializer.dumps(value) == general.dumps(value)
