"""Each server that ``erlen serve --server`` can start."""

from __future__ import annotations

import os
import signal
import socket
import time
from importlib.util import find_spec

import pytest
from processes import eventually, is_alive
from waiting import Waiting, refuses

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


@pytest.fixture(scope="module", params=KINDS, ids=lambda kind: "-".join(kind))
def running(request, serve_all):
    """Each server in turn; the last of its tests stops it."""
    served = serve_all(*options(*request.param), "--threads", "3")
    served.server, served.interface = request.param
    (served.folder / "inside").unlink(missing_ok=True)
    (served.folder / "open").unlink(missing_ok=True)
    yield served.ready()
    served.kill()


def test_it_says_what_runs_and_answers(running):
    assert running.request() == (200, "hello")
    # Longer than what some servers keep in memory, and than Hypercorn's limit on WSGI.
    assert running.request("/size", "POST", b"x" * (17 << 20)) == (200, str(17 << 20))
    running.wait_for("Serving")
    [line] = [line for line in running.output.splitlines() if "Serving" in line]
    assert line.startswith(f" * Serving Erlen app 'app' on http://127.0.0.1:{running.port} (")
    assert f"({running.server} " in line
    assert f", {running.interface.upper()}, 1 process with 3 threads each)" in line
    # And that is all that it says.
    assert running.output.strip() == line.strip()


def test_headers_of_a_proxy_are_not_believed(running):
    with socket.create_connection(("127.0.0.1", running.port), 20) as connection:
        connection.sendall(
            b"GET /client HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 1.2.3.4\r\n"
            b"X-Forwarded-Proto: https\r\nConnection: close\r\n\r\n"
        )
        data = b"".join(iter(lambda: connection.recv(4096), b""))
    assert data.endswith(b"127.0.0.1 http")


def test_requests_in_flight_are_finished(running):
    waiting = Waiting(running, ["/gate/open"] * 3)
    running.process.send_signal(signal.SIGINT if running.server == "waitress" else signal.SIGTERM)
    # The others listen until the last request has ended.
    if running.server in ("granian", "uvicorn"):
        assert refuses(running.port)
    else:
        assert not refuses(running.port, 0.5)
    waiting.let_go()
    waiting.join()
    assert waiting.answers == [(200, "through")] * 3
    assert running.process.wait(60) in (0, -signal.SIGTERM)


@every_server
def test_a_unix_socket(serve, tmp_path, server, interface):
    path = tmp_path / "s"
    served = serve(*options(server, interface), "--uds", str(path))
    end = time.monotonic() + 60
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
    served.wait_for(f"on unix:{path} (")


@pytest.mark.parametrize("server", ["gunicorn", "hypercorn"])
def test_workers_are_replaced_after_so_many_requests(serve, server):
    interface = dict(KINDS)[server]
    served = serve(*options(server, interface), "--max-requests", "5").ready()
    pids, end = set(), time.monotonic() + 60
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
def test_an_option_that_a_server_lacks_is_told(told, server, unknown, message):
    if find_spec(server) is None:
        pytest.skip(f"{server} is not installed")
    status, output = told("--app", "app", "serve", "--server", server, *unknown)
    assert status == 1
    assert message in output
    assert "Traceback" not in output


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


def test_workers_end_with_a_parent_that_was_killed(serve):
    served = serve(*SERVE, "--workers", "2").ready()
    os.kill(served.process.pid, signal.SIGKILL)
    served.process.wait()
    end = time.monotonic() + 60
    while True:
        try:
            served.request(timeout=2)
        except OSError:
            break
        assert time.monotonic() < end, served.output
        time.sleep(0.1)


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="needs /proc")
def test_a_worker_whose_parent_is_killed_before_it_serves_ends(serve):
    # The worker alone has the variable; the look before the start is another process.
    source = """
import os
import time

from erlen import Erlen

app = Erlen("app")

if "_ERLEN_SERVE" in os.environ:
    print(f"loading in {os.getpid()}")
    while not os.path.exists("may go on"):
        time.sleep(0.05)
"""
    served = serve(*SERVE, source=source)
    served.wait_for("loading in")
    served.process.kill()
    served.process.wait()
    worker = int(served.output.partition("loading in")[2].split()[0])
    assert is_alive(worker)
    (served.folder / "may go on").touch()
    assert not eventually(lambda: is_alive(worker), lambda alive: not alive)


FLASK_APP = """
from flask import Flask
app = Flask(__name__)

@app.route("/")
def index():
    return Flask.__module__
"""


def test_workers_that_are_new_processes_have_the_names_of_flask(serve):
    """Granian forks its workers, uvicorn starts them anew."""
    command = options("uvicorn", "asgi")
    served = serve(*command[:2], "--flask", *command[2:], "--workers", "2", source=FLASK_APP)
    assert served.ready().request() == (200, "erlen.app.application")
    assert served.stop() == 0
