from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erlen.http.request import Request

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def request(**headers: str) -> Request:
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "SERVER_NAME": "localhost"}
    for name, value in headers.items():
        key = name.upper()
        environ[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = value
    return Request(environ)


@pytest.mark.parametrize(
    ("header", "attribute", "value"),
    [
        ("content_type", "text/html; charset=x", "text/html; charset=x"),
        ("content_encoding", "gzip", "gzip"),
        ("content_md5", "Q2hlY2s=", "Q2hlY2s="),
        ("referer", "http://localhost/a", "http://localhost/a"),
        ("origin", "https://example.org", "https://example.org"),
        ("access_control_request_method", "PUT", "PUT"),
        ("date", "Thu, 01 Jan 1970 00:00:00 GMT", EPOCH),
        ("if_modified_since", "Thu, 01 Jan 1970 00:00:00 GMT", EPOCH),
        ("if_unmodified_since", "Thu, 01 Jan 1970 00:00:00 GMT", EPOCH),
        ("max_forwards", "5", 5),
    ],
)
def test_single_values(header: str, attribute: str, value: Any) -> None:
    name = "referrer" if header == "referer" else header
    assert getattr(request(**{header: attribute}), name) == value
    assert getattr(request(), name) is None


@pytest.mark.parametrize("name", ["content_type", "origin", "date", "max_forwards"])
def test_they_are_read_only(name: str) -> None:
    with pytest.raises(AttributeError):
        setattr(request(), name, "x")


@pytest.mark.parametrize(
    ("content_type", "mimetype", "params"),
    [
        ("text/html", "text/html", {}),
        ("Text/HTML; Charset=UTF-8", "text/html", {"charset": "UTF-8"}),
        ('multipart/form-data; boundary="a b"', "multipart/form-data", {"boundary": "a b"}),
        ("", "", {}),
    ],
)
def test_media_type(content_type: str, mimetype: str, params: dict[str, str]) -> None:
    sent = request(content_type=content_type)
    assert (sent.mimetype, sent.mimetype_params) == (mimetype, params)


@pytest.mark.parametrize(
    ("content_type", "is_json"),
    [
        ("application/json", True),
        ("application/json; charset=utf-8", True),
        ("Application/JSON", True),
        ("application/problem+json", True),
        ("text/json", False),
        ("application/jsonp", False),
        ("text/x+json", False),
        ("", False),
    ],
)
def test_is_json(content_type: str, is_json: bool) -> None:
    assert request(content_type=content_type).is_json is is_json


def test_negotiation() -> None:
    sent = request(
        accept="text/html;q=0.5, application/json",
        accept_charset="latin1",
        accept_encoding="br, gzip;q=0.5",
        accept_language="de, en;q=0.5",
    )
    assert sent.accept_mimetypes.best == "application/json"
    assert sent.accept_mimetypes.accept_html
    assert "iso-8859-1" in sent.accept_charsets
    assert sent.accept_encodings.best_match(["gzip", "br"]) == "br"
    assert sent.accept_languages.best_match(["en", "de"]) == "de"


def test_no_negotiation() -> None:
    sent = request()
    for accept in (
        sent.accept_mimetypes,
        sent.accept_charsets,
        sent.accept_encodings,
        sent.accept_languages,
    ):
        assert not accept
        assert not accept.provided


def test_conditions() -> None:
    sent = request(if_match='"a", W/"b"', if_none_match="*", if_range='"c"', range="bytes=0-4, -5")
    assert sent.if_match.is_strong("a")
    assert sent.if_match.is_weak("b")
    assert sent.if_none_match.star_tag
    assert sent.if_range.etag == "c"
    assert sent.range is not None
    assert sent.range.ranges == [(0, 5), (-5, None)]


def test_no_conditions() -> None:
    sent = request()
    assert not sent.if_match
    assert not sent.if_none_match
    assert sent.if_range.etag is sent.if_range.date is None
    assert sent.range is None


def test_lists_and_directives() -> None:
    sent = request(
        cache_control="no-cache, max-age=0",
        pragma="no-cache, X",
        access_control_request_headers="X-A, x-b",
    )
    assert sent.cache_control.no_cache
    assert sent.cache_control.max_age == 0
    assert list(sent.pragma) == ["no-cache", "X"]
    assert list(sent.access_control_request_headers or ()) == ["X-A", "x-b"]
    assert request().cache_control.max_age is None
    assert not request().pragma


def test_user_agent_and_credentials() -> None:
    sent = request(user_agent="curl/8", authorization="Bearer abc")
    assert sent.user_agent.string == "curl/8"
    assert sent.authorization is not None
    assert sent.authorization.token == "abc"
    assert request().user_agent.string == ""
    assert request().authorization is None


def test_a_class_of_user_agents() -> None:
    class Agent:
        def __init__(self, string: str) -> None:
            self.browser = string.partition("/")[0]

    class Own(Request):
        user_agent_class: Any = Agent

    assert Own(request(user_agent="curl/8").environ).user_agent.browser == "curl"


def test_each_is_parsed_once() -> None:
    sent = request(accept="a/b", cache_control="no-cache", if_match='"a"', user_agent="x")
    for name in ("accept_mimetypes", "cache_control", "if_match", "user_agent", "pragma"):
        assert getattr(sent, name) is getattr(sent, name)


NAMES = [
    "accept", "accept_charset", "accept_encoding", "accept_language", "authorization",
    "cache_control", "content_type", "cookie", "date", "if_match", "if_modified_since",
    "if_none_match", "if_range", "max_forwards", "pragma", "range", "user_agent",
    "x_forwarded_for",
]  # fmt: skip
ATTRIBUTES = [
    "accept_charsets", "accept_encodings", "accept_languages", "accept_mimetypes",
    "access_route", "authorization", "cache_control", "cookies", "date", "if_match",
    "if_modified_since", "if_none_match", "if_range", "is_json", "max_forwards", "mimetype",
    "mimetype_params", "pragma", "range", "user_agent",
]  # fmt: skip


@given(st.text(st.characters(max_codepoint=255), max_size=40))
def test_reading_a_header_never_raises(value: str) -> None:
    sent = request(**dict.fromkeys(NAMES, value))
    for attribute in ATTRIBUTES:
        getattr(sent, attribute)
