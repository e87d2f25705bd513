"""Cases 92, 114 and 115: conditions in the order of RFC 9110, section 13.2.2, then the range."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from itertools import product

import pytest

from erlen import Erlen, Response, request, send_file
from erlen.http import check_preconditions

BODY = b"01234"
CHANGED = datetime(2024, 5, 1, 12, tzinfo=UTC)
BEFORE, THEN, AFTER = (
    f"{day} 2024 12:00:00 GMT" for day in ("Tue, 30 Apr", "Wed, 01 May", "Thu, 02 May")
)


def case(name, *values):
    return pytest.param(*values, id=f"case-{name}")


@pytest.fixture
def app(interface, tmp_path):
    path = tmp_path / "five.txt"
    path.write_bytes(BODY)
    large = tmp_path / "large.txt"
    large.write_bytes(b"x" * 200_000)
    app = Erlen("x")

    @app.route("/page")
    def page():
        response = Response(BODY)
        response.set_etag("tag")
        response.last_modified = CHANGED
        return response.make_conditional(request, accept_ranges=True, complete_length=5)

    @app.route("/file")
    def file():
        return send_file(path, etag="tag", last_modified=CHANGED)

    @app.route("/plain-file")
    def plain_file():
        return send_file(path)

    @app.route("/large-file")
    def large_file():
        return send_file(large, etag="tag", last_modified=CHANGED)

    @app.route("/open-file")
    def open_file():
        return send_file(BytesIO(BODY), download_name="five.txt", etag="tag", last_modified=CHANGED)

    @app.put("/note")
    @app.delete("/note")
    def note():
        check_preconditions(request, etag="tag", last_modified=CHANGED)
        return "changed"

    @app.route("/status/<int:code>")
    def status(code):
        response = Response(BODY, code)
        response.set_etag("tag")
        response.last_modified = CHANGED
        return response.make_conditional(request, accept_ranges=True, complete_length=5)

    @app.put("/may-be-missing/<what>")
    @app.delete("/may-be-missing/<what>")
    def may_be_missing(what):
        check_preconditions(request, exists={"there": True, "missing": False}.get(what))
        return "changed"

    return app


PATHS = ["/page", "/file", "/open-file"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("method", "headers", "status", "body"),
    [
        case("114-other-unit", "GET", {"Range": "items=0-1"}, 200, BODY),
        case("114-head", "HEAD", {"Range": "bytes=0-1"}, 200, b""),
        case("114-one-of-two", "GET", {"Range": "bytes=10-,0-1"}, 206, b"01"),
        case("114-suffix-and-outside", "GET", {"Range": "bytes=-2, 7-9"}, 206, b"34"),
        case("114-none-of-two", "GET", {"Range": "bytes=10-,20-21"}, 416, None),
        case("114-several", "GET", {"Range": "bytes=0-0,2-3"}, 200, BODY),
        case("115-if-match-fails", "GET", {"Range": "bytes=0-1", "If-Match": '"no"'}, 412, None),
        case("115-if-match-fits", "GET", {"Range": "bytes=0-1", "If-Match": '"tag"'}, 206, b"01"),
        case("115-if-match-any", "GET", {"Range": "bytes=0-1", "If-Match": "*"}, 206, b"01"),
        case("115-if-match-weak", "GET", {"If-Match": 'W/"tag"'}, 412, None),
        case(
            "115-if-none-match", "GET", {"Range": "bytes=0-1", "If-None-Match": '"tag"'}, 304, b"",
        ),
        case("115-if-none-match-weak", "GET", {"If-None-Match": 'W/"tag"'}, 304, b""),
        case("115-if-none-match-any", "GET", {"If-None-Match": "*"}, 304, b""),
        case("115-if-none-match-other", "GET", {"If-None-Match": '"no"'}, 200, BODY),
        case(
            "115-the-date-does-not-count-behind-a-tag", "GET",
            {"If-None-Match": '"no"', "If-Modified-Since": AFTER}, 200, BODY,
        ),
        case(
            "115-both", "GET", {"If-Match": '"no"', "If-None-Match": '"tag"'}, 412, None,
        ),
        case("115-if-unmodified-since", "GET", {"If-Unmodified-Since": BEFORE}, 412, None),
        case("115-if-unmodified-since-fits", "GET", {"If-Unmodified-Since": THEN}, 200, BODY),
        case(
            "115-if-match-before-the-date", "GET",
            {"If-Match": '"tag"', "If-Unmodified-Since": BEFORE}, 200, BODY,
        ),
        case("115-if-modified-since", "GET", {"If-Modified-Since": THEN}, 304, b""),
        case("115-if-modified-since-range", "GET",
             {"If-Modified-Since": THEN, "Range": "bytes=0-1"}, 304, b""),
        case("115-a-list-without-tags-fits-nothing", "GET", {"If-Match": ", ,"}, 412, None),
        case("115-no-tag-at-all", "GET", {"If-Match": '"tag'}, 412, None),
        case(
            "115-nor-does-the-date-count-behind-it", "GET",
            {"If-None-Match": '"tag', "If-Modified-Since": AFTER}, 200, BODY,
        ),
        case("115-if-range", "GET", {"Range": "bytes=0-1", "If-Range": THEN}, 206, b"01"),
        case("115-if-range-later", "GET", {"Range": "bytes=0-1", "If-Range": AFTER}, 200, BODY),
        case("115-if-range-before", "GET", {"Range": "bytes=0-1", "If-Range": BEFORE}, 200, BODY),
        case("115-if-range-tag", "GET", {"Range": "bytes=0-1", "If-Range": '"tag"'}, 206, b"01"),
        case("115-if-range-weak", "GET", {"Range": "bytes=0-1", "If-Range": 'W/"tag"'}, 200, BODY),
    ],
)  # fmt: skip
def test_conditions_and_ranges(app, path, method, headers, status, body):
    response = app.test_client().open(path, method=method, headers=headers)
    assert response.status_code == status
    if body is not None:
        assert response.data == body
    assert ("Content-Range" in response.headers) == (status in (206, 416))


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        case("115-no-condition", {}, 200),
        case("115-if-match", {"If-Match": '"tag"'}, 200),
        case("115-if-match-fails", {"If-Match": '"old"'}, 412),
        case("115-only-if-it-is-new", {"If-None-Match": "*"}, 412),
        case("115-if-none-match", {"If-None-Match": '"tag"'}, 412),
        case("115-if-unmodified-since", {"If-Unmodified-Since": BEFORE}, 412),
        case("115-if-modified-since-is-for-get", {"If-Modified-Since": AFTER}, 200),
    ],
)
def test_changes_are_refused_too(app, method, headers, status):
    response = app.test_client().open("/note", method=method, headers=headers)
    assert response.status_code == status


@pytest.mark.parametrize("code", [201, 203, 301, 403, 404, 410, 500])
@pytest.mark.parametrize(
    "headers",
    [
        case("115-if-match", {"If-Match": '"old"'}),
        case("115-if-none-match", {"If-None-Match": '"tag"'}),
        case("115-if-modified-since", {"If-Modified-Since": AFTER}),
        case("115-if-unmodified-since", {"If-Unmodified-Since": BEFORE}),
    ],
)
def test_what_is_no_success_has_no_conditions(app, code, headers):
    response = app.test_client().get(f"/status/{code}", headers=headers)
    assert (response.status_code == code) == (code >= 300)


@pytest.mark.parametrize("code", [201, 203, 404, 500])
def test_only_a_200_has_ranges(app, code):
    response = app.test_client().get(f"/status/{code}", headers={"Range": "bytes=0-1"})
    assert (response.status_code, response.data) == (code, BODY)
    assert "Content-Range" not in response.headers


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
@pytest.mark.parametrize(
    ("what", "headers", "status"),
    [
        case("115-any-there", "there", {"If-Match": "*"}, 200),
        case("115-any-missing", "missing", {"If-Match": "*"}, 412),
        case("115-new-there", "there", {"If-None-Match": "*"}, 412),
        case("115-new-missing", "missing", {"If-None-Match": "*"}, 200),
        case("115-tag-of-what-is-missing", "missing", {"If-Match": '"tag"'}, 412),
        case("115-without-tag-or-date-nothing-is-there", "untold", {"If-None-Match": "*"}, 200),
    ],
)
def test_a_star_asks_whether_there_is_anything(app, method, what, headers, status):
    answer = app.test_client().open(f"/may-be-missing/{what}", method=method, headers=headers)
    assert answer.status_code == status


def plain_reading(method, match, unmodified, none, modified):
    """The five steps of the section, for a representation with the strong tag "tag"."""
    if match is not None:
        if match not in ("*", '"tag"'):
            return 412
    elif unmodified == BEFORE:
        return 412
    if none is not None:
        if none in ("*", '"tag"', 'W/"tag"'):
            return 304 if method in ("GET", "HEAD") else 412
    elif modified in (THEN, AFTER) and method in ("GET", "HEAD"):
        return 304
    return 200


@pytest.mark.parametrize("path", ["/page", "/note"])
def test_all_conditions_together(app, path):
    client = app.test_client()
    tags = (None, "*", '"tag"', 'W/"tag"', '"no"')
    dates = (None, BEFORE, THEN, AFTER)
    names = ("If-Match", "If-Unmodified-Since", "If-None-Match", "If-Modified-Since")
    for method in ("GET", "HEAD") if path == "/page" else ("PUT", "DELETE"):
        for values in product(tags, dates, tags, dates):
            headers = {n: v for n, v in zip(names, values, strict=True) if v is not None}
            status = client.open(path, method=method, headers=headers).status_code
            assert status == plain_reading(method, *values), (method, headers)


@pytest.mark.parametrize("path", ["/file", "/plain-file", "/large-file", "/open-file"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        case("92-412", {"If-Match": '"no"'}, 412),
        case("92-416", {"Range": "bytes=900000-"}, 416),
        case("92-304", {"If-Modified-Since": "Wed, 01 May 2094 12:00:00 GMT"}, 304),
    ],
)
def test_no_length_without_its_body(app, path, method, headers, status):
    response = app.test_client().open(path, method=method, headers=headers)
    if method == "HEAD" and status == 416:
        status = 200
    assert response.status_code == status
    if method == "GET":
        length = response.headers.get("Content-Length")
        assert length is None if status == 304 else length == str(len(response.data))
    if status == 412:
        assert "Content-Encoding" not in response.headers
