"""A loop and a thread keep the Context that they begin in: that is none of a request."""

from __future__ import annotations

import subprocess
import sys

import pytest

# The first requests of a process start its loop and its threads.
PROGRAM = """
import asyncio, contextvars, gc, threading, time, weakref
from erlen import Erlen, g, stream_with_context
from erlen.testing.asgi import make_scope
from erlen.testing.builder import create_environ

class Kept: pass

app = Erlen(__name__)
variable = contextvars.ContextVar("variable")
seen = []

@app.before_request
def keep():
    g.kept = Kept()
    variable.set(Kept())
    seen.extend(map(weakref.ref, (g.kept, variable.get(), g._get_current_object())))

@app.route("/sync")
def sync():
    return "done"

@app.route("/async")
async def asynchronous():
    await asyncio.sleep(0)
    return "done"

@app.route("/stream")
def stream():
    @stream_with_context
    def parts():
        yield "do"
        yield "ne"
    return parts()

async def ask():
    body = []
    async def receive():
        return {"type": "http.request"}
    async def send(message):
        body.append(message.get("body", b""))
    async def middleware(*call):
        variable.set(Kept())
        seen.append(weakref.ref(variable.get()))
        await app(*call)
    await asyncio.create_task(middleware(make_scope(create_environ(PATH)), receive, send))
    assert b"".join(body) == b"done", body

def look():
    assert len(seen) >= 3
    # A thread of a pool may still be on its way to wait for its next call.
    for _ in range(200):
        gc.collect()
        if all(ref() is None for ref in seen):
            return
        time.sleep(0.01)
    raise AssertionError([ref() for ref in seen if ref() is not None])

async def asgi():
    await ask()
    # What woke this task is over.
    await asyncio.sleep(0)
    look()

def wsgi():
    # Variables that an application sets stay on the thread.
    thread = threading.Thread(target=lambda: app.test_client().get(PATH).close())
    thread.start()
    thread.join()
    del thread
    look()
"""


@pytest.mark.parametrize("inherit", [False, True], ids=["", "inherited"])
@pytest.mark.parametrize("interface", ["wsgi()", "asyncio.run(asgi())"], ids=["wsgi", "asgi"])
@pytest.mark.parametrize("path", ["/sync", "/async", "/stream"])
def test_no_request_is_kept(interface, path, inherit):
    # As on a free-threaded build, where threads inherit the Context of who starts them.
    options = ["-X", "thread_inherit_context=1"] if inherit else []
    if inherit and sys.version_info < (3, 14):
        pytest.skip("threads inherit a Context since Python 3.14")
    program = f"PATH = {path!r}\n{PROGRAM}\n{interface}"
    run = subprocess.run(
        [sys.executable, "-W", "error", *options, "-c", program], capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
