"""A request that a gateway brings never joins a context, whatever its task or thread inherited."""

from __future__ import annotations

import asyncio
import contextvars
import threading

import pytest

from erlen import (
    Erlen,
    current_app,
    g,
    has_app_context,
    has_request_context,
    request,
    session,
)


def make(way):
    """With a log-in as Flask-Login has it: the user is found once, and kept on ``g``."""
    app = Erlen("contexts")
    app.secret_key = "test"
    app.extensions["ends"] = ends = []

    def user():
        if "_login_user" not in g:
            g._login_user = session.get("user", "nobody")
        return g._login_user

    @app.route("/login/<name>")
    @way.colour
    def login(name):
        session["user"] = name
        g._login_user = name
        return user()

    @app.route("/")
    @way.colour
    def index():
        return f"{user()} {request.headers.get('X-N')} {g.get('outer')}"

    app.teardown_request(lambda error: ends.append("request"))
    app.teardown_appcontext(lambda error: ends.append("app"))
    return app


def visit(way, app, serve=None):
    """Ann logs in, and somebody without a cookie comes; then both come again."""
    serve = serve or way.ask
    ann = serve(app, "/login/ann")
    assert ann.text == "ann"
    assert serve(app).text == "nobody None None"
    assert serve(app, headers=ann.cookie).text == "ann None None"
    assert serve(app, headers={"X-N": "2"}).text == "nobody 2 None"
    assert serve(app, "/login/bob").text == "bob"
    assert serve(app).text == "nobody None None"


def check_outer(app):
    """The context around is as it was."""
    assert has_app_context() and not has_request_context()
    assert current_app._get_current_object() is app
    assert list(g) == ["outer"] and g.outer == "outer"


def test_a_context_pushed_while_the_module_loads(way):
    app = make(way)
    ctx = app.app_context()
    ctx.push()
    try:
        g.outer = "outer"
        visit(way, app)
        # Each request had a context of its own, and it was torn down.
        assert app.extensions["ends"] == ["request", "app"] * 6
        check_outer(app)
    finally:
        ctx.pop()
    assert app.extensions["ends"][12:] == ["app"]


def test_a_server_that_is_started_inside_of_a_context(way):
    app = make(way)
    with app.app_context():
        g.outer = "outer"
        if way.is_asgi:

            async def main():
                async def serve(*args, **kwargs):
                    return await asyncio.create_task(way.serve_here(*args, **kwargs))

                ann = await serve(app, "/login/ann")
                assert (await serve(app)).text == "nobody None None"
                assert (await serve(app, headers=ann.cookie)).text == "ann None None"
                check_outer(app)

            asyncio.run(main())
        else:
            # A thread that inherits the context, as those of Python 3.14 do.
            def serve(*args, **kwargs):
                answers = []
                inherited = contextvars.copy_context()

                def call():
                    answers.append(inherited.run(way.serve, *args, **kwargs))

                thread = threading.Thread(target=call)
                thread.start()
                thread.join(10)
                assert answers[0].error is None
                return answers[0]

            visit(way, app, serve)
        check_outer(app)


def test_threads_without_a_context_are_as_ever(interface, threads):
    app = make(interface)
    ctx = app.app_context()
    ctx.push()
    try:
        g.outer = "outer"
        threads(4, lambda n: visit(interface, app))
        check_outer(app)
    finally:
        ctx.pop()


def test_many_at_once_inside_of_a_context(way):
    """The canary: each with a marker, none sees another's."""
    app = Erlen("x")
    app.secret_key = "test"
    inside = threading.Semaphore(0)

    @app.before_request
    def before():
        g.n = request.headers["X-N"]
        session["n"] = g.n

    @app.route("/")
    @way.colour
    def index():
        inside.release()
        return f"{g.n} {session['n']} {request.headers['X-N']} {len(list(g))}"

    with app.app_context():
        if way.is_asgi:

            async def main():
                asked = [way.serve_here(app, headers={"X-N": str(n)}) for n in range(100)]
                return [answer.text for answer in await asyncio.gather(*asked)]

            found = asyncio.run(main())
        else:
            found = [way.ask(app, headers={"X-N": str(n)}).text for n in range(100)]
    assert found == [f"{n} {n} {n} 1" for n in range(100)]


def test_a_request_context_around_is_not_joined_either(way):
    """A view that calls another application, or its own, as a server would."""
    app = make(way)
    with app.test_request_context("/outer", headers={"X-N": "outer"}):
        g.outer = "outer"
        session["user"] = "outer"
        for _ in range(2):
            assert way.ask(app).text == "nobody None None"
            assert request.path == "/outer" and g.outer == "outer"
            assert session["user"] == "outer"


def test_an_application_inside_of_a_view_of_another(interface):
    inner = make(interface)
    outer = Erlen("outer")

    @outer.route("/")
    def index():
        g.outer = "outer"
        answer = interface.ask(inner, "/").text
        assert (current_app.name, request.path, g.outer) == ("outer", "/", "outer")
        return answer

    assert interface.ask(outer).text == "nobody None None"
    assert inner.extensions["ends"] == ["request", "app"]


def test_an_application_that_calls_itself_in_a_view(interface):
    app = make(interface)

    @app.route("/twice")
    def twice():
        g._login_user = "outer"
        text = interface.ask(app).text
        assert (g._login_user, request.path) == ("outer", "/twice")
        return text

    assert interface.ask(app, "/twice").text == "nobody None None"
    assert app.extensions["ends"] == ["request", "app"] * 2


def test_the_application_context_is_another_object_each_time(way, flask_name):
    app_ctx = flask_name("flask.globals.app_ctx")
    app = Erlen("x")
    seen = []

    @app.route("/")
    @way.colour
    def index():
        seen.append((app_ctx._get_current_object(), g._get_current_object()))
        return "index"

    with app.app_context():
        outer = app_ctx._get_current_object()
        way.ask(app)
        way.ask(app)
        assert app_ctx._get_current_object() is outer
    contexts = {id(context) for context, _ in seen} | {id(outer)}
    assert len(contexts) == 3
    assert len({id(namespace) for _, namespace in seen}) == 2


@pytest.mark.parametrize("is_inside", [False, True])
def test_no_context_is_left_where_the_server_runs(way, is_inside):
    app = make(way)
    seen = []

    def serve():
        before = has_app_context()
        if way.is_asgi:

            async def main():
                await way.serve_here(app)
                seen.append((before, has_app_context(), has_request_context()))

            asyncio.run(main())
        else:
            way.ask(app)
            seen.append((before, has_app_context(), has_request_context()))

    if is_inside:
        with app.app_context():
            serve()
    else:
        serve()
    assert seen == [(is_inside, is_inside, False)]


def test_a_client_that_leaves_inside_of_a_context(asgi, asgi_client, scope_of):
    app = make(asgi)
    began = []

    @app.route("/slow")
    async def slow():
        g.own = "own"
        began.append(True)
        await asyncio.Event().wait()

    with app.app_context():
        g.outer = "outer"

        async def main():
            task = asyncio.create_task(asgi.serve_here(app, "/slow"))
            while not began:
                await asyncio.sleep(0)
            task.cancel()
            await task
            check_outer(app)

        asyncio.run(main())
        check_outer(app)
    assert app.extensions["ends"] == ["request", "app", "app"]


def test_websockets_do_not_share_a_context(asgi, talk):
    from erlen import websocket

    app = Erlen("x")
    app.secret_key = "test"
    ends = []

    @app.websocket("/<name>")
    async def named(name):
        await websocket.send(f"{g.get('name')} {g.get('outer')} {session.get('name')}")
        g.name = name

    app.teardown_appcontext(lambda error: ends.append("app"))

    async def connect(name):
        return (await talk(app, f"/{name}"))[1]["text"]

    with app.app_context():
        g.outer = "outer"

        async def main():
            return [await connect("a"), await connect("b")]

        assert asyncio.run(main()) == ["None None None"] * 2
        assert list(g) == ["outer"]
    assert ends == ["app"] * 3
