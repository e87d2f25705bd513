from __future__ import annotations

import io
import warnings
from typing import Any

import pytest

from erlen.middleware.lint import HTTPWarning, LintMiddleware, WSGIWarning


def environ(**changes: Any) -> dict[str, Any]:
    base: dict[str, Any] = {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": "/",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "wsgi.version": (1, 0),
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    return {**base, **changes}


def app_of(status: Any = "200 OK", headers: Any = None, body: Any = (b"Foo",)) -> Any:
    def app(environ: dict[str, Any], start_response: Any) -> Any:
        start_response(status, [("Content-Type", "text/plain")] if headers is None else headers)
        return body

    return app


def call(app: Any, **changes: Any) -> list[str]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        body = LintMiddleware(app)(environ(**changes), lambda *args: lambda data: None)
        list(body)
        body.close()  # type: ignore[attr-defined]
    assert all(issubclass(w.category, WSGIWarning | HTTPWarning) for w in caught)
    return [str(w.message) for w in caught]


def test_nothing_to_say() -> None:
    assert call(app_of()) == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"wsgi.version": (0, 7)}, "Environ is not a WSGI 1.0 environ."),
        ({"SCRIPT_NAME": "test"}, "'SCRIPT_NAME' does not start with a slash: 'test'"),
        ({"PATH_INFO": "test"}, "'PATH_INFO' does not start with a slash: 'test'"),
    ],
)
def test_the_environment(changes: dict[str, Any], message: str) -> None:
    assert call(app_of(), **changes) == [message]


def test_a_bad_status_is_three_mistakes() -> None:
    assert len(call(app_of("20 OK"))) == 3


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ((("Content-Type", "text/plain"),), "Header list is not a list."),
        (["fo"], "Header items must be 2-item tuples."),
        ([("a", 1)], "Header keys and values must be strings."),
        ([("status", "foo")], "The status header is not supported"),
        ([("location", "foo")], "Absolute URLs required for location header."),
        ([("etag", "x")], "Unquoted etag emitted."),
        ([("etag", 'w/"x"')], "Weak etag indicator should be upper case."),
        ([("Content-Length", "5")], "Content-Length is 5, and 3 bytes were sent."),
    ],
)
def test_headers(headers: Any, message: str) -> None:
    (found,) = call(app_of(headers=headers))
    assert found.startswith(message)


@pytest.mark.parametrize("code", [204, 304])
def test_answers_without_a_body(code: int) -> None:
    assert call(app_of(f"{code} X", headers=[])) == [f"{code} responses must not have a body."]
    assert call(app_of(f"{code} X", headers=[], body=())) == []


def test_text_in_place_of_bytes() -> None:
    assert "requires 'bytes', got 'str'" in call(app_of(body=["x"]))[0]
    assert "returned a string" in call(app_of(body="x"))[0]


def test_not_started() -> None:
    assert "before it started" in call(lambda environ, start_response: [b"x"])[0]


def test_reading_without_a_size() -> None:
    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        environ["wsgi.input"].read()
        start_response("200 OK", [])
        return []

    assert "may wait for ever" in call(app)[0]
    assert call(app, **{"wsgi.input_terminated": True}) == []


def test_write_is_checked() -> None:
    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Content-Length", "2")])("no")
        return []

    assert "'write()' requires 'bytes'" in call(app)[0]
