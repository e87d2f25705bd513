"""services.text: how long a text is, what is taken, and what a page shows of it."""

from __future__ import annotations

import time

import pytest
from chirp.services.errors import Invalid
from chirp.services.text import LONGEST, clean, count_characters, to_html

FAMILY = "\N{WOMAN}\u200d\N{WOMAN}\u200d\N{GIRL}\u200d\N{BOY}"


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", 0),
        ("abc", 3),
        ("né", 2),
        ("ne\u0301", 2),
        (FAMILY, 1),
        ("\N{THUMBS UP SIGN}\N{EMOJI MODIFIER FITZPATRICK TYPE-5}", 1),
        ("🇨🇭🇯🇵", 2),
        ("नमस्ते", 3),
        ("각", 1),
        ("日本", 2),
    ],
)
def test_counts_what_a_person_sees(text, length):
    assert count_characters(text) == length


@pytest.mark.parametrize("character", ["a", "e\u0301", FAMILY, "日", "ب", "\N{BIRD}"])
def test_takes_280_of_any_script_and_not_281(character):
    assert count_characters(clean(character * LONGEST)) == LONGEST
    with pytest.raises(Invalid, match="281") as refused:
        clean(character * (LONGEST + 1))
    assert refused.value.field == "text"


@pytest.mark.parametrize(
    "text",
    ["", " ", "\n\n \t", "\u200b", "\u200d\u200d", " \u2060", "\ufeff"],
)
def test_refuses_what_shows_nothing(text):
    with pytest.raises(Invalid, match="Write something"):
        clean(text)


@pytest.mark.parametrize(
    "character",
    ["\0", "\x07", "\x1b", "\x7f", "\x85", "\ud800", "\ufffe", "\u202e", "\u2066"],
)
def test_refuses_control_characters(character):
    with pytest.raises(Invalid, match="control characters"):
        clean(f"a{character}b")


def test_trims_composes_and_ends_lines_in_one_way():
    assert clean("  e\u0301\r\nb\rc\td \n") == "\u00e9\nb\nc d"


def test_refuses_a_tower_of_accents():
    with pytest.raises(Invalid, match="marks"):
        clean("a" + "\u0301" * 13 * LONGEST)


def test_a_whole_book_is_refused_at_once():
    began = time.perf_counter()
    with pytest.raises(Invalid):
        clean("a\u0301" * 5_000_000)
    assert time.perf_counter() - began < 1


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("\"quoted\" & 'so'", "&#34;quoted&#34; &amp; &#39;so&#39;"),
        (
            "see https://example.org/a?b=1&c=2.",
            'see <a href="https://example.org/a?b=1&amp;c=2" rel="nofollow noopener">'
            "https://example.org/a?b=1&amp;c=2</a>.",
        ),
        (
            "(http://example.org/x_(y))",
            '(<a href="http://example.org/x_(y)" rel="nofollow noopener">'
            "http://example.org/x_(y)</a>)",
        ),
        ("@Ada, hello", '<a href="/people/Ada">@Ada</a>, hello'),
        ("@雪乃", '<a href="/people/%E9%9B%AA%E4%B9%83">@雪乃</a>'),
        ("ada@example.org", "ada@example.org"),
        ("@a", "@a"),
        ("@" + "x" * 33, "@" + "x" * 33),
        ("javascript:alert(1)", "javascript:alert(1)"),
        ("ftp://example.org", "ftp://example.org"),
        ("http://", "http://"),
        ("http://[", "http://["),
        ("https://user:pass@example.org/", "https://user:pass@example.org/"),
        (
            'https://example.org/"onclick=alert(1)',
            '<a href="https://example.org/" rel="nofollow noopener">https://example.org/</a>'
            "&#34;onclick=alert(1)",
        ),
    ],
)
def test_links_after_escaping(text, html):
    assert to_html(text) == html


def test_names_go_where_the_page_says():
    assert to_html("@Ada", lambda name: f"/p?n={name}&x") == '<a href="/p?n=Ada&amp;x">@Ada</a>'


@pytest.mark.parametrize(
    "text", ["http://" + "(" * 3000 + ")" * 3000, "@" * 6000, "https://a" * 600]
)
def test_links_take_no_time_on_hostile_texts(text):
    began = time.perf_counter()
    to_html(text)
    assert time.perf_counter() - began < 1
