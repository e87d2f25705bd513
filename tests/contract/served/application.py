"""What the tests over sockets ask for."""

import asyncio
import contextvars
import os
import threading
from pathlib import Path

from erlen import Erlen, Response, g, request, session

variable = contextvars.ContextVar("variable", default="unset")
app = Erlen(__name__)
app.secret_key = "test"
app.config["THREAD_POOL_SIZE"] = 8
counts = {"middleware": 0, "agent": 0, "closed": 0, "ended": 0, "app ended": 0, "unreset": 0}
lock = threading.Lock()
opens = threading.Event()

# As many do, for db.create_all().
app.app_context().push()
g.loaded = "while the module was loaded"


def count(name):
    with lock:
        counts[name] += 1


@app.before_request
def before():
    g.token = variable.set(request.headers.get("X-N", "none"))


@app.teardown_request
def teardown(error):
    count("ended")
    try:
        variable.reset(g.token)
    except ValueError:
        count("unreset")
    if request.path == "/teardown-fails":
        raise ZeroDivisionError("teardown")


@app.teardown_appcontext
def teardown_app(error):
    count("app ended")


@app.route("/counts")
def show_counts():
    return {**counts, "threads": threading.active_count(), "pid": os.getpid()}


def who():
    if "_login_user" not in g:
        g._login_user = session.get("user", "nobody")
    return f"{g._login_user} {variable.get()} {g.get('loaded')}"


@app.route("/login/<name>")
async def login(name):
    g._login_user = session["user"] = name
    return who()


@app.route("/sync")
def sync():
    return who()


@app.route("/async")
async def async_():
    await asyncio.sleep(0)
    return who()


@app.route("/teardown-fails")
async def teardown_fails():
    return "answered"


@app.route("/stream/<kind>")
def stream(kind):
    def pieces():
        try:
            yield "data: first\n\n"
            while not opens.wait(0.05):
                yield "data: more\n\n"
            yield "data: last\n\n"
        finally:
            count("closed")

    async def async_pieces():
        try:
            yield "data: first\n\n"
            while not opens.is_set():
                await asyncio.sleep(0.05)
                yield "data: more\n\n"
            yield "data: last\n\n"
        finally:
            count("closed")

    body = pieces() if kind == "sync" else async_pieces()
    return Response(body, mimetype="text/event-stream")


@app.route("/open")
async def open_():
    opens.set()
    return "opened"


def middleware(inner):
    def guarded(environ, start_response):
        count("middleware")
        if environ["PATH_INFO"].startswith("/late"):
            return late(environ, start_response)
        if environ["PATH_INFO"].startswith("/writes"):
            write = start_response("200 OK", [("Content-Type", "text/plain")])
            write(b"written ")
            return [b"body"]
        if "HTTP_X_TOKEN" not in environ and environ["PATH_INFO"] != "/counts":
            start_response("403 Forbidden", [("Content-Type", "text/plain")])
            return [b"refused"]
        return inner(environ, start_response)

    return guarded


def late(environ, start_response):
    start_response("202 Accepted", [("Content-Type", "text/plain")])
    yield b"late"


app.wsgi_app = middleware(app.wsgi_app)
original = Erlen.__call__


def agent(self, environ, start_response):
    count("agent")
    return original(self, environ, start_response)


Erlen.__call__ = agent
(Path(__file__).parent / "static").mkdir(exist_ok=True)
(Path(__file__).parent / "static" / "a.txt").write_text("a file")
