"""The quickstart, served by ``erlen serve``."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def address(tmp_path_factory):
    """The address of the running quickstart."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(Path(sys.executable).parent / "erlen")]
    command += ["--app", "examples/quickstart/app.py", "serve", "--port", str(port)]
    log = tmp_path_factory.mktemp("server") / "log.txt"
    environ = {k: v for k, v in os.environ.items() if k != "ERLEN_VALIDATE_WSGI"}
    with log.open("wb") as output:
        server = subprocess.Popen(
            command, cwd=ROOT, env=environ, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        for _ in range(200):
            if server.poll() is not None:
                pytest.fail(f"the server ended:\n{log.read_text()}")
            if f"http://127.0.0.1:{port}" in log.read_text():
                break
            time.sleep(0.05)
        else:
            pytest.fail(f"the server does not say that it serves:\n{log.read_text()}")
        yield "127.0.0.1", port
    finally:
        server.terminate()
        assert server.wait(20) is not None
