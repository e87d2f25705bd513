from __future__ import annotations

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erlen.http.etags import ETags, generate_etag, parse_etags, quote_etag, unquote_etag


@pytest.mark.parametrize(
    ("header", "strong", "weak"),
    [
        ('"a"', {"a"}, set()),
        ('"a", "b"', {"a", "b"}, set()),
        ('W/"a", "b",w/"c"', {"b"}, {"a", "c"}),
        ("a, W/b", {"a"}, {"b"}),
        ('"a, b", "c"', {"a, b", "c"}, set()),
        ('"*"', {"*"}, set()),
        ('*, "a"', {"*", "a"}, set()),
        (',"a",, "b",', {"a", "b"}, set()),
        ('""', {""}, set()),
        ('"a', set(), set()),
        ('a"b', set(), set()),
        ('"a" "b", "c"', {"c"}, set()),
        ("a b", set(), set()),
        ("", set(), set()),
        (None, set(), set()),
    ],
)
def test_parsing(header: str | None, strong: set[str], weak: set[str]) -> None:
    tags = parse_etags(header)
    assert tags.as_set() == set(tags) == strong
    assert tags.as_set(include_weak=True) == strong | weak
    assert len(tags) == len(strong)
    assert bool(tags) == bool(strong or weak)
    assert not tags.star_tag


@pytest.mark.parametrize("header", ["*", " * "])
def test_star_fits_any_tag(header: str) -> None:
    tags = parse_etags(header)
    assert tags.star_tag
    assert tags
    assert "anything" in tags
    assert tags.contains_weak("anything")
    assert not tags.is_strong("anything")
    assert tags.to_header() == "*"
    assert len(tags) == 0


def test_comparison() -> None:
    tags = ETags(["strong"], ["weak"])
    assert tags.contains("strong")
    assert tags.contains_weak("strong")
    assert not tags.contains("weak")
    assert tags.contains_weak("weak")
    assert tags.is_weak("weak")
    assert not tags.is_weak("strong")
    assert tags.is_strong("strong")
    assert "weak" not in tags
    assert 5 not in tags
    assert tags.contains_raw('"strong"')
    assert tags.contains_raw('W/"strong"')
    assert tags.contains_raw('W/"weak"')
    assert not tags.contains_raw('"weak"')
    assert not tags.contains_raw("")


def test_calling() -> None:
    tags = ETags([generate_etag(b"data")], ["weak"])
    assert tags(data=b"data")
    assert not tags(data=b"other")
    assert not tags("weak")
    assert tags("weak", include_weak=True)
    with pytest.raises(TypeError, match="'data' is required"):
        tags()


def test_text() -> None:
    tags = ETags(["a"], ["b"])
    assert tags.to_header() == str(tags) == '"a", W/"b"'
    assert repr(tags) == '<ETags \'"a", W/"b"\'>'


@pytest.mark.parametrize(
    ("value", "tag"),
    [
        ('"a"', ("a", False)),
        ('W/"a"', ("a", True)),
        ('w/"a"', ("a", True)),
        ("a", ("a", False)),
        ('"a', ('"a', False)),
        ('""', ("", False)),
        ("", (None, None)),
        (None, (None, None)),
    ],
)
def test_unquoting(value: str | None, tag: tuple[str | None, bool | None]) -> None:
    assert unquote_etag(value) == tag


def test_quoting() -> None:
    assert quote_etag("a") == '"a"'
    assert quote_etag("a", weak=True) == 'W/"a"'
    with pytest.raises(ValueError, match="invalid etag"):
        quote_etag('a"')


def test_a_tag_is_made_of_the_data() -> None:
    assert generate_etag(b"a") == generate_etag(b"a") != generate_etag(b"b")
    assert generate_etag(b"").isalnum()


@pytest.mark.parametrize("piece", ['"', 'W/"', ",", " ", '",', "a", 'a" ', ', "', "W/"])
def test_hostile_tags_are_cheap(piece: str) -> None:
    start = process_time()
    for header in (piece * 50_000, "," + piece * 50_000, piece * 50_000 + '"'):
        parse_etags(header)
    assert process_time() - start < 2


TAGS = st.text(
    st.characters(min_codepoint=33, max_codepoint=126, exclude_characters='"'),
    min_size=1,
    max_size=20,
)


@given(st.sets(TAGS, max_size=5), st.sets(TAGS, max_size=5))
def test_round_trip(strong: set[str], weak: set[str]) -> None:
    tags = parse_etags(ETags(strong, weak).to_header())
    assert tags.as_set() == strong
    assert all(tags.is_weak(tag) for tag in weak)
    assert tags.as_set(include_weak=True) == strong | weak


@given(st.text('ab", W/*', max_size=30))
def test_any_text_gives_an_answer(text: str) -> None:
    tags = parse_etags(text)
    assert all('"' not in tag for tag in tags.as_set(include_weak=True))
