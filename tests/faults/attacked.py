"""Views that answer what HTTP does not allow, wait for each other, or fail late, for the attacks of
tests/wire."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from functools import cache
from io import BytesIO

from erlen import (
    Blueprint,
    Response,
    abort,
    current_app,
    redirect,
    request,
    send_file,
    session,
    stream_with_context,
    websocket,
)

attacked = Blueprint("attacked", __name__, url_prefix="/attacked")
EXITS = {"SystemExit": SystemExit, "KeyboardInterrupt": KeyboardInterrupt}


def both(rule, **options):
    """A function as a view of either colour, at ``/sync/…`` and ``/async/…``."""

    def decorate(function):
        async def coroutine(**values):
            return function(**values)

        attacked.add_url_rule(f"/sync{rule}", f"sync_{function.__name__}", function, **options)
        attacked.add_url_rule(f"/async{rule}", f"async_{function.__name__}", coroutine, **options)
        return function

    return decorate


# -- answers ---------------------------------------------------------------------------------


@both("/status/<way>/<status>")
def status(way, status):
    value = int(status) if status.lstrip("-").isdigit() else status
    if way == "tuple":
        return "text", value
    if way == "response":
        return Response("text", value)
    response = Response("text")
    if isinstance(value, int):
        response.status_code = value
    else:
        response.status = value
    return response


def pieces(*of):
    yield from of


@both("/length/<kind>/<length>")
def length(kind, length):
    body = {"text": "text", "list": ["te", "xt"], "stream": pieces("te", "xt")}[kind]
    response = Response(body)
    response.headers["Content-Length"] = length
    return response


@both("/header")
def header():
    return "text", {request.args["name"]: request.args["value"]}


@both("/redirect")
def redirects():
    return redirect(request.args["to"])


@both("/exit/<name>")
def exits(name):
    raise EXITS[name]("of a view")


@both("/first-piece")
def first_piece():
    def fails():
        raise LookupError("of the first piece")
        yield "text"

    return stream_with_context(fails())


@attacked.errorhandler(LookupError)
def handle(error):
    return f"handled: {error}", 418


async def async_pieces(*of):
    for piece in of:
        yield piece


@both("/odd/<kind>")
def odd(kind):
    """A piece that is none, behind one that is."""
    made = {"sync": pieces, "async": async_pieces}[kind]
    return made(*["text" * 10_000] * 4, 5, "more")


# -- files -----------------------------------------------------------------------------------


@both("/named")
def named():
    return send_file(BytesIO(b"<script>"), download_name=request.args["name"])


_SIZE = 32 << 20


@cache
def temporary(suffix):
    """A file that goes with the process, made when it is asked for."""
    file = tempfile.NamedTemporaryFile(prefix="attacked", suffix=suffix)  # noqa: SIM115
    file.write(b"0123456789")
    file.flush()
    return file


@attacked.post("/file/<any(whole, cut):state>")
def cut(state):
    os.truncate(temporary(".bin").name, _SIZE if state == "whole" else 1 << 20)
    return "done"


@both("/file")
def file():
    return send_file(temporary(".bin").name)


@both("/conditional")
def conditional():
    return send_file(temporary(".txt").name, conditional=True, etag="tag")


# -- paths -----------------------------------------------------------------------------------


@attacked.get("/<a>-<b>-<c>.html")
def dashes(a, b, c):
    return "dashes"


@attacked.get("/<path:a>/x/<path:b>/x/<path:c>/end")
def paths(a, b, c):
    return "paths"


# -- bodies ----------------------------------------------------------------------------------


@both("/form", methods=["POST"])
def form():
    if request.args.get("read"):
        request.stream.read()
    return dict(request.form)


@both("/session", methods=["POST"])
def keep():
    session["value"] = request.get_json()
    return "kept"


@both("/short", methods=["POST"])
def short():
    request.max_content_length = 1 << 20
    return str(len(request.get_data()))


# -- threads ---------------------------------------------------------------------------------


@attacked.get("/trickle/<int:count>")
def trickle(count):
    """A synchronous stream that is made slowly."""
    counted = current_app.extensions["count"]

    def made():
        counted("opened")
        try:
            for number in range(count):
                time.sleep(0.02)
                yield f"{number};"
        finally:
            counted("closed")

    return made()


async def ask_for_a_stream(app):
    """What a synchronous view of the same process streams."""
    found = b""

    async def receive():
        await asyncio.sleep(60)

    async def send(message):
        nonlocal found
        found += message.get("body", b"")

    path = "/attacked/trickle/3"
    scope = {
        **request.environ["asgi.scope"], "path": path, "raw_path": path.encode(),
        "query_string": b"",
    }  # fmt: skip
    await app.asgi(scope, receive, send)
    return found.decode()


@attacked.get("/waits-for-async")
def waits_for_async():
    app = current_app._get_current_object()
    time.sleep(0.1)
    return app.ensure_sync(ask_for_a_stream)(app)


# -- sockets ---------------------------------------------------------------------------------


@attacked.websocket("/socket/echo")
async def echo():
    while True:
        await websocket.send(await websocket.receive())


@attacked.websocket("/socket/close/<int:code>")
async def close(code):
    await websocket.accept()
    await websocket.close(code, request.args.get("reason", "") * int(request.args.get("times", 1)))


@attacked.websocket("/socket/error")
async def socket_error():
    await websocket.accept()
    await websocket.receive()
    abort(400, request.args["reason"] * 200)


@attacked.websocket("/socket/before/<what>")
async def before(what):
    if what == "error":
        raise ZeroDivisionError("before it is accepted")
    if what == "handled":
        raise LookupError("of a socket")
    if what == "interim":
        return "text", 101
    return abort(int(what))
