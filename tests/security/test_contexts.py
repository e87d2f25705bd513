"""SECURITY 127: no two requests that a server brings share a context, whatever was pushed around
them; a request that code makes inside of a context joins it, as in Flask."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from http.cookies import SimpleCookie

import pytest

from erlen import Erlen, g, request, session
from erlen.context.proxies import app_ctx
from erlen.http.wsgi_call import call_wsgi
from erlen.testing.asgi import call_asgi
from erlen.testing.builder import create_environ

ends: list[str] = []


class Overridden(Erlen):
    """Whoever overrides a step is as safe as whoever does not."""

    def dispatch_request(self):
        return super().dispatch_request()


@pytest.fixture(params=[Erlen, Overridden])
def cls(request):
    return request.param


@pytest.fixture
def app(cls):
    app = cls(__name__)
    app.secret_key = "test"
    ends.clear()

    def user():
        # What Flask-Login does: the user is looked up once for each context.
        if "user" not in g:
            g.user = session.get("user", "nobody")
        return g.user

    @app.route("/login/<name>", methods=["POST"])
    def login(name):
        session["user"] = g.user = name
        return name

    @app.route("/who")
    def who():
        return f"{request.path} {user()}"

    @app.route("/async/who")
    async def async_who():
        await asyncio.sleep(0)
        return f"{request.path} {user()}"

    @app.route("/meet")
    async def meet():
        g.name = request.args["name"]
        waiting = app.extensions["waiting"]
        waiting.append(1)
        async with asyncio.timeout(5):
            while len(waiting) < 2:
                await asyncio.sleep(0)
        return f"{g.name} {request.args['name']}"

    @app.teardown_request
    def ended(error):
        ends.append(f"request {request.path}")

    @app.teardown_appcontext
    def context_ended(error):
        ends.append("context")

    return app


def call(app, interface, path, method="GET", cookie=None):
    environ = create_environ(path, method=method, headers={"Cookie": cookie} if cookie else {})
    if interface == "wsgi":
        body, _, headers = call_wsgi(app, environ, buffered=True)
    else:
        body, _, headers = asyncio.run(call_asgi(app, environ))
    return b"".join(body).decode(), headers


# tests/security runs on both interfaces.
PATHS = pytest.mark.parametrize("path", ["/who", "/async/who"])


def log_in_and_visit(app, interface, path):
    name, headers = call(app, interface, "/login/ada", "POST")
    assert name == "ada"
    cookie = SimpleCookie(headers["Set-Cookie"])
    ends.clear()
    stranger = call(app, interface, path)[0]
    known = call(app, interface, path, cookie=f"session={cookie['session'].value}")[0]
    assert (stranger, known) == (f"{path} nobody", f"{path} ada")
    assert [f"request {path}", "context"] * 2 == ends


@PATHS
def test_127_a_context_pushed_while_the_module_loads_is_nobodys(app, interface, path):
    def load_and_serve():
        app.app_context().push()
        g.user = "whoever the module set"
        log_in_and_visit(app, interface, path)
        assert g.user == "whoever the module set"

    copy_context().run(load_and_serve)


@PATHS
def test_127_a_server_started_inside_of_a_context(app, interface, path):
    with app.app_context():
        log_in_and_visit(app, interface, path)
        assert "user" not in g


@PATHS
def test_127_a_server_started_inside_of_a_request(app, interface, path):
    with app.test_request_context("/outer"):
        log_in_and_visit(app, interface, path)
        assert request.path == "/outer"
        assert "user" not in g


def test_127_threads_that_inherit_a_context(app, interface):
    with app.app_context(), ThreadPoolExecutor(4) as pool:
        contexts = [copy_context() for _ in range(8)]
        jobs = [
            pool.submit(context.run, log_in_and_visit_once, app, interface) for context in contexts
        ]
        assert [job.result() for job in jobs] == ["/who nobody"] * 8


def log_in_and_visit_once(app, interface):
    call(app, interface, "/login/ada", "POST")
    return call(app, interface, "/who")[0]


def test_127_tasks_that_inherit_a_context(app):
    app.extensions["waiting"] = []

    async def serve():
        with app.app_context():
            return await asyncio.gather(
                *(call_asgi(app, create_environ(f"/meet?name={name}")) for name in "ab")
            )

    answers = [b"".join(body) for body, _, _ in asyncio.run(serve())]
    assert answers == [b"a a", b"b b"]


def test_a_request_of_the_test_client_joins_the_context_around_it(app, interface):
    with app.app_context():
        g.user = "set around it"
        client = app.test_client(interface=interface)
        assert client.get("/who").text == "/who set around it"
        assert ends == ["request /who"]
    assert ends == ["request /who", "context"]


def test_a_request_that_code_pushes_joins_the_context_around_it(app):
    with app.app_context():
        g.user = "set around it"
        with app.test_request_context("/who"):
            assert g.user == "set around it"
            assert app_ctx.app is app
