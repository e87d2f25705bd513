from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erlen.http.csp import ContentSecurityPolicy, dump_csp_header, parse_csp_header


@pytest.mark.parametrize(
    ("header", "directives"),
    [
        ("default-src 'self'", {"default-src": "'self'"}),
        (
            "default-src 'self'; img-src * data:",
            {"default-src": "'self'", "img-src": "* data:"},
        ),
        (" img-src  *  ;; script-src 'none' ; ", {"img-src": "*", "script-src": "'none'"}),
        ("upgrade-insecure-requests; img-src *", {"img-src": "*"}),
        ("img-src a; img-src b", {"img-src": "b"}),
        (";", {}),
        ("", {}),
        (None, {}),
    ],
)
def test_parsing(header: str | None, directives: dict[str, str]) -> None:
    policy = parse_csp_header(header)
    assert dict(policy) == directives
    assert dict(parse_csp_header(policy.to_header())) == directives


def test_attributes_are_directives() -> None:
    policy = ContentSecurityPolicy()
    policy.default_src = "'self'"
    policy.script_src_elem = "https://cdn.invalid 'nonce-abc'"
    policy["x-own"] = "1"
    assert policy.default_src == policy["default-src"] == "'self'"
    assert policy.img_src is None
    assert policy.to_header() == str(policy) == dump_csp_header(policy)
    assert policy.to_header() == (
        "default-src 'self'; script-src-elem https://cdn.invalid 'nonce-abc'; x-own 1"
    )
    policy.script_src_elem = None
    policy.img_src = None
    del policy.default_src
    del policy.font_src
    assert policy.to_header() == "x-own 1"
    assert repr(policy) == "<ContentSecurityPolicy x-own='1'>"


@pytest.mark.parametrize(
    "name",
    [
        "base-uri", "child-src", "connect-src", "default-src", "font-src", "form-action",
        "frame-ancestors", "frame-src", "img-src", "manifest-src", "media-src", "navigate-to",
        "object-src", "plugin-types", "prefetch-src", "report-to", "report-uri", "sandbox",
        "script-src", "script-src-attr", "script-src-elem", "style-src", "style-src-attr",
        "style-src-elem", "worker-src",
    ],
)  # fmt: skip
def test_each_directive_has_its_attribute(name: str) -> None:
    policy = parse_csp_header(f"{name} value")
    assert getattr(policy, name.replace("-", "_")) == "value"


def test_changes_are_told() -> None:
    seen: list[str] = []
    policy = parse_csp_header("img-src *", lambda value: seen.append(value.to_header()))
    policy.font_src = "'self'"
    policy.img_src = None
    policy.object_src = None
    assert seen == ["img-src *; font-src 'self'", "font-src 'self'"]


def test_provided() -> None:
    assert ContentSecurityPolicy().provided
    assert not ContentSecurityPolicy(None).provided


NAMES = st.text("abcdefghijklmnopqrstuvwxyz-", min_size=1, max_size=10)
VALUES = st.text(
    st.characters(min_codepoint=33, max_codepoint=126, exclude_characters=";"),
    min_size=1,
    max_size=20,
)


@given(st.dictionaries(NAMES, st.lists(VALUES, min_size=1, max_size=3).map(" ".join), max_size=5))
def test_round_trip(directives: dict[str, str]) -> None:
    assert dict(parse_csp_header(ContentSecurityPolicy(directives).to_header())) == directives
