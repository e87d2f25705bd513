from __future__ import annotations

import asyncio
from typing import Any

import pytest
from asking import is_async

from erlen import Erlen, request, url_for
from erlen.middleware.dispatcher import DispatcherMiddleware


def named(name: str) -> Any:
    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("200 OK", [])
        return [f"{name} {environ['SCRIPT_NAME']} {environ['PATH_INFO']}".encode()]

    return app


def call(app: Any, path: str) -> str:
    environ = {"SCRIPT_NAME": "/s", "PATH_INFO": path}
    return b"".join(app(environ, lambda *args: None)).decode()


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/", "root /s /"),
        ("/a", "a /s/a "),
        ("/a/", "a /s/a /"),
        ("/a/c/d/", "a /s/a /c/d/"),
        ("/a/b", "ab /s/a/b "),
        ("/a/b/c", "ab /s/a/b /c"),
        ("/ab", "root /s /ab"),
        ("/a//b", "a /s/a //b"),
        ("//a", "root /s //a"),
        ("", "root /s "),
    ],
)
def test_the_longest_mount_answers(path: str, answer: str) -> None:
    app = DispatcherMiddleware(named("root"), {"/a": named("a"), "/a/b": named("ab")})
    assert call(app, path) == answer


def test_without_mounts_the_application_answers() -> None:
    assert call(DispatcherMiddleware(named("root")), "/a") == "root /s /a"


def test_mounts_may_be_added_later() -> None:
    app = DispatcherMiddleware(named("root"))
    app.mounts["/late"] = named("late")
    assert call(app, "/late/x") == "late /s/late /x"


def mounted(name: str) -> Erlen:
    app = Erlen(name)

    @app.get("/<path:rest>")
    async def view(rest: str) -> list[str]:
        return [name, request.script_root, request.path, url_for("view", rest="x")]

    return app


@pytest.mark.parametrize("rooted", [False, True])
@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/c", ["root", "{root}", "/c", "{root}/x"]),
        ("/a/c/d", ["a", "{root}/a", "/c/d", "{root}/a/x"]),
        ("/a/b/c", ["ab", "{root}/a/b", "/c", "{root}/a/b/x"]),
        ("/ab", ["root", "{root}", "/ab", "{root}/x"]),
    ],
)
@pytest.mark.parametrize("root", ["", "/s"])
def test_the_same_on_asgi(path: str, answer: list[str], root: str, rooted: bool) -> None:
    """:param rooted: whether the server's path begins with the root"""
    app = DispatcherMiddleware(mounted("root"), {"/a": mounted("a"), "/a/b": mounted("ab")})
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        await asyncio.sleep(60)

    given = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET",
        "scheme": "http", "path": root + path if rooted else path, "root_path": root,
        "query_string": b"", "headers": [(b"host", b"localhost")],
    }  # fmt: skip
    before = dict(given)
    asyncio.run(app(given, receive, send))
    assert sent[0]["status"] == 200
    expected = str([part.format(root=root) for part in answer]).replace("'", '"')
    assert sent[1]["body"].decode().strip() == expected.replace(", ", ",")
    assert given == before


def test_the_lifespan_is_that_of_the_application() -> None:
    scopes: list[tuple[str, str]] = []

    def named_asgi(name: str) -> Any:
        async def app(scope: Any, receive: Any, send: Any) -> None:
            scopes.append((name, scope["type"]))

        return app

    app = DispatcherMiddleware(named_asgi("root"), {"/a": named_asgi("a")})
    asyncio.run(app({"type": "lifespan"}, None, lambda message: None))
    asyncio.run(app({"type": "websocket", "path": "/a/x"}, None, lambda message: None))
    assert scopes == [("root", "lifespan"), ("a", "websocket")]
    # By which uvicorn tells ASGI 3 from ASGI 2.
    assert is_async(app.__call__)
