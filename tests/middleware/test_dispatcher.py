from __future__ import annotations

from typing import Any

import pytest

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
