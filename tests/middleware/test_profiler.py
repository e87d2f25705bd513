from __future__ import annotations

import io
import pstats
from pathlib import Path
from typing import Any

import pytest

from erlen.middleware.profiler import ProfilerMiddleware


def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"Foo", b"Bar"]


def call(middleware: Any, path: str) -> bytes:
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": path}
    return b"".join(middleware(environ, lambda *args: None))


def test_prints_the_calls() -> None:
    stream = io.StringIO()
    assert call(ProfilerMiddleware(app, stream=stream), "/x") == b"FooBar"
    assert "PATH: '/x'" in stream.getvalue()
    assert "function calls" in stream.getvalue()


@pytest.mark.parametrize(
    ("path", "name"),
    [("/", "root"), ("/a/b", "a.b"), ("/../../x", "x"), ("/..\\y", "y"), ("/" + "z" * 300, "zzz")],
)
def test_stores_the_profile(tmp_path: Path, path: str, name: str) -> None:
    call(ProfilerMiddleware(app, stream=None, profile_dir=str(tmp_path)), path)
    (file,) = tmp_path.iterdir()
    assert file.name.startswith(f"GET.{name}")
    assert pstats.Stats(str(file))


def test_a_function_names_the_file(tmp_path: Path) -> None:
    def name(environ: dict[str, Any]) -> str:
        assert environ["werkzeug.profiler"]["elapsed"] >= 0
        return "mine.prof"

    profiler = ProfilerMiddleware(app, stream=None, profile_dir=str(tmp_path), filename_format=name)
    call(profiler, "/")
    assert (tmp_path / "mine.prof").exists()
