"""``erlen serve`` when things go wrong: workers that die or hang, addresses that are taken."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import ssl
import sys
import threading
import time
from collections import Counter
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path

import pytest
from waiting import Waiting, refuses

SERVE = ("-m", "erlen", "--app", "app", "serve", "--port", "PORT")
interfaces = pytest.mark.parametrize("interface", ["asgi", "wsgi"])


def wait_for(condition, served, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, served.output[-5000:]
        time.sleep(0.1)


class Load:
    """Clients that ask all the time, on a new connection each time."""

    CLIENTS = 6

    def __init__(self, served):
        self.served = served
        self.answers = Counter()
        self.failures = []
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._ask) for _ in range(self.CLIENTS)]

    def ask(self, path):
        """What the server answered; nothing where it closed the connection, which is noted."""
        try:
            return self.served.request(path)
        except (OSError, HTTPException) as error:
            self.failures.append(error)
            return None

    def _ask(self):
        while not self._over.is_set():
            if answer := self.ask("/pid"):
                self.answers[answer] += 1

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *exc_info):
        self._over.set()
        for thread in self._threads:
            thread.join(90)

    @property
    def pids(self):
        return {int(text) for _, text in self.answers}


@interfaces
def test_fifty_requests_in_flight_are_finished(serve, interface):
    served = serve(*SERVE, "--interface", interface, "--threads", "50").ready()
    waiting = Waiting(served, ["/gate/open"] * 50)
    served.process.send_signal(signal.SIGTERM)
    assert refuses(served.port)
    waiting.let_go()
    waiting.join()
    assert waiting.answers == [(200, "through")] * 50
    assert served.process.wait(60) == 0


@interfaces
def test_busy_connections_do_not_hold_the_stop_up(serve, interface):
    served = serve(*SERVE, "--interface", interface, "--graceful-timeout", "10").ready()
    statuses, over = Counter(), threading.Event()

    def ask():
        connection = HTTPConnection("127.0.0.1", served.port, timeout=60)
        while not over.is_set():
            try:
                connection.request("GET", "/")
                response = connection.getresponse()
                response.read()
                statuses[response.status] += 1
            except (OSError, HTTPException):
                return

    clients = [threading.Thread(target=ask) for _ in range(5)]
    for client in clients:
        client.start()
    try:
        wait_for(lambda: statuses[200] > 100, served)
        served.process.send_signal(signal.SIGTERM)
        # Without the end of the connections it would be killed.
        assert served.process.wait(60) == 0
    finally:
        over.set()
        for client in clients:
            client.join(90)
    assert set(statuses) == {200}


@interfaces
def test_a_view_that_hangs_is_killed_and_the_others_finish(serve, interface):
    served = serve(
        *SERVE, "--interface", interface, "--threads", "9", "--graceful-timeout", "2"
    ).ready()
    waiting = Waiting(served, ["/gate/never", *["/gate/open"] * 5])
    served.process.send_signal(signal.SIGTERM)
    assert refuses(served.port)
    waiting.let_go()
    served.process.wait(60)
    waiting.join()
    assert waiting.answers == [(200, "through")] * 5
    assert len(waiting.failures) == 1
    assert "Killing worker-1" in served.output


@interfaces
def test_a_worker_that_is_killed_under_load_costs_its_own_requests_alone(serve, interface):
    served = serve(*SERVE, "--workers", "2", "--interface", interface).ready()
    with Load(served) as load:
        wait_for(lambda: len(load.pids) == 2, served)
        before = load.pids
        os.kill(min(before), signal.SIGKILL)
        wait_for(lambda: len(load.pids) == 3, served)
        # The new one takes its part.
        [new] = load.pids - before
        wait_for(lambda: load.answers[200, str(new)] > 50, served)
    # Each client has one request at a time. The kernel closes the connections of a killed process
    # one after the other, so that a client can come back to its socket once.
    assert len(load.failures) <= 2 * load.CLIENTS, load.failures
    assert {status for status, _ in load.answers} == {200}
    assert served.stop() == 0


@interfaces
def test_an_interrupt_from_the_terminal_is_no_failure(serve, interface):
    """All processes get it at once."""
    served = serve(*SERVE, "--workers", "2", "--interface", interface).ready()
    # A worker that only begins to serve may miss it.
    pids = set()
    wait_for(lambda: pids.add(served.request("/pid")) or len(pids) == 2, served)
    os.killpg(served.process.pid, signal.SIGINT)
    assert served.process.wait(60) == 0
    assert "Unexpected exit" not in served.output
    assert "Killing" not in served.output
    assert "Traceback" not in served.output


def test_without_respawn_a_killed_worker_ends_the_server(serve):
    served = serve(*SERVE, "--no-respawn").ready()
    os.kill(int(served.request("/pid")[1]), signal.SIGKILL)
    assert served.process.wait(60) == 1


def test_a_worker_that_never_starts_ends_the_server(serve):
    # The first import is that of the look before the start.
    source = """
from pathlib import Path
from erlen import Erlen

marks = Path("marks")
marks.touch()
marks.write_text(marks.read_text() + "x")
if len(marks.read_text()) > 1:
    raise RuntimeError("cannot start")
app = Erlen("app")
"""
    served = serve(*SERVE, source=source)
    assert served.process.wait(60) == 1
    assert "RuntimeError: cannot start" in served.output
    assert "crash loop" in served.output


@pytest.mark.parametrize(("interface", "workers"), [("asgi", 2), ("wsgi", 1)])
def test_sighup_loads_the_new_code_under_load(serve, interface, workers):
    source = """
import os
from erlen import Erlen

app = Erlen("app")
VERSION = 1

@app.route("/")
def index():
    return f"version {VERSION}"

@app.route("/pid")
def pid():
    return str(os.getpid())
"""
    served = serve(
        *SERVE, "--workers", str(workers), "--interface", interface, source=source
    ).ready()
    assert served.request() == (200, "version 1")
    with Load(served) as load:
        wait_for(lambda: len(load.pids) == workers, served)
        (served.folder / "app.py").write_text(source.replace("VERSION = 1", "VERSION = 2"))
        served.process.send_signal(signal.SIGHUP)
        wait_for(lambda: len(load.pids) == 2 * workers, served, 60)
        wait_for(lambda: {load.ask("/") for _ in range(20)} == {(200, "version 2")}, served)
    # A worker of Granian's that stops may close connections that it has only just accepted, of
    # which each client has one, and this thread. Between the workers nobody is refused.
    assert len(load.failures) <= workers * (load.CLIENTS + 1), load.failures
    assert not any(isinstance(error, ConnectionRefusedError) for error in load.failures)
    assert {status for status, _ in load.answers} == {200}
    assert served.stop() == 0


def test_the_parent_does_not_share_what_the_application_opens(serve):
    source = """
import os, socket
from erlen import Erlen

app = Erlen("app")
connection = socket.socketpair()
pid = os.getpid()

@app.route("/")
def index():
    return f"{pid} {os.getpid()}"
"""
    served = serve(*SERVE, source=source).ready()
    imported_by, served_by = served.request()[1].split()
    assert imported_by == served_by
    assert imported_by != str(served.process.pid)


# -- addresses ---------------------------------------------------------------------------


def test_a_port_that_another_program_uses_is_told(serve):
    served = serve(*SERVE).ready()
    other = serve("-m", "erlen", "--app", "app", "serve", "--port", str(served.port))
    assert other.process.wait(60) == 1
    assert f"Cannot listen on 127.0.0.1:{served.port}: Address already in use" in other.output
    assert "Traceback" not in other.output
    # The two have one log file between them: the first still answers.
    assert served.request() == (200, "hello")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--host", "no-such-host.invalid"], "Cannot listen on no-such-host.invalid:"),
        (["--host", "192.0.2.1"], "Cannot listen on 192.0.2.1:"),
        (["--uds", "/"], "/ is no socket"),
        (["--uds", "no/such/folder/s"], "Cannot"),
    ],
)
def test_an_address_that_cannot_be_is_told(told, arguments, message):
    status, output = told("--app", "app", "serve", *arguments)
    assert status == 1
    assert message in output
    assert "Traceback" not in output


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1"])
def test_hosts(serve, host):
    try:
        socket.getaddrinfo(host, 0)
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        socket.create_server((host, 0), family=family).close()
    except OSError:
        pytest.skip(f"no {host} here")
    served = serve(*SERVE, "--host", host)
    served.wait_for("Serving")
    shown = f"[{host}]" if ":" in host else host
    assert f"http://{shown}:{served.port} (" in served.output
    wait_for(lambda: connects(host, served.port), served)


def connects(host, port):
    try:
        socket.create_connection((host, port), 5).close()
    except OSError:
        return False
    return True


def test_port_0_takes_a_free_one_and_says_which(serve):
    served = serve("-m", "erlen", "--app", "app", "serve", "--port", "0", "--workers", "2")
    served.wait_for("Serving")
    served.port = int(served.output.partition("http://127.0.0.1:")[2].split()[0])
    assert served.port
    served.ready()


def test_a_unix_socket_that_was_left_behind_is_replaced(serve, tmp_path):
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    served = serve(*SERVE, "--uds", str(path))
    wait_for(lambda: answers_on(path), served)
    other = serve("-m", "erlen", "--app", "app", "serve", "--uds", str(path))
    assert other.process.wait(60) == 1
    assert f"Another program listens on {path}" in other.output
    assert answers_on(path)


def answers_on(path):
    with socket.socket(socket.AF_UNIX) as connection:
        try:
            connection.connect(str(path))
        except OSError:
            return False
    return True


# -- other options -----------------------------------------------------------------------


def negotiated(port, cert):
    """The protocol that the server chooses of HTTP/2 and HTTP/1.1 (RFC 7301)."""
    context = ssl.create_default_context(cafile=cert)
    context.set_alpn_protocols(["h2", "http/1.1"])
    with (
        socket.create_connection(("127.0.0.1", port), 60) as connection,
        context.wrap_socket(connection, server_hostname="localhost") as secure,
    ):
        return secure.selected_alpn_protocol()


def test_http2_when_asked_for(serve, tmp_path):
    certificates = pytest.importorskip("erlen.serve.development.certificates")
    pytest.importorskip("cryptography")
    cert, key = certificates.make_ssl_devcert(str(tmp_path / "test"), host="localhost")
    served = serve(*SERVE, "--certfile", cert, "--keyfile", key, "--http2")
    served.wait_for("on https://")
    assert negotiated(served.port, cert) == "h2"


PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


@pytest.mark.parametrize(
    "said",
    [b"", b"GET / HT", PREFACE[:10], PREFACE, PREFACE + b"\0\0\0\4\0\0\0\0\0"],
    ids=["nothing", "half a line", "half a preface", "preface", "preface and settings"],
)
def test_a_silent_connection_is_closed(serve_all, said):
    """SECURITY 86; each for itself, as all of them take the same two seconds."""
    served = serve_all("-m", "erlen", "--app", "app", "serve", "--port", "PORT",
                       "--header-timeout", "1").ready()  # fmt: skip
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", served.port), 30) as connection:
        connection.sendall(said)
        while connection.recv(4096):
            pass
    assert time.monotonic() - began < 10


def test_https(serve, tmp_path):
    certificates = pytest.importorskip("erlen.serve.development.certificates")
    pytest.importorskip("cryptography")
    cert, key = certificates.make_ssl_devcert(str(tmp_path / "test"), host="localhost")
    served = serve(*SERVE, "--certfile", cert, "--keyfile", key)
    served.wait_for(f"on https://127.0.0.1:{served.port}")
    context = ssl.create_default_context(cafile=cert)

    def ask():
        connection = HTTPSConnection("localhost", served.port, context=context, timeout=60)
        try:
            connection.request("GET", "/")
            return connection.getresponse().read() == b"hello"
        except ConnectionRefusedError:
            return False
        finally:
            connection.close()

    wait_for(ask, served)
    # Not asked for, HTTP/2 is not offered.
    assert negotiated(served.port, cert) == "http/1.1"
    # Version 1.2 is what many libraries still speak.
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    assert ask()


def test_debug_mode_is_warned_about(serve):
    served = serve(*SERVE, env={"FLASK_DEBUG": "1"}).ready()
    assert "Debug mode is on" in served.output


def test_a_program_with_a_factory_and_commands_of_its_own(serve, tmp_path):
    (tmp_path / "manage.py").write_text(
        "from erlen.cli import ErlenGroup\n"
        "def create_app():\n"
        "    from app import app\n"
        "    return app\n"
        "if __name__ == '__main__':\n"
        "    ErlenGroup(create_app=create_app)()\n"
    )
    served = serve("manage.py", "serve", "--port", "PORT").ready()
    assert served.request() == (200, "hello")


def test_options_come_from_the_environment_too(serve):
    served = serve(
        "-m", "erlen", "--app", "app", "serve", "--port", "PORT",
        env={"ERLEN_SERVE_INTERFACE": "wsgi", "FLASK_SERVE_THREADS": "7"},
    ).ready()  # fmt: skip
    served.wait_for("WSGI, 1 process with 7 threads each")


ABOUT = """
import multiprocessing, os
from erlen import Erlen

app = Erlen(__name__)

@app.route("/")
def index():
    return "hello"

@app.route("/about")
def about():
    return f"{os.getpid()} {multiprocessing.get_start_method()}"
"""


@pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux")
def test_workers_are_forks_and_their_application_starts_processes_as_python_does(serve):
    # The parent has threads, of which Python warns where it forks.
    served = serve("-W", "error", *SERVE, "--workers", "2", source=ABOUT).ready()
    default = multiprocessing.get_all_start_methods()[0]
    command = Path(f"/proc/{served.process.pid}/cmdline").read_bytes()
    seen = {}

    def look():
        # One that was killed answers nobody.
        with suppress(OSError, HTTPException):
            pid, start_method = served.request("/about")[1].split()
            # A process that was spawned runs another command.
            seen[int(pid)] = start_method, Path(f"/proc/{pid}/cmdline").read_bytes()
        return len(seen)

    wait_for(lambda: look() == 2, served)
    os.kill(min(seen), signal.SIGKILL)
    wait_for(lambda: look() == 3, served)
    assert set(seen.values()) == {(default, command)}
    assert served.stop() == 0
    assert "Warning" not in served.output


@pytest.mark.parametrize(("interface", "instead"), [("asgi", "uvicorn"), ("wsgi", "gunicorn")])
def test_a_free_threaded_python_is_refused(serve, tmp_path, interface, instead):
    """There Granian's workers are threads of one process."""
    (tmp_path / "sitecustomize.py").write_text(
        "import sysconfig\nsysconfig.get_config_vars()['Py_GIL_DISABLED'] = 1\n"
    )
    served = serve(*SERVE, "--interface", interface, env={"PYTHONPATH": str(tmp_path)})
    assert served.process.wait(60) == 1
    assert "On a free-threaded build of Python" in served.output
    assert f"Use --server {instead}" in served.output
    assert "Traceback" not in served.output
