"""Bodies of requests: forms, files, JSON, with a length and in chunks."""

from __future__ import annotations

from hashlib import sha256

from cases import Case, Difference, Expected, compare, each
from exchange import request

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json"}
MULTIPART = {"Content-Type": "multipart/form-data; boundary=XX"}
LARGE = bytes(range(256)) * 4 * 10 * 1024


def part(name, content, filename=None, more=b""):
    disposition = f'form-data; name="{name}"'
    if filename is not None:
        disposition += f'; filename="{filename}"'
    head = f"Content-Disposition: {disposition}\r\n".encode() + more
    return b"--XX\r\n" + head + b"\r\n" + content + b"\r\n"


def multipart(*parts):
    return b"".join(parts) + b"--XX--\r\n"


def digest(data):
    return [len(data), sha256(data).hexdigest()[:16]]


def post(name, path, headers, body, status=200, differs=(), method="POST", **expected):
    data = request(f"/VIEW/{path}", method, headers, body)
    return Case(name, data, Expected(status, **expected), dict(differs))


def in_pieces(data, size=1000):
    return [data[i : i + size] for i in range(0, len(data), size)]


PLAIN_FORM = b"a=1&b=%C3%A9+x&a=2&c="
PLAIN_PAIRS = [["a", "1"], ["a", "2"], ["b", "é x"], ["c", ""]]
SMALL_UPLOAD = multipart(
    part("text", "é".encode()),
    part("file", b"\x00\xff\r\n-", "ü.bin", b"Content-Type: image/png\r\n"),
    part("file", b"", "empty.txt", b"Content-Type: text/plain\r\n"),
)
SMALL_FILES = [
    ["file", "ü.bin", "image/png", *digest(b"\x00\xff\r\n-")],
    ["file", "empty.txt", "text/plain", *digest(b"")],
]
LARGE_UPLOAD = multipart(part("file", LARGE, "large.bin"), part("text", b"behind it"))
LARGE_SAYS = {
    "form": [["text", "behind it"]],
    "files": [["file", "large.bin", "", *digest(LARGE)]],
}
TOO_LARGE = b"x" * (13 * 1024 * 1024)

FORMS = [
    post("urlencoded", "form", FORM, PLAIN_FORM, says={"form": PLAIN_PAIRS}),
    post("urlencoded in chunks", "form", FORM, in_pieces(PLAIN_FORM, 3),
         says={"form": PLAIN_PAIRS}),
    post("urlencoded put", "form", FORM, PLAIN_FORM, says={"form": PLAIN_PAIRS}, method="PUT"),
    post("with a query", "form?a=0", FORM, b"a=1", says={"values": [["a", "0"], ["a", "1"]]}),
    post("no type", "form", {}, PLAIN_FORM, says={"form": []}),
    post("no body", "form", FORM, b"", says={"form": []}),
    post("delete", "form", FORM, PLAIN_FORM, says={"form": PLAIN_PAIRS}, method="DELETE"),
    post("get", "form", FORM, PLAIN_FORM, says={"form": PLAIN_PAIRS}, method="GET"),
    post("upload", "form", MULTIPART, SMALL_UPLOAD, says={"files": SMALL_FILES}),
    post("upload in chunks", "form", MULTIPART, in_pieces(SMALL_UPLOAD, 7),
         says={"files": SMALL_FILES}),
    post("10 MB upload", "form", MULTIPART, LARGE_UPLOAD, says=LARGE_SAYS),
    post("10 MB upload in chunks", "form", MULTIPART, in_pieces(LARGE_UPLOAD, 60_000),
         says=LARGE_SAYS),
    post("empty multipart", "form", MULTIPART, multipart(), says={"form": [], "files": []}),
    post("truncated multipart", "form", MULTIPART, SMALL_UPLOAD[:-20], 400),
    post("multipart without a boundary", "form", {"Content-Type": "multipart/form-data"},
         SMALL_UPLOAD, 400),
]  # fmt: skip


@each(FORMS)
def test_form(case, view, server, reference, record_property):
    compare(case, view, server, reference, record_property)


def counted(says):
    """A server that has received the whole body before it calls the application."""
    reason = "A chunked body is received first, and its length is announced."
    return {"waitress": Difference(says=says, reason=reason)}


DATA = [
    post("json", "json", JSON, '{"a": [1, "é"]}'.encode(), says={"json": {"a": [1, "é"]}}),
    post("json in chunks", "json", JSON, in_pieces(b'{"a": [1, 2]}', 2),
         says={"json": {"a": [1, 2]}}),
    post("malformed json", "json", JSON, b"{", 400),
    post("deep json", "json", JSON, b"[" * 100_000, 400),
    post("json of another type", "json", {"Content-Type": "text/plain"}, b"{}", 415),
    post("no json", "json", JSON, b"", 400),
    post("bytes", "data", {}, b"\x00\xff" * 500, says={"data": digest(b"\x00\xff" * 500)}),
    post("10 MB", "data", {}, LARGE, says={"data": digest(LARGE), "announced": len(LARGE)}),
    post("10 MB in chunks", "data", {}, in_pieces(LARGE, 60_000), says={"data": digest(LARGE)},
         differs=counted({"announced": len(LARGE)})),
    post("chunks of a byte", "data", {}, in_pieces(b"x" * 500, 1),
         says={"data": digest(b"x" * 500)}, differs=counted({"announced": 500})),
    post("no chunk", "data", {}, [], says={"data": digest(b"")}, differs=counted({"announced": 0})),
    post("empty", "data", {}, b"", says={"data": digest(b""), "announced": 0}),
    post("delete with a body", "data", {}, b"abc", says={"data": digest(b"abc")}, method="DELETE"),
    post("lines", "lines", {}, b"one\ntwo\n\nfour",
         says={"lines": ["one\n", "two\n", "\n", "four"]}),
    post("too large", "data", {}, TOO_LARGE, 413),
    post("too large in chunks", "data", {}, in_pieces(TOO_LARGE, 60_000), 413),
    post("over the limit of its view", "limited", {}, b"x" * 101, 413),
    post("over the limit of its view in chunks", "limited", {}, in_pieces(b"x" * 101, 10), 413),
    post("within the limit of its view", "limited", {}, b"x" * 100, says={"length": 100}),
]  # fmt: skip


@each(DATA)
def test_data(case, view, server, reference, record_property):
    compare(case, view, server, reference, record_property)
