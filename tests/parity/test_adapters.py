"""What turns one interface into another, or into the events of a cloud, and what an application is
mounted in: each passes the same few requests on, in this process."""

import asyncio
import base64
import importlib.util
import io
import sys
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote_to_bytes

import pytest
from exchange import Answer, exchange
from short import EACH, REQUESTS, Short, same

MOUNT = "/mounted"
HERE = Path(__file__).resolve().parent
HOST = "localhost"


@pytest.fixture(scope="module")
def app():
    spec = importlib.util.spec_from_file_location("application", HERE / "application.py")
    module = sys.modules["application"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.app.logger.disabled = True
    yield module.app
    del sys.modules["application"]


def parts(data):
    """A request as the adapters' callers have it."""
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ")
    headers = [tuple(line.split(": ", 1)) for line in lines]
    path, _, query = target.partition("?")
    return method, path, query, headers, body


# -- callers ---------------------------------------------------------------------------------


@contextmanager
def by_wsgi(application):
    def ask(data):
        method, path, query, headers, body = parts(data)
        environ = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query,
            "SERVER_NAME": HOST,
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "REMOTE_PORT": "50000",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        for name, value in headers:
            key = name.upper().replace("-", "_")
            environ[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = value
        started = []

        def start_response(status, pairs, exc_info=None):
            started[:] = [int(status[:3]), pairs]

        pieces = application(environ, start_response)
        try:
            content = b"".join(pieces)
        finally:
            if hasattr(pieces, "close"):
                pieces.close()
        return Answer(started[0], headers=list(started[1]), body=content)

    yield ask


@contextmanager
def by_asgi(application):
    async def call(data):
        method, path, query, headers, body = parts(data)
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote_to_bytes(path).decode(),
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(k.lower().encode(), v.encode("latin-1")) for k, v in headers],
            "client": ("127.0.0.1", 50000),
            "server": (HOST, 80),
            "state": {},
        }
        messages = [{"type": "http.request", "body": body, "more_body": False}]
        sent = []

        async def receive():
            if messages:
                return messages.pop()
            await asyncio.Event().wait()

        async def send(message):
            sent.append(message)

        await asyncio.wait_for(application(scope, receive, send), 30)
        start, *rest = sent
        pairs = [(k.decode("latin-1"), v.decode("latin-1")) for k, v in start["headers"]]
        content = b"".join(message.get("body", b"") for message in rest)
        return Answer(start["status"], headers=pairs, body=content)

    with asyncio.Runner() as runner:
        yield lambda data: runner.run(call(data))


@contextmanager
def by_event(handler):
    """An event of AWS's API Gateway, in its format 1.0."""

    def ask(data):
        method, path, query, headers, body = parts(data)
        arguments = [pair.partition("=") for pair in query.split("&") if pair]
        several = {}
        for name, _, value in arguments:
            several.setdefault(name, []).append(unquote_to_bytes(value).decode())
        event = {
            "version": "1.0",
            "resource": "/",
            "httpMethod": method,
            "path": path,
            "headers": dict(headers),
            "multiValueHeaders": {name: [value] for name, value in headers},
            "queryStringParameters": {k: v[-1] for k, v in several.items()} or None,
            "multiValueQueryStringParameters": several or None,
            "requestContext": {"identity": {"sourceIp": "127.0.0.1"}, "stage": "$default"},
            "body": base64.b64encode(body).decode(),
            "isBase64Encoded": True,
        }
        found = handler(event, None)
        pairs = [(k, v) for k, v in (found.get("headers") or {}).items()]
        several = found.get("multiValueHeaders")
        if several:
            names = {name.lower() for name in several}
            pairs = [pair for pair in pairs if pair[0].lower() not in names]
            pairs += [(k, v) for k, values in several.items() for v in values]
        content = found["body"].encode()
        if found.get("isBase64Encoded"):
            content = base64.b64decode(content)
        return Answer(found["statusCode"], headers=pairs, body=content)

    yield ask


# -- adapters --------------------------------------------------------------------------------


@contextmanager
def mangum(app):
    from mangum import Mangum

    with asyncio.Runner() as runner:
        # It asks for the loop of the thread.
        asyncio.set_event_loop(runner.get_loop())
        with by_event(Mangum(app.asgi, lifespan="off")) as ask:
            yield ask
        asyncio.set_event_loop(None)


def apig_wsgi(app):
    from apig_wsgi import make_lambda_handler

    return by_event(make_lambda_handler(app.wsgi, binary_support=True))


def a2wsgi_of_asgi(app):
    from a2wsgi import ASGIMiddleware

    return by_wsgi(ASGIMiddleware(app.asgi))


def a2wsgi_of_wsgi(app):
    from a2wsgi import WSGIMiddleware

    return by_asgi(WSGIMiddleware(app.wsgi))


def asgiref_of_wsgi(app):
    from asgiref.wsgi import WsgiToAsgi

    return by_asgi(WsgiToAsgi(app.wsgi))


def in_starlette(app):
    from starlette.applications import Starlette
    from starlette.routing import Mount

    return by_asgi(Starlette(routes=[Mount(MOUNT, app=app)]))


def in_fastapi(app):
    from fastapi import FastAPI

    outer = FastAPI()
    outer.mount(MOUNT, app.asgi)
    return by_asgi(outer)


def in_dispatcher_on_wsgi(app):
    from erlen import Erlen
    from erlen.middleware.dispatcher import DispatcherMiddleware

    return by_wsgi(DispatcherMiddleware(Erlen("outer"), {MOUNT: app}))


def in_dispatcher_on_asgi(app):
    from erlen import Erlen
    from erlen.middleware.dispatcher import DispatcherMiddleware

    return by_asgi(DispatcherMiddleware(Erlen("outer"), {MOUNT: app.asgi}))


def beside_django(app):
    """As its documentation says: what is not the mounted application's is Django's."""
    import django
    from django.conf import settings
    from django.core.asgi import get_asgi_application

    if not settings.configured:
        settings.configure(ROOT_URLCONF="", ALLOWED_HOSTS=["*"], USE_TZ=True, SECRET_KEY="k")
        django.setup()
    inner, outer = app.asgi, get_asgi_application()

    async def application(scope, receive, send):
        if scope["path"].startswith(MOUNT + "/"):
            await inner({**scope, "root_path": MOUNT}, receive, send)
        else:
            await outer(scope, receive, send)

    return by_asgi(application)


ADAPTERS = {
    "Mangum": ("ASGI", "mangum", mangum, ""),
    "apig-wsgi": ("WSGI", "apig_wsgi", apig_wsgi, ""),
    "a2wsgi's `ASGIMiddleware`": ("ASGI", "a2wsgi", a2wsgi_of_asgi, ""),
    "a2wsgi's `WSGIMiddleware`": ("WSGI", "a2wsgi", a2wsgi_of_wsgi, ""),
    "asgiref's `WsgiToAsgi`": ("WSGI", "asgiref", asgiref_of_wsgi, ""),
    "mounted in Starlette": ("ASGI", "starlette", in_starlette, MOUNT),
    "mounted in FastAPI": ("ASGI", "fastapi", in_fastapi, MOUNT),
    "mounted beside Django": ("ASGI", "django", beside_django, MOUNT),
    "in `DispatcherMiddleware`": ("WSGI", "erlen", in_dispatcher_on_wsgi, MOUNT),
    "in `DispatcherMiddleware` on ASGI": ("ASGI", "erlen", in_dispatcher_on_asgi, MOUNT),
}
# By adapter and request: what it does that servers do not.
DIFFERENCES = {
    ("apig-wsgi", "what a request says"): "A request without a body announces a length of 0.",
}
# Of what the answers do not show.
REMARKS = {"asgiref's `WsgiToAsgi`": "It does not call `close()` of a body: files stay open."}


# The files of that one.
@pytest.mark.filterwarnings("ignore:.*letters.txt:pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("title", ADAPTERS)
def test_it_answers_as_servers_do(title, app, reference, missing, record_property):
    interface, module, make, mount = ADAPTERS[title]
    if importlib.util.find_spec(module) is None:
        missing(f"{module} is not installed (make parity installs it)")
    differing, known = {}, []
    with make(app) as ask:
        for name, view in EACH:
            reason = DIFFERENCES.get((title, name))
            try:
                wanted = exchange(reference.port, REQUESTS[name].data(view))
                same(ask(REQUESTS[name].data(view, mount)), wanted, mount)
            except AssertionError as error:
                if reason is None:
                    differing[f"{name} ({view})"] = str(error)
                else:
                    known.append(reason)
            else:
                assert reason is None, f"{title} does what servers do: {name}"
    assert not differing, "\n".join([*differing, *differing.values()])
    record_property("further", title)
    record_property("interface", interface)
    record_property("counts", f"{len(EACH) - len(known)}" + (f" + {len(known)}" if known else ""))
    told = dict.fromkeys([*known, *([REMARKS[title]] if title in REMARKS else [])])
    record_property("remark", " ".join(told))


# -- the other way round ---------------------------------------------------------------------


def wsgi_inside(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [f"{environ['SCRIPT_NAME']} {environ['PATH_INFO']}".encode()]


def outer_application():
    from erlen import Erlen

    outer = Erlen("outer")
    outer.add_url_rule("/", "index", lambda: "outer")
    return outer


@pytest.mark.parametrize("interface", ["wsgi", "asgi"])
def test_a_wsgi_application_inside_of_erlen(interface):
    from erlen.middleware.dispatcher import DispatcherMiddleware

    outer = outer_application()
    outer.wsgi_app = DispatcherMiddleware(outer.wsgi_app, {"/inner": wsgi_inside})
    with (by_wsgi if interface == "wsgi" else by_asgi)(getattr(outer, interface)) as ask:
        answers = [ask(Short(path).data("inner")) for path in ("/a", "//")]
    assert [(answer.status, answer.text) for answer in answers] == [
        (200, "/inner /a"),
        (200, "outer"),
    ]


def test_a_fastapi_application_inside_of_erlen(missing):
    if importlib.util.find_spec("fastapi") is None:
        missing("fastapi is not installed (make parity installs it)")
    from fastapi import FastAPI, Request

    from erlen.middleware.dispatcher import DispatcherMiddleware

    inner = FastAPI()

    @inner.get("/a")
    async def index(request: Request):
        return str(request.url)

    outer = outer_application()
    outer.asgi_app = DispatcherMiddleware(outer.asgi_app, {"/inner": inner})
    with by_asgi(outer.asgi) as ask:
        assert ask(Short("/a").data("inner")).json == "http://example.test/inner/a"
        assert ask(Short("/nowhere").data("inner")).status == 404
        assert ask(Short("//").data("inner")).text == "outer"
