from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from erlen.http.auth import WWWAuthenticate
from erlen.http.csp import ContentSecurityPolicy
from erlen.http.isolation import COEP, COOP
from erlen.http.ranges import ContentRange
from erlen.http.response import Response
from erlen.http.response_fields import content_type_for

DATE = datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)
DATE_TEXT = "Thu, 02 Jan 2020 03:04:05 GMT"


@pytest.mark.parametrize(
    ("header", "value", "text", "read"),
    [
        ("Content-Type", "a/b; c=d", "a/b; c=d", "a/b; c=d"),
        ("Content-Location", "/x", "/x", "/x"),
        ("Content-Encoding", "gzip", "gzip", "gzip"),
        ("Content-MD5", "abc", "abc", "abc"),
        ("Content-Length", 5, "5", 5),
        ("Accept-Ranges", "bytes", "bytes", "bytes"),
        ("Location", "/x", "/x", "/x"),
        ("Age", 5, "5", timedelta(seconds=5)),
        ("Age", timedelta(minutes=1), "60", timedelta(minutes=1)),
        ("Date", DATE, DATE_TEXT, DATE),
        ("Expires", DATE.replace(tzinfo=None), DATE_TEXT, DATE),
        ("Last-Modified", DATE.timestamp(), DATE_TEXT, DATE),
        ("Retry-After", DATE, DATE_TEXT, DATE),
        ("Access-Control-Allow-Origin", "*", "*", "*"),
        ("Access-Control-Max-Age", 5, "5", 5),
        (
            "Cross-Origin-Opener-Policy",
            COOP.SAME_ORIGIN,
            "same-origin",
            COOP.SAME_ORIGIN,
        ),
        (
            "Cross-Origin-Embedder-Policy",
            COEP.REQUIRE_CORP,
            "require-corp",
            COEP.REQUIRE_CORP,
        ),
    ],
)
def test_single_values(header: str, value: Any, text: str, read: Any) -> None:
    name = header.lower().replace("-", "_")
    response = Response(None)
    setattr(response, name, value)
    assert response.headers.getlist(header) == [text]
    assert getattr(response, name) == read
    setattr(response, name, None)
    assert header not in response.headers


@pytest.mark.parametrize(
    ("header", "text", "read"),
    [
        ("Age", "x", None),
        ("Date", "x", None),
        ("Content-Length", "x", None),
        ("Retry-After", "x", None),
        ("Access-Control-Max-Age", "x", None),
        ("Cross-Origin-Opener-Policy", "x", COOP.UNSAFE_NONE),
        ("Cross-Origin-Embedder-Policy", "", COEP.UNSAFE_NONE),
    ],
)
def test_what_cannot_be_read(header: str, text: str, read: Any) -> None:
    response = Response(headers={header: text})
    assert getattr(response, header.lower().replace("-", "_")) == read


@pytest.mark.parametrize("name", ["vary", "allow", "content_language"])
def test_sets(name: str) -> None:
    header = name.replace("_", "-").title()
    response = Response()
    tokens = getattr(response, name)
    assert not tokens
    tokens.add("a")
    tokens.update(["b", "A"])
    assert response.headers[header] == "a, b"
    getattr(response, name).remove("A")
    assert response.headers[header] == "b"
    getattr(response, name).clear()
    assert header not in response.headers
    setattr(response, name, ["x", "y z"])
    assert response.headers[header] == 'x, "y z"'
    setattr(response, name, "p, q")
    assert list(getattr(response, name)) == ["p", "q"]
    setattr(response, name, None)
    assert header not in response.headers


def test_adding_to_a_set_keeps_what_other_lines_have() -> None:
    response = Response(headers=[("Vary", "Cookie"), ("Vary", "Accept, Origin")])
    response.vary.add("Accept-Encoding")
    assert response.headers.getlist("Vary") == ["Cookie, Accept, Origin, Accept-Encoding"]


@pytest.mark.parametrize("name", ["allow_headers", "allow_methods", "expose_headers"])
def test_cors_sets(name: str) -> None:
    name = f"access_control_{name}"
    response = Response()
    assert getattr(response, name) is None
    setattr(response, name, ["X-A", "X-B"])
    assert "x-a" in getattr(response, name)
    assert response.headers[name.replace("_", "-")] == "X-A, X-B"


def test_cors_credentials() -> None:
    response = Response()
    assert response.access_control_allow_credentials is False
    response.access_control_allow_credentials = True
    assert response.headers["Access-Control-Allow-Credentials"] == "true"
    assert response.access_control_allow_credentials is True
    response.access_control_allow_credentials = None
    assert "Access-Control-Allow-Credentials" not in response.headers


@pytest.mark.parametrize(
    ("mimetype", "content_type"),
    [
        ("text/html", "text/html; charset=utf-8"),
        ("text/x-own", "text/x-own; charset=utf-8"),
        ("application/xml", "application/xml; charset=utf-8"),
        ("image/svg+xml", "image/svg+xml; charset=utf-8"),
        ("application/javascript", "application/javascript; charset=utf-8"),
        ("application/json", "application/json"),
        ("application/problem+json", "application/problem+json"),
        ("image/png", "image/png"),
    ],
)
def test_text_types_get_a_character_set(mimetype: str, content_type: str) -> None:
    assert content_type_for(mimetype) == content_type
    response = Response()
    response.mimetype = mimetype
    assert response.content_type == content_type
    assert response.mimetype == mimetype


def test_parameters_of_the_media_type() -> None:
    response = Response(content_type="text/html; charset=latin1")
    assert response.mimetype_params == {"charset": "latin1"}
    response.mimetype_params["charset"] = "utf-16"
    response.mimetype_params["x"] = "a b"
    assert response.content_type == 'text/html; charset=utf-16; x="a b"'
    response.mimetype_params.clear()
    assert response.content_type == "text/html"
    del response.content_type
    assert response.mimetype is None
    assert response.mimetype_params == {}
    assert not response.is_json


@pytest.mark.parametrize(
    ("content_type", "is_json"),
    [
        ("application/json; charset=utf-8", True),
        ("application/ld+json", True),
        ("text/json", False),
        ("application/xml", False),
    ],
)
def test_is_json(content_type: str, is_json: bool) -> None:
    assert Response(content_type=content_type).is_json is is_json


@pytest.mark.parametrize(("value", "seconds"), [(90, 90), ("90", 90), ("9" * 500, 9_999_999_999)])
def test_retry_after_in_seconds(value: Any, seconds: int) -> None:
    response = Response()
    response.retry_after = value
    assert response.headers["Retry-After"] == str(value)
    moment = response.retry_after
    assert moment is not None
    assert abs((moment - datetime.now(UTC)).total_seconds() - seconds) < 5


def test_cache_control() -> None:
    response = Response()
    assert response.cache_control.max_age is None
    response.cache_control.max_age = 60
    response.cache_control.public = True
    assert response.headers["Cache-Control"] == "max-age=60, public"
    response.cache_control.max_age = None
    del response.cache_control.public
    assert "Cache-Control" not in response.headers


@pytest.mark.parametrize("name", ["content_security_policy", "content_security_policy_report_only"])
def test_policies(name: str) -> None:
    header = name.replace("_", "-")
    response = Response()
    getattr(response, name).default_src = "'self'"
    getattr(response, name).img_src = "*"
    assert response.headers[header] == "default-src 'self'; img-src *"
    getattr(response, name).clear()
    assert header not in response.headers
    setattr(response, name, "font-src *")
    assert getattr(response, name).font_src == "*"
    setattr(response, name, ContentSecurityPolicy({"img-src": "a"}))
    assert response.headers[header] == "img-src a"
    setattr(response, name, None)
    assert header not in response.headers


def test_entity_tags() -> None:
    response = Response("hello")
    assert response.get_etag() == (None, None)
    response.add_etag()
    tag, weak = response.get_etag()
    assert response.headers["ETag"] == f'"{tag}"'
    assert weak is False
    response.set_etag("own", weak=True)
    assert response.headers["ETag"] == 'W/"own"'
    response.add_etag()
    assert response.get_etag() == ("own", True)
    response.add_etag(overwrite=True, weak=True)
    assert response.get_etag() == (tag, True)
    with pytest.raises(ValueError, match="invalid etag"):
        response.set_etag('a"b')


def test_content_range() -> None:
    response = Response()
    assert not response.content_range
    response.content_range.set(0, 5, 10)
    assert response.headers["Content-Range"] == "bytes 0-4/10"
    response.content_range.length = 20
    assert response.headers["Content-Range"] == "bytes 0-4/20"
    response.content_range.unset()
    assert "Content-Range" not in response.headers
    response.content_range = ContentRange("bytes", 1, 2)
    assert response.headers["Content-Range"] == "bytes 1-1/*"
    response.content_range = "bytes */5"
    assert response.content_range.length == 5
    response.content_range = None
    assert "Content-Range" not in response.headers


def test_challenge() -> None:
    response = Response(status=401)
    response.www_authenticate.realm = "a b"
    assert response.headers["WWW-Authenticate"] == 'Basic realm="a b"'
    challenge = WWWAuthenticate("bearer", {"scope": "x"})
    response.www_authenticate = challenge
    challenge["error"] = "y"
    assert response.headers["WWW-Authenticate"] == "Bearer scope=x, error=y"
    assert response.www_authenticate == challenge
    response.www_authenticate = [challenge, WWWAuthenticate("basic", {"realm": "z"})]
    assert response.headers.getlist("WWW-Authenticate") == [
        "Bearer scope=x, error=y",
        "Basic realm=z",
    ]
    response.www_authenticate = None
    assert "WWW-Authenticate" not in response.headers
    response.www_authenticate = challenge
    del response.www_authenticate
    assert "WWW-Authenticate" not in response.headers


def test_several_lines_of_cache_control_are_one_list() -> None:
    response = Response("x", headers=[("Cache-Control", "private"), ("Cache-Control", "no-store")])
    assert response.cache_control.no_store
    response.cache_control.max_age = 3
    assert response.headers.getlist("Cache-Control") == ["private, no-store, max-age=3"]
