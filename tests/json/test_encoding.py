"""The prepared encoder writes what the standard library's writes."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erlen.json import encoding
from erlen.json.encoding import make_encode

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner),
    max_leaves=20,
)
options = st.fixed_dictionaries(
    {},
    optional={
        "ensure_ascii": st.booleans(),
        "sort_keys": st.booleans(),
        "indent": st.sampled_from([None, 2, "\t"]),
        "separators": st.just((",", ":")),
    },
)


@given(values, options)
def test_the_text_is_the_same(value, options):
    assert make_encode(**options)(value) == json.dumps(value, **options)


def test_without_the_c_encoder_the_text_is_the_same(monkeypatch):
    monkeypatch.setattr(encoding._library, "c_make_encoder", None)
    assert make_encode(sort_keys=True)({"b": [1], "a": "ß"}) == '{"a": "\\u00df", "b": [1]}'


def test_with_another_c_encoder_the_text_is_the_same(monkeypatch):
    real = encoding._library.c_make_encoder

    def strict(markers, *args):
        if markers is None:
            raise TypeError("markers must be a dictionary")
        return real(markers, *args)

    monkeypatch.setattr(encoding._library, "c_make_encoder", strict)
    assert make_encode()([1]) == "[1]"


def test_what_refers_to_itself_is_told():
    loop = []
    loop.append(loop)
    with pytest.raises(ValueError, match="Circular reference"):
        make_encode()(loop)
    assert make_encode()([1]) == "[1]"


def test_what_json_has_no_value_for_is_told():
    with pytest.raises(TypeError, match="not JSON serializable"):
        make_encode()({"a": object()})
    assert make_encode(default=lambda obj: "other")({"a": object()}) == '{"a": "other"}'


def test_keys_of_several_kinds_cannot_be_sorted():
    with pytest.raises(TypeError):
        make_encode(sort_keys=True)({"a": 1, 2: 3})
