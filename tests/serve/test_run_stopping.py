"""A signal at any moment ends ``erlen run`` at once, with the reloader and without it."""

from __future__ import annotations

import os
import signal
import time

import pytest
from processes import group_of
from stopping import SECONDS, signals, stop
from waiting import Waiting

RUN = ("-m", "erlen", "--app", "app", "run", "--debug", "-p", "PORT")
ways = pytest.mark.parametrize("options", [(), ("--no-reload",)], ids=["reloader", "alone"])
SOCKET = """
@app.websocket("/echo")
async def echo():
    await websocket.receive()
"""
HEAD = """
import asyncio, os, threading, time
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
SLOW = """
@app.route("/gate/<name>")
def gate(name):
    print("inside", flush=True)
    with open("inside", "a") as inside:
        inside.write("x")
    time.sleep(60)
"""


@signals
@ways
def test_while_the_application_is_imported(serve, options, how, to_all):
    source = HEAD + "print('waiting', flush=True)\ntime.sleep(60)\n"
    served = serve(*RUN, *options, source=source)
    served.wait_for("waiting")
    assert stop(served, how, to_all) < SECONDS
    assert "Traceback" not in served.output
    assert "Running on" not in served.output


@signals
@ways
def test_while_start_up_functions_run(serve, options, how, to_all):
    source = (
        HEAD
        + SOCKET
        + (
            "@app.while_serving\nasync def slow():\n    print('waiting', flush=True)\n"
            "    await asyncio.sleep(60)\n    yield\n"
        )
    )
    served = serve(*RUN, *options, source=source)
    served.wait_for("waiting")
    assert stop(served, how, to_all) < SECONDS
    assert "Traceback" not in served.output
    assert "Running on" not in served.output
    assert served.output.count("opened") == served.output.count("closed") == 1


@signals
@ways
@pytest.mark.parametrize("source", [HEAD + SLOW, HEAD + SLOW + SOCKET], ids=["WSGI", "ASGI"])
def test_while_a_request_is_served(serve, source, options, how, to_all):
    served = serve(*RUN, *options, source=source).ready()
    waiting = Waiting(served, ["/gate/never"])
    assert stop(served, how, to_all) < SECONDS
    waiting.join()
    assert "Traceback" not in served.output
    assert served.output.count("opened") == served.output.count("closed") == 1


@ways
def test_a_thread_that_never_ends_is_not_waited_for(serve, options):
    source = HEAD + "\nthreading.Thread(target=threading.Event().wait).start()\n"
    served = serve(*RUN, *options, source=source).ready()
    assert stop(served, signal.SIGINT, to_all=True) < SECONDS + 1


@ways
@pytest.mark.parametrize("socket", ["", SOCKET], ids=["WSGI", "ASGI"])
def test_the_second_interrupt_does_not_wait_for_what_is_closed(serve, socket, options):
    source = HEAD.replace('print("closed"', 'print("closing", flush=True); time.sleep(60')
    source = source.replace(", flush=True)\n\n", ")\n\n")
    served = serve(*RUN, *options, source=source + socket).ready()
    os.killpg(served.process.pid, signal.SIGINT)
    served.wait_for("closing")
    time.sleep(0.5)
    assert stop(served, signal.SIGINT, to_all=True) < 1


@ways
@pytest.mark.parametrize("socket", ["", SOCKET], ids=["WSGI", "ASGI"])
def test_the_address_is_told_when_the_server_answers(serve, socket, options):
    source = (
        HEAD
        + socket
        + (
            "print('waiting', flush=True)\n"
            "while not os.path.exists('go on'):\n    time.sleep(0.02)\n"
        )
    )
    served = serve(*RUN, *options, source=source)
    served.wait_for("waiting")
    time.sleep(0.3)
    assert "Running on" not in served.output
    (served.folder / "go on").touch()
    served.wait_for("Running on")
    assert served.request(timeout=5) == (200, "hello")


def test_a_start_up_function_that_fails_is_told_and_mended(serve):
    source = HEAD + SOCKET
    broken = source + "@app.before_serving\nasync def fail():\n    raise ValueError('wrong')\n"
    served = serve(*RUN, source=broken)
    served.wait_for("ValueError: wrong")
    served.wait_for("ended with status 1")
    assert served.request()[0] == 500
    (served.folder / "app.py").write_text(source)
    served.wait_for("Running on")
    assert served.request() == (200, "hello")
    alone = serve(*RUN, "--no-reload", source=broken)
    assert alone.process.wait(60) == 1
    assert not group_of(alone.process.pid)


def test_a_change_while_start_up_functions_run_closes_what_was_opened(serve):
    source = HEAD + SOCKET
    slow = (
        "@app.while_serving\nasync def slow():\n    print('waiting', flush=True)\n"
        "    await asyncio.sleep(60)\n    yield\n"
    )
    served = serve(*RUN, source=source + slow)
    served.wait_for("waiting")
    (served.folder / "app.py").write_text(source)
    served.wait_for("Running on")
    assert served.request() == (200, "hello")
    assert served.output.count("closed") == 1
