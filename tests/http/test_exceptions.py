from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

import pytest
from markupsafe import Markup

from erlen.http import exceptions
from erlen.http.auth import WWWAuthenticate
from erlen.http.exceptions import (
    Aborter,
    BadRequest,
    BadRequestKeyError,
    HTTPException,
    InternalServerError,
    MethodNotAllowed,
    NotFound,
    RequestedRangeNotSatisfiable,
    SecurityError,
    ServiceUnavailable,
    TooManyRequests,
    Unauthorized,
    abort,
    default_exceptions,
)
from erlen.http.response import Response
from erlen.http.status import HTTP_STATUS_CODES


@pytest.mark.parametrize("code", sorted(default_exceptions))
def test_each_code_raises_its_class_and_answers(code: int) -> None:
    with pytest.raises(default_exceptions[code]) as caught:
        abort(code)
    error = caught.value
    assert error.code == code
    assert error.name == HTTP_STATUS_CODES[code]
    assert error.description
    response = error.get_response()
    assert response.status_code == code
    assert response.mimetype == "text/html"
    assert f"<h1>{error.name}</h1>".replace("'", "&#39;") in response.get_data(as_text=True)


def test_the_class_of_a_code_is_the_general_one() -> None:
    assert default_exceptions[400] is BadRequest


def test_page() -> None:
    assert NotFound("Gone fishing").get_body() == (
        "<!doctype html>\n<html lang=en>\n<title>404 Not Found</title>\n"
        "<h1>Not Found</h1>\n<p>Gone fishing</p>\n"
    )


def test_description_is_escaped_and_keeps_its_lines() -> None:
    error = NotFound("<script>\n'&")
    assert error.get_description() == "<p>&lt;script&gt;<br>&#39;&amp;</p>"


def test_description_that_is_markup_stays() -> None:
    from markupsafe import Markup

    assert NotFound(Markup("<b>no</b>")).get_description() == "<p><b>no</b></p>"


def test_a_name_from_outside_is_escaped() -> None:
    class Own(HTTPException):
        code = 499

        @property
        def name(self) -> str:
            return "<b>"

    assert "<b>" not in Own("x").get_body()


def test_text_and_repr() -> None:
    assert str(NotFound("x")) == "404 Not Found: x"
    assert repr(NotFound()) == "<NotFound '404: Not Found'>"
    assert str(HTTPException("x")) == "??? Unknown Error: x"
    assert repr(HTTPException()) == "<HTTPException '???: Unknown Error'>"


def test_an_overridden_part_is_used() -> None:
    class Own(NotFound):
        def get_description(self, environ: Any = None, scope: Any = None) -> str:
            return "<p>own</p>"

        def get_headers(self, environ: Any = None, scope: Any = None) -> list[tuple[str, str]]:
            return [("Content-Type", "text/html"), ("X-Own", "1")]

    response = Own().get_response()
    assert b"<p>own</p>" in response.get_data()
    assert response.headers["X-Own"] == "1"


def test_a_response_is_answered_as_it_is() -> None:
    response = Response("own", 204)
    with pytest.raises(HTTPException) as caught:
        abort(response)
    assert caught.value.get_response() is response
    assert NotFound(response=response).get_response() is response


def test_an_error_finds_the_class_of_its_answer_without_anyone_importing_it() -> None:
    code = "from erlen.http.exceptions import Gone; print(Gone().get_response().status)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout == "410 GONE\n", done.stderr


def test_an_exception_is_a_wsgi_application() -> None:
    started: list[Any] = []
    environ = {"REQUEST_METHOD": "GET", "wsgi.url_scheme": "http", "HTTP_HOST": "a"}
    body = b"".join(NotFound()(environ, lambda *args: started.append(args)))
    assert started[0][0].upper() == "404 NOT FOUND"
    assert b"<h1>Not Found</h1>" in body


def test_missing_key_is_named_only_on_demand() -> None:
    error = BadRequestKeyError("secret")
    assert isinstance(error, KeyError)
    assert error.description == BadRequest.description
    assert "secret" not in error.get_body()
    error.show_exception = True
    assert "KeyError: &#39;secret&#39;" in error.get_body()
    error.description = "own"
    assert error.description.startswith("own\nKeyError: 'secret'\n")
    assert "get('secret')" in error.description
    assert BadRequestKeyError().args == ()
    assert BadRequestKeyError("k", "own").description == "own"


def test_bad_requests() -> None:
    assert SecurityError("x").code == 400
    assert issubclass(exceptions.ClientDisconnected, BadRequest)


def test_method_not_allowed_lists_the_methods() -> None:
    assert ("Allow", "GET, POST") in MethodNotAllowed(["GET", "POST"]).get_headers()
    assert "Allow" not in dict(MethodNotAllowed().get_headers())


def test_range_tells_the_length() -> None:
    assert ("Content-Range", "bytes */9") in RequestedRangeNotSatisfiable(9).get_headers()
    assert "Content-Range" not in dict(RequestedRangeNotSatisfiable().get_headers())


def test_unauthorized_challenges() -> None:
    basic = WWWAuthenticate("basic", {"realm": "a"})
    digest = WWWAuthenticate("digest", {"realm": "b"})
    assert ("WWW-Authenticate", str(basic)) in Unauthorized(www_authenticate=basic).get_headers()
    response = Unauthorized(www_authenticate=[basic, digest]).get_response()
    assert response.headers.getlist("WWW-Authenticate") == [str(basic), str(digest)]
    assert "WWW-Authenticate" not in dict(Unauthorized().get_headers())


@pytest.mark.parametrize("cls", [TooManyRequests, ServiceUnavailable])
def test_retry_after(cls: Any) -> None:
    date = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert ("Retry-After", "20") in cls(retry_after=20).get_headers()
    assert ("Retry-After", "Fri, 02 Jan 2026 03:04:05 GMT") in cls(retry_after=date).get_headers()
    assert "Retry-After" not in dict(cls().get_headers())


def test_original_exception() -> None:
    error = ValueError()
    assert InternalServerError(original_exception=error).original_exception is error
    assert InternalServerError().original_exception is None


def test_abort_passes_arguments_and_refuses_unknown_codes() -> None:
    with pytest.raises(NotFound) as caught:
        abort(404, "own")
    assert caught.value.description == "own"
    with pytest.raises(LookupError, match="999"):
        abort(999)


def test_own_aborter() -> None:
    class Own(HTTPException):
        code = 499

    with pytest.raises(Own):
        Aborter(extra={499: Own})(499)
    with pytest.raises(LookupError):
        Aborter({499: Own})(404)


@pytest.mark.parametrize("description", [None, "", '<b>\nit\'s & "so"', Markup("<b>x</b>")])
@pytest.mark.parametrize("code", [400, 404, 500])
def test_each_way_to_a_page_gives_the_same(code: int, description: str | None) -> None:
    class Own(default_exceptions[code]):  # type: ignore[misc]
        def get_description(self, environ: Any = None, scope: Any = None) -> str:
            return super().get_description(environ, scope)  # type: ignore[no-any-return]

    assert not Own.page_is_usual
    error, own = default_exceptions[code](description), Own(description)
    for _ in range(2):
        answer, expected = error.get_response(), own.get_response()
        assert answer.get_data() == expected.get_data() == error.get_body().encode()
        assert sorted(answer.headers) == sorted(expected.headers)
        assert answer.status == expected.status
