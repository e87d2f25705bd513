from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erlen.http.exceptions import (
    BadRequest,
    BadRequestKeyError,
    ClientDisconnected,
    NotFound,
    RequestEntityTooLarge,
    SecurityError,
    UnsupportedMediaType,
)
from erlen.http.forms import FormDataParser
from erlen.http.headers import Headers
from erlen.http.multidict import ImmutableMultiDict, MultiDict
from erlen.http.properties import cached_property
from erlen.http.request import Request
from erlen.http.response import Response
from erlen.testing.builder import create_environ
from erlen.testing.client import run_wsgi_app

URLENCODED = "application/x-www-form-urlencoded"


def request(**environ: Any) -> Request:
    """A request from an environment as a server makes it."""
    return Request(
        {
            "REQUEST_METHOD": "GET",
            "SCRIPT_NAME": "",
            "PATH_INFO": "/",
            "QUERY_STRING": "",
            "SERVER_NAME": "server.local",
            "SERVER_PORT": "80",
            "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(),
            **environ,
        }
    )


def post(body: bytes, content_type: str = "", **environ: Any) -> Request:
    return request(
        **{
            "REQUEST_METHOD": "POST",
            "CONTENT_TYPE": content_type,
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": BytesIO(body),
            **environ,
        }
    )


class Strict(Request):
    """As the request of an application is."""

    strict_forms = True


def wsgi(text: str) -> str:
    return text.encode().decode("latin-1")


@pytest.mark.parametrize(
    ("environ", "urls"),
    [
        pytest.param(
            {},
            {
                "path": "/", "full_path": "/?", "root_path": "", "url": "http://server.local/",
                "base_url": "http://server.local/", "root_url": "http://server.local/",
                "host_url": "http://server.local/", "host": "server.local", "query_string": b"",
            },
            id="plain",
        ),
        pytest.param(
            {
                "SCRIPT_NAME": "/app", "PATH_INFO": wsgi("/a b/é"), "QUERY_STRING": "q=%20&r=ü",
                "HTTP_HOST": "example.org:8080", "wsgi.url_scheme": "https",
            },
            {
                "path": "/a b/é", "root_path": "/app", "script_root": "/app",
                "url": "https://example.org:8080/app/a%20b/é?q=%20&r=%FC",
                "base_url": "https://example.org:8080/app/a%20b/é",
                "root_url": "https://example.org:8080/app/",
                "url_root": "https://example.org:8080/app/",
                "host_url": "https://example.org:8080/", "host": "example.org:8080",
            },
            id="mounted",
        ),
        pytest.param(
            {"HTTP_HOST": "example.org:443", "wsgi.url_scheme": "https"},
            {"host": "example.org", "url": "https://example.org/"},
            id="port-of-the-scheme",
        ),
        pytest.param({"PATH_INFO": ""}, {"path": "/", "url": "http://server.local/"}, id="no-path"),
        pytest.param(
            {"PATH_INFO": "//evil.example/x"},
            {"path": "/evil.example/x", "url": "http://server.local/evil.example/x"},
            id="path-like-a-host",
        ),
        pytest.param(
            {"PATH_INFO": "/a%2fb"},
            {"path": "/a%2fb", "url": "http://server.local/a%252fb"},
            id="percent-in-the-path",
        ),
        pytest.param({"PATH_INFO": "/\xff"}, {"path": "/�"}, id="not-utf-8"),
        pytest.param({"SCRIPT_NAME": "/app/"}, {"root_path": "/app"}, id="slash-of-the-mount"),
        pytest.param(
            {"QUERY_STRING": "a=1&b"},
            {"full_path": "/?a=1&b", "query_string": b"a=1&b"},
            id="query",
        ),
    ],
)  # fmt: skip
def test_where_it_was_sent(environ: dict[str, Any], urls: dict[str, Any]) -> None:
    sent = request(**environ)
    assert {name: getattr(sent, name) for name in urls} == urls


def test_the_connection() -> None:
    sent = request(REMOTE_ADDR="1.2.3.4", REMOTE_USER="alice")
    assert (sent.remote_addr, sent.remote_user) == ("1.2.3.4", "alice")
    assert sent.server == ("server.local", 80)
    assert sent.scheme == "http"
    assert not sent.is_secure
    assert request(**{"wsgi.url_scheme": "https"}).is_secure
    assert request(SERVER_PORT="").server == ("server.local", None)
    assert request(SERVER_NAME="").server is None
    assert request().remote_addr is request().remote_user is None


def test_what_the_server_is_like() -> None:
    sent = request(**{"wsgi.multithread": True, "wsgi.multiprocess": False, "wsgi.run_once": 1})
    assert (sent.is_multithread, sent.is_multiprocess, sent.is_run_once) == (True, False, True)


@pytest.mark.parametrize(
    ("environ", "route"),
    [
        ({"REMOTE_ADDR": "9.9.9.9"}, ["9.9.9.9"]),
        (
            {"REMOTE_ADDR": "9.9.9.9", "HTTP_X_FORWARDED_FOR": "1.1.1.1, 2.2.2.2"},
            ["1.1.1.1", "2.2.2.2"],
        ),
        ({}, []),
    ],
)
def test_access_route(environ: dict[str, str], route: list[str]) -> None:
    assert request(**environ).access_route == route


def test_method_is_in_upper_case() -> None:
    assert request(REQUEST_METHOD="get").method == "GET"


def test_trusted_hosts() -> None:
    class Own(Request):
        trusted_hosts = ["example.org", ".example.com"]  # noqa: RUF012

    for host, trusted in (
        ("example.org", True),
        ("a.example.com", True),
        ("a.example.org", False),
        ("evil.example", False),
    ):
        sent = Own(request(HTTP_HOST=host).environ)
        if trusted:
            assert sent.host == host
        else:
            with pytest.raises(SecurityError):
                sent.host  # noqa: B018
            assert "invalid URL" in repr(sent)


def test_query() -> None:
    sent = request(QUERY_STRING="a=1&b=%C3%A9&a=2&c")
    assert type(sent.args) is ImmutableMultiDict
    assert list(sent.args.items(multi=True)) == [("a", "1"), ("a", "2"), ("b", "é"), ("c", "")]
    with pytest.raises(BadRequestKeyError) as caught:
        sent.args["z"]
    assert caught.value.code == 400
    with pytest.raises(TypeError, match="immutable"):
        sent.args["a"] = "3"


def test_cookies() -> None:
    sent = request(HTTP_COOKIE="a=1; b=2; a=3")
    assert sent.cookies.to_dict(flat=False) == {"a": ["1", "3"], "b": ["2"]}
    assert not request().cookies


def test_storage_classes() -> None:
    class Own(Request):
        parameter_storage_class = MultiDict
        dict_storage_class = MultiDict
        list_storage_class = list

    sent = Own(request(QUERY_STRING="a=1", HTTP_COOKIE="a=b", REMOTE_ADDR="1.1.1.1").environ)
    assert type(sent.args) is type(sent.cookies) is type(sent.form) is MultiDict
    assert type(sent.access_route) is list


# -- the body --------------------------------------------------------------------------------


def test_a_form() -> None:
    sent = post(b"a=1&b=2&a=3", URLENCODED, QUERY_STRING="a=0&c=4")
    assert sent.form.to_dict(flat=False) == {"a": ["1", "3"], "b": ["2"]}
    assert not sent.files
    assert sent.values.getlist("a") == ["0", "1", "3"]
    assert sent.values["a"] == "0"
    assert sent.values["b"] == "2"
    assert sent.data == sent.get_data() == sent.stream.read() == b""
    assert sent.content_length == 11


def test_values_of_get_are_those_of_the_query() -> None:
    sent = post(b"b=2", URLENCODED, REQUEST_METHOD="GET", QUERY_STRING="a=1")
    assert sent.values.to_dict() == {"a": "1"}
    assert sent.form.to_dict() == {"b": "2"}


def test_other_bodies() -> None:
    sent = post("é".encode(), "text/plain")
    assert sent.data == sent.get_data() == "é".encode()
    assert sent.get_data(as_text=True) == "é"
    assert not sent.form
    assert post(b"\xff").get_data(as_text=True) == "�"


def test_the_bytes_of_a_form() -> None:
    sent = post(b"a=1", URLENCODED)
    assert sent.get_data() == b"a=1"
    assert sent.form["a"] == "1"
    assert sent.get_data() == b"a=1"
    sent = post(b"a=1", URLENCODED)
    assert sent.get_data(cache=False) == b"a=1"
    assert not sent.form
    sent = post(b"a=1", URLENCODED)
    assert sent.get_data(parse_form_data=True) == b""
    assert sent.form["a"] == "1"


def test_the_stream_takes_the_bytes_away() -> None:
    sent = post(b"a=1", URLENCODED)
    assert sent.stream.read(1) == b"a"
    assert sent.form.to_dict() == {}
    sent = post(b"abc", "text/plain")
    assert sent.stream.read() == b"abc"
    assert sent.get_data() == b""


class Streaming(Request):
    """Has a stream of its own, which nobody may read past."""

    stream = cached_property(Request.stream.fget)


class Dripping(BytesIO):
    """A server that gives less than it is asked for."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(2)


class Broken(BytesIO):
    """A server that lost its client."""

    def read(self, size: int | None = -1, /) -> bytes:
        raise OSError("reset")


@pytest.mark.parametrize("kind", [BytesIO, Dripping, Broken])
@pytest.mark.parametrize("missing", [0, 2])
@pytest.mark.parametrize("limit", [None, 3, 8])
@pytest.mark.parametrize(
    "content_type", ["text/plain", URLENCODED, "multipart/form-data; boundary=x"]
)
@pytest.mark.parametrize("read", ["get_data", "form", "data", "uncached"])
def test_a_body_that_is_read_at_once_is_that_of_the_stream(
    kind: type[BytesIO], missing: int, limit: int | None, content_type: str, read: str
) -> None:
    def outcome(cls: type[Request]) -> list[object]:
        body = b"a=1&b=22"
        server = kind(body[: len(body) - missing] if missing else body + b"next")
        environ = post(body, content_type, **{"wsgi.input": server}).environ
        sent = cls(environ)
        sent.max_content_length = limit
        seen: list[object] = []
        for _ in range(2):
            try:
                if read == "form":
                    seen.append(sent.form.to_dict())
                elif read == "data":
                    seen.append(sent.data)
                else:
                    seen.append(sent.get_data(cache=read == "get_data"))
                seen += sent.stream.read(), sent.stream.read(1), sent.stream.tell()
                seen += sent.form.to_dict(), sent.get_data()
            except (ClientDisconnected, RequestEntityTooLarge) as error:
                seen.append(type(error))
        return [*seen, server.tell() if kind is not Broken else None]

    assert outcome(Request) == outcome(Streaming)


class Parsing(Request):
    """Asks for its parser."""

    def make_form_data_parser(self) -> FormDataParser:
        return super().make_form_data_parser()


class Parser(FormDataParser):
    """Another parser."""


class OtherParser(Request):
    form_data_parser_class = Parser


@pytest.mark.parametrize("body", [b"", b"a=1&b=2&a=%41", b"a=\xff", b"&".join([b"a=1"] * 9)])
@pytest.mark.parametrize(("size", "parts"), [(None, None), (20, 5), (500, 5), (500, None)])
@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("is_read", [False, True])
def test_a_form_without_a_parser_is_that_of_the_parser(
    body: bytes, size: int | None, parts: int | None, strict: bool, is_read: bool
) -> None:
    def outcome(cls: type[Request]) -> object:
        sent = cls(post(body, URLENCODED).environ)
        sent.max_form_memory_size, sent.max_form_parts = size, parts
        sent.strict_forms = strict  # type: ignore[misc]
        if is_read:
            sent.get_data()
        try:
            return sent.form, type(sent.form), sent.files, sent.stream.read(), sent.get_data()
        except RequestEntityTooLarge as error:
            return type(error)

    assert outcome(Request) == outcome(Parsing) == outcome(OtherParser)


def test_a_parser_that_was_replaced_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = BytesIO(), ImmutableMultiDict({"b": "2"}), ImmutableMultiDict()
    monkeypatch.setattr(FormDataParser, "parse", lambda *args: answer)
    assert post(b"a=1", URLENCODED).form is answer[1]


def test_a_large_body_is_not_read_at_once() -> None:
    asked = []

    class Asked(BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            asked.append(size)
            return super().read(size)

    sent = post(b"", **{"wsgi.input": Asked(b"a"), "CONTENT_LENGTH": str(1 << 40)})
    with pytest.raises(ClientDisconnected):
        sent.get_data()
    assert max(asked) <= 1 << 20


MULTIPART = (
    b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n"
    b"--x\r\nContent-Disposition: form-data; name=f; filename=y.txt\r\n\r\nabc\r\n--x--\r\n"
)


def test_files_are_closed_with_the_request() -> None:
    with post(MULTIPART, "multipart/form-data; boundary=x") as sent:
        file = sent.files["f"]
        assert (file.filename, file.read()) == ("y.txt", b"abc")
        assert sent.form["a"] == "1"
    assert file.stream.closed
    request().close()


def test_where_files_go() -> None:
    class Own(Request):
        def _get_file_stream(self, *args: Any, **kwargs: Any) -> Any:
            return target

    target = BytesIO()
    sent = Own(post(MULTIPART, "multipart/form-data; boundary=x").environ)
    assert sent.files["f"].stream is target
    assert target.getvalue() == b"abc"


@pytest.mark.parametrize(
    ("limit", "value", "body", "content_type"),
    [
        ("max_content_length", 2, b"abc", "text/plain"),
        ("max_content_length", 2, b"a=1", URLENCODED),
        ("max_form_memory_size", 2, b"a=1", URLENCODED),
        ("max_form_memory_size", 0, MULTIPART, "multipart/form-data; boundary=x"),
        ("max_form_parts", 1, b"a=1&b=2", URLENCODED),
        ("max_form_parts", 1, MULTIPART, "multipart/form-data; boundary=x"),
    ],
)
@pytest.mark.parametrize("announced", [True, False])
def test_limits(limit: str, value: int, body: bytes, content_type: str, announced: bool) -> None:
    def send(value: int) -> Request:
        sent = Strict(post(body, content_type, **{"wsgi.input_terminated": True}).environ)
        if not announced:
            del sent.environ["CONTENT_LENGTH"]
        setattr(sent, limit, value)
        return sent

    assert send(1000).form is not None
    with pytest.raises(RequestEntityTooLarge):
        sent = send(value)
        _ = sent.form or sent.get_data()


@pytest.mark.parametrize(
    ("content_type", "body"),
    [("multipart/form-data", MULTIPART), ("multipart/form-data; boundary=x", MULTIPART[:-9])],
)
def test_malformed_forms(content_type: str, body: bytes) -> None:
    with pytest.raises(BadRequest):
        Strict(post(body, content_type).environ).form  # noqa: B018
    assert not post(body, content_type).form
    assert not post(body, content_type).files


def test_shallow() -> None:
    sent = Request(post(b"a=1", URLENCODED, QUERY_STRING="b=2").environ, shallow=True)
    assert sent.args["b"] == "2"
    for name in ("stream", "form", "data", "files"):
        with pytest.raises(RuntimeError, match="shallow"):
            getattr(sent, name)


@pytest.mark.parametrize(
    ("arguments", "stored"),
    [({}, True), ({"populate_request": False}, False), ({"shallow": True}, False)],
)
def test_it_is_stored_in_the_environment(arguments: dict[str, bool], stored: bool) -> None:
    environ: dict[str, Any] = {"PATH_INFO": "/"}
    sent = Request(environ, **arguments)
    assert (environ.get("werkzeug.request") is sent) is stored


# -- JSON ------------------------------------------------------------------------------------


def test_json() -> None:
    sent = post(b'{"a": [1, null]}', "application/json")
    assert sent.json == sent.get_json() == {"a": [1, None]}
    assert sent.json is sent.json
    assert sent.get_json(cache=False) is not sent.json


@pytest.mark.parametrize("body", [b"{", b"", b"\xff", b"[" * 100_000])
def test_no_json(body: bytes) -> None:
    with pytest.raises(BadRequest, match="decode JSON"):
        post(body, "application/json").get_json()
    assert post(body, "application/json").get_json(silent=True) is None
    sent = post(body, "application/json")
    assert sent.get_json(silent=True) is None
    with pytest.raises(BadRequest):
        sent.get_json()


def test_json_of_another_type() -> None:
    with pytest.raises(UnsupportedMediaType):
        post(b"{}", "text/plain").get_json()
    assert post(b"{}", "text/plain").get_json(silent=True) is None
    assert post(b"{}", "text/plain").get_json(force=True) == {}


def test_what_to_do_without_json_can_be_changed() -> None:
    class Own(Request):
        def on_json_loading_failed(self, e: ValueError | None) -> Any:
            return "no type" if e is None else "no JSON"

    assert Own(post(b"{}", "text/plain").environ).json == "no type"
    assert Own(post(b"{", "application/json").environ).json == "no JSON"


def test_another_json_module() -> None:
    class Own(Request):
        class json_module:
            @staticmethod
            def loads(data: bytes) -> Any:
                return data.decode().upper()

    assert Own(post(b"abc", "application/json").environ).json == "ABC"


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=8,
    )
)
def test_round_trip_of_json(value: Any) -> None:
    body = json.dumps(value, ensure_ascii=False).encode()
    assert post(body, "application/json").json == value


# -- making and using ------------------------------------------------------------------------


def test_from_values() -> None:
    sent = Request.from_values("/a?b=c", method="POST", data={"d": "e"})
    assert (sent.path, sent.args["b"], sent.form["d"]) == ("/a", "c", "e")


def test_application() -> None:
    @Request.application
    def application(sent: Request) -> Response:
        if sent.path == "/none":
            raise NotFound
        return Response(f"at {sent.path}")

    class Methods:
        @Request.application
        def application(self, sent: Request) -> Response:
            return Response(sent.method)

    assert run_wsgi_app(application, create_environ("/x"), buffered=True)[0] == [b"at /x"]
    assert run_wsgi_app(application, create_environ("/none"), buffered=True)[1] == "404 NOT FOUND"
    assert run_wsgi_app(Methods().application, create_environ(), buffered=True)[0] == [b"GET"]


def test_repr() -> None:
    sent = request(PATH_INFO="/a", QUERY_STRING="b=c")
    assert repr(sent) == "<Request 'http://server.local/a?b=c' [GET]>"


@given(st.text(max_size=20), st.text(st.characters(max_codepoint=255), max_size=20))
def test_any_path_and_query_give_a_url(path: str, query: str) -> None:
    sent = request(PATH_INFO="/" + wsgi(path), QUERY_STRING=query)
    assert sent.path.startswith("/")
    assert not sent.path.startswith("//")
    for url in (sent.url, sent.base_url, sent.full_path):
        assert isinstance(url, str)
    assert sent.url.startswith("http://server.local/")
    assert all(isinstance(value, str) for value in sent.args.values())


@pytest.mark.parametrize("content_type", ["", "text/HTML", 'text/html; charset="UTF-8"', "; x=y"])
def test_the_media_type_is_that_of_the_headers(content_type: str) -> None:
    asked, unasked = post(b"", content_type), post(b"", content_type)
    assert asked.headers.get("Content-Type", "") == content_type
    assert asked.mimetype == unasked.mimetype
    assert asked.mimetype_params == unasked.mimetype_params
    assert "headers" not in unasked.__dict__


def test_headers_of_its_own_tell_the_media_type() -> None:
    class Own(Request):
        headers = property(lambda self: Headers({"Content-Type": URLENCODED}))  # type: ignore[assignment]

    assert Own(post(b"a=1", "text/plain").environ).form == MultiDict([("a", "1")])
    assigned = post(b"a=1", "text/plain")
    assigned.headers = Headers({"Content-Type": URLENCODED})  # type: ignore[assignment]
    assert assigned.mimetype == URLENCODED
    assert assigned.form == MultiDict([("a", "1")])


def test_a_query_of_its_own_is_parsed() -> None:
    class Own(Request):
        query_string = b"a=%C3%A9"  # type: ignore[assignment]

    assert Own(request(QUERY_STRING="a=1").environ).args == MultiDict([("a", "é")])
    assigned = request(QUERY_STRING="a=1")
    assigned.query_string = b"a=2"
    assert assigned.args == MultiDict([("a", "2")])
    # WSGI carries bytes as Latin-1.
    assert request(QUERY_STRING="a=\xc3\xa9").args == MultiDict([("a", "é")])
    assert request(QUERY_STRING="a=%C3%A9").args == MultiDict([("a", "é")])
