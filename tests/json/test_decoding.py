"""The prepared decoder reads what the standard library's reads, and refuses what that refuses."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from erlen.json.decoding import make_decode

decode = make_decode()
PIECES = [*'[]{},:"0-1ea \t\n\r\v\xa0', "\ufeff", "null", "true", "NaN", '"a"', "1.5", "\\u00df"]


def outcome(function, text):
    """The value as text, which tells NaN from numbers; or what the error says."""
    try:
        return repr(function(text))
    except RecursionError:
        return "too deep"
    except ValueError as error:
        return type(error), str(error), vars(error)


@given(st.lists(st.sampled_from(PIECES)).map("".join))
@example("")
@example(" ")
@example(" [1] ")
@example("[1] x")
@example("1 2")
@example("[1,")
@example("[1, x]")
@example('{"a": }')
@example("\ufeff[1]")
@example("x")
@example("[" * 100_000)
def test_the_value_or_the_error_is_the_same(text):
    assert outcome(decode, text) == outcome(json.loads, text)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=20,
    ),
    st.sampled_from(["", " ", "\n", "\t\r\n"]),
    st.sampled_from(["", " ", "\n", "\t\r\n"]),
)
def test_what_was_encoded_is_decoded(value, before, behind):
    assert decode(before + json.dumps(value) + behind) == value


def refuse(name):
    raise ValueError(f"not {name}")


@pytest.mark.parametrize("text", ["NaN", " NaN", "[-Infinity]", "\n[NaN]"])
def test_the_options_hold_wherever_the_value_begins(text):
    strict = make_decode(parse_constant=refuse)
    with pytest.raises(ValueError, match="not "):
        strict(text)
    assert make_decode(parse_int=str)(" [1]") == make_decode(parse_int=str)("[1]") == ["1"]


def test_without_the_scanner_the_library_decodes(monkeypatch):
    class Decoder:
        def __init__(self, **options):
            pass

    monkeypatch.setattr("json.JSONDecoder", Decoder)
    made = make_decode()
    monkeypatch.undo()
    assert made(" [1]") == [1]
