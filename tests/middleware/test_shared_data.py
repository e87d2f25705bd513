from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from erlen.middleware.shared_data import SharedDataMiddleware


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    public = tmp_path / "public"
    (public / "sub").mkdir(parents=True)
    (public / "a.txt").write_text("text")
    (public / "b.q1z").write_text("bytes")
    (public / "äöü").write_text("named")
    (public / "sub" / "key.secret").write_text("key")
    (tmp_path / "outside.txt").write_text("outside")
    return public


def other(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response("404 NOT FOUND", [])
    return [b"other"]


def get(app: Any, path: str, **environ: str) -> tuple[str, dict[str, str], bytes]:
    started: list[Any] = []
    full = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path.encode().decode("latin-1"),
        **environ,
    }
    body = app(full, lambda *args: started.extend(args))
    try:
        data = b"".join(body)
    finally:
        if hasattr(body, "close"):
            body.close()
    return started[0], dict(started[1]), data


def test_a_file_is_served(folder: Path) -> None:
    app = SharedDataMiddleware(other, {"/s": str(folder)}, cache_timeout=60)
    status, headers, data = get(app, "/s/a.txt")
    assert (status, data) == ("200 OK", b"text")
    assert headers["Content-Type"] == "text/plain; charset=utf-8"
    assert headers["Content-Length"] == "4"
    assert headers["Cache-Control"] == "max-age=60, public"
    assert {"Date", "Expires", "Last-Modified", "Etag"} <= set(headers)


def test_head_has_no_body(folder: Path) -> None:
    app = SharedDataMiddleware(other, {"/s": str(folder)})
    status, headers, data = get(app, "/s/a.txt", REQUEST_METHOD="HEAD")
    assert (status, headers["Content-Length"], data) == ("200 OK", "4", b"")


def test_not_modified(folder: Path) -> None:
    app = SharedDataMiddleware(other, {"/s": str(folder)})
    etag = get(app, "/s/a.txt")[1]["Etag"]
    status, headers, data = get(app, "/s/a.txt", HTTP_IF_NONE_MATCH=etag)
    assert (status, headers["Etag"], data) == ("304 Not Modified", etag, b"")
    (folder / "a.txt").write_text("changed")
    assert get(app, "/s/a.txt", HTTP_IF_NONE_MATCH=etag)[0] == "200 OK"


@pytest.mark.parametrize(
    ("since", "status"),
    [
        ("", "200 OK"),
        ("no date", "200 OK"),
        ("Sat, 21 Nov 2026 08:29:59 GMT", "200 OK"),
        ("Sat, 21 Nov 2026 08:30:00 GMT", "304 Not Modified"),
        ("Sat, 21 Nov 2026 08:30:01 GMT", "304 Not Modified"),
    ],
)
def test_not_modified_since(folder: Path, since: str, status: str) -> None:
    moment = 1_795_249_800.75
    os.utime(folder / "a.txt", (moment, moment))
    app = SharedDataMiddleware(other, {"/s": str(folder)})
    got, headers, data = get(app, "/s/a.txt", HTTP_IF_MODIFIED_SINCE=since)
    assert (got, bool(data)) == (status, status == "200 OK")
    # A tag that does not fit counts more than a date that does.
    assert (
        get(app, "/s/a.txt", HTTP_IF_MODIFIED_SINCE=since, HTTP_IF_NONE_MATCH='"x"')[2] == b"text"
    )
    assert (headers.get("Last-Modified") == "Sat, 21 Nov 2026 08:30:00 GMT") is bool(data)


def test_without_cache(folder: Path) -> None:
    headers = get(SharedDataMiddleware(other, {"/s": str(folder)}, cache=False), "/s/a.txt")[1]
    assert headers["Cache-Control"] == "public"
    assert "Etag" not in headers


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/s",
        "/s/",
        "/s/none",
        "/s/sub",
        "/sa.txt",
        "/s//a.txt",
        "/s/a.txt\0",
        "/s/../outside.txt",
        "/s/sub/key.secret",
    ],
)
def test_all_else_is_the_applications(folder: Path, path: str) -> None:
    app = SharedDataMiddleware(other, {"/s": str(folder)}, disallow="*.secret")
    assert get(app, path)[2] == b"other"


def test_kinds_of_exports(folder: Path) -> None:
    exports = [
        ("/one", str(folder / "a.txt")),
        ("/pkg", ("erlen", "http")),
        ("/", str(folder)),
    ]
    app = SharedDataMiddleware(other, exports, fallback_mimetype="application/x-odd")
    assert get(app, "/one")[2] == b"text"
    assert get(app, "/äöü")[2] == b"named"
    assert get(app, "/b.q1z")[1]["Content-Type"] == "application/x-odd"
    assert b"HTTP_STATUS_CODES" in get(app, "/pkg/status.py")[2]


def test_what_cannot_be_exported() -> None:
    with pytest.raises(TypeError, match="5 cannot be exported"):
        SharedDataMiddleware(other, {"/x": 5})  # type: ignore[dict-item]
    with pytest.raises(ModuleNotFoundError, match="no_such_package"):
        SharedDataMiddleware(other, {"/x": ("no_such_package", "static")})
