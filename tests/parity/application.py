"""The application that every server runs.

Each view is there twice: as a function at ``/sync`` and as a coroutine function at ``/async``, both
between synchronous hooks; ``/hooked`` is a synchronous view between asynchronous ones.
"""

from __future__ import annotations

import asyncio
from functools import wraps
from hashlib import sha256
from pathlib import Path

from erlen import (
    Blueprint,
    Erlen,
    Response,
    abort,
    flash,
    g,
    get_flashed_messages,
    jsonify,
    make_response,
    redirect,
    render_template_string,
    request,
    send_file,
    session,
    stream_with_context,
    url_for,
)

app = Erlen(__name__)
app.config.update(SECRET_KEY="parity", MAX_CONTENT_LENGTH=12 * 1024 * 1024)
HERE = Path(__file__).resolve().parent
sync_views = Blueprint("sync", __name__, url_prefix="/sync")
async_views = Blueprint("async", __name__, url_prefix="/async")
hooked = Blueprint("hooked", __name__, url_prefix="/hooked")
started = []


def both(rule, **options):
    """Register a function as a view of both kinds."""

    def decorate(f):
        @wraps(f)
        async def view(**values):
            await asyncio.sleep(0)
            return f(**values)

        sync_views.add_url_rule(rule, view_func=f, **options)
        async_views.add_url_rule(rule, view_func=view, **options)
        return f

    return decorate


@app.before_serving
async def start():
    started.append("started")


@app.before_request
def before():
    g.trace = ["before"]


@app.after_request
def after(response):
    if "trace" in g:
        response.headers["X-Trace"] = ",".join([*g.trace, "after"])
    return response


@hooked.before_request
async def async_before():
    await asyncio.sleep(0)
    g.trace.append("async before")


@hooked.after_request
async def async_after(response):
    await asyncio.sleep(0)
    g.trace.append("async after")
    return response


@hooked.get("/")
def hooked_view():
    g.trace.append("view")
    return "hooked"


# -- what a request says ---------------------------------------------------------------------

ALL = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def pairs(multidict):
    return [list(pair) for pair in multidict.items(multi=True)]


def digest(data):
    return [len(data), sha256(data).hexdigest()[:16]]


@both("/echo", methods=ALL)
def echo():
    return {
        "method": request.method,
        "path": request.path,
        "full_path": request.full_path,
        "url": request.url,
        "root": request.url_root,
        "host": request.host,
        "scheme": request.scheme,
        "remote": request.remote_addr,
        "query": request.query_string.decode("latin-1"),
        "args": pairs(request.args),
        "cookies": pairs(request.cookies),
        "headers": sorted(
            [key, value] for key, value in request.headers.items() if key.startswith("X-")
        ),
        "type": request.content_type,
        "length": request.content_length,
    }


@both("/path/<path:rest>")
def path(rest):
    return {"rest": rest, "path": request.path, "url": request.url}


@both("/number/<int:n>")
def number(n):
    return {"n": n}


@both("/form", methods=ALL)
def form():
    return {
        "form": pairs(request.form),
        "files": [
            [field, file.filename, file.mimetype, *digest(file.read())]
            for field, file in request.files.items(multi=True)
        ],
        "values": pairs(request.values),
    }


@both("/json", methods=ALL)
def json():
    return {"json": request.get_json()}


@both("/data", methods=ALL)
def data():
    return {"data": digest(request.get_data()), "announced": request.content_length}


@both("/lines", methods=["POST"])
def lines():
    return {"lines": [line.decode() for line in request.stream]}


@both("/unread", methods=["POST"])
def unread():
    return "not read"


@both("/limited", methods=["POST"])
def limited():
    request.max_content_length = 100
    return {"length": len(request.get_data())}


# -- what an answer is -----------------------------------------------------------------------


@both("/")
def index():
    return "Hello, Wörld!"


@both("/hello/")
def hello():
    return "slash"


@both("/bytes")
def some_bytes():
    return b"\x00\xff", 201, {"Content-Type": "application/octet-stream", "X-Own": "yes"}


@both("/list")
def some_list():
    return [1, "two", None]


@both("/empty/<int:status>")
def empty(status):
    return "", status


@both("/template")
def template():
    return render_template_string("{{ request.path }} {{ word }}", word="<é>")


@both("/headers")
def headers():
    response = make_response("headers")
    response.headers.add("X-Twice", "one")
    response.headers.add("X-Twice", "two")
    response.headers["X-Latin"] = "caf\xe9"
    response.headers["X-Long"] = "x" * 6000
    response.set_cookie("one", "1", httponly=True, samesite="Lax")
    response.set_cookie("two", 'a "quoted"; välue', max_age=60, path="/sync")
    response.delete_cookie("three")
    return response


@both("/redirect")
def to_unicode():
    return redirect("/sync/path/\xe9?q=\xfc", 303)


@both("/abort/<int:code>")
def abort_with(code):
    abort(code, description="<told>")


@both("/fail")
def fail():
    raise ZeroDivisionError("in the view")


@both("/handled")
def handled():
    raise LookupError("handled")


@app.errorhandler(LookupError)
async def handle(error):
    await asyncio.sleep(0)
    return jsonify(error=str(error)), 409


@both("/etag")
def etag():
    response = make_response("tagged")
    response.set_etag("abc")
    return response.make_conditional(request)


@both("/file")
def file():
    return send_file(
        HERE / "static" / "letters.txt", as_attachment=True, download_name="bücher.txt"
    )


@both("/megabytes/<int:n>")
def megabytes(n):
    return bytes(range(256)) * 4096 * n


@both("/started")
def has_started():
    return started


# -- streams ---------------------------------------------------------------------------------


def chunks(n, fail_at=None):
    for i in range(n):
        if i == fail_at:
            raise ZeroDivisionError("in the stream")
        yield f"chunk {i}\n"


@both("/stream/<int:n>")
def stream(n):
    return chunks(n), {"Content-Type": "text/plain"}


@both("/stream/sized")
def sized_stream():
    return Response(chunks(3), headers={"Content-Length": "24"})


@both("/stream/large")
def large_stream():
    return Response(bytes([i]) * 100_000 for i in range(30))


@both("/stream/failing/<int:n>")
def failing_stream(n):
    return chunks(n + 2, fail_at=n)


@both("/stream/odd")
def odd_stream():
    return iter(["chunk 0\n", 5, "chunk 1\n"])


@both("/stream/context")
def stream_context():
    @stream_with_context
    def generate():
        for i in range(3):
            yield f"{i} {request.args['q']} {request.path} {g.trace[0]} {session.get('user')}\n"

    return generate()


async def async_chunks(n, fail_at=None):
    for chunk in chunks(n, fail_at):
        await asyncio.sleep(0.001)
        yield chunk


@both("/astream/<int:n>")
def async_stream(n):
    return async_chunks(n), {"Content-Type": "text/plain"}


@both("/astream/failing/<int:n>")
def failing_async_stream(n):
    return async_chunks(n + 2, fail_at=n)


@both("/astream/odd")
def odd_async_stream():
    async def pieces():
        for piece in ("chunk 0\n", 5, "chunk 1\n"):
            yield piece

    return pieces()


@both("/astream/context")
def async_stream_context():
    @stream_with_context
    async def generate():
        for i in range(3):
            await asyncio.sleep(0.001)
            yield f"{i} {request.args['q']} {request.path} {g.trace[0]} {session.get('user')}\n"

    return generate()


@async_views.get("/pause/<float:seconds>")
async def pause(seconds):
    await asyncio.sleep(seconds)
    return request.args["q"]


# -- a person's visit ------------------------------------------------------------------------


@both("/login", methods=["GET", "POST"])
def login():
    if request.method == "POST":
        session["user"] = request.form["name"]
        flash(f"Hello, {session['user']}!", "success")
        return redirect(url_for(".page"), 303)
    return '<form method="post"><input name="name"></form>'


@both("/page")
def page():
    user = session.get("user")
    messages = get_flashed_messages(with_categories=True)
    return jsonify(user=user, messages=messages)


@both("/logout", methods=["POST"])
def logout():
    session.clear()
    return redirect(url_for(".page"))


for _blueprint in (sync_views, async_views, hooked):
    app.register_blueprint(_blueprint)
