"""The applications that are measured, and the requests.

The source is the same for Flask and for Erlen: only the import differs.  Each scenario is an
application, a WSGI environment, and the status it must answer with.
"""

from __future__ import annotations

import io
import sys
from random import Random
from typing import Any

import real_views
from application import HERE, application_of


def environ(
    path: str,
    method: str = "GET",
    query: str = "",
    body: bytes = b"",
    content_type: str = "",
    **headers: str,
) -> dict[str, Any]:
    """What a server hands over for a browser's request."""
    result: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "localhost:8000",
        "HTTP_USER_AGENT": "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0",
        "HTTP_ACCEPT": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        "HTTP_ACCEPT_LANGUAGE": "en-US,en;q=0.5",
        "HTTP_ACCEPT_ENCODING": "gzip, deflate, br",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "wsgi.input": io.BytesIO(body),
    }
    if body:
        result["CONTENT_LENGTH"] = str(len(body))
    if content_type:
        result["CONTENT_TYPE"] = content_type
    result.update({f"HTTP_{k.upper()}": v for k, v in headers.items()})
    return result


def environ_of(sent: real_views.Sent) -> dict[str, Any]:
    """The same for a request of the real views."""
    headers = {name.replace("-", "_"): value for name, value in sent.headers.items()}
    content_type = headers.pop("content_type", "")
    return environ(sent.path, sent.method, sent.query, sent.body, content_type, **headers)


def multipart(size: int) -> bytes:
    """A form with a text field and a file of ``size`` bytes."""
    # The same bytes each time: how a search for the boundary goes depends on them.
    content = Random(1024).randbytes(1024) * (size // 1024)
    mark = b"--" + BOUNDARY.encode()
    return (
        mark + b'\r\nContent-Disposition: form-data; name="title"\r\n\r\nholiday\r\n'
        + mark + b'\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n'
        b"Content-Type: application/octet-stream\r\n\r\n" + content + b"\r\n" + mark + b"--\r\n"
    )  # fmt: skip


# As Chromium writes it.
BOUNDARY = "----WebKitFormBoundaryk2mTqYbN0sJw4vXc"
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"
URLENCODED = "application/x-www-form-urlencoded"


def flask_like(f: Any) -> dict[str, tuple[Any, dict[str, Any], int]]:
    """The scenarios of Flask and Erlen.

    :param f: the module that has the names of ``flask``
    """
    app = application_of(f, "plain")

    @app.route("/")
    def hello() -> Any:
        return "Hello, World!"

    @app.route("/user/<name>/post/<int:id>")
    def dynamic(name: str, id: int) -> Any:
        return f"{name} {id}"

    @app.route("/json")
    def json() -> Any:
        return {"id": 17, "name": "Ada", "tags": ["a", "b", "c"], "active": True, "score": 1.5}

    @app.route("/query")
    def query() -> Any:
        args = f.request.args
        return f"{args['q']} {args.get('page', 1, type=int)} {args.getlist('tag')}"

    @app.route("/form", methods=["POST"])
    def form() -> Any:
        return f.request.form["name"] + f.request.form["mail"]

    @app.route("/session/read")
    def session_read() -> Any:
        return f.session["user"]

    @app.route("/session/write")
    def session_write() -> Any:
        f.session["user"] = "ada"
        return "written"

    @app.route("/template")
    def template() -> Any:
        items = [{"name": f"Item {n}", "price": n * 1.5} for n in range(10)]
        return f.render_template("page.html", title="Offers", items=items)

    @app.route("/upload", methods=["POST"])
    def upload() -> Any:
        file = f.request.files["file"]
        return f"{file.filename} {f.request.form['title']}"

    @app.route("/urls")
    def urls() -> Any:
        return f.url_for("dynamic", name="ada", id=3) + f.url_for("hello", page=2)

    @app.route("/redirect")
    def redirect() -> Any:
        return f.redirect("/")

    @app.route("/abort")
    def abort() -> Any:
        f.abort(403)

    client = app.test_client()
    cookie = client.get("/session/write").headers["Set-Cookie"].partition(";")[0]
    style = client.get("/static/style.css")
    etag = style.headers["ETag"]
    style.close()

    rules = application_of(f, "rules")
    for n in range(300):
        rules.add_url_rule(f"/part{n}/<name>/edit", f"view{n}", lambda name: name)

    hooks = application_of(f, "hooks")
    part = f.Blueprint("part", __name__)
    hooks.before_request(lambda: None)
    hooks.after_request(lambda response: response)
    hooks.teardown_request(lambda error: None)
    part.before_request(lambda: None)

    @part.after_request
    def mark(response: Any) -> Any:
        response.headers["X-Part"] = "yes"
        return response

    part.add_url_rule("/", "index", lambda: "hooked")
    hooks.register_blueprint(part, url_prefix="/part")

    real = real_views.make(f)
    fields = b"name=Ada+Lovelace&mail=ada%40example.org&message=Hello%2C+engine%21&ok=1"
    return {
        "hello": (app, environ("/"), 200),
        "dynamic rule": (app, environ("/user/ada/post/17"), 200),
        "300 rules": (rules, environ("/part299/x/edit"), 200),
        "JSON": (app, environ("/json"), 200),
        "query": (app, environ("/query", query="q=analytical+engine&page=2&tag=a&tag=b"), 200),
        "form": (app, environ("/form", "POST", "", fields, URLENCODED), 200),
        "session read": (app, environ("/session/read", cookie=cookie), 200),
        "session write": (app, environ("/session/write"), 200),
        "template": (app, environ("/template"), 200),
        "upload 1 kB": (app, environ("/upload", "POST", "", multipart(1024), MULTIPART), 200),
        "upload 10 MB": (app, environ("/upload", "POST", "", multipart(10 << 20), MULTIPART), 200),
        "url_for": (app, environ("/urls"), 200),
        "redirect": (app, environ("/redirect"), 302),
        "abort": (app, environ("/abort"), 403),
        "404": (app, environ("/nowhere"), 404),
        "static 200": (app, environ("/static/style.css"), 200),
        "static 304": (app, environ("/static/style.css", if_none_match=etag), 304),
        "hooks, blueprint": (hooks, environ("/part/"), 200),
        **{name: (app, environ_of(sent), sent.status) for name, (app, sent) in real.items()},
    }


def erlen() -> Any:
    """The scenarios on Erlen."""
    import erlen

    return flask_like(erlen)


def flask() -> Any:
    """The scenarios on Flask."""
    import flask

    return flask_like(flask)


def payloads_of(f: Any) -> dict[str, tuple[Any, dict[str, Any], int]]:
    """Large bodies, whose cost is the library's that reads or writes them, for the most part.

    :param f: the module that has the names of ``flask``
    """
    texts = [
        {
            "id": 4000 + n,
            "author": {"id": n, "name": "ada", "display_name": "Ada Lovelace"},
            "text": f"{n}: " + "the engine weaves patterns as the loom weaves leaves. " * 2,
            "created": "2026-11-21T08:30:00Z",
            "likes": 17 * n,
            "liked": n % 3 == 0,
        }
        for n in range(40)
    ]

    def make(uses_orjson: bool) -> Any:
        app = application_of(f, "payloads")
        app.json.use_orjson = uses_orjson
        app.add_url_rule("/json", "json", lambda: {"items": texts, "next": None})

        @app.route("/form", methods=["POST"])
        def form() -> Any:
            return str(len(f.request.form))

        return app

    app = make(False)
    fields = "&".join(f"field{n}=value+{n}" for n in range(1000)).encode()
    return {
        "form, 1,000 fields": (app, environ("/form", "POST", "", fields, URLENCODED), 200),
        "JSON, 10 kB": (app, environ("/json"), 200),
        "JSON, 10 kB, orjson": (make(True), environ("/json"), 200),
    }


def erlen_payloads() -> Any:
    """Large bodies on Erlen."""
    import erlen

    return payloads_of(erlen)


def flask_payloads() -> Any:
    """Large bodies on Flask, which writes JSON without orjson."""
    import flask

    return payloads_of(flask)


def jinja() -> Any:
    """The page of the scenario "template" by Jinja2 alone, with the settings of Flask."""
    from jinja2 import Environment, FileSystemLoader, select_autoescape

    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"), autoescape=select_autoescape()
    )
    environment.globals["url_for"] = lambda endpoint, filename: f"/static/{filename}"
    page = environment.get_template("page.html")

    def run(environ: Any, start_response: Any) -> Any:
        items = [{"name": f"Item {n}", "price": n * 1.5} for n in range(10)]
        body = page.render(title="Offers", items=items).encode()
        start_response("200 OK", [])
        return [body]

    return {"template": (run, environ("/"), 200)}


def falcon() -> Any:
    """Hello, dynamic rule and JSON on Falcon."""
    import falcon

    class Hello:
        def on_get(self, req: Any, resp: Any) -> None:
            resp.content_type = falcon.MEDIA_HTML
            resp.text = "Hello, World!"

    class Dynamic:
        def on_get(self, req: Any, resp: Any, name: str, id: int) -> None:
            resp.content_type = falcon.MEDIA_HTML
            resp.text = f"{name} {id}"

    class Json:
        def on_get(self, req: Any, resp: Any) -> None:
            resp.media = {
                "id": 17, "name": "Ada", "tags": ["a", "b", "c"], "active": True, "score": 1.5,
            }  # fmt: skip

    app = falcon.App()
    app.add_route("/", Hello())
    app.add_route("/user/{name}/post/{id:int}", Dynamic())
    app.add_route("/json", Json())
    return {
        "hello": (app, environ("/"), 200),
        "dynamic rule": (app, environ("/user/ada/post/17"), 200),
        "JSON": (app, environ("/json"), 200),
    }


def bottle() -> Any:
    """Hello, dynamic rule and JSON on Bottle."""
    import bottle

    app = bottle.Bottle()
    app.route("/", callback=lambda: "Hello, World!")
    app.route("/user/<name>/post/<id:int>", callback=lambda name, id: f"{name} {id}")
    app.route(
        "/json",
        callback=lambda: {
            "id": 17, "name": "Ada", "tags": ["a", "b", "c"], "active": True, "score": 1.5,
        },
    )  # fmt: skip
    return {
        "hello": (app, environ("/"), 200),
        "dynamic rule": (app, environ("/user/ada/post/17"), 200),
        "JSON": (app, environ("/json"), 200),
    }


def routes() -> Any:
    """Erlen's match alone among 10, 300 and 10,000 rules; ten of them take turns."""
    import erlen

    def matching(count: int) -> Any:
        app = erlen.Erlen(f"rules{count}")
        for n in range(count):
            app.add_url_rule(f"/part{n}/<name>/edit", f"view{n}", lambda name: name)
        match = app.url_map.bind("localhost").match
        paths = [f"/part{n}/x/edit" for n in range(0, count, count // 10)]

        def run(environ: Any, start_response: Any) -> Any:
            for path in paths:
                match(path)
            start_response("200 OK", [])
            return ()

        return run

    return {
        f"match among {count}": (matching(count), environ("/"), 200) for count in (10, 300, 10_000)
    }
