"""``erlen serve``, as a process on a port."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time

import pytest
from processes import eventually
from waiting import Waiting, refuses

SERVE = ("-m", "erlen", "--app", "app", "serve", "--port", "PORT")


@pytest.mark.parametrize("interface", ["asgi", "wsgi"])
def test_the_line_at_the_start_says_what_runs_and_where(serve, interface):
    served = serve(*SERVE, "--interface", interface, "--threads", "3").ready()
    assert served.request() == (200, "hello")
    served.wait_for("Serving")
    line = next(line for line in served.output.splitlines() if "Serving" in line)
    assert f"'app' on http://127.0.0.1:{served.port} (granian" in line
    assert f"{interface.upper()}, 1 process with 3 threads each" in line
    assert served.stop() == 0


@pytest.mark.parametrize("path", ["/gate/open", "/async-gate/open"])
def test_requests_in_flight_are_finished_when_it_stops(serve, path):
    served = serve(*SERVE, "--threads", "10").ready()
    waiting = Waiting(served, [path] * 10)
    served.process.send_signal(signal.SIGTERM)
    assert refuses(served.port)
    waiting.let_go()
    waiting.join()
    assert waiting.answers == [(200, "through")] * 10
    assert served.process.wait(60) == 0


def test_a_request_that_hangs_is_cut_off_at_the_deadline(serve):
    served = serve(*SERVE, "--graceful-timeout", "1").ready()
    waiting = Waiting(served, ["/gate/never"])
    served.process.send_signal(signal.SIGTERM)
    # Without the deadline it would not end at all.
    served.process.wait(60)
    waiting.join()
    assert waiting.answers == []


def test_a_worker_that_died_is_replaced(serve):
    served = serve(*SERVE, "--workers", "2").ready()
    # One of them may be ready before the other.
    pids = eventually(
        lambda: {served.request("/pid")[1] for _ in range(30)}, lambda found: len(found) == 2
    )
    assert len(pids) == 2
    os.kill(int(min(pids)), signal.SIGKILL)
    end = time.monotonic() + 60
    while True:
        try:
            now = {served.request("/pid")[1] for _ in range(30)}
        except OSError:
            now = set()
        if len(now) == 2 and now != pids:
            break
        assert time.monotonic() < end, served.output
        time.sleep(0.2)


@pytest.fixture(scope="module")
def configured(serve_all):
    """A server with several options of its own."""
    options = [
        "--max-body",
        "100",
        "--request-timeout",
        "1",
        "--header-timeout",
        "0.5",
        "--access-log",
    ]
    return serve_all(*SERVE, *options).ready()


def test_asgi_is_the_default(configured):
    assert configured.request("/thread") == (200, "erlen-view")
    configured.wait_for("ASGI")


def test_the_longest_body(configured):
    assert configured.request("/size", "POST", b"x" * 100) == (200, "100")
    assert configured.request("/size", "POST", b"x" * 101)[0] == 413


def test_a_body_that_comes_too_slowly(configured):
    with socket.create_connection(("127.0.0.1", configured.port), 30) as connection:
        connection.sendall(b"POST /size HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nx")
        assert connection.recv(100).startswith(b"HTTP/1.1 408 ")
    # After it others are served.
    assert configured.request() == (200, "hello")


def test_headers_that_come_too_slowly(configured):
    with socket.create_connection(("127.0.0.1", configured.port), 30) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")
        assert b"hello" not in connection.recv(100)


def test_access_log(configured):
    configured.request("/pid?x=1")
    configured.wait_for("/pid")


def test_a_unix_socket(serve, tmp_path):
    path = tmp_path / "s"
    served = serve("-m", "erlen", "--app", "app", "serve", "--uds", str(path))
    served.wait_for(f"unix:{path}")
    end = time.monotonic() + 60
    while True:
        try:
            with socket.socket(socket.AF_UNIX) as s:
                s.settimeout(10)
                s.connect(str(path))
                s.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                data = b""
                while piece := s.recv(4096):
                    data += piece
            break
        except OSError:
            assert time.monotonic() < end, served.output
            time.sleep(0.05)
    assert data.endswith(b"hello")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--server", "waitress", "--interface", "asgi"], "waitress has no ASGI interface"),
        (["--server", "gunicorn", "--interface", "asgi"], "--server granian or uvicorn"),
        (["--certfile", "app.py"], "--certfile app.py needs the key of the certificate"),
        (["--http2"], "--http2 needs HTTPS"),
        (["--workers", "0"], "'--workers'"),
        (["--port", "x"], "'--port'"),
    ],
)
def test_what_cannot_be_is_told(told, arguments, message):
    status, output = told("--app", "app", "serve", *arguments)
    assert status != 0
    assert message in output


def run_cli(tmp_path, *arguments, source="from erlen import Erlen\napp = Erlen('app')\n"):
    (tmp_path / "app.py").write_text(source)
    return subprocess.run(
        [sys.executable, "-m", "erlen", "--app", "app", "serve", *arguments],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_a_server_that_is_not_installed_is_told(tmp_path):
    (tmp_path / "waitress.py").write_text(
        "raise ModuleNotFoundError('No module named', name='waitress')"
    )
    done = run_cli(tmp_path, "--server", "waitress")
    assert done.returncode == 1
    assert "pip install waitress" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_application_that_does_not_load_is_told_once(tmp_path):
    done = run_cli(tmp_path, source="import nothing_of_this_name\n")
    assert done.returncode != 0
    assert done.stderr.count("nothing_of_this_name") < 5
    assert "Spawning" not in done.stderr + done.stdout


SOCKET = """
from erlen import Erlen, websocket

app = Erlen("app")

@app.route("/")
def index():
    return "page"

@app.websocket("/echo")
async def echo():
    await websocket.send(await websocket.receive())
"""


def test_websockets_on_wsgi_are_warned_about(serve):
    served = serve(*SERVE, "--interface", "wsgi", source=SOCKET).ready()
    assert "use --interface asgi" in served.output


@pytest.mark.parametrize("command", ["serve", "run"])
def test_websockets(serve, command):
    served = serve("-m", "erlen", "--app", "app", command, "-p", "PORT", source=SOCKET).ready()
    with socket.create_connection(("127.0.0.1", served.port), 10) as s:
        s.sendall(
            b"GET /echo HTTP/1.1\r\nHost: localhost\r\n"
            b"Connection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        # RFC 6455: a masked text frame with "hi", the mask being zero.
        s.sendall(b"\x81\x82\0\0\0\0hi")
        data = b""
        while b"\x81\x02hi" not in data:
            piece = s.recv(4096)
            assert piece, data
            data += piece
    assert data.startswith(b"HTTP/1.1 101")
    # RFC 6455, section 1.3.
    assert b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in data
