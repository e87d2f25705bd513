"""Prefixes with a slash too many, from servers and proxies: URLs and paths are as without it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from erlen import Erlen, redirect, request, url_for
from erlen.http.urls import mount_point
from erlen.middleware.dispatcher import DispatcherMiddleware
from erlen.middleware.proxy_fix import ProxyFix

ROOTS = ["/app", "/app/", "//app", "//app//", "app"]


@pytest.mark.parametrize(
    ("root", "mounted"),
    [("", ""), ("/", ""), ("//", ""), *((root, "/app") for root in ROOTS), ("/a/b/", "/a/b")],
)
def test_a_mount_point(root: str, mounted: str) -> None:
    assert mount_point(root) == mounted


def make_app() -> Erlen:
    app = Erlen("x")

    @app.route("/where/<int:n>/")
    def where(n: int) -> dict[str, Any]:
        return {
            "path": request.path,
            "root": request.root_path,
            "url": request.url,
            "built": url_for("where", n=2),
            "outside": url_for("where", n=2, _external=True),
        }

    @app.route("/away")
    async def away() -> Any:
        return redirect(url_for("where", n=2))

    return app


WHERE = {
    "path": "/where/1/",
    "root": "/app",
    "url": "http://localhost/app/where/1/",
    "built": "/app/where/2/",
    "outside": "http://localhost/app/where/2/",
}


def ask(app: Any, root: str, path: str, headers: Any = ()) -> tuple[int, dict[bytes, bytes], bytes]:
    """The answer on ASGI."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET",
        "scheme": "http", "path": path, "root_path": root, "query_string": b"",
        "headers": [(b"host", b"localhost"), *headers],
    }  # fmt: skip
    asyncio.run(app(scope, receive, send))
    body = b"".join(message.get("body", b"") for message in sent[1:])
    return sent[0]["status"], dict(sent[0]["headers"]), body


@pytest.mark.parametrize("root", ROOTS)
@pytest.mark.parametrize("rooted", [True, False])
def test_a_root_of_a_server(root: str, rooted: bool) -> None:
    """:param rooted: whether the server's path begins with the root"""
    app = make_app()
    front = "/app" if rooted else ""
    status, _, body = ask(app, root, f"{front}/where/1/")
    assert status == 200
    assert app.json.loads(body) == WHERE
    for path in ("/where/2", "/away"):
        status, headers, _ = ask(app, root, front + path)
        assert headers[b"location"] == b"/app/where/2/"
        assert status == (302 if path == "/away" else 308)


@pytest.mark.parametrize("root", ["/app", "/app/", "/app//"])
def test_a_script_name(root: str) -> None:
    client = make_app().test_client(interface="wsgi")
    told = {"SCRIPT_NAME": root}
    assert client.get("/where/1/", environ_overrides=told).json == WHERE
    for path in ("/where/2", "/away"):
        answer = client.get(path, environ_overrides=told)
        assert answer.headers["Location"] == "/app/where/2/"


@pytest.mark.parametrize("root", ROOTS)
@pytest.mark.parametrize("interface", ["wsgi", "asgi"])
def test_a_prefix_of_a_proxy(root: str, interface: str) -> None:
    app = make_app()
    if interface == "wsgi":
        app.wsgi_app = ProxyFix(app.wsgi_app, x_prefix=1)  # type: ignore[method-assign]
        client = app.test_client(interface="wsgi")
        answer = client.get("/where/1/", headers={"X-Forwarded-Prefix": root})
        assert answer.json == WHERE
        answer = client.get("/away", headers={"X-Forwarded-Prefix": "//evil.example/"})
        assert answer.headers["Location"] == "/evil.example/where/2/"
    else:
        fixed = ProxyFix(app, x_prefix=1)
        told = [(b"x-forwarded-prefix", root.encode())]
        status, _, body = ask(fixed, "", "/where/1/", told)
        assert (status, app.json.loads(body)) == (200, WHERE)
        told = [(b"x-forwarded-prefix", b"//evil.example/")]
        _, headers, _ = ask(fixed, "", "/away", told)
        assert headers[b"location"] == b"/evil.example/where/2/"


@pytest.mark.parametrize("root", ["/", "/outer/", "/outer"])
def test_a_mount_below_a_root(root: str) -> None:
    app = make_app()
    front = mount_point(root)
    site = DispatcherMiddleware(Erlen("site"), {"/app": app})
    for path in ("/app/where/1/", f"{front}/app/where/1/"):
        status, _, body = ask(site, root, path)
        assert status == 200
        assert app.json.loads(body)["built"] == f"{front}/app/where/2/"
