from __future__ import annotations

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erlen.http.accept import (
    MAX_ITEMS,
    Accept,
    CharsetAccept,
    LanguageAccept,
    MIMEAccept,
    parse_accept_header,
)


@pytest.mark.parametrize(
    ("header", "pairs"),
    [
        pytest.param("gzip", [("gzip", 1)], id="one"),
        pytest.param("gzip;q=0.5, br", [("br", 1), ("gzip", 0.5)], id="best-first"),
        pytest.param("b;q=0.5,a;q=0.5", [("b", 0.5), ("a", 0.5)], id="equals-keep-their-order"),
        pytest.param("*, gzip;q=0.1", [("gzip", 0.1), ("*", 1)], id="star-last"),
        pytest.param("a,,b,", [("a", 1), ("b", 1)], id="empty-items"),
        pytest.param("a; Q=0.4", [("a", 0.4)], id="name-in-upper-case"),
        pytest.param('a;q="0.3"', [("a", 0.3)], id="quoted-weight"),
        pytest.param("a;q=", [("a", 1)], id="empty-weight"),
        pytest.param("a;q=x, b", [("b", 1)], id="weight-is-no-number"),
        pytest.param("a;q=2, b", [("b", 1)], id="weight-too-high"),
        pytest.param("a;q=-1, b", [("b", 1)], id="weight-below-zero"),
        pytest.param("a;q=1e-1, b", [("b", 1)], id="weight-with-exponent"),
        pytest.param("a;q=٣, b", [("a", 1), ("b", 1)], id="weight-is-no-token"),
        pytest.param("a;v=1;q=0.3", [("a; v=1", 0.3)], id="parameters-stay"),
        pytest.param('a;v="x, y";q=0.3', [('a; v="x, y"', 0.3)], id="comma-in-quotes"),
        pytest.param('a, b;v="x', [], id="quote-without-an-end"),
    ],
)
def test_a_header(header: str, pairs: list[tuple[str, float]]) -> None:
    accept = parse_accept_header(header)
    assert list(accept) == pairs
    assert list(accept.values()) == [value for value, _ in pairs]
    assert accept.best == (pairs[0][0] if pairs else None)
    assert accept.provided


@pytest.mark.parametrize("header", [None, ""])
def test_no_header(header: str | None) -> None:
    accept = parse_accept_header(header, MIMEAccept)
    assert type(accept) is MIMEAccept
    assert not accept
    assert not accept.provided
    assert accept.best is None
    assert accept.best_match(["text/html"]) is None
    assert accept.best_match(["text/html"], "text/plain") == "text/plain"


def test_copies_and_text() -> None:
    accept = parse_accept_header("br;q=0.5, gzip")
    assert accept.to_header() == str(accept) == "gzip,br;q=0.5"
    assert repr(accept) == "Accept([('gzip', 1), ('br', 0.5)])"
    assert Accept(accept) == accept
    assert not Accept(Accept(None)).provided
    with pytest.raises(TypeError, match="immutable"):
        accept.append(("x", 1))


def test_looking_up() -> None:
    accept = parse_accept_header("gzip;q=0.5, BR, *;q=0.1")
    assert accept["br"] == 1
    assert accept["gzip"] == accept.quality("GZIP") == 0.5
    assert accept["deflate"] == 0.1
    assert accept[0] == ("BR", 1)
    assert "anything" in accept
    assert accept.index("gzip") == accept.find("gzip") == 1
    assert accept.find("deflate") == 2
    assert accept.find(("BR", 1)) == 0
    assert accept.find(("BR", 0.5)) == -1
    strict = parse_accept_header("gzip")
    assert strict["br"] == 0
    assert "br" not in strict
    assert strict.find("br") == -1
    with pytest.raises(ValueError, match="br"):
        strict.index("br")


@pytest.mark.parametrize(
    ("header", "offered", "chosen"),
    [
        pytest.param("gzip;q=0.5, br", ["gzip", "br"], "br", id="quality"),
        pytest.param("gzip, br", ["br", "gzip"], "br", id="first-of-equals"),
        pytest.param("*, gzip", ["br", "gzip"], "gzip", id="exact-before-star"),
        pytest.param("*;q=0.9, gzip;q=0.5", ["br", "gzip"], "br", id="quality-before-exact"),
        pytest.param("gzip;q=0, *", ["gzip"], None, id="refused"),
        pytest.param("gzip", ["br"], None, id="not-accepted"),
        pytest.param("gzip", [], None, id="nothing-offered"),
    ],
)
def test_best_match(header: str, offered: list[str], chosen: str | None) -> None:
    accept = parse_accept_header(header)
    assert accept.best_match(offered) == chosen
    assert accept.best_match(iter(offered), default="x") == (chosen or "x")


@pytest.mark.parametrize(
    ("header", "cls", "value"),
    [
        pytest.param("gzip;q=0, *", Accept, "gzip", id="named"),
        pytest.param("gzip, *;q=0", Accept, "br", id="by-the-star"),
        pytest.param("*;q=0.000", CharsetAccept, "utf-8", id="zeros"),
        pytest.param("text/*;q=0, */*", MIMEAccept, "text/css", id="a-range-of-types"),
        pytest.param("text/html;q=0, text/*", MIMEAccept, "text/html", id="of-a-range"),
        pytest.param("en;q=0, *", LanguageAccept, "en", id="language"),
    ],
)
def test_what_has_weight_zero_is_refused_by_every_question(header, cls, value) -> None:
    accept = parse_accept_header(header, cls)
    assert value not in accept
    assert accept.quality(value) == accept[value] == 0
    assert accept.best_match([value]) is None
    assert accept.best != value


def test_the_best_value_is_none_that_is_refused() -> None:
    assert parse_accept_header("gzip;q=0").best is None
    assert parse_accept_header("gzip;q=0, *").best == "*"
    assert "*" in parse_accept_header("*;q=0, gzip")
    assert "*" not in parse_accept_header("gzip")


BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"


@pytest.mark.parametrize(
    ("header", "offered", "chosen"),
    [
        pytest.param(BROWSER, ["application/json", "text/html"], "text/html", id="browser"),
        pytest.param(BROWSER, ["application/json"], "application/json", id="any-type"),
        pytest.param("application/json", ["text/html"], None, id="only-json"),
        pytest.param("text/*;q=0.5, text/html", ["text/plain", "text/html"], "text/html", id="sub"),
        pytest.param("text/*", ["image/png", "text/css"], "text/css", id="range-of-subtypes"),
        pytest.param(
            "text/html;level=1, text/html;q=0.5",
            ["text/html", "text/html;level=1"],
            "text/html;level=1",
            id="parameters-count",
        ),
        pytest.param("text/html;level=1", ["text/html"], None, id="parameters-must-fit"),
        pytest.param("TEXT/HTML", ["text/html"], "text/html", id="case"),
        pytest.param("html, */html, text/plain", ["text/plain"], "text/plain", id="no-types"),
    ],
)
def test_media_types(header: str, offered: list[str], chosen: str | None) -> None:
    assert parse_accept_header(header, MIMEAccept).best_match(offered) == chosen


@pytest.mark.parametrize("offered", ["html", "*/html"])
def test_the_program_must_offer_media_types(offered: str) -> None:
    with pytest.raises(ValueError, match="invalid mimetype"):
        parse_accept_header("text/html", MIMEAccept).best_match([offered])


@pytest.mark.parametrize(
    ("header", "html", "xhtml", "json"),
    [
        ("text/html", True, False, False),
        ("application/xhtml+xml", True, True, False),
        ("application/xml", True, True, False),
        ("application/json;q=0.1", False, False, True),
        ("*/*", True, True, True),
        ("application/json;q=0, */*", True, True, False),
        ("text/html;q=0, application/xml;q=0", False, False, False),
        ("image/png", False, False, False),
    ],
)
def test_what_pages_ask_for(header: str, html: bool, xhtml: bool, json: bool) -> None:
    accept = parse_accept_header(header, MIMEAccept)
    assert (accept.accept_html, accept.accept_xhtml, accept.accept_json) == (html, xhtml, json)


@pytest.mark.parametrize(
    ("header", "offered", "chosen"),
    [
        pytest.param("de;q=0.5,en", ["de", "en"], "en", id="quality"),
        pytest.param("en-us", ["en_US"], "en_US", id="delimiter-and-case"),
        pytest.param("en-GB", ["en"], "en", id="client-falls-back"),
        pytest.param("en", ["en-AU", "en-US"], "en-AU", id="offer-falls-back"),
        pytest.param("en-GB, fr;q=0.5", ["en-US", "fr"], "fr", id="exact-before-fallback"),
        pytest.param("de-AT", ["de-DE"], None, id="both-special"),
        pytest.param("", ["de"], None, id="no-header"),
        pytest.param("fr", ["de"], None, id="none"),
        pytest.param("zh-Hant", ["zh-Hans-CN", "zh-Hant-TW"], "zh-Hant-TW", id="range-covers"),
        pytest.param("en, fr;q=0.5", ["fr", "en-US"], "en-US", id="a-range-counts-as-a-fit"),
        pytest.param("de, *;q=0.5", ["en", "de-AT"], "de-AT", id="range-before-star"),
        pytest.param("de;q=0.5, *", ["de-AT", "en"], "en", id="star-by-quality"),
        pytest.param("en, en-GB;q=0.2", ["en-GB", "en-US"], "en-US", id="longest-range-decides"),
        pytest.param("zh-Hant-TW", ["zh", "zh-Hant"], "zh-Hant", id="cut-bit-by-bit"),
        pytest.param("en-GB, *;q=0.1", ["fr", "en"], "en", id="cut-before-star"),
        pytest.param("*", ["de", "en-GB"], "de", id="first-of-what-the-star-takes"),
        pytest.param("en-GB-oed;q=0.2, *", ["fr", "en-GB"], "fr", id="star-before-what-is-worse"),
        pytest.param("en", ["enx", "eng-GB", "en-US"], "en-US", id="whole-subtags"),
        pytest.param("en;q=0, *", ["en-US"], None, id="refused-with-what-it-covers"),
        pytest.param("en-US;q=0, en", ["en-US"], None, id="one-of-a-range-refused"),
        pytest.param("en-GB;q=0, *", ["en-GB", "en"], "en", id="refusing-one-refuses-no-other"),
        pytest.param("en-GB;q=0", ["en"], None, id="nor-does-it-accept-one"),
        pytest.param("*;q=0", ["en"], None, id="nothing-at-all"),
    ],
)
def test_languages(header: str, offered: list[str], chosen: str | None) -> None:
    accept = parse_accept_header(header, LanguageAccept)
    assert accept.best_match(offered) == chosen
    assert accept.best_match(offered, "xx") == (chosen or "xx")


def test_character_sets_have_several_names() -> None:
    accept = parse_accept_header("latin1, x-mine;q=0.5, a\0b;q=0.1, ÚTF-8;q=0.1", CharsetAccept)
    assert "ISO-8859-1" in accept
    assert accept["X-Mine"] == 0.5
    # Of names that are not ASCII, which no codec has, Python warns.
    assert accept["útf-8"] == 0.1
    assert "utf-8" not in accept
    assert "utf-8" in parse_accept_header("*", CharsetAccept)


def test_very_many_items_are_cut() -> None:
    accept = parse_accept_header(",".join(f"x{number}" for number in range(100_000)))
    assert len(accept) == MAX_ITEMS
    assert accept.best == "x0"


@pytest.mark.parametrize("piece", ['"', "a;", "a=", ",", ";q=0.", '\\"'])
def test_hostile_values_are_cheap(piece: str) -> None:
    start = process_time()
    parse_accept_header(piece * 60_000, MIMEAccept).best_match(["text/html"])
    assert process_time() - start < 2


TOKENS = st.text("abcdefghijklmnopqrstuvwxyz+-.", min_size=1, max_size=8)
WEIGHTS = st.integers(0, 1000).map(lambda thousandths: thousandths / 1000)


@given(st.lists(st.tuples(TOKENS, WEIGHTS), min_size=1, max_size=8, unique_by=lambda pair: pair[0]))
def test_round_trip(pairs: list[tuple[str, float]]) -> None:
    accept = Accept(pairs)
    again = parse_accept_header(accept.to_header())
    assert list(again) == list(accept)
    assert {value: again[value] for value in again.values()} == dict(pairs)
    wanted = max(weight for _, weight in pairs)
    chosen = again.best_match([value for value, _ in pairs])
    assert (chosen is None) if wanted == 0 else (dict(pairs)[str(chosen)] == wanted)


@given(st.lists(st.tuples(TOKENS, TOKENS, WEIGHTS), min_size=1, max_size=5))
def test_round_trip_of_media_types(types: list[tuple[str, str, float]]) -> None:
    accept = MIMEAccept([(f"{kind}/{subtype}", weight) for kind, subtype, weight in types])
    assert parse_accept_header(accept.to_header(), MIMEAccept) == accept


@given(st.text(max_size=60))
def test_any_text_gives_an_answer(text: str) -> None:
    for cls in (Accept, MIMEAccept, LanguageAccept, CharsetAccept):
        accept = parse_accept_header(text, cls)
        assert all(0 <= weight <= 1 for _, weight in accept)
        assert accept.best_match(["text/html", "en/gb"]) in ("text/html", "en/gb", None)
