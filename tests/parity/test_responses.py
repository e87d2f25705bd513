"""Answers: kinds of return values, headers, errors, files and conditions."""

from __future__ import annotations

import pytest
from cases import Case, Difference, Expected, compare, each
from exchange import exchange, request

HTML = "text/html; charset=utf-8"


def get(name, path, status=200, sent=(), differs=(), method="GET", **expected):
    data = request(f"/VIEW/{path}", method, dict(sent))
    return Case(name, data, Expected(status, **expected), dict(differs))


RESPONSES = [
    get("text", "", body="Hello, Wörld!".encode(), headers={"Content-Type": HTML}),
    get("bytes, status and headers", "bytes", 201, body=b"\x00\xff",
        headers={"Content-Type": "application/octet-stream", "X-Own": "yes"}),
    get("list", "list", body=b'[1,"two",null]\n', headers={"Content-Type": "application/json"}),
    get("template", "template", body="/VIEW/template &lt;é&gt;".encode()),
    get("large", "megabytes/3", headers={"Content-Length": str(3 << 20)}, complete=True),
    get("head of large", "megabytes/3", method="HEAD", headers={"Content-Length": str(3 << 20)}),
    get("no content", "empty/204", 204, body=b"", headers={"Content-Length": None}),
    get("empty", "empty/200", body=b"", headers={"Content-Length": "0"}),
    get("unusual status", "empty/299", 299),
    get("unicode redirect", "redirect", 303, headers={"Location": "/sync/path/%C3%A9?q=%C3%BC"}),
    get("headers and cookies", "headers", headers={"X-Twice": "one, two", "X-Latin": "caf\xe9"},
        differs={"granian-wsgi": Difference(
            headers={"X-Latin": "caf\xc3\xa9"},
            reason="A header of the response with characters beyond ASCII is sent as UTF-8.",
        )}),
    get("abort", "abort/418", 418),
    get("abort with a length", "abort/411", 411),
    get("failure", "fail", 500),
    get("async error handler", "handled", 409, body=b'{"error":"handled"}\n'),
    get("tagged", "etag", body=b"tagged", headers={"ETag": '"abc"'}),
    get("not modified", "etag", 304, {"If-None-Match": '"abc"'}, body=b""),
    get("not modified, weakly", "etag", 304, {"If-None-Match": 'W/"abc", "x"'}, body=b""),
    get("head, not modified", "etag", 304, {"If-None-Match": "*"}, method="HEAD", body=b""),
    get("modified", "etag", sent={"If-None-Match": '"other"'}, body=b"tagged"),
]  # fmt: skip


@each(RESPONSES)
def test_response(case, view, server, reference, record_property):
    compare(case, view, server, reference, record_property)


LETTERS = b"0123456789abcdefghijklmnopqrstuvwxyz"


def part(name, value, status=206, **expected):
    return get(name, "file", status, {"Range": value}, **expected)


FILES = [
    get("whole", "file", body=LETTERS, headers={
        "Content-Length": "36",
        "Content-Disposition": "attachment; filename=bucher.txt;"
        " filename*=UTF-8''b%C3%BCcher.txt",
    }),
    get("head", "file", method="HEAD", body=b"", headers={"Content-Length": "36"}),
    part("first bytes", "bytes=0-4", body=b"01234", headers={"Content-Range": "bytes 0-4/36"}),
    part("from the middle", "bytes=30-", body=b"uvwxyz"),
    part("last bytes", "bytes=-3", body=b"xyz", headers={"Content-Length": "3"}),
    part("beyond the end", "bytes=34-99", body=b"yz"),
    part("of nothing", "bytes=36-", 416, headers={"Content-Range": "bytes */36"}),
    part("inverted", "bytes=5-2", 416),
    part("huge", "bytes=-99999999999999999999", body=LETTERS),
    get("of another unit", "file", sent={"Range": "lines=0-1"}, body=LETTERS),
    part("digits of another script", "bytes=0-\u0663".encode(), 416),
    get("range of another version", "file", sent={"Range": "bytes=0-4", "If-Range": '"old"'},
        body=LETTERS),
    get("head of a range", "file", 200, {"Range": "bytes=0-4"}, method="HEAD", body=b""),
]  # fmt: skip


@each(FILES)
def test_file(case, view, server, reference, record_property):
    compare(case, view, server, reference, record_property)


STATIC = [
    Case("whole", request("/static/style.css"),
         Expected(body=b"body { color: #123456 }\n",
                  headers={"Content-Type": "text/css; charset=utf-8"})),
    Case("head", request("/static/style.css", "HEAD"),
         Expected(body=b"", headers={"Content-Length": "24"})),
    Case("range", request("/static/letters.txt", headers={"Range": "bytes=10-12"}),
         Expected(206, body=b"abc")),
    Case("missing", request("/static/missing.txt"), Expected(404)),
    Case("folder", request("/static/"), Expected(404)),
    Case("parent", request("/static/../application.py"), Expected(404)),
    Case("escaped parent", request("/static/%2e%2e/application.py"), Expected(404)),
    Case("escaped slash", request("/static/..%2fapplication.py"), Expected(404)),
    Case("backslash", request("/static/..%5capplication.py"), Expected(404)),
    Case("nul", request("/static/style.css%00"), Expected(404)),
    Case("post", request("/static/style.css", "POST", body=b""), Expected(405)),
]  # fmt: skip


@pytest.mark.parametrize("case", STATIC, ids=lambda case: case.name)
def test_static(case, server, reference, record_property):
    compare(case, "sync", server, reference, record_property)


@pytest.mark.parametrize("path", ["/static/letters.txt", "/sync/file", "/async/file"])
def test_validators_come_back(server, path):
    """What a browser does on its second visit."""
    first = exchange(server.port, request(path))
    for name, condition in (("ETag", "If-None-Match"), ("Last-Modified", "If-Modified-Since")):
        again = exchange(server.port, request(path, headers={condition: first.get(name)}))
        assert (again.status, again.body) == (304, b"")
        assert again.get("ETag") == first.get("ETag")
    unchanged = {"Range": "bytes=1-2", "If-Range": first.get("ETag")}
    assert exchange(server.port, request(path, headers=unchanged)).body == b"12"
