"""A few requests that touch each part of an application, for servers, adapters and mounts that the
whole suite would take too long for."""

from __future__ import annotations

from dataclasses import dataclass

from cases import KINDS_OF_VIEW, comparable
from exchange import Answer, request

_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
# Events of a cloud have the scheme nowhere else.
_SCHEME = (("X-Forwarded-Proto", "http"),)
_UPLOAD = (
    b'--XX\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n\r\n'
    + bytes(range(256)) * 400
    + b"\r\n--XX--\r\n"
)


@dataclass(frozen=True)
class Short:
    """One request.

    :param path: behind the kind of view; ``//`` is the page at the root
    """

    path: str
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None

    def data(self, view: str, mount: str = "") -> bytes:
        return request(mount + self.of(view), self.method, self.headers, self.body)

    def of(self, view: str) -> str:
        return "/" if self.path == "//" else f"/{view}{self.path}"


def _post(path: str, body: bytes, **headers: str) -> Short:
    return Short(path, "POST", tuple((k.replace("_", "-"), v) for k, v in headers.items()), body)


REQUESTS = {
    "text": Short("/"),
    "what a request says": Short("/echo?a=1&a=%C3%A9", headers=(*_SCHEME, ("Cookie", "a=b"))),
    "a path beyond ASCII": Short("/path/caf%C3%A9/x", headers=_SCHEME),
    "a head": Short("/", "HEAD"),
    "a form": _post("/form", b"a=1&b=%C3%A9", Content_Type="application/x-www-form-urlencoded"),
    "JSON": _post("/json", b'{"a": [1]}', Content_Type="application/json"),
    "an upload": _post("/form", _UPLOAD, Content_Type="multipart/form-data; boundary=XX"),
    "a body that nobody reads": _post("/unread", b"x" * 5000),
    "headers and cookies": Short("/bytes"),
    "a redirect": Short("/login", "POST", tuple(_FORM.items()), b"name=Ada"),
    "a slash that is missing": Short("/hello"),
    "a file": Short("/file", headers=(("Range", "bytes=2-5"),)),
    "no such page": Short("/nowhere"),
    "a method that is not allowed": Short("/", "DELETE"),
    "an error": Short("/fail"),
    "an error that is handled": Short("/handled"),
    "a stream": Short("/stream/3"),
    "an asynchronous stream": Short("/astream/context?q=q"),
    "a start that has run": Short("/started"),
}

EACH = [(name, view) for name in REQUESTS for view in KINDS_OF_VIEW]


def same(answer: Answer, other: Answer, mount: str = "") -> None:
    """Assert that two answers are alike, but for where the application is mounted."""
    found, wanted = _without(answer, mount), _without(other, "")
    assert found == wanted, f"{found}\n  instead of {wanted}"


def _without(answer: Answer, mount: str) -> tuple[object, ...]:
    status, headers, body, complete, _ = comparable(answer)
    if mount:
        body = body.replace(mount.encode(), b"")
        headers = sorted((key, value.replace(mount, "")) for key, value in headers)
    # How much there is is known from the body; a mount makes it more.
    headers = [pair for pair in headers if pair[0] != "content-length"]
    return status, headers, body, complete
