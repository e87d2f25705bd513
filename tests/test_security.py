"""Password hashes."""

from __future__ import annotations

import pytest

from erlen.http.cookies import dump_cookie, parse_cookie
from erlen.http.ranges import parse_range_header
from erlen.security import check_password_hash, generate_password_hash


@pytest.mark.parametrize("method", ["scrypt", "scrypt:1024:8:1", "pbkdf2:sha256:1000"])
def test_a_hash_fits_its_password_alone(method):
    first = generate_password_hash("größe", method)
    second = generate_password_hash("größe", method)
    assert first != second
    assert first.startswith("scrypt:32768:8:1$" if method == "scrypt" else method)
    assert check_password_hash(first, "größe")
    assert not check_password_hash(first, "grösse")


@pytest.mark.parametrize(
    "stored",
    [
        "", "x", "a$b", "plain$salt$hash", "scrypt:1:2$s$h", "scrypt:-1:8:1$s$h",
        "scrypt:3:8:1$s$h", "scrypt:1024:8:1$s$ä", "pbkdf2:none:1$s$h", "pbkdf2:sha256:0$s$h",
        "pbkdf2:sha256:99999999999$s$h", "$$",
    ],
)  # fmt: skip
def test_a_malformed_hash_fits_nothing(stored):
    assert not check_password_hash(stored, "x")


def test_costs_are_bounded():
    assert not check_password_hash("scrypt:1073741824:8:1$salt$00", "x")
    assert not check_password_hash(generate_password_hash("x", "pbkdf2:sha256:1"), "x" * 100_000)
    with pytest.raises(ValueError, match="longer"):
        generate_password_hash("x" * 100_000)


@pytest.mark.parametrize("text", ["plain", "with space", 'q"uote', "semi;colon", "ä€😀", "\x01"])
def test_cookie_values_make_the_round_trip(text):
    pair = dump_cookie("name", text).partition(";")[0]
    if '"' in pair:
        pair = dump_cookie("name", text, path=None)
    assert parse_cookie(pair)["name"] == text


@pytest.mark.parametrize(
    "attributes",
    [{"path": "/;x"}, {"domain": "a;b"}, {"samesite": "Lax;x"}, {"expires": "a\r\nb"}],
)
def test_a_cookie_attribute_that_would_break_the_header(attributes):
    with pytest.raises(ValueError):
        dump_cookie("name", "value", **attributes)


def test_a_large_cookie_is_warned_about():
    with pytest.warns(UserWarning, match="too large"):
        dump_cookie("name", "x" * 5000)


@pytest.mark.parametrize(
    ("value", "ranges"),
    [
        ("bytes=0-9", [(0, 10)]),
        ("bytes=5-", [(5, None)]),
        ("bytes=-5", [(-5, None)]),
        ("bytes=0-1,3-4", [(0, 2), (3, 5)]),
        ("bytes=9-0", None),
        ("bytes=٣-٤", None),
        ("bytes=a-b", None),
        ("bytes", None),
        ("bytes=" + ",".join(f"{n * 2}-{n * 2}" for n in range(10_000)), None),
        ("bytes=" + "9" * 100_000 + "-", None),
    ],
)
def test_ranges(value, ranges):
    parsed = parse_range_header(value)
    assert (None if parsed is None else parsed.ranges) == ranges
