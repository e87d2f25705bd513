from __future__ import annotations

import socket
from collections.abc import Iterator
from io import BytesIO
from threading import Thread
from typing import Any

import pytest

from erlen.http.request import Request
from erlen.http.response import Response
from erlen.middleware.http_proxy import ProxyMiddleware
from erlen.serve.development import make_server
from erlen.testing import Client


@Request.application
def upstream(request: Request) -> Response:
    if request.path == "/cookies":
        response = Response("two")
        response.set_cookie("a", "1")
        response.set_cookie("b", "2")
        return response
    if request.path == "/stream":
        return Response(iter([b"one ", b"two"]))
    if request.path == "/teapot":
        return Response("short and stout", 418)
    lines = [
        request.method,
        request.full_path,
        request.headers.get("Host", ""),
        request.headers.get("X-From", ""),
        request.headers.get("X-Secret", ""),
        str(request.content_length),
        request.get_data(as_text=True),
    ]
    return Response("\n".join(lines))


@pytest.fixture(scope="module")
def target() -> Iterator[str]:
    server = make_server("127.0.0.1", 0, upstream, threaded=True)
    thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


def local(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"local"]


def client(target: str, **options: Any) -> Client:
    return Client(ProxyMiddleware(local, {"/p/": {"target": target, **options}}))


def lines(response: Any) -> list[str]:
    return response.text.split("\n")


@pytest.mark.parametrize("path", ["/", "/px", "/x/p/", "//p/"])
def test_other_paths_are_local(target: str, path: str) -> None:
    assert client(target).get(path).text == "local"


@pytest.mark.parametrize(
    ("path", "options", "asked"),
    [
        ("/p/x?a=1&b=%20c", {}, "/p/x?a=1&b=%20c"),
        ("/p", {}, "/p?"),
        ("/p/x/y", {"remove_prefix": True}, "/x/y?"),
        ("/p/", {"remove_prefix": True}, "/?"),
        ("/p/$&,+:;=@'()*!", {}, "/p/$&,+:;=@'()*!?"),
        ("/p/%C3%A4%20%25%3F%23", {}, "/p/ä %?#?"),
        ("/p/..%2F..%2Fx", {"remove_prefix": True}, "/../../x?"),
    ],
)
def test_paths(target: str, path: str, options: dict[str, Any], asked: str) -> None:
    assert lines(client(target, **options).get(path))[1] == asked


def test_the_path_of_the_target_goes_before(target: str) -> None:
    assert lines(client(f"{target}/base/").get("/p/x"))[1] == "/base/p/x?"


@pytest.mark.parametrize(
    ("host", "sent"), [("<auto>", "127.0.0.1"), (None, "localhost"), ("a.example", "a.example")]
)
def test_hosts(target: str, host: str | None, sent: str) -> None:
    assert lines(client(target, host=host).get("/p/"))[2] == sent


def test_headers(target: str) -> None:
    browser = client(target, headers={"X-From": "proxy"})
    sent = {"X-From": "client", "X-Secret": "hop", "Connection": "close, X-Secret"}
    assert lines(browser.get("/p/", headers=sent))[3:5] == ["proxy", ""]
    assert lines(client(target).get("/p/", headers={"X-From": "client"}))[3] == "client"


@pytest.mark.parametrize("size", [0, 1, 100_000])
def test_bodies(target: str, size: int) -> None:
    answer = lines(client(target).post("/p/", data=b"x" * size))
    assert (answer[0], answer[5], len(answer[6])) == ("POST", str(size or None), size)


def test_a_body_of_unknown_length(target: str) -> None:
    environ = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    response = client(target).post(
        "/p/", input_stream=BytesIO(b"x" * 50_000), environ_overrides=environ
    )
    assert len(lines(response)[6]) == 50_000


@pytest.mark.parametrize(
    ("path", "status", "text"),
    [("/p/stream", 200, "one two"), ("/p/teapot", 418, "short and stout")],
)
def test_answers(target: str, path: str, status: int, text: str) -> None:
    response = client(target, remove_prefix=True).get(path)
    assert (response.status_code, response.text) == (status, text)
    assert "Connection" not in response.headers
    assert "Transfer-Encoding" not in response.headers


def test_head_and_repeated_headers(target: str) -> None:
    browser = client(target, remove_prefix=True)
    response = browser.head("/p/teapot")
    assert (response.status_code, response.data) == (418, b"")
    cookies = browser.get("/p/cookies").headers.getlist("Set-Cookie")
    assert [cookie.partition(";")[0] for cookie in cookies] == ["a=1", "b=2"]


def test_the_longest_prefix_wins(target: str) -> None:
    targets = {"/p": {"target": "http://127.0.0.1:9"}, "p/x/": {"target": target, "host": "x"}}
    assert lines(Client(ProxyMiddleware(local, targets)).get("/p/x/y"))[2] == "x"


def test_a_server_that_does_not_answer() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert client(f"http://127.0.0.1:{port}").get("/p/").status_code == 502


@pytest.mark.parametrize("answer", [b"", b"nonsense\r\n\r\n"])
def test_a_server_that_answers_nonsense(answer: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(answer)

        thread = Thread(target=serve, daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        assert client(url).get("/p/").status_code == 502
        thread.join()


def test_an_unknown_scheme() -> None:
    with pytest.raises(RuntimeError, match="http or https"):
        client("ftp://127.0.0.1").get("/p/")
