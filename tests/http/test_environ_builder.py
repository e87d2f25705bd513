from __future__ import annotations

import io
import sys

import pytest

from erlen.http.auth import Authorization
from erlen.http.environ_builder import EnvironBuilder, create_environ
from erlen.http.files import FileStorage
from erlen.http.headers import Headers
from erlen.http.multidict import MultiDict
from erlen.http.request import Request


@pytest.fixture
def build():
    """Builders that are closed behind the test."""
    builders = []

    def make(*args, **kwargs):
        builders.append(EnvironBuilder(*args, **kwargs))
        return builders[-1]

    yield make
    for builder in builders:
        builder.close()


def body_of(environ):
    return environ["wsgi.input"].read()


# -- where the request goes --------------------------------------------------------------


def test_the_environment_of_nothing():
    environ = create_environ()
    expected = {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": "/",
        "QUERY_STRING": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "HTTP_HOST": "localhost",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    assert {key: environ[key] for key in expected} == expected
    assert body_of(environ) == b""


@pytest.mark.parametrize(
    ("path", "base_url", "expected"),
    [
        ("/a", "http://example.org", ("", "/a", "example.org", "example.org", "80", "http")),
        ("/a", "http://example.org/", ("", "/a", "example.org", "example.org", "80", "http")),
        ("/a", "https://e.org/app", ("/app", "/a", "e.org", "e.org", "443", "https")),
        ("/a", "http://x:8080/r/s/", ("/r/s", "/a", "x:8080", "x", "8080", "http")),
        ("/ä b", None, ("", "/\xc3\xa4 b", "localhost", "localhost", "80", "http")),
        ("/%C3%A4", None, ("", "/\xc3\xa4", "localhost", "localhost", "80", "http")),
        ("/a", "http://ä.de/", ("", "/a", "xn--4ca.de", "xn--4ca.de", "80", "http")),
    ],
)  # fmt: skip
def test_path_and_base_url(path, base_url, expected):
    environ = create_environ(path, base_url)
    keys = (
        "SCRIPT_NAME",
        "PATH_INFO",
        "HTTP_HOST",
        "SERVER_NAME",
        "SERVER_PORT",
        "wsgi.url_scheme",
    )
    assert tuple(environ[key] for key in keys) == expected


@pytest.mark.parametrize("extra", ["?a=1", "#part"])
def test_a_base_url_is_without_query(extra):
    with pytest.raises(ValueError, match="must not contain a query string or fragment"):
        create_environ("/", f"http://example.org/{extra}")


@pytest.mark.parametrize(
    ("path", "query", "text"),
    [
        ("/?a=1&b=x+y", None, "a=1&b=x+y"),
        ("/", "a=%C3%A4", "a=%C3%A4"),
        ("/", {"a": "x y", "b": [1, 2]}, "a=x+y&b=1&b=2"),
        ("/", MultiDict([("a", "1"), ("a", "2")]), "a=1&a=2"),
        ("/", {"ä": "ß"}, "%C3%A4=%C3%9F"),
        ("/", {"a": "&=+"}, "a=%26%3D%2B"),
        ("/", {}, ""),
        ("/", "", ""),
    ],
)
def test_the_query(path, query, text):
    assert create_environ(path, query_string=query)["QUERY_STRING"] == text


def test_a_query_given_twice():
    with pytest.raises(ValueError, match="in the path and as an argument"):
        create_environ("/?a=1", query_string="b=2")


def test_the_query_changes_with_its_fields(build):
    builder = build(query_string={"a": "1"})
    builder.args["b"] = "2"
    assert builder.query_string == "a=1&b=2"
    builder.query_string = "c=3"
    assert builder.get_environ()["QUERY_STRING"] == "c=3"
    with pytest.raises(AttributeError, match="query string"):
        builder.args  # noqa: B018
    builder.args = MultiDict({"d": "4"})
    assert builder.query_string == "d=4"


def test_the_whole_target_is_kept():
    environ = create_environ("/a%20b?x=1")
    assert environ["REQUEST_URI"] == environ["RAW_URI"] == "/a%20b?x=1"


# -- headers -----------------------------------------------------------------------------


def test_headers_become_keys():
    environ = create_environ(
        headers=[("X-Own", "1"), ("X-Own", "2"), ("Accept-Language", "de"), ("Cookie", "a=1")]
    )
    assert environ["HTTP_X_OWN"] == "1, 2"
    assert environ["HTTP_ACCEPT_LANGUAGE"] == "de"
    assert environ["HTTP_COOKIE"] == "a=1"


def test_several_cookie_headers_are_joined_as_cookies_are():
    environ = create_environ(headers=[("Cookie", "a=1"), ("Cookie", "b=2")])
    assert environ["HTTP_COOKIE"] == "a=1; b=2"


def test_type_and_length_have_keys_of_their_own():
    environ = create_environ(headers={"Content-Type": "text/x", "Content-Length": "0"})
    assert environ["CONTENT_TYPE"] == "text/x"
    assert "HTTP_CONTENT_TYPE" not in environ
    assert "HTTP_CONTENT_LENGTH" not in environ


@pytest.mark.parametrize(
    ("auth", "header"),
    [
        (("user", "pass:wörd"), "Basic dXNlcjpwYXNzOnfDtnJk"),
        (Authorization("bearer", token="abc"), "Bearer abc"),
    ],
    ids=["pair", "object"],
)
def test_authorization(auth, header):
    assert create_environ(auth=auth)["HTTP_AUTHORIZATION"] == header


def test_base_and_overrides():
    environ = create_environ(
        "/a",
        environ_base={"REMOTE_ADDR": "192.0.2.1", "PATH_INFO": "/base", "own": 1},
        environ_overrides={"SERVER_PORT": "99", "late": 2},
    )
    assert environ["REMOTE_ADDR"] == "192.0.2.1"
    assert environ["PATH_INFO"] == "/a"
    assert (environ["own"], environ["late"], environ["SERVER_PORT"]) == (1, 2, "99")


def test_the_headers_of_a_builder_can_be_changed(build):
    headers = Headers({"X-A": "1"})
    builder = build(headers=headers)
    builder.headers["X-B"] = "2"
    environ = builder.get_environ()
    assert (environ["HTTP_X_A"], environ["HTTP_X_B"]) == ("1", "2")


# -- the body ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data", ["größe", "größe".encode(), io.BytesIO("größe".encode())], ids=["text", "bytes", "file"]
)
def test_a_body_as_it_is(data):
    environ = create_environ(method="POST", data=data)
    assert body_of(environ) == "größe".encode()
    assert environ["CONTENT_LENGTH"] == "7"
    assert "CONTENT_TYPE" not in environ


def test_a_form():
    environ = create_environ(method="POST", data={"a": "x y", "b": [1, 2], "c": "ä&"})
    assert environ["CONTENT_TYPE"] == "application/x-www-form-urlencoded"
    body = body_of(environ)
    assert body == b"a=x+y&b=1&b=2&c=%C3%A4%26"
    assert environ["CONTENT_LENGTH"] == str(len(body))


def test_a_form_with_files():
    request = Request(
        create_environ(
            method="POST",
            data={
                "text": "größe",
                "file": (io.BytesIO(b"content"), "größe.txt"),
                "typed": (io.BytesIO(b"{}"), "a.bin", "application/json"),
                "several": [(io.BytesIO(b"1"), "1.txt"), (io.BytesIO(b"2"), "2.txt")],
            },
        )
    )
    assert request.mimetype == "multipart/form-data"
    assert request.form["text"] == "größe"
    file = request.files["file"]
    assert (file.filename, file.read(), file.mimetype) == ("größe.txt", b"content", "text/plain")
    assert request.files["typed"].mimetype == "application/json"
    assert [f.read() for f in request.files.getlist("several")] == [b"1", b"2"]


def test_a_file_storage_and_an_open_file(tmp_path):
    (tmp_path / "open.txt").write_text("open")
    storage = FileStorage(io.BytesIO(b"stored"), "s.txt", headers=Headers({"X-Part": "1"}))
    with (tmp_path / "open.txt").open("rb") as file:
        request = Request(create_environ(method="POST", data={"a": storage, "b": file}))
    assert request.files["a"].headers["X-Part"] == "1"
    assert request.files["b"].filename.endswith("open.txt")
    assert request.files["b"].read() == b"open"


def test_json():
    environ = create_environ(method="POST", json={"a": "ä"})
    assert environ["CONTENT_TYPE"] == "application/json"
    assert body_of(environ) == b'{"a": "\\u00e4"}'
    typed = create_environ(method="POST", json=[], content_type="application/vnd.own+json")
    assert typed["CONTENT_TYPE"] == "application/vnd.own+json"


@pytest.mark.parametrize(
    "arguments",
    [{"json": {}, "data": b"x"}, {"data": b"x", "input_stream": io.BytesIO()}],
    ids=["json and data", "stream and data"],
)
def test_one_body_alone(arguments):
    with pytest.raises(TypeError, match="can't provide"):
        create_environ(method="POST", **arguments)


def test_a_stream_is_passed_on_from_where_it_stands():
    stream = io.BytesIO(b"abcdef")
    stream.read(2)
    environ = create_environ(method="POST", input_stream=stream)
    assert environ["wsgi.input"] is stream
    assert environ["CONTENT_LENGTH"] == "4"
    assert body_of(environ) == b"cdef"


@pytest.mark.parametrize(
    ("arguments", "length"),
    [
        ({}, None),
        ({"data": b""}, None),
        ({"content_length": 3}, "3"),
        ({"data": b"abc", "content_length": 99}, "3"),
        ({"data": b"abc", "headers": {"Content-Length": "99"}}, "3"),
        ({"data": {"a": "1"}, "content_length": 99}, "3"),
        ({"data": {"a": None}}, "0"),
    ],
)
def test_the_length_is_that_of_the_body(arguments, length):
    assert create_environ(method="POST", **arguments).get("CONTENT_LENGTH") == length


def test_a_builder_with_a_stream_has_no_form(build):
    builder = build(method="POST", data=b"x")
    for name in ("form", "files"):
        with pytest.raises(AttributeError, match="an input stream is defined"):
            getattr(builder, name)
    builder.input_stream = None
    builder.form["a"] = "1"
    assert body_of(builder.get_environ()) == b"a=1"


def test_the_media_type_follows_the_form(build):
    builder = build(method="POST")
    assert builder.content_type is None
    builder.form["a"] = "1"
    assert builder.content_type == "application/x-www-form-urlencoded"
    builder.files.add_file("f", io.BytesIO(b"x"), "x.txt")
    assert builder.content_type == "multipart/form-data"
    builder.content_type = "text/plain; charset=latin-1"
    assert builder.mimetype == "text/plain"
    assert builder.mimetype_params["charset"] == "latin-1"
    builder.mimetype_params["charset"] = "utf-8"
    assert builder.content_type == "text/plain; charset=utf-8"


@pytest.mark.parametrize(
    ("mimetype", "content_type"),
    [("text/html", "text/html; charset=utf-8"), ("application/json", "application/json")],
)
def test_the_mimetype_gets_its_charset(mimetype, content_type):
    assert create_environ(mimetype=mimetype)["CONTENT_TYPE"] == content_type


def test_closing_closes_the_files(build):
    file = io.BytesIO(b"x")
    builder = build(method="POST", data={"f": (file, "x.txt")})
    builder.close()
    assert builder.closed
    assert file.closed
    builder.close()


# -- and back ----------------------------------------------------------------------------


def test_a_builder_of_an_environment():
    first = create_environ(
        "/größe",
        "https://example.org:444/r",
        query_string={"a": "ä"},
        method="PUT",
        data={"f": "x"},
        headers={"X-A": "1"},
        multithread=True,
    )
    with_own = EnvironBuilder.from_environ(first, method="POST")
    second = with_own.get_environ()
    with_own.close()
    for key in (
        "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING", "HTTP_HOST", "SERVER_PORT", "CONTENT_TYPE",
        "CONTENT_LENGTH", "HTTP_X_A", "wsgi.url_scheme", "wsgi.multithread",
    ):  # fmt: skip
        assert second[key] == first[key], key
    assert second["REQUEST_METHOD"] == "POST"
    assert body_of(second) == b"f=x"
