"""The application that hostile and unlucky clients meet.

What is counted here is read back at ``/counts``; the server has one worker.
"""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections import Counter

from attacked import attacked
from bodies import bodies
from canary import canary
from downloads import downloads
from failures import failures
from restless import restless

from erlen import Erlen, g, has_app_context, has_request_context, request

app = Erlen(__name__)
app.config.update(SECRET_KEY="faults", MAX_CONTENT_LENGTH=64 << 20)
# So few that an attack can fill the queue.
if "FAULTS_WAITING" in os.environ:
    app.config["THREAD_POOL_MAX_WAITING"] = int(os.environ["FAULTS_WAITING"])
counts: Counter[str] = Counter()
_lock = threading.Lock()


def count(name):
    """From any thread."""
    with _lock:
        counts[name] += 1


app.extensions["count"] = count


@app.get("/counts")
def shown_counts():
    return dict(counts)


@app.before_request
def begin():
    if request.path != "/counts":
        g.has_begun = True
        count("requests")
        count(request.path)


@app.teardown_request
def end(error):
    if request.path != "/counts":
        count("teardowns")
        # A request whose body does not come is torn down before any hook has run.
        if "has_begun" in g:
            count("ended")


ALL = ["GET", "POST", "PUT", "DELETE"]


@app.get("/")
def index():
    return "ok"


@app.get("/async")
async def async_index():
    return "ok"


@app.get("/probe")
def probe():
    return "probe"


def told():
    return {
        "body": request.get_data(as_text=True),
        "host": request.host,
        "headers": [[key, value] for key, value in request.headers.items()],
        "forwarded": request.environ.get("HTTP_X_FORWARDED_FOR"),
    }


@app.route("/echo", methods=ALL)
def echo():
    return told()


@app.route("/async/echo", methods=ALL)
async def async_echo():
    return told()


@app.route("/smuggled", methods=ALL)
def smuggled():
    return "smuggled"


@app.get("/slow/<float:seconds>")
def slow(seconds):
    time.sleep(seconds)
    return "slow"


@app.get("/async/slow/<float:seconds>")
async def async_slow(seconds):
    await asyncio.sleep(seconds)
    return "slow"


@app.get("/gate/<path:file>")
def gate(file):
    """Wait until there is a file."""
    while not os.path.exists(f"/{file}"):
        time.sleep(0.02)
    return "through"


@app.get("/async/gate/<path:file>")
async def async_gate(file):
    while not os.path.exists(f"/{file}"):
        await asyncio.sleep(0.02)
    return "through"


@app.get("/pid")
def pid():
    return str(os.getpid())


# -- what was current before a request -------------------------------------------------------


@app.get("/outer")
def outer():
    return {"current before": request.environ.get("test.current") or _of_scope()}


def _of_scope():
    return request.environ.get("asgi.scope", {}).get("test.current", [])


def current():
    return [test.__name__ for test in (has_app_context, has_request_context) if test()]


inner_wsgi, inner_asgi = app.wsgi_app, app.asgi_app


def look_first(environ, start_response):
    environ["test.current"] = current()
    return inner_wsgi(environ, start_response)


def look_first_on_asgi(scope, receive, send):
    scope["test.current"] = current()
    return inner_asgi(scope, receive, send)


if os.environ.get("FAULTS_LOOK"):
    # Not always: an application whose methods are changed takes the longer way.
    app.wsgi_app = look_first
    app.asgi_app = look_first_on_asgi

for blueprint in (attacked, bodies, canary, downloads, failures, restless):
    app.register_blueprint(blueprint)
