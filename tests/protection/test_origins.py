"""Origins of pages, and lists of them."""

from __future__ import annotations

import pytest

from erlen.protection.origins import Origin, OriginList


@pytest.mark.parametrize(
    ("text", "origin", "written"),
    [
        ("https://example.org", Origin("https", "example.org", 443), "https://example.org"),
        ("HTTPS://Example.ORG", Origin("https", "example.org", 443), "https://example.org"),
        ("http://example.org:80", Origin("http", "example.org", 80), "http://example.org"),
        ("http://a_b:8000", Origin("http", "a_b", 8000), "http://a_b:8000"),
        ("http://[::1]:5000", Origin("http", "[::1]", 5000), "http://[::1]:5000"),
        ("wss://x", Origin("wss", "x", 443), "wss://x"),
        (
            "chrome-extension://abcdef",
            Origin("chrome-extension", "abcdef", None),
            "chrome-extension://abcdef",
        ),
    ],
)
def test_an_origin_is_read_and_written(text, origin, written):
    assert Origin.from_header(text) == origin
    assert origin.to_header() == written


@pytest.mark.parametrize(
    "text",
    [
        "", "null", "example.org", "//example.org", "https://", "https:///", "https://a/",
        "https://a/b", "https://u@a", "https://a?x", "https://a#x", "https://a b", "https://a\n",
        "https://a:", "https://a:b", "https://a:123456", "https://a,https://b", "https://*.a",
        "https://a\\b", "https://é", "https://[::1", 'https://a"', "https://" + "a" * 300,
        "x" * 100 + "://a",
    ],
)  # fmt: skip
def test_what_is_no_origin(text):
    assert Origin.from_header(text) is None


@pytest.mark.parametrize(
    ("origin", "scheme", "host", "same"),
    [
        ("https://a.example", "https", "a.example", True),
        ("https://a.example", "https", "A.example:443", True),
        ("https://a.example:8443", "https", "a.example:8443", True),
        ("http://localhost:5000", "http", "localhost:5000", True),
        ("http://[::1]:5000", "http", "[::1]:5000", True),
        # A proxy ended TLS.
        ("https://a.example", "http", "a.example", True),
        # A page that came in clear text is not of the site on TLS.
        ("http://a.example", "https", "a.example", False),
        ("http://a.example:443", "https", "a.example:443", False),
        ("https://a.example", "https", "b.example", False),
        ("https://a.example", "https", "a.example.evil.com", False),
        ("https://a.example", "https", "sub.a.example", False),
        ("https://a.example:8443", "https", "a.example", False),
        ("https://a.example", "https", "a.example:80", False),
        ("https://a.example", "https", "", False),
        ("https://a.example", "https", "a.example/x", False),
        ("chrome-extension://a", "http", "a", True),
        ("chrome-extension://a", "https", "a", False),
    ],
)
def test_an_origin_is_compared_with_a_host(origin, scheme, host, same):
    assert Origin.from_header(origin).is_host_of(scheme, host) is same


LIST = OriginList(
    [
        "https://a.example",
        "http://b.example:8000/",
        "https://*.c.example",
        "https://bücher.example",
    ],
    "X",
)


@pytest.mark.parametrize(
    ("origin", "is_listed"),
    [
        ("https://a.example", True),
        ("https://A.example:443", True),
        ("http://a.example", False),
        ("https://a.example:444", False),
        ("https://aXexample", False),
        ("https://a.example.evil.com", False),
        ("https://sub.a.example", False),
        ("http://b.example:8000", True),
        ("http://b.example", False),
        ("https://x.c.example", True),
        ("https://x.y.c.example", True),
        ("https://c.example", False),
        ("https://xc.example", False),
        ("http://x.c.example", False),
        ("https://x.c.example:444", False),
        ("https://xn--bcher-kva.example", True),
        ("null", False),
        ("*", False),
    ],
)
def test_a_list_is_literal(origin, is_listed):
    assert (Origin.from_header(origin) in LIST) is is_listed


def test_an_empty_list_is_false():
    assert not OriginList((), "X")
    assert OriginList("https://a.example", "X")
    assert OriginList(["https://*.a.example"], "X")


def test_a_list_of_one_may_be_text():
    assert Origin.from_header("https://a.example") in OriginList("https://a.example", "X")
    assert Origin.from_header("https://a.example") not in OriginList((), "X")


@pytest.mark.parametrize(
    "entry", ["a.example", "*", "null", "https://", "https://a/b", "https://*", "", "https://a*b"]
)
def test_an_entry_that_is_no_origin_is_an_error_that_helps(entry):
    with pytest.raises(ValueError, match=r"^SETTING has .* which is no origin\. Write the scheme"):
        OriginList([entry], "SETTING")
