"""An address that cannot be is told in one line, with what to write instead."""

from __future__ import annotations

import ctypes
import os
import socket
import subprocess
import sys

import pytest

SOURCES = {
    "run": "from erlen import Erlen\napp = Erlen('app')\n",
    "run with WebSockets": (
        "from erlen import Erlen\napp = Erlen('app')\n@app.websocket('/')\nasync def ws(): ...\n"
    ),
    "run with the reloader": "from erlen import Erlen\napp = Erlen('app')\n",
    "serve": "from erlen import Erlen\napp = Erlen('app')\n",
    "app.run": (
        "import sys\nfrom erlen import Erlen\napp = Erlen('app')\n"
        "app.run(sys.argv[2], int(sys.argv[4]))\n"
    ),
}
COMMANDS = {
    "run": ["-m", "erlen", "--app", "app.py", "run"],
    "run with WebSockets": ["-m", "erlen", "--app", "app.py", "run"],
    "run with the reloader": ["-m", "erlen", "--app", "app.py", "run", "--debug"],
    "serve": ["-m", "erlen", "--app", "app.py", "serve"],
    "app.run": ["app.py"],
}
# From linux/prctl.h and linux/capability.h.
_PR_CAPBSET_DROP, _NET_BIND_SERVICE = 24, 10


def without_rights():
    """Let the process have no right to take a low port, though it is the administrator's."""
    ctypes.CDLL(None).prctl(_PR_CAPBSET_DROP, _NET_BIND_SERVICE, 0, 0, 0)


@pytest.fixture(params=COMMANDS)
def fails(request, tmp_path):
    (tmp_path / "app.py").write_text(SOURCES[request.param])

    def run(host, port, **kwargs):
        done = subprocess.run(
            [sys.executable, *COMMANDS[request.param], "--host", host, "--port", str(port)],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            **kwargs,
        )
        assert done.returncode == 1, done
        lines = [line for line in done.stderr.splitlines() if "WARNING" not in line]
        assert len(lines) == 1, done.stderr
        assert "Running on" not in done.stderr + done.stdout
        assert lines[0].startswith("Error: ")
        return lines[0]

    return run


def test_a_port_that_is_taken(fails):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        told = fails("127.0.0.1", port)
    assert f"Cannot listen on 127.0.0.1:{port}: Address already in use" in told
    assert f"--port {port + 1 if port < 65535 else port - 1}" in told


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux's capabilities")
def test_a_port_without_rights(fails):
    with open("/proc/sys/net/ipv4/ip_unprivileged_port_start") as file:
        if int(file.read()) <= 81:
            pytest.skip("every port is free here")
    told = fails("127.0.0.1", 81, preexec_fn=without_rights if os.getuid() == 0 else None)
    assert "Cannot listen on 127.0.0.1:81: Permission denied" in told
    assert "--port 8081" in told


@pytest.mark.parametrize("host", ["no-such-host.invalid", "192.0.2.1", "http://localhost", "a..b"])
def test_a_host_that_is_none(fails, host):
    told = fails(host, 0)
    assert host in told
    assert "--host" in told


@pytest.mark.parametrize("host", ["[::1]", "127.0.0.1:5000", "localhost:5000"])
def test_a_host_with_more_than_that_is_shown_as_it_was_written(fails, host):
    told = fails(host, 0)
    assert f"Cannot listen on the host {host!r}: " in told
    assert "without scheme, brackets and port" in told


@pytest.mark.parametrize("port", [99999, 65536, -1])
def test_a_port_that_is_none(fails, port):
    told = fails("127.0.0.1", port)
    assert f"{port} is no port" in told
    assert "--port" in told
