"""Forty starts of a one-file application and forty of Chirp, stopped at random moments."""

from __future__ import annotations

import itertools
import random
import signal
import statistics
import time
from pathlib import Path

import pytest
from stopping import SECONDS, stop

CHIRP = Path(__file__).resolve().parents[2] / "examples/chirp/chirp"
# By each of the two commands.
STARTS = 20
# So many at once, as long as there is nothing to measure yet.
ABREAST = 2
HOW = [(signal.SIGTERM, False), (signal.SIGINT, False), (signal.SIGINT, True)]
ONE_FILE = """
from erlen import Erlen, websocket

app = Erlen("app")

@app.route("/")
def index():
    return "hello"

@app.while_serving
async def resource():
    print("opened", flush=True)
    yield
    print("closed", flush=True)
"""
SOCKET = """
@app.websocket("/echo")
async def echo():
    await websocket.receive()
"""
OPTIONS = {
    "serve": [("--workers", "2"), ("--interface", "wsgi")],
    "run": [("--debug",), ("--no-reload",)],
}
# Until the server answers, and somewhat behind.
MOMENTS = {"one file": 2.0, "Chirp": 3.0}


@pytest.fixture(params=MOMENTS)
def application(request, tmp_path, monkeypatch):
    """What the command is told, and its name."""
    if request.param == "one file":
        (tmp_path / "one_file.py").write_text(ONE_FILE)
        (tmp_path / "sockets.py").write_text(ONE_FILE + SOCKET)
        return request.param, [str(tmp_path / "one_file.py"), str(tmp_path / "sockets.py")]
    for name in ("sqlalchemy", "alembic", "wtforms", "email_validator", "regex"):
        pytest.importorskip(name)
    monkeypatch.setenv("CHIRP_DATABASE_URL", f"sqlite:///{tmp_path}/chirp.db")
    monkeypatch.setenv("SECRET_KEY", "for this test")
    return request.param, [str(CHIRP)]


@pytest.mark.parametrize("command", OPTIONS)
def test_starts_that_are_stopped_at_random_moments(serve_apart, application, command):
    name, targets = application
    ways = itertools.product(targets, OPTIONS[command])
    starts = list(itertools.islice(itertools.cycle(ways), STARTS))
    times = []
    for first in range(0, STARTS, ABREAST):
        began = time.monotonic()
        running = []
        for target, options in starts[first : first + ABREAST]:
            arguments = ("-m", "erlen", "--app", target, command, "--port", "PORT", *options)
            running.append((random.uniform(0, MOMENTS[name]), serve_apart(*arguments)))
        for moment, served in sorted(running, key=lambda each: each[0]):
            time.sleep(max(0, began + moment - time.monotonic()))
            times.append(stop(served, *random.choice(HOW)))
            # Before that, Python itself starts, which nobody can help.
            assert "/erlen/" not in served.output.partition("Traceback")[2], served.output
            assert "Killing" not in served.output, served.output
            assert served.output.count("opened") == served.output.count("closed")
    assert len(times) == STARTS
    assert max(times) < SECONDS, times
    # On a quiet machine it is less than a second.
    assert statistics.median(times) < SECONDS / 2, times
