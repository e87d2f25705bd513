"""``erlen run`` shows as much of an application with WebSockets as of one without."""

from __future__ import annotations

import base64
import os
import re
import socket
import ssl
from contextlib import suppress
from http.client import HTTPException, HTTPSConnection

import pytest
from processes import eventually

PATH = os.environ.get("PYTHONPATH", "")
RUN = ("-m", "erlen", "--app", "app", "run", "--debug", "--no-reload", "-p", "PORT")
SOURCE = """
from erlen import Erlen, request, websocket

app = Erlen("app")

@app.route("/")
def index():
    return "hello"

@app.route("/fails/<what>", methods=["GET", "POST"])
def fails(what):
    local = "seen by the page"
    if request.args.get("read"):
        request.get_data()
    raise ValueError(f"the {what} failed")

@app.route("/async/<what>", methods=["GET", "POST"])
async def fails_async(what):
    raise ValueError(f"the {what} failed")

@app.route("/stream")
def stream():
    def pieces():
        yield b"x"
        raise ValueError("the stream failed")
    return pieces()
"""
SOCKET = """
@app.websocket("/socket")
async def socket():
    await websocket.accept()
    await websocket.send(await websocket.receive())

@app.websocket("/fails")
async def fails_socket():
    raise ValueError("/fails failed")

@app.websocket("/late")
async def fails_late():
    await websocket.accept()
    raise ValueError("/late failed")
"""
REQUEST_LINE = r'^127\.0\.0\.1 - - \[\d\d/\w{3}/\d{4} \d\d:\d\d:\d\d\] "%s" %d in \d+ ms$'


@pytest.fixture(scope="module", params=["wsgi", "asgi"])
def served(request, serve_all):
    source = SOURCE if request.param == "wsgi" else SOURCE + SOCKET
    return serve_all(*RUN, source=source).ready()


@pytest.fixture(scope="module")
def with_sockets(serve_all):
    return serve_all(*RUN, source=SOURCE + SOCKET).ready()


def told(served, line, status):
    """Whether the line of a request comes."""
    pattern = re.compile(REQUEST_LINE % (re.escape(line), status), re.MULTILINE)
    return eventually(lambda: pattern.search(served.output), bool, 20)


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", ["/fails/a", "/fails/b?read=1", "/async/c"])
def test_an_error_has_its_page_and_its_traceback(served, path, method):
    body = b"x=1" * (1 if method == "POST" else 0)
    status, page = served.request(path, method, body or None)
    error = f"ValueError: the {path[path.index('/', 1) + 1]} failed"
    assert status == 500
    assert error in page
    assert "Erlen Debugger" in page
    assert "raise ValueError" in page
    served.wait_for(error)
    assert told(served, f"{method} {path} HTTP/1.1", 500)


def test_requests_are_logged(served):
    assert served.request("/?a=b%20c") == (200, "hello")
    assert served.request("/nothing")[0] == 404
    assert told(served, "GET /?a=b%20c HTTP/1.1", 200)
    assert told(served, "GET /nothing HTTP/1.1", 404)


def test_an_error_behind_the_first_bytes_is_told_once(served):
    with suppress(HTTPException, OSError):
        assert "the stream failed" not in served.request("/stream")[1]
    served.wait_for("ValueError: the stream failed")
    # What is told of it comes before the line of the next request.
    served.request("/?behind")
    assert told(served, "GET /?behind HTTP/1.1", 200)
    assert served.output.count("ValueError: the stream failed") == 1
    assert served.output.count("had begun already") == 1


def test_the_page_has_its_parts_and_its_console(served):
    assert "color-scheme" in served.request("/?__debugger__=yes&cmd=resource&f=style.css")[1]
    status, page = served.request("/console")
    assert status == 200
    assert "Console" in page


def handshake(served, path):
    connection = socket.create_connection(("127.0.0.1", served.port), 20)
    key = base64.b64encode(b"0123456789abcdef").decode()
    connection.sendall(
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
        f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"
        "\r\n".encode()
    )
    status = connection.recv(12)
    return connection, int(status[9:])


def test_sockets_are_logged(with_sockets):
    connection, status = handshake(with_sockets, "/socket")
    assert status == 101
    connection.close()
    assert told(with_sockets, "GET /socket HTTP/1.1", 101)


@pytest.mark.parametrize("debugger", ["--debugger", "--no-debugger"])
def test_errors_on_asgi_are_told_once(serve, debugger):
    served = serve(*RUN, debugger, source=SOURCE + SOCKET).ready()
    for path, status in (("/fails", 500 if debugger == "--debugger" else 403), ("/late", 101)):
        connection, answered = handshake(served, path)
        assert answered == status
        assert told(served, f"GET {path} HTTP/1.1", status)
        served.wait_for(f"ValueError: {path} failed")
        connection.close()
    with suppress(HTTPException, OSError):
        served.request("/stream")
    served.wait_for("ValueError: the stream failed")
    # What is told of them comes before the line of the next request.
    served.request("/?behind")
    assert told(served, "GET /?behind HTTP/1.1", 200)
    for what in ("/fails", "/late", "the stream"):
        assert served.output.count(f"ValueError: {what} failed") == 1


def test_middleware_that_fails_is_told(serve):
    source = (
        SOURCE
        + SOCKET
        + """
async def broken(scope, receive, send):
    if scope["type"] != "lifespan":
        raise ValueError("the middleware failed")
app.asgi_app = broken
"""
    )
    served = serve(*RUN, "--no-debugger", source=source).ready()
    assert served.request() == (500, "Internal Server Error")
    served.wait_for("ValueError: the middleware failed")
    connection, status = handshake(served, "/socket")
    connection.close()
    assert status == 403
    served.wait_for('"GET /socket HTTP/1.1" 403')
    assert served.output.count("ValueError: the middleware failed") >= 2


@pytest.mark.parametrize("reload", ["--reload", "--no-reload"])
def test_a_certificate_that_is_made_on_the_way(serve, reload):
    pytest.importorskip("cryptography")
    served = serve(*RUN, reload, "--cert", "adhoc", source=SOURCE + SOCKET)
    served.wait_for(f"Running on https://127.0.0.1:{served.port} (ASGI)")
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    connection = HTTPSConnection("127.0.0.1", served.port, context=context, timeout=30)
    connection.request("GET", "/")
    assert connection.getresponse().read() == b"hello"
    connection.close()
    assert served.stop() in (0, -15)


@pytest.mark.parametrize("source", [SOURCE, SOURCE + SOCKET], ids=["WSGI", "ASGI"])
def test_a_certificate_that_is_none_is_told_in_one_line(serve, source, tmp_path):
    (tmp_path / "none.pem").write_text("nothing")
    served = serve(*RUN, "--cert", "none.pem", "--key", "none.pem", source=source)
    assert served.process.wait(60) == 1
    assert "none.pem has no certificate in PEM form" in served.output
    assert "Traceback" not in served.output


def test_a_context_whose_key_cannot_be_read_is_told(serve):
    source = SOURCE + SOCKET + "import ssl\ncontext = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)\n"
    served = serve(*RUN, "--cert", "app:context", source=source)
    assert served.process.wait(60) == 1
    assert "Error: An application with WebSockets is served" in served.output
    assert "Traceback" not in served.output


def test_without_granian_it_is_said_what_to_install(serve, tmp_path):
    """As where there is no wheel of it for this Python."""
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['granian'] = None\n")
    served = serve(
        *RUN, source=SOURCE + SOCKET, env={"PYTHONPATH": f"{tmp_path}{os.pathsep}{PATH}"}
    )
    assert served.process.wait(60) == 1
    assert served.output.count("Error: ") == 1
    assert "pip install granian" in served.output
    assert "Traceback" not in served.output
