from __future__ import annotations

import pickle
import warnings
from collections.abc import AsyncIterator, Iterator
from http import HTTPStatus
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erlen.http.headers import Headers
from erlen.http.response import Response
from erlen.testing.builder import create_environ
from erlen.testing.client import run_wsgi_app


def send(response: Any, *args: Any, **kwargs: Any) -> tuple[bytes, str, Headers]:
    """What a server would put on the wire."""
    body, status, headers = run_wsgi_app(response, create_environ(*args, **kwargs), buffered=True)
    return b"".join(body), status, headers


@pytest.mark.parametrize(
    ("body", "data"),
    [
        (None, b""),
        ("", b""),
        ("é", "é".encode()),
        (b"\xff", b"\xff"),
        (bytearray(b"ab"), b"ab"),
        (["a", b"b"], b"ab"),
        (("a", "b"), b"ab"),
    ],
)
def test_bodies_in_memory(body: Any, data: bytes) -> None:
    response = Response(body)
    assert response.is_sequence
    assert not response.is_streamed
    assert response.data == response.get_data() == b"".join(response.iter_encoded()) == data
    assert response.calculate_content_length() == len(data)
    sent, _, headers = send(response)
    assert sent == data
    assert headers["Content-Length"] == str(len(data))


def test_a_streamed_body() -> None:
    response = Response(iter([b"a", b"b"]))
    assert response.is_streamed
    assert not response.is_sequence
    assert repr(response) == "<Response streamed [200 OK]>"
    body, _, headers = send(response)
    assert body == b"ab"
    assert "Content-Length" not in headers


def test_reading_a_streamed_body_keeps_it() -> None:
    response = Response(iter([b"a", b"b"]))
    assert response.get_data(as_text=True) == "ab"
    assert response.is_sequence
    assert response.calculate_content_length() == 2
    assert send(response)[0] == b"ab"


def test_what_forbids_to_read() -> None:
    response = Response(iter(["a"]), direct_passthrough=True)
    with pytest.raises(RuntimeError, match="passed through"):
        response.get_data()
    assert response.calculate_content_length() is None
    response = Response(iter(["a"]))
    response.implicit_sequence_conversion = False
    with pytest.raises(RuntimeError, match="make_sequence"):
        response.get_data()
    response.make_sequence()
    assert response.data == b"a"


def test_replacing_the_body() -> None:
    response = Response("abc")
    response.data = "é"
    assert response.headers["Content-Length"] == "2"
    assert response.data == "é".encode()
    response.set_data(b"xyz")
    assert send(response)[0] == b"xyz"
    response = Response("abc")
    response.response = ["d", "e"]
    assert response.data == b"de"
    response.response = "fg"
    assert response.data == b"fg"


def test_the_list_of_a_body_can_be_changed() -> None:
    response = Response("a")
    body: Any = response.response
    body.append(b"b")
    assert response.data == b"ab"
    assert send(response)[2]["Content-Length"] == "2"


@pytest.mark.parametrize(
    ("status", "line", "code"),
    [
        (None, "200 OK", 200),
        (404, "404 NOT FOUND", 404),
        (HTTPStatus.CREATED, "201 CREATED", 201),
        (999, "999 UNKNOWN", 999),
        ("404", "404 NOT FOUND", 404),
        ("404 gone fishing", "404 gone fishing", 404),
        (" 200 OK ", "200 OK", 200),
        ("777", "777 UNKNOWN", 777),
        ("wrong", "0 wrong", 0),
    ],
)
def test_status(status: Any, line: str, code: int) -> None:
    response = Response(status=status)
    assert (response.status, response.status_code) == (line, code)
    if status is not None:
        response = Response()
        response.status = status
        assert (response.status, response.status_code) == (line, code)


@pytest.mark.parametrize("status", ["", "  ", "200 OK\r\nX: y", "200\nOK", "200 \0"])
def test_a_status_that_breaks_the_line_is_refused(status: str) -> None:
    with pytest.raises(ValueError):
        Response(status=status)
    with pytest.raises(ValueError):
        Response().status = status


def test_status_code() -> None:
    response = Response(status="404 gone fishing")
    response.status_code = 500
    assert response.status == "500 INTERNAL SERVER ERROR"


@pytest.mark.parametrize(
    ("arguments", "content_type"),
    [
        ({}, "text/plain; charset=utf-8"),
        ({"mimetype": "text/html"}, "text/html; charset=utf-8"),
        ({"mimetype": "application/json"}, "application/json"),
        ({"content_type": "text/html"}, "text/html"),
        ({"content_type": "a/b", "mimetype": "c/d"}, "a/b"),
        ({"headers": {"Content-Type": "a/b"}}, "a/b"),
        ({"headers": {"content-type": "a/b"}, "mimetype": "c/d"}, "c/d"),
        ({"headers": {"Content-Type": "a/b"}, "content_type": "c/d"}, "c/d"),
    ],
)
def test_content_type(arguments: dict[str, Any], content_type: str) -> None:
    response = Response("x", **arguments)
    assert response.headers.getlist("Content-Type") == [content_type]


@pytest.mark.parametrize(
    "headers", [{"X": ["a", "b"]}, [("X", "a"), ("X", "b")], Headers([("X", "a"), ("X", "b")])]
)
def test_headers(headers: Any) -> None:
    response = Response("x", headers=headers)
    assert response.headers.getlist("X") == ["a", "b"]
    assert response.content_type == "text/plain; charset=utf-8"


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\nb", "a\0b"])
def test_what_would_split_the_response_is_refused(value: str) -> None:
    for make in (
        lambda: Response(headers={"X": value}),
        lambda: Response(content_type=value),
        lambda: Response(mimetype=value),
        lambda: setattr(Response(), "location", value),
        lambda: Response().headers.add("X", value),
    ):
        with pytest.raises(ValueError):
            make()


def test_defaults_of_a_class() -> None:
    class Page(Response):
        default_status = 201
        default_mimetype = "text/html"
        automatically_set_content_length = False

    _, status, headers = send(Page("x"))
    assert status == "201 CREATED"
    assert list(headers) == [("Content-Type", "text/html; charset=utf-8")]

    class Bare(Response):
        default_mimetype = None

    assert "Content-Type" not in Bare("x").headers


def test_no_response_shares_its_headers() -> None:
    one, two = Response("a"), Response("b")
    one.headers["X"] = "1"
    assert "X" not in two.headers
    assert "X" not in Response("c").headers


# -- on the wire -----------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
@pytest.mark.parametrize("status", [100, 200, 204, 304, 404])
@pytest.mark.parametrize("streamed", [True, False])
def test_which_answers_have_a_body(method: str, status: int, streamed: bool) -> None:
    closed: list[bool] = []
    response = Response(iter(["abc"]) if streamed else "abc", status)
    response.call_on_close(lambda: closed.append(True))
    # wsgiref.validate knows no final status below 200.
    iterable, _, pairs = response.get_wsgi_response(create_environ(method=method))
    body = b"".join(iterable)
    iterable.close()  # type: ignore[attr-defined]
    has_body = method != "HEAD" and status in (200, 404)
    assert body == (b"abc" if has_body else b"")
    has_length = not streamed and status in (200, 404)
    assert dict(pairs).get("Content-Length") == ("3" if has_length else None)
    assert closed == [True]


def test_not_modified_has_no_headers_of_a_body() -> None:
    response = Response("abc", 304)
    response.set_etag("x")
    response.content_language = "de"
    _, _, headers = send(response)
    assert headers["ETag"] == '"x"'
    assert "Content-Type" not in headers
    assert "Content-Language" not in headers
    assert "Content-Type" in response.headers


@pytest.mark.parametrize(
    ("location", "sent"),
    [
        ("/a b/é?q=ü", "/a%20b/%C3%A9?q=%C3%BC"),
        ("../x", "../x"),
        ("http://☃.net/☃", "http://xn--n3h.net/%E2%98%83"),
        ("/a%20b", "/a%20b"),
    ],
)
def test_locations_are_uris(location: str, sent: str) -> None:
    response = Response(status=302)
    response.location = response.content_location = location
    _, _, headers = send(response)
    assert headers["Location"] == headers["Content-Location"] == sent
    assert response.location == location


def test_locations_can_be_made_absolute() -> None:
    class Own(Response):
        autocorrect_location_header = True

    response = Own(status=302, headers={"Location": "../x"})
    assert (
        send(response, "/a/b", "http://example.org/app")[2]["Location"]
        == "http://example.org/app/x"
    )


def test_a_given_length_stays() -> None:
    response = Response(["abc"], headers={"Content-Length": "3"})
    assert send(response)[2].getlist("Content-Length") == ["3"]


def test_closing() -> None:
    log: list[str] = []

    class Body:
        def __iter__(self) -> Iterator[bytes]:
            return iter([b"a"])

        def close(self) -> None:
            log.append("body")

    response = Response(Body())  # type: ignore[arg-type]

    @response.call_on_close
    def done() -> None:
        log.append("done")

    assert callable(done)
    assert send(response)[0] == b"a"
    assert log == ["body", "done"]
    with Response("x") as response:
        response.call_on_close(lambda: log.append("with"))
    assert log[-1] == "with"


def test_reading_a_body_closes_it_with_the_response() -> None:
    log: list[str] = []

    class Body:
        def __iter__(self) -> Iterator[bytes]:
            return iter([b"a"])

        def close(self) -> None:
            log.append("body")

    response = Response(Body())  # type: ignore[arg-type]
    assert response.data == b"a"
    assert log == []
    response.close()
    assert log == ["body"]


def test_an_async_body() -> None:
    log: list[str] = []

    async def body() -> AsyncIterator[str]:
        try:
            yield "a"
            yield "é"
        finally:
            log.append("body")

    response = Response(body())  # type: ignore[arg-type]
    response.call_on_close(lambda: log.append("done"))
    assert send(response)[0] == "aé".encode()
    assert log == ["body", "done"]


# -- JSON and cookies ------------------------------------------------------------------------


def test_json() -> None:
    response = Response('{"a": 1}', mimetype="application/json")
    assert response.json == response.get_json() == {"a": 1}
    assert Response('{"a": 1}').json is None
    assert Response('{"a": 1}').get_json(force=True) == {"a": 1}
    broken = Response("{", mimetype="application/json")
    assert broken.get_json(silent=True) is None
    with pytest.raises(ValueError):
        broken.get_json()


def test_cookies() -> None:
    response = Response()
    response.set_cookie("a", "b c", max_age=0, expires=0, domain="x.org", path="/p", secure=True)
    response.set_cookie("b", "1", path=None, httponly=True, samesite="Lax")
    response.delete_cookie("c", path="/q", domain="y.org")
    assert response.headers.getlist("Set-Cookie") == [
        'a="b c"; Domain=x.org; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Secure; Path=/p',
        "b=1; HttpOnly; SameSite=Lax",
        "c=; Domain=y.org; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/q",
    ]


def test_how_large_a_cookie_may_be() -> None:
    class Own(Response):
        max_cookie_size = 0

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Own().set_cookie("a", "b" * 5000)
    with pytest.warns(UserWarning, match="too large"):
        Response().set_cookie("a", "b" * 5000)


# -- other kinds of responses ----------------------------------------------------------------


def test_force_type() -> None:
    class Page(Response):
        default_mimetype = "text/html"

    response = Response("x", 404, {"X": "y"})
    page: Any = Page.force_type(response)
    assert page is response
    assert type(page) is Page
    assert page.mimetype == "text/plain"
    assert send(page)[1] == "404 NOT FOUND"


def application(environ: Any, start_response: Any) -> Iterator[bytes]:
    write = start_response("201 MADE", [("Content-Type", "a/b"), ("X", "y")])
    write(b"first ")
    yield environ["PATH_INFO"].encode()
    yield b"!"


def test_wsgi_applications_become_responses() -> None:
    for response in (
        Response.force_type(application, create_environ("/x")),
        Response.from_app(application, create_environ("/x")),
        Response.from_app(application, create_environ("/x"), buffered=True),
    ):
        assert response.status == "201 MADE"
        assert response.headers["X"] == "y"
        assert response.data == b"first /x!"
    with pytest.raises(TypeError, match="not a response"):
        Response.force_type(application)


def test_pickling() -> None:
    response = Response(iter(["a", "b"]), 404, {"X": "y"})
    response.freeze()
    again = pickle.loads(pickle.dumps(response))
    assert again.data == b"ab"
    assert again.status_code == 404
    assert again.headers["X"] == "y"
    assert again.headers["Content-Length"] == "2"
    assert again.get_etag() == response.get_etag() != (None, None)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("abc", "3 bytes"),
        (["a", "b"], "2 bytes"),
        (iter([]), "streamed"),
        ({"a"}, "likely-streamed"),
    ],
)
def test_repr(body: Any, text: str) -> None:
    assert repr(Response(body, 404)) == f"<Response {text} [404 NOT FOUND]>"


@given(st.lists(st.text(max_size=8) | st.binary(max_size=8), max_size=5))
def test_any_body_is_sent_as_it_is(pieces: list[str | bytes]) -> None:
    whole = b"".join(piece.encode() if isinstance(piece, str) else piece for piece in pieces)
    for body in (pieces, iter(pieces), whole):
        response = Response(body)  # type: ignore[arg-type]
        assert send(response)[0] == whole
    response = Response(iter(pieces))  # type: ignore[arg-type]
    assert response.data == whole
    assert send(response)[2]["Content-Length"] == str(len(whole))


@pytest.mark.parametrize("headers", [None, {"X-A": "b"}])
def test_the_length_of_a_whole_body_is_among_the_headers(headers: dict[str, str] | None) -> None:
    response = Response("öl", headers=headers)
    assert response.headers["Content-Length"] == "3"
    assert response.content_length == 3
    response.data = "oil!"
    assert send(response)[2].getlist("Content-Length") == ["4"]


def test_a_class_may_leave_the_length_away() -> None:
    class Bare(Response):
        automatically_set_content_length = False

    assert "Content-Length" not in Bare("text").headers
    assert "Content-Length" not in Bare("text", headers={"X-A": "b"}).headers


class Rewritten(Response):
    """A class that is written in the general way."""

    @property
    def headers(self) -> Headers:
        return Response.headers.fget(self)  # type: ignore[attr-defined,no-any-return]

    @headers.setter
    def headers(self, value: Headers) -> None:
        Response.headers.fset(self, value)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "body", [None, "", "öl", b"", b"\xff", bytearray(b"a"), ["a", b"b"], ("a",)]
)
@pytest.mark.parametrize("mimetype", [None, "text/html", "application/json"])
@pytest.mark.parametrize("status", [None, 201, "299 ODD"])
@pytest.mark.parametrize("touched", [False, True])
def test_each_way_to_make_a_response_gives_the_same(
    body: Any, mimetype: str | None, status: Any, touched: bool
) -> None:
    assert Response._writes_plainly and not Rewritten._writes_plainly
    sent = []
    for cls in (Response, Rewritten):
        response = cls(body, status, mimetype=mimetype)
        if touched:
            response.headers["X-A"] = "b"
        data, line, headers = send(response)
        sent.append((data, line, sorted(headers)))
        assert response.get_data() == data
    assert sent[0] == sent[1]


def test_responses_of_a_media_type_do_not_share_their_headers() -> None:
    one = Response("a", mimetype="text/html")
    one.headers["X"] = "1"
    one.headers["Content-Type"] = "a/b"
    assert list(Response("b", mimetype="text/html").headers) == [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Length", "1"),
    ]


@pytest.mark.parametrize("body", ["text", b"text", bytearray(b"text")])
def test_a_body_goes_through_an_overridden_set_data(body: Any) -> None:
    class Upper(Response):
        def set_data(self, value: bytes | str) -> None:
            self.headers["X-Seen"] = "1"
            super().set_data(value.upper())

    response = Upper(body)
    assert response.get_data() == b"TEXT"
    assert list(response.headers)[1:] == [("X-Seen", "1"), ("Content-Length", "4")]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("status", [200, 204, 304, 302, 404])
@pytest.mark.parametrize("body", [None, "text", "list", "stream", "closing"])
@pytest.mark.parametrize(
    "headers",
    [
        None,
        {"X-A": "b"},
        {"Location": "/ä", "Content-Location": "/ö"},
        {
            "ETag": '"x"',
            "Last-Modified": "y",
            "Content-Length": "4",
            "Allow": "GET",
            "Expires": "0",
        },
    ],
)
@pytest.mark.parametrize("listens", [False, True])
def test_both_ways_of_writing_write_the_same(
    method: str, status: int, body: str | None, headers: dict[str, str] | None, listens: bool
) -> None:
    class Closing(list[str]):
        def close(self) -> None:
            closed.append("body")

    def outcome(way: Any) -> Any:
        content: Any = {
            "list": ["te", "xt"],
            "stream": iter(["text"]),
            "closing": Closing(["text"]),
        }.get(body or "", body)
        response = Response(content, status, headers)
        if listens:
            response.call_on_close(lambda: closed.append("response"))
        started: list[Any] = []
        closed.clear()
        pieces = way(response, create_environ(method=method), lambda *args: started.append(args))
        data = b"".join(pieces)
        if hasattr(pieces, "close"):
            pieces.close()
        (line, pairs), *more = started
        assert not more
        return data, line, sorted(pairs), closed.copy()

    closed: list[str] = []
    assert outcome(Response.__call__) == outcome(Response._write)


@pytest.mark.parametrize("touched", [False, True])
def test_what_the_answer_differs_by(touched: bool) -> None:
    class Own(Response):
        pass

    response = Own("x")
    if touched:
        assert "Vary" not in response.headers
    response.add_vary("Cookie")
    response.add_vary("Origin")
    response.add_vary("Cookie")
    assert list(response.vary) == ["Cookie", "Origin"]
    # Responses share the pairs of their class until somebody asks for headers.
    assert "Vary" not in Own("y").headers


@pytest.mark.parametrize(
    ("code", "line"), [(201, "201 CREATED"), (299, "299 UNKNOWN"), (599, "599 UNKNOWN")]
)
def test_a_class_has_a_default_status_that_nobody_knows(code: int, line: str) -> None:
    class Own(Response):
        default_status = code

    for response in (Own("text"), Own()):
        assert (response.status_code, response.status) == (code, line)
