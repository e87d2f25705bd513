"""Each server that ``erlen serve --server`` can start."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from importlib.util import find_spec

import pytest

SERVE = ("-m", "erlen", "--app", "app", "serve", "--port", "PORT")
KINDS = [
    ("granian", "asgi"),
    ("granian", "wsgi"),
    ("uvicorn", "asgi"),
    ("hypercorn", "asgi"),
    ("gunicorn", "wsgi"),
    ("waitress", "wsgi"),
]


def options(server, interface):
    if find_spec(server) is None:
        pytest.skip(f"{server} is not installed")
    return (*SERVE, "--server", server, "--interface", interface)


every_server = pytest.mark.parametrize(("server", "interface"), KINDS)


@every_server
def test_it_says_what_runs_and_answers(serve, server, interface):
    served = serve(*options(server, interface), "--threads", "3").ready()
    assert served.request() == (200, "hello")
    # Longer than what some servers keep in memory, and than Hypercorn's limit on WSGI.
    assert served.request("/size", "POST", b"x" * (17 << 20)) == (200, str(17 << 20))
    [line] = [line for line in served.output.splitlines() if "Serving" in line]
    assert line.startswith(f" * Serving Erlen app 'app' on http://127.0.0.1:{served.port} (")
    assert f"({server} " in line
    assert f", {interface.upper()}, 1 process with 3 threads each)" in line
    # And that is all that it says.
    assert served.output.strip() == line.strip()


@every_server
def test_requests_in_flight_are_finished(serve, server, interface):
    served = serve(*options(server, interface), "--threads", "8").ready()
    answers = []
    clients = [
        threading.Thread(target=lambda: answers.append(served.request("/slow?seconds=1")))
        for _ in range(5)
    ]
    for client in clients:
        client.start()
    time.sleep(0.5)
    served.process.send_signal(signal.SIGINT if server == "waitress" else signal.SIGTERM)
    for client in clients:
        client.join(20)
    assert answers == [(200, "slow done")] * 5
    assert served.process.wait(30) in (0, -signal.SIGTERM)


@every_server
def test_a_unix_socket(serve, tmp_path, server, interface):
    path = tmp_path / "s"
    served = serve(*options(server, interface), "--uds", str(path))
    end = time.monotonic() + 20
    while True:
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(10)
                connection.connect(str(path))
                connection.sendall(
                    b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                )
                data = b"".join(iter(lambda: connection.recv(4096), b""))
            break
        except OSError:
            assert time.monotonic() < end, served.output
            time.sleep(0.05)
    assert data.endswith(b"hello")
    assert f"on unix:{path} (" in served.output


@pytest.mark.parametrize("server", ["gunicorn", "hypercorn"])
def test_workers_are_replaced_after_so_many_requests(serve, server):
    interface = dict(KINDS)[server]
    served = serve(*options(server, interface), "--max-requests", "5").ready()
    pids, end = set(), time.monotonic() + 30
    while len(pids) < 3:
        assert time.monotonic() < end, served.output
        try:
            pids.add(served.request("/pid")[1])
        except OSError:
            time.sleep(0.05)


@pytest.mark.parametrize(
    ("server", "unknown", "message"),
    [
        ("granian", ["--max-requests", "5"], "granian has no option --max-requests"),
        ("granian", ["--max-requests", "5"], "use --worker-lifetime, --worker-memory or another"),
        ("uvicorn", ["--max-requests", "5"], "use --workers 2 or more"),
        ("uvicorn", ["--interface", "wsgi"], "uvicorn has no WSGI interface"),
        ("uvicorn", ["--no-respawn"], "uvicorn has no option --respawn"),
        ("hypercorn", ["--interface", "wsgi"], "use --interface asgi, or --server granian"),
        ("hypercorn", ["--worker-memory", "9"], "hypercorn has no option --worker-memory"),
        ("gunicorn", ["--header-timeout", "5"], "gunicorn has no option --header-timeout"),
        ("gunicorn", ["--request-timeout", "5"], "use --interface asgi"),
        ("waitress", ["--workers", "2"], "waitress has no option --workers"),
        ("waitress", ["--access-log"], "leave it out, or use --server granian"),
    ],
)
def test_an_option_that_a_server_lacks_is_told(serve, server, unknown, message):
    arguments = [*SERVE, "--server", server, *unknown]
    if find_spec(server) is None:
        pytest.skip(f"{server} is not installed")
    served = serve(*arguments)
    assert served.process.wait(20) == 1
    assert message in served.output
    assert "Traceback" not in served.output


@pytest.mark.parametrize(
    ("server", "interface"), [kind for kind in KINDS if kind[0] not in ("uvicorn", "waitress")]
)
def test_a_path_in_the_access_log_forges_no_line(serve, server, interface):
    served = serve(*options(server, interface), "--access-log").ready()
    assert served.request("/x%0d%0aforged%1b[31m", "GET")[0] == 404
    served.wait_for("forged")
    [line] = [line for line in served.output.splitlines() if "forged" in line]
    assert "GET /x" in line
    assert "\x1b" not in served.output


@pytest.mark.parametrize("server", ["granian", "uvicorn", "hypercorn"])
def test_headers_of_a_proxy_are_not_believed(serve, server):
    source = """
from erlen import Erlen, request
app = Erlen("app")

@app.route("/")
def index():
    return f"{request.remote_addr} {request.scheme}"
"""
    served = serve(*options(server, "asgi"), source=source).ready()
    with socket.create_connection(("127.0.0.1", served.port), 20) as connection:
        connection.sendall(
            b"GET / HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 1.2.3.4\r\n"
            b"X-Forwarded-Proto: https\r\nConnection: close\r\n\r\n"
        )
        data = b"".join(iter(lambda: connection.recv(4096), b""))
    assert data.endswith(b"127.0.0.1 http")


def test_workers_end_with_a_parent_that_was_killed(serve):
    served = serve(*SERVE, "--workers", "2").ready()
    os.kill(served.process.pid, signal.SIGKILL)
    served.process.wait()
    end = time.monotonic() + 20
    while True:
        try:
            served.request(timeout=2)
        except OSError:
            break
        assert time.monotonic() < end, served.output
        time.sleep(0.1)
