"""A signal at any moment of a start ends the whole tree of processes at once."""

from __future__ import annotations

import os
import signal
import time

import pytest
from stopping import SECONDS, signals, stop
from waiting import Waiting

SERVE = ("-m", "erlen", "--app", "app", "serve", "--port", "PORT", "--workers", "2")

# The workers alone have the variable; the look before the start is another process.
LOADS = """
import os, time
from erlen import Erlen

app = Erlen("app")

def wait(moment):
    print("waiting " + moment, flush=True)
    time.sleep(60)

if MOMENT == ("worker" if "_ERLEN_SERVE" in os.environ else "look"):
    wait(MOMENT)
"""
STARTS = """
import asyncio
from contextlib import suppress
from erlen import Erlen

app = Erlen("app")

@app.while_serving
async def resource():
    print("opened", flush=True)
    yield
    print("closed", flush=True)

@app.before_serving
async def first():
    if MOMENT == "start-up":
        print("waiting", flush=True)
        await asyncio.sleep(60)

@app.before_serving
def second():
    if MOMENT == "start-up on a thread":
        print("waiting", flush=True)
        import time
        time.sleep(60)

@app.while_serving
async def third():
    print("waiting", flush=True)
    await asyncio.sleep(60)
    yield
"""


def is_quiet(served):
    return not any(word in served.output for word in ("Traceback", "Killing", "Unexpected exit"))


@signals
@pytest.mark.parametrize("interface", ["asgi", "wsgi"])
@pytest.mark.parametrize("moment", ["look", "worker"])
def test_while_the_application_is_imported(serve, moment, interface, how, to_all):
    source = LOADS.replace("MOMENT", repr(moment))
    served = serve(*SERVE, "--interface", interface, source=source)
    served.wait_for(f"waiting {moment}")
    assert stop(served, how, to_all) < SECONDS
    assert is_quiet(served), served.output
    assert "Serving" not in served.output


@signals
@pytest.mark.parametrize("moment", ["start-up", "start-up on a thread", "start-up of a resource"])
def test_while_start_up_functions_run(serve, moment, how, to_all):
    served = serve(*SERVE, source=STARTS.replace("MOMENT", repr(moment)))
    served.wait_for("waiting")
    assert stop(served, how, to_all) < SECONDS
    assert is_quiet(served), served.output
    assert "Serving" not in served.output
    # What was opened is closed, in each worker.
    assert served.output.count("opened") == served.output.count("closed")


def test_a_start_up_function_that_holds_the_loop_up_is_not_waited_for(serve):
    source = STARTS.replace("await asyncio.sleep(60)", "import time; time.sleep(60)")
    served = serve(*SERVE, source=source.replace("MOMENT", "''"))
    served.wait_for("waiting")
    assert stop(served, signal.SIGTERM) < SECONDS


def test_a_start_up_function_that_clings_to_its_life_is_not_waited_for(serve):
    clings = "\n    while True:\n        with suppress(asyncio.CancelledError):\n            "
    source = STARTS.replace(
        "    await asyncio.sleep(60)\n    yield", clings + "await asyncio.sleep(1)\n    yield"
    )
    served = serve(*SERVE, source=source.replace("MOMENT", "''"))
    served.wait_for("waiting")
    assert stop(served, signal.SIGTERM) < SECONDS


def test_a_worker_that_takes_the_place_of_another_is_stopped_too(serve):
    source = """
import os, time
from pathlib import Path
from erlen import Erlen

app = Erlen("app")

@app.route("/")
def index():
    return ""

if Path("slow").exists() and "_ERLEN_SERVE" in os.environ:
    print("waiting", flush=True)
    time.sleep(60)
"""
    served = serve(*SERVE, source=source).ready()
    (served.folder / "slow").touch()
    served.process.send_signal(signal.SIGHUP)
    served.wait_for("waiting")
    # The old worker may finish its requests: Granian waits for a moment before it stops it.
    assert stop(served, signal.SIGTERM) < 2 * SECONDS
    assert is_quiet(served), served.output


def test_a_second_interrupt_ends_requests_too(serve):
    served = serve(*SERVE, "--threads", "5").ready()
    waiting = Waiting(served, ["/gate/never"])
    served.process.send_signal(signal.SIGINT)
    time.sleep(0.5)
    assert served.process.poll() is None
    assert stop(served, signal.SIGINT) < SECONDS
    waiting.join()
    assert waiting.answers == []


def test_one_interrupt_that_is_sent_twice_is_one(serve):
    """``npm`` and others pass on what the terminal has sent to all already."""
    served = serve(*SERVE, "--threads", "5").ready()
    waiting = Waiting(served, ["/gate/open"])
    os.killpg(served.process.pid, signal.SIGINT)
    served.process.send_signal(signal.SIGINT)
    waiting.let_go()
    waiting.join()
    assert waiting.answers == [(200, "through")]
    assert served.process.wait(60) == 0


@pytest.mark.parametrize("interface", ["asgi", "wsgi"])
def test_the_announcement_comes_when_the_server_answers(serve, interface):
    source = """
import os, time
from pathlib import Path
from erlen import Erlen

app = Erlen("app")

@app.route("/")
def index():
    return "hello"

if "_ERLEN_SERVE" in os.environ:
    print("waiting", flush=True)
    while not Path("go on").exists():
        time.sleep(0.02)
"""
    served = serve(*SERVE, "--interface", interface, source=source)
    served.wait_for("waiting")
    time.sleep(0.3)
    assert "Serving" not in served.output
    (served.folder / "go on").touch()
    served.wait_for("Serving")
    assert served.request(timeout=2) == (200, "hello")
