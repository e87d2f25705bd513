from __future__ import annotations

from time import process_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erlen.http.grammar import (
    dump_header,
    dump_options_header,
    is_token,
    parse_dict_header,
    parse_list_header,
    parse_options_header,
    quote_header_value,
    split_list,
    unquote_header_value,
)


@pytest.mark.parametrize(
    ("value", "quoted"),
    [
        ("token", "token"),
        ("!#$%&'*+-.^_`|~", "!#$%&'*+-.^_`|~"),
        ("", '""'),
        ("a b", '"a b"'),
        ("a,b;c", '"a,b;c"'),
        ('a"b', r'"a\"b"'),
        ("a\\b", r'"a\\b"'),
        ("é", '"é"'),
        (5, "5"),
    ],
)
def test_quoting(value: Any, quoted: str) -> None:
    assert quote_header_value(value) == quoted
    assert unquote_header_value(quoted) == str(value)
    forced = quote_header_value(value, allow_token=False)
    assert forced[0] == forced[-1] == '"'
    assert unquote_header_value(forced) == str(value)
    assert is_token(str(value)) == (quoted == str(value))


@pytest.mark.parametrize(
    ("value", "text"),
    [('"a', '"a'), ('a"', 'a"'), ('"', '"'), ("", ""), (r'"\a\"\\\b"', 'a"\\b'), (r"\a", r"\a")],
)
def test_unquoting(value: str, text: str) -> None:
    assert unquote_header_value(value) == text


@pytest.mark.parametrize(
    ("header", "items"),
    [
        ("a, b", ["a", "b"]),
        ('a, "b, c" , d', ["a", "b, c", "d"]),
        ('"a\\"b"', ['a"b']),
        ('a="b, c"', ['a="b, c"']),
        (",a,,b,", ["a", "b"]),
        ('""', [""]),
        ("a b", ["a b"]),
        ("", []),
        pytest.param('a, "b', [], id="quote-without-an-end"),
        pytest.param('a, b"c', [], id="quote-inside-without-an-end"),
        pytest.param(r'a, "b\"', [], id="escaped-end"),
    ],
)
def test_lists(header: str, items: list[str]) -> None:
    assert parse_list_header(header) == items


def test_split_list_keeps_the_quotes() -> None:
    assert split_list('a;b="c, d", e') == ['a;b="c, d"', "e"]
    assert split_list('a;b="c, e') == []


@pytest.mark.parametrize(
    ("header", "items"),
    [
        ("a=b, c=d", {"a": "b", "c": "d"}),
        ('a="b, c", d', {"a": "b, c", "d": None}),
        ("a = b", {"a": "b"}),
        ("a=", {"a": ""}),
        ('a=""', {"a": ""}),
        ("a=b=c", {"a": "b=c"}),
        ("a=b, a=c", {"a": "c"}),
        ("A=b", {"A": "b"}),
        ("=b, c", {"c": None}),
        ('"a b"', {"a b": None}),
        ("a*=UTF-8''%e2%82%ac", {"a": "€"}),
        ("a*=iso-8859-1'en'%a3", {"a": "£"}),
        ("a*=unknown''%41", {"a": "%41"}),
        ("a*=%41", {"a": "%41"}),
        ("*=%41, b", {"b": None}),
        ("a *=%41", {"a": "%41"}),
        pytest.param('a=b, c="d', {}, id="quote-without-an-end"),
    ],
)
def test_dicts(header: str, items: dict[str, str | None]) -> None:
    assert parse_dict_header(header) == items


@pytest.mark.parametrize(
    ("header", "main", "options"),
    [
        ("text/html", "text/html", {}),
        (" Text/HTML ; Charset=UTF-8 ", "Text/HTML", {"charset": "UTF-8"}),
        ('a; b="c; d", e="f"', "a", {"b": "c; d"}),
        ("a;;b=c;;;", "a", {"b": "c"}),
        ("a; b", "a", {}),
        ("a; b=", "a", {}),
        ("a; =b", "a", {}),
        ("a; b =c", "a", {}),
        ("a; b= c", "a", {}),
        ("a; b=c d; e=f", "a", {"b": "c", "e": "f"}),
        ("a; b=é; c=d", "a", {"c": "d"}),
        ('a; b="é"', "a", {"b": "é"}),
        ('a; b=""', "a", {"b": ""}),
        (r'a; b="c\"d\\e\f"', "a", {"b": 'c"d\\ef'}),
        ("a; b=c; b=d", "a", {"b": "d"}),
        ('form-data; name="a%22b"', "form-data", {"name": 'a"b'}),
        ("; b=c", "", {}),
        ("", "", {}),
        (None, "", {}),
        pytest.param('a; b=c; d="e; f=g', "a", {"b": "c"}, id="quote-without-an-end"),
        pytest.param(r'a; b="c\"', "a", {}, id="escaped-end"),
        pytest.param('a; "b; c=d', "a", {"c": "d"}, id="quote-outside-of-a-value"),
    ],
)
def test_options(header: str | None, main: str, options: dict[str, str]) -> None:
    assert parse_options_header(header) == (main, options)


@pytest.mark.parametrize(
    ("header", "options"),
    [
        ("a; b*=UTF-8''%c3%a9", {"b": "é"}),
        ("a; b*=utf-8'en'%22%25", {"b": '"%'}),
        ("a; b*=ISO-8859-1''%e9", {"b": "é"}),
        ("a; b*=us-ascii''%c3%a9", {"b": "��"}),
        ("a; b*=UTF-8''%ff", {"b": "�"}),
        ("a; b*=UTF-8'''%41'", {"b": "'A'"}),
        pytest.param("a; b*=utf-7''+AGE-", {"b": "+AGE-"}, id="unknown-character-set"),
        pytest.param("a; b*=x", {"b": "x"}, id="no-character-set"),
        pytest.param('a; b*="x"', {"b": '"x"'}, id="never-quoted"),
        pytest.param("a; b*0=x; b*1=y; c=z", {"b": "xy", "c": "z"}, id="cut"),
        pytest.param('a; b*0="x y"; b*1=z', {"b": "x yz"}, id="cut-and-quoted"),
        pytest.param(
            "a; b*0*=UTF-8''x%20; b*1=%20; b*2*=%20z", {"b": "x %20 z"}, id="cut-extended"
        ),
        pytest.param(
            "a; b*0*=UTF-8''%41; c*1*=%42", {"b": "A", "c": "%42"}, id="own-character-set"
        ),
        pytest.param("a; b*" + "9" * 5000 + "=x", {"b": "x"}, id="long-number"),
    ],
)
def test_extended_options(header: str, options: dict[str, str]) -> None:
    assert parse_options_header(header) == ("a", options)


@pytest.mark.parametrize(
    "header",
    [
        "attachment; filename=plain; filename*=UTF-8''extended",
        "attachment; filename*=UTF-8''extended; filename=plain",
        "attachment; filename=plain; filename*=UTF-8''extended; filename=again",
    ],
)
def test_the_extended_value_wins_wherever_it_stands(header: str) -> None:
    assert parse_options_header(header)[1] == {"filename": "extended"}


@pytest.mark.parametrize(
    ("main", "options", "header"),
    [
        ("a", {}, "a"),
        ("a", {"b": "c", "d": 5}, "a; b=c; d=5"),
        ("a", {"b": None}, "a"),
        (None, {"b": "c d"}, 'b="c d"'),
        ("a", {"b": 'c"d\\'}, r'a; b="c\"d\\"'),
        ("a", {"b": "é €"}, "a; b*=UTF-8''%C3%A9%20%E2%82%AC"),
        ("a", {"b*": "UTF-8''c"}, "a; b*=UTF-8''c"),
    ],
)
def test_writing_options(main: str | None, options: dict[str, Any], header: str) -> None:
    assert dump_options_header(main, options) == header


@pytest.mark.parametrize(
    ("value", "header"),
    [
        (["a", "b c", 5], 'a, "b c", 5'),
        ({"a": "b", "c": None, "d": "e f", "g*": "UTF-8''h"}, "a=b, c, d=\"e f\", g*=UTF-8''h"),
        ([], ""),
        ({}, ""),
    ],
)
def test_writing_lists(value: Any, header: str) -> None:
    assert dump_header(value) == header


@pytest.mark.parametrize(
    "piece",
    ['"', "\\", ";", "a=", ';a="', ";a=b", ';a="b', "*0", ";a*0=b", "\t", ",", '",', "'", ";*=''"],
)
def test_hostile_values_are_cheap(piece: str) -> None:
    start = process_time()
    for value in (f"a;{piece * 30_000}", f'a;b="{piece * 30_000}', f"a;b*={piece * 30_000}"):
        parse_options_header(value)
        parse_list_header(value)
        parse_dict_header(value)
    assert process_time() - start < 2


TOKENS = st.text("abcdefghijklmnopqrstuvwxyz0123456789!#$&+-.^_`|~", min_size=1, max_size=10)
PRINTABLE = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20)
# "%22" is a quote in what browsers send.
TEXT = st.text(max_size=20).filter(lambda text: "%22" not in text)


@given(TOKENS, st.dictionaries(TOKENS, TEXT, max_size=5))
def test_round_trip_of_options(main: str, options: dict[str, str]) -> None:
    header = dump_options_header(main, options)
    assert header.isascii()
    assert parse_options_header(header) == (main, options)


@given(st.lists(PRINTABLE, max_size=6))
def test_round_trip_of_lists(items: list[str]) -> None:
    assert parse_list_header(dump_header(items)) == items


@given(st.dictionaries(TOKENS, st.none() | PRINTABLE, max_size=6))
def test_round_trip_of_dicts(items: dict[str, str | None]) -> None:
    assert parse_dict_header(dump_header(items)) == items


@given(st.text())
def test_round_trip_of_quoting(text: str) -> None:
    assert unquote_header_value(quote_header_value(text)) == text


@given(st.text("ab;=\"\\*%'0, ", max_size=40))
def test_any_text_gives_an_answer(text: str) -> None:
    main, options = parse_options_header(text)
    assert ";" not in main
    assert all(name == name.lower() for name in options)
    assert len(parse_list_header(text)) <= text.count(",") + 1
    assert all(isinstance(name, str) for name in parse_dict_header(text))


@given(st.text('aB09-_=%*" \té²', max_size=12))
def test_one_parameter_is_read_as_several_are(text: str) -> None:
    # A semicolon that nothing follows adds no parameter.
    assert parse_options_header(f"v;{text}") == parse_options_header(f"v;{text};")
    assert parse_options_header(f"v; Name={text}") == parse_options_header(f"v; Name={text};")
