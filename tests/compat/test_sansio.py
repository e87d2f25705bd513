from __future__ import annotations

import pytest

from erlen.compat.environment import get_content_length, get_current_url
from erlen.compat.sansio import Request, Response
from erlen.http.headers import Headers


def make(**parts: object) -> Request:
    given = {
        "method": "get",
        "scheme": "https",
        "server": ("10.0.0.1", 443),
        "root_path": "/app/",
        "path": "/ä b",
        "query_string": b"a=1&b=%C3%A4",
        "headers": Headers([("Host", "example.org"), ("X-A", "1"), ("X-A", "2")]),
        "remote_addr": "10.0.0.2",
        **parts,
    }
    return Request(**given)  # type: ignore[arg-type]


def test_the_parts() -> None:
    request = make()
    assert request.method == "GET"
    assert (request.root_path, request.path) == ("/app", "/ä b")
    assert request.url == "https://example.org/app/ä%20b?a=1&b=ä"
    assert request.args.to_dict() == {"a": "1", "b": "ä"}
    assert request.headers.getlist("X-A") == ["1", "2"]
    assert request.server == ("10.0.0.1", 443)
    assert request.remote_addr == "10.0.0.2"
    assert request.is_secure
    assert request.get_data() == b""


@pytest.mark.parametrize(
    ("server", "host"),
    [
        (("10.0.0.1", 443), "10.0.0.1"),
        (("10.0.0.1", 80), "10.0.0.1:80"),
        (("/run/app.sock", None), ""),
        (None, ""),
    ],
)
def test_without_a_host_header_the_server_counts(
    server: tuple[str, int | None] | None, host: str
) -> None:
    assert make(server=server, headers=Headers()).host == host


def test_a_path_below_the_root_may_begin_as_the_root_does() -> None:
    request = make(root_path="/app", path="/app/x")
    assert (request.root_path, request.path) == ("/app", "/app/x")
    assert make(root_path="", path="x").path == "/x"


def test_cookies_of_several_headers() -> None:
    headers = Headers([("Cookie", "a=1"), ("Cookie", "b=2; a=3")])
    assert make(headers=headers).cookies.to_dict(flat=False) == {"a": ["1", "3"], "b": ["2"]}


def test_the_head_of_a_response() -> None:
    response = Response(404, {"X-A": "1"}, mimetype="text/html")
    assert response.status == "404 NOT FOUND"
    assert response.content_type == "text/html; charset=utf-8"
    assert response.headers["X-A"] == "1"
    assert Response().status_code == 200


@pytest.mark.parametrize(
    ("parts", "url"),
    [
        (("http", "a.example"), "http://a.example/"),
        (("http", "a.example", "/r"), "http://a.example/r/"),
        (("http", "a.example", "/r", "/p"), "http://a.example/r/p"),
        (("http", "a.example", "/r", "/p", b"q=1"), "http://a.example/r/p?q=1"),
        (("https", "a.example:443", "", "/ä", b"q=%C3%A4"), "https://a.example/ä?q=ä"),
    ],
)
def test_urls(parts: tuple[str, ...], url: str) -> None:
    assert get_current_url(*parts) == url  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "length"),
    [("2", 2), (" 2 ", 2), ("", 0), ("-1", 0), ("+1", 0), ("1_0", 0), ("²", 0), (None, None)],
)
def test_lengths(value: str | None, length: int | None) -> None:
    assert get_content_length(value) == length
    assert get_content_length(value, "chunked") is None


def test_a_length_beyond_every_number() -> None:
    length = get_content_length("9" * 5000)
    assert length is not None
    assert length > 10**18
