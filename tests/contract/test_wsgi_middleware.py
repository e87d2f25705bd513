"""``app.wsgi_app = M(app.wsgi_app)``: it sees every HTTP request, on ASGI too, whatever the view
is."""

from __future__ import annotations

import asyncio
import threading

import pytest

from erlen import Erlen, current_app, request, session
from erlen.middleware.proxy_fix import ProxyFix
from erlen.testing.websocket import WebsocketRefused


def guard(inner, seen):
    """Refuses who has no token."""

    def guarded(environ, start_response):
        seen.append((environ["REQUEST_METHOD"], environ["PATH_INFO"]))
        if environ.get("HTTP_X_TOKEN") != "right":
            start_response("403 Forbidden", [("Content-Type", "text/plain")])
            return [b"refused"]
        return inner(environ, start_response)

    return guarded


@pytest.fixture
def app(way, tmp_path):
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "a.txt").write_text("a file")
    app = Erlen("guarded", root_path=str(tmp_path), static_folder="static")
    app.secret_key = "test"
    app.extensions["calls"] = calls = []

    @app.before_request
    def before():
        calls.append("before")

    @app.route("/")
    @way.colour
    def index():
        calls.append("view")
        return "index"

    @app.route("/part/<int:n>", methods=["GET", "POST"])
    @way.colour
    def part(n):
        return f"{n} {request.get_data(as_text=True)}"

    @app.route("/folder/")
    @way.colour
    def folder():
        return "folder"

    @app.route("/fail")
    @way.colour
    def fail():
        raise ZeroDivisionError

    # The other colour beside it.
    @app.route("/other")
    def other():
        return "other"

    @app.route("/other-async")
    async def other_async():
        return "other"

    return app


REQUESTS = [
    ("GET", "/", 200),
    ("HEAD", "/", 200),
    ("OPTIONS", "/", 200),
    ("POST", "/", 405),
    ("GET", "/part/7", 200),
    ("POST", "/part/7", 200),
    ("GET", "/folder", 308),
    ("GET", "/fail", 500),
    ("GET", "/nowhere", 404),
    ("GET", "/static/a.txt", 200),
    ("GET", "/static/nothing.txt", 404),
    ("GET", "/other", 200),
    ("GET", "/other-async", 200),
]


@pytest.mark.parametrize("is_warm", [False, True], ids=["first", "later"])
@pytest.mark.parametrize(("method", "path", "status"), REQUESTS)
def test_a_guard_refuses_every_request(way, app, method, path, status, is_warm):
    if is_warm:
        # It is set when requests have been answered already.
        for warm in ("/", "/other", "/other-async", path):
            way.ask(app, warm)
        app.extensions["calls"].clear()
    seen = []
    app.wsgi_app = guard(app.wsgi_app, seen)
    body = b"data" if method == "POST" else b""
    refused = way.ask(app, path, method, body)
    assert (refused.status, refused.body) == (403, b"refused")
    assert app.extensions["calls"] == []
    app.logger.disabled = True
    admitted = way.ask(app, path, method, body, {"X-Token": "right"})
    assert admitted.status == status
    assert seen == [(method, path)] * 2


def test_a_guard_leaves_the_answers_as_they_were(way, app):
    app.logger.disabled = True
    wanted = [way.ask(app, path, method) for method, path, _ in REQUESTS]
    app.wsgi_app = guard(app.wsgi_app, [])
    for (method, path, _), answer in zip(REQUESTS, wanted, strict=True):
        behind = way.ask(app, path, method, headers={"X-Token": "right"})
        assert (behind.status, behind.body) == (answer.status, answer.body)
        assert {k.lower() for k, _ in behind.headers} == {k.lower() for k, _ in answer.headers}


def test_a_guard_of_a_subclass_refuses(way):
    class Guarded(Erlen):
        def wsgi_app(self, environ, start_response):
            if "HTTP_X_TOKEN" not in environ:
                start_response("403 Forbidden", [])
                return [b"refused"]
            return super().wsgi_app(environ, start_response)

    app = Guarded("guarded")
    app.add_url_rule("/", "index", way.colour(lambda: "index"))
    for _ in range(2):
        assert way.ask(app).status == 403
        assert way.ask(app, headers={"X-Token": "1"}).text == "index"


def test_a_guard_that_is_taken_off_is_asked_no_more(way, app):
    seen = []
    inner = app.wsgi_app
    app.wsgi_app = guard(inner, seen)
    assert way.ask(app).status == 403
    app.wsgi_app = inner
    assert way.ask(app).text == "index"
    assert len(seen) == 1


def test_two_guards_are_asked_from_the_outside(way, app):
    order = []

    def marks(name, inner):
        def marked(environ, start_response):
            order.append(name)
            return inner(environ, start_response)

        return marked

    app.wsgi_app = marks("inner", app.wsgi_app)
    app.wsgi_app = marks("outer", app.wsgi_app)
    assert way.ask(app).text == "index"
    assert order == ["outer", "inner"]


def test_what_a_middleware_puts_into_the_environment_is_seen(way):
    app = Erlen("x")

    @app.route("/")
    @way.colour
    def index():
        return f"{request.environ['who']} {request.headers['X-Who']}"

    def login(inner):
        def logged_in(environ, start_response):
            environ["who"] = environ["HTTP_X_WHO"] = "ann"
            return inner(environ, start_response)

        return logged_in

    app.wsgi_app = login(app.wsgi_app)
    assert way.ask(app).text == "ann ann"


def test_a_middleware_can_change_path_and_method(way, app):
    def moves(inner):
        def moved(environ, start_response):
            environ["PATH_INFO"] = "/part/3"
            environ["REQUEST_METHOD"] = "POST"
            return inner(environ, start_response)

        return moved

    way.ask(app)
    app.wsgi_app = moves(app.wsgi_app)
    assert way.ask(app, "/nowhere").text == "3 "


@pytest.mark.parametrize("size", [10, 300_000])
def test_a_middleware_can_read_and_replace_the_body(way, app, size):
    from io import BytesIO

    def shouts(inner):
        def shouting(environ, start_response):
            body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])).upper()
            environ["wsgi.input"] = BytesIO(body)
            return inner(environ, start_response)

        return shouting

    app.wsgi_app = shouts(app.wsgi_app)
    assert way.ask(app, "/part/1", "POST", b"x" * size).text == "1 " + "X" * size


def test_a_session_is_kept_behind_a_middleware(way):
    app = Erlen("x")
    app.secret_key = "test"

    @app.route("/")
    @way.colour
    def index():
        session["n"] = session.get("n", 0) + 1
        return str(session["n"])

    app.wsgi_app = (lambda inner: lambda e, s: inner(e, s))(app.wsgi_app)
    first = way.ask(app)
    assert way.ask(app, headers=first.cookie).text == "2"


def test_it_runs_on_a_thread_and_async_views_on_their_loop(asgi):
    app = Erlen("x")
    ran = {}

    @app.route("/async")
    async def async_view():
        ran["view"] = threading.get_ident()
        ran["loop"] = asyncio.get_running_loop()
        return "async"

    @app.route("/sync")
    def sync_view():
        ran["view"] = threading.get_ident()
        return "sync"

    def notes(inner):
        def noting(environ, start_response):
            ran["middleware"] = threading.get_ident()
            return inner(environ, start_response)

        return noting

    app.wsgi_app = notes(app.wsgi_app)

    async def main():
        here, loop = threading.get_ident(), asyncio.get_running_loop()
        for _ in range(2):
            assert (await asgi.serve_here(app, "/async")).text == "async"
            assert ran["middleware"] != here
            assert ran["view"] == here and ran["loop"] is loop
            assert (await asgi.serve_here(app, "/sync")).text == "sync"
            assert ran["middleware"] == ran["view"] != here

    asyncio.run(main())


def test_requests_behind_a_middleware_are_not_mixed(way, threads):
    """Two hundred at once, each with a marker."""
    app = Erlen("x")

    @app.route("/<n>")
    @way.colour
    def index(n):
        return f"{n} {request.headers['X-N']} {request.environ['n']} {current_app.name}"

    def marks(inner):
        def marked(environ, start_response):
            environ["n"] = environ["HTTP_X_N"]
            return inner(environ, start_response)

        return marked

    app.wsgi_app = marks(app.wsgi_app)
    way.ask(app, "/0", headers={"X-N": "0"})
    numbers = [str(n) for n in range(200)]
    wanted = [f"{n} {n} {n} x" for n in numbers]
    if way.is_asgi:

        async def main():
            asked = (way.serve_here(app, f"/{n}", headers={"X-N": n}) for n in numbers)
            return [answer.text for answer in await asyncio.gather(*asked)]

        assert asyncio.run(main()) == wanted
        return
    found = {}

    def ask(first):
        for n in numbers[first::8]:
            found[n] = way.ask(app, f"/{n}", headers={"X-N": n}).text

    threads(8, ask)
    assert [found[n] for n in numbers] == wanted


# -- middleware that covers both interfaces --------------------------------------------------

FORWARDED = {"X-Forwarded-For": "1.2.3.4", "X-Forwarded-Proto": "https"}


@pytest.fixture
def client_app(way):
    app = Erlen("x")
    app.extensions["ran"] = ran = {}

    @app.route("/")
    @way.colour
    def index():
        if way.is_async:
            ran["task"] = asyncio.current_task()
        return f"{request.remote_addr} {request.scheme}"

    return app


@pytest.mark.parametrize("both", [False, True], ids=["wsgi_app", "wsgi_app and asgi_app"])
def test_erlens_proxy_fix_works_on_both_interfaces(way, client_app, both):
    app = client_app
    way.ask(app)
    app.wsgi_app = ProxyFix(app.wsgi_app)
    if both:
        app.asgi_app = ProxyFix(app.asgi_app)
    for _ in range(2):
        assert way.ask(app, headers=FORWARDED).text == "1.2.3.4 https"


def test_erlens_proxy_fix_keeps_the_loop(asgi):
    app = Erlen("x")
    ran = []

    @app.route("/")
    async def index():
        ran.append(asyncio.current_task())
        return request.remote_addr

    app.wsgi_app = ProxyFix(app.wsgi_app)

    async def main():
        for _ in range(2):
            answer = await asgi.serve_here(app, headers=FORWARDED)
            assert answer.text == "1.2.3.4"
            # No thread is between: the server's own task ran the view.
            assert ran.pop() is asyncio.current_task()

    asyncio.run(main())


def test_it_says_so_by_an_attribute():
    marks = [name for name, value in vars(ProxyFix).items() if value is True]
    assert len(marks) == 1
    assert ProxyFix.__doc__ is not None


@pytest.mark.parametrize("order", ["fix outside", "fix inside"])
def test_a_guard_beside_proxy_fix_is_not_skipped(way, client_app, order):
    app = client_app
    seen = []
    if order == "fix outside":
        app.wsgi_app = ProxyFix(guard(app.wsgi_app, seen))
    else:
        app.wsgi_app = guard(ProxyFix(app.wsgi_app), seen)
    for _ in range(2):
        assert way.ask(app, headers=FORWARDED).status == 403
        assert way.ask(app, headers={**FORWARDED, "X-Token": "right"}).text == "1.2.3.4 https"
    assert len(seen) == 4


def test_a_subclass_of_proxy_fix_with_a_wsgi_call_of_its_own_is_called(way, client_app):
    """What it inherits says that it covers both; what it wrote covers one."""
    calls = []

    class Counting(ProxyFix):
        def __call__(self, environ, start_response):
            calls.append(environ["PATH_INFO"])
            return super().__call__(environ, start_response)

    client_app.wsgi_app = Counting(client_app.wsgi_app)
    for _ in range(2):
        assert way.ask(client_app, headers=FORWARDED).text == "1.2.3.4 https"
    assert calls == ["/", "/"]


def test_whitenoise_serves_its_files_and_passes_on_the_rest(way, app, tmp_path, missing):
    try:
        from whitenoise import WhiteNoise
    except ModuleNotFoundError:
        missing("whitenoise is not installed (make agents installs it)")
    (tmp_path / "public").mkdir()
    (tmp_path / "public" / "b.txt").write_text("b file" * 1000)
    app.wsgi_app = WhiteNoise(app.wsgi_app, root=tmp_path / "public", prefix="public/")
    for _ in range(2):
        answer = way.ask(app, "/public/b.txt")
        assert answer.text == "b file" * 1000
        assert answer.get("Content-Length") == "6000"
        piece = way.ask(app, "/public/b.txt", headers={"Range": "bytes=0-5"})
        assert (piece.status, piece.text) == (206, "b file")
        assert way.ask(app, "/public/b.txt", "HEAD").body == b""
        assert way.ask(app, "/").text == "index"
        assert way.ask(app, "/part/2", "POST", b"x").text == "2 x"
        assert way.ask(app, "/public/nothing").status == 404


# -- what no WSGI middleware can see ---------------------------------------------------------


def start(app, way):
    """Start on ASGI, by the lifespan protocol."""

    async def main():
        messages = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]
        sent = []

        async def receive():
            return messages.pop(0)

        async def send(message):
            sent.append(message["type"])

        await app({"type": "lifespan", "asgi": {"version": "3.0"}}, receive, send)
        return sent

    assert asyncio.run(main()) == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


def with_websocket(has_it):
    app = Erlen("x")
    app.add_url_rule("/", "index", lambda: "index")
    if has_it:

        @app.websocket("/ws")
        async def echo():
            pass

    return app


@pytest.mark.parametrize("by", ["lifespan", "first request"])
@pytest.mark.parametrize("has_websocket", [True, False])
def test_a_websocket_route_beside_a_wsgi_middleware_warns_at_start(asgi, warned, has_websocket, by):
    app = with_websocket(has_websocket)
    app.wsgi_app = guard(app.wsgi_app, [])
    with warned() as texts:
        if by == "lifespan":
            start(app, asgi)
        asgi.serve(app)
        asgi.serve(app)
    told = [text for text in texts if "wsgi_app" in text and "websocket" in text.lower()]
    assert len(told) == has_websocket, texts


def test_what_covers_both_warns_of_nothing(asgi, warned):
    app = with_websocket(True)
    app.wsgi_app = ProxyFix(app.wsgi_app)
    with warned() as texts:
        start(app, asgi)
        asgi.serve(app)
    assert texts == []


def test_no_middleware_warns_of_nothing(asgi, warned):
    app = with_websocket(True)
    with warned() as texts:
        start(app, asgi)
        asgi.serve(app)
    assert texts == []


def test_a_middleware_that_takes_both_sees_websockets(monkeypatch):
    monkeypatch.setenv("ERLEN_TEST_INTERFACE", "asgi")
    kinds = []

    class Both:
        takes_asgi = True

        def __init__(self, app):
            self.app = app

        def __call__(self, environ, start_response, send=None):
            if send is None:
                return self.app(environ, start_response)
            kinds.append(environ["type"])
            return self.app(environ, start_response, send)

    app = with_websocket(True)
    app.wsgi_app = Both(app.wsgi_app)
    # Its view does not accept.
    with pytest.raises(WebsocketRefused), app.test_client().websocket("/ws"):
        pass
    assert kinds == ["websocket"]
