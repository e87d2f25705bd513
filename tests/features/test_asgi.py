"""What applications do on ASGI alone, or that could go wrong there."""

from __future__ import annotations

import asyncio
import contextvars
import threading

import pytest
from asking import is_async

from erlen import (
    Blueprint,
    Erlen,
    Request,
    Response,
    abort,
    current_app,
    g,
    request,
    session,
    stream_request_body,
    stream_with_context,
    websocket,
)
from erlen.testing.asgi import make_scope
from erlen.testing.asgi_validation import validated
from erlen.testing.builder import create_environ


@pytest.fixture
def app():
    app = Erlen("async")
    app.secret_key = "test"
    app.extensions["calls"] = []
    return app


def run(test):
    """Run an async test on a loop of its own."""
    return asyncio.run(asyncio.wait_for(test, 20))


async def call(app, path="/", method="GET", messages=None, headers=()):
    """What the application sends for these messages; then it is told nothing more."""
    scope = make_scope(create_environ(path, method=method))
    scope["headers"] = [h for h in scope["headers"] if h[0] != b"content-length"] + list(headers)
    waiting = list(messages or [{"type": "http.request", "body": b"", "more_body": False}])
    sent = []

    async def receive():
        if waiting:
            message = waiting.pop(0)
            return await message() if callable(message) else message
        await asyncio.sleep(60)

    async def send(message):
        sent.append(message)

    await app(scope, receive, send)
    return sent


# -- where functions run ---------------------------------------------------------------------


def test_async_views_run_on_the_loop_and_others_on_threads(app):
    here = threading.get_ident()

    @app.route("/async")
    async def async_view():
        return {"thread": threading.get_ident(), "loop": id(asyncio.get_running_loop())}

    @app.route("/sync")
    def sync_view():
        return {"thread": threading.get_ident()}

    async def test():
        client = app.async_test_client()
        answer = (await client.get("/async")).json
        assert answer == {"thread": here, "loop": id(asyncio.get_running_loop())}
        assert (await client.get("/sync")).json["thread"] != here

    run(test())


def test_mixed_chains_run_in_the_order_of_wsgi(app):
    calls = app.extensions["calls"]
    part = Blueprint("part", __name__)
    here = []

    def note(name):
        calls.append((name, threading.get_ident() in here))

    app.before_request(lambda: note("sync before"))

    @app.before_request
    async def async_before():
        note("async before")

    part.before_request(lambda: note("part before"))

    @part.route("/")
    async def view():
        note("view")
        raise KeyError

    @app.errorhandler(KeyError)
    def handler(error):
        note("sync handler")
        return "handled"

    @app.after_request
    async def async_after(response):
        note("async after")
        return response

    @part.after_request
    def part_after(response):
        note("part after")
        return response

    @app.teardown_request
    def teardown(error):
        note("teardown")

    app.register_blueprint(part)

    async def test():
        here.append(threading.get_ident())
        assert (await app.async_test_client().get("/")).text == "handled"

    run(test())
    assert calls == [
        ("sync before", False),
        ("async before", True),
        ("part before", False),
        ("view", True),
        ("sync handler", False),
        ("part after", False),
        ("async after", True),
        ("teardown", False),
    ]
    calls.clear()
    here.clear()
    app.test_client(interface="wsgi").get("/")
    assert [name for name, _ in calls] == [
        "sync before", "async before", "part before", "view", "sync handler",
        "part after", "async after", "teardown",
    ]  # fmt: skip


def test_context_variables_go_from_hooks_to_views(app):
    variable = contextvars.ContextVar("variable", default="unset")

    @app.before_request
    def sync_before():
        variable.set("from the hook")
        g.x = 1

    @app.route("/")
    async def view():
        return f"{variable.get()} {g.x} {current_app.name}"

    async def test():
        client = app.async_test_client()
        assert (await client.get("/")).text == "from the hook 1 async"
        assert variable.get() == "unset"

    run(test())


def test_an_overridden_method_is_called(app):
    class Own(Erlen):
        def dispatch_request(self):
            return f"own {super().dispatch_request()}"

    own = Own("own")

    @own.route("/async")
    async def async_view():
        return "async"

    own.route("/sync", endpoint="sync")(lambda: "sync")

    async def test():
        client = own.async_test_client()
        # The view is awaited on this loop, from the thread of the walk.
        assert (await client.get("/async")).text.startswith("own <coroutine") is False
        assert (await client.get("/async")).text == "own async"
        assert (await client.get("/sync")).text == "own sync"

    run(test())


def test_async_code_can_wait_for_other_requests(app):
    event = []

    @app.route("/wait")
    async def wait():
        event.append(asyncio.Event())
        await event[0].wait()
        return "woken"

    @app.route("/wake")
    async def wake():
        event[0].set()
        return "set"

    async def test():
        client = app.async_test_client()
        waiting = asyncio.create_task(client.get("/wait"))
        while not event:
            await asyncio.sleep(0.001)
        assert (await client.get("/wake")).text == "set"
        assert (await waiting).text == "woken"

    run(test())


def test_a_full_pool_answers_503(app, monkeypatch):
    from erlen.workers import pool

    monkeypatch.setattr(pool, "_pool", pool.ThreadPool(1, 1))
    app.config.update(THREAD_POOL_SIZE=1, THREAD_POOL_MAX_WAITING=1)
    release = threading.Event()

    @app.route("/")
    def slow():
        release.wait(10)
        return "done"

    async def test():
        await asyncio.to_thread(app._begin)
        requests = [asyncio.create_task(call(app)) for _ in range(4)]
        await asyncio.sleep(0.2)
        release.set()
        answers = await asyncio.gather(*requests)
        assert sorted(answer[0]["status"] for answer in answers) == [200, 200, 503, 503]
        refused = next(answer for answer in answers if answer[0]["status"] == 503)
        assert dict(refused[0]["headers"])[b"retry-after"] == b"1"

    run(test())


# -- bodies ----------------------------------------------------------------------------------


@pytest.mark.parametrize("is_async", [True, False])
def test_one_api_for_the_body(app, is_async):
    def answer():
        return {
            "form": request.form.get("a"),
            "file": request.files["f"].read().decode() if "f" in request.files else None,
            "json": request.get_json(silent=True),
            "data": request.get_data(as_text=True),
        }

    async def async_view():
        return answer()

    app.add_url_rule("/", "view", async_view if is_async else answer, methods=["POST"])

    async def test():
        client = app.async_test_client()
        sent = (await client.post("/", data={"a": "1"})).json
        assert sent["form"] == "1"
        sent = (await client.post("/", json={"b": 2})).json
        assert sent["json"] == {"b": 2} and sent["data"] == '{"b": 2}'
        big = b"x" * 300_000
        from io import BytesIO

        data = {"a": "1", "f": (BytesIO(big), "f.txt")}
        sent = (await client.post("/", data=data)).json
        assert sent["form"] == "1" and sent["file"] == big.decode()

    run(test())


PIECES = [
    {"type": "http.request", "body": b"one", "more_body": True},
    {"type": "http.request", "body": b"", "more_body": True},
    {"type": "http.request", "body": b"two", "more_body": True},
    {"type": "http.request", "body": b"three", "more_body": False},
]


@pytest.mark.parametrize("streams", [True, False])
def test_async_views_iterate_the_stream(app, streams):
    @app.post("/")
    async def view():
        return {"pieces": [piece.decode() async for piece in request.stream]}

    if streams:
        app.view_functions["view"] = stream_request_body(view)

    async def test():
        _, body = await call(app, method="POST", messages=PIECES)
        expected = b'["one","two","three"]' if streams else b'["onetwothree"]'
        assert expected in body["body"]

    run(test())


@pytest.mark.parametrize("around", [False, True], ids=["plain", "behind WSGI middleware"])
@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT"])
@pytest.mark.parametrize("body", [None, b"", b"some"])
def test_a_streaming_view_takes_any_body(app, interface, method, body, around):
    @app.route("/", methods=["GET", "DELETE", "PUT"])
    @stream_request_body
    async def view():
        return b"".join([piece async for piece in request.stream])

    app.config["MAX_CONTENT_LENGTH"] = None
    if around:
        inner = app.wsgi_app
        app.wsgi_app = lambda environ, start: inner(environ, start)
    answer = app.test_client().open("/", method=method, data=body)
    assert (answer.status_code, answer.data) == (200, body or b"")


def test_a_streaming_view_gets_pieces_before_the_rest_was_sent(app):
    seen = app.extensions["calls"]

    @app.post("/")
    @stream_request_body
    async def view():
        async for piece in request.stream:
            seen.append(piece)
        return "end"

    async def last():
        assert seen == [b"first"]
        return {"type": "http.request", "body": b"last", "more_body": False}

    async def test():
        first = {"type": "http.request", "body": b"first", "more_body": True}
        sent = await call(app, method="POST", messages=[first, last])
        assert sent[0]["status"] == 200
        assert seen == [b"first", b"last"]

    run(test())


def test_what_needs_the_unread_body_says_what_to_do(app):
    app.testing = True

    @app.post("/")
    @stream_request_body
    async def view():
        return request.form["a"]

    async def test():
        with pytest.raises(RuntimeError, match=r"async for chunk in request\.stream"):
            form = (b"content-type", b"application/x-www-form-urlencoded")
            await call(app, method="POST", messages=PIECES, headers=[form])

    run(test())


@pytest.mark.parametrize("announced", [True, False])
@pytest.mark.parametrize("kind", ["sync", "async", "stream"])
def test_the_limit_holds_whatever_is_announced(app, kind, announced):
    app.config["MAX_CONTENT_LENGTH"] = 5

    def sync():
        return request.get_data()

    async def received():
        return request.get_data()

    @stream_request_body
    async def stream():
        return b"".join([piece async for piece in request.stream])

    view = {"sync": sync, "async": received, "stream": stream}[kind]
    app.add_url_rule("/", "view", view, methods=["POST"])

    async def test():
        headers = [(b"content-length", b"11")] if announced else []
        sent = await call(app, method="POST", messages=PIECES, headers=headers)
        assert sent[0]["status"] == 413

    run(test())


class LimitByPath(Request):
    @property
    def max_content_length(self):
        session.get("user")
        limits = {"/small": 5, "/big": 20}
        if request.path == "/abort":
            abort(418)
        return limits[request.path.removesuffix("/")]


@pytest.mark.parametrize("is_async", [True, False])
@pytest.mark.parametrize(
    ("path", "status", "text"),
    [
        ("/big", 200, "onetwothree"),
        ("/small", 413, "handled 413"),
        ("/abort", 418, "handled 418"),
        ("/unknown", 500, "handled KeyError"),
    ],
)
def test_a_limit_of_the_applications_own_looks_at_the_request(app, path, status, text, is_async):
    app.request_class = LimitByPath
    ended = []

    async def received(name):
        return request.get_data()

    def sync(name):
        return request.get_data()

    app.add_url_rule("/<name>", "view", received if is_async else sync, methods=["POST"])
    app.register_error_handler(413, lambda error: ("handled 413", 413))
    app.register_error_handler(418, lambda error: ("handled 418", 418))
    app.register_error_handler(KeyError, lambda error: ("handled KeyError", 500))
    app.teardown_request(lambda error: ended.append(request.path))

    async def test():
        start, body, *_ = await call(app, path, method="POST", messages=PIECES)
        assert (start["status"], body["body"].decode()) == (status, text)
        assert ended == [path]

    run(test())


@pytest.mark.parametrize("announced", [True, False])
def test_a_limit_that_a_hook_raises_comes_too_late_for_the_loop(app, announced):
    app.config["MAX_CONTENT_LENGTH"] = 5
    app.testing = True

    @app.before_request
    def welcome():
        request.max_content_length = 100

    @app.post("/")
    async def view():
        return request.get_data()

    @app.post("/pieces")
    async def pieces():
        return b"".join([piece async for piece in request.stream])

    async def test():
        headers = [(b"content-length", b"11")] if announced else []
        with pytest.raises(RuntimeError, match="MAX_CONTENT_LENGTH, or make"):
            await call(app, method="POST", messages=PIECES, headers=headers)
        sent = await call(app, "/pieces", method="POST", messages=PIECES, headers=headers)
        assert sent[1]["body"] == b"onetwothree"

    run(test())


@pytest.mark.parametrize("kind", ["sync", "async", "stream"])
def test_a_client_that_leaves_in_the_middle_of_its_body(app, kind):
    calls = app.extensions["calls"]

    def sync():
        calls.append("called")
        data = request.get_data()
        calls.append("wrong")
        return data

    async def received():
        calls.append("wrong")

    @stream_request_body
    async def stream():
        calls.append("called")
        async for _ in request.stream:
            pass
        calls.append("wrong")

    view = {"sync": sync, "async": received, "stream": stream}[kind]
    app.add_url_rule("/", "view", view, methods=["POST"])
    app.teardown_request(lambda error: calls.append("teardown"))

    async def test():
        messages = [PIECES[0], {"type": "http.disconnect"}]
        await call(app, method="POST", messages=messages)

    run(test())
    assert calls == (["teardown"] if kind == "async" else ["called", "teardown"])


@pytest.mark.parametrize("kind", ["sync", "async", "stream"])
def test_a_client_that_is_too_slow_gets_408(app, kind):
    app.config["BODY_TIMEOUT"] = 0.2

    def sync():
        return request.get_data()

    async def received():
        return request.get_data()

    @stream_request_body
    async def stream():
        return b"".join([piece async for piece in request.stream])

    view = {"sync": sync, "async": received, "stream": stream}[kind]
    app.add_url_rule("/", "view", view, methods=["POST"])

    async def slow():
        await asyncio.sleep(0.08)
        return {"type": "http.request", "body": b"x", "more_body": True}

    async def test():
        sent = await call(app, method="POST", messages=[slow] * 5)
        assert sent[0]["status"] == 408
        # One that sends enough may take longer.
        much = [{"type": "http.request", "body": b"x" * 4096, "more_body": True}]
        messages = [*much, slow, slow, slow, PIECES[-1]]
        assert (await call(app, method="POST", messages=messages))[0]["status"] == 200

    run(test())


# -- responses -------------------------------------------------------------------------------


@pytest.mark.parametrize("view_is_async", [True, False])
@pytest.mark.parametrize("body_is_async", [True, False])
def test_streams(app, interface, view_is_async, body_is_async):
    calls = app.extensions["calls"]

    async def async_body():
        try:
            for n in range(3):
                await asyncio.sleep(0)
                yield f"{n} {request.args['q']}\n"
        finally:
            calls.append("closed")

    def sync_body():
        try:
            for n in range(3):
                yield f"{n} {request.args['q']}\n"
        finally:
            calls.append("closed")

    def sync_view():
        return stream_with_context(async_body() if body_is_async else sync_body())

    async def async_view():
        return sync_view()

    app.add_url_rule("/", "view", async_view if view_is_async else sync_view)
    app.teardown_request(lambda error: calls.append(f"teardown {error} {request.args['q']}"))
    response = app.test_client().get("/?q=x")
    assert response.text == "0 x\n1 x\n2 x\n"
    response.close()
    assert calls == ["closed", "teardown None x"]


def test_pieces_are_sent_as_they_come(app):
    async def events():
        for n in range(2):
            yield f"data: {n}\n\n"

    @app.route("/events")
    async def view():
        return Response(events(), mimetype="text/event-stream")

    async def test():
        sent = await call(app, "/events")
        assert [m.get("body") for m in sent[1:]] == [b"data: 0\n\n", b"data: 1\n\n", b""]
        assert [m["more_body"] for m in sent[1:]] == [True, True, False]

    run(test())


@pytest.mark.parametrize("body_is_async", [True, False])
def test_a_body_that_fails_leaves_the_response_without_its_end(app, body_is_async):
    calls = app.extensions["calls"]

    async def async_body():
        yield "one"
        raise ZeroDivisionError

    def sync_body():
        yield "one"
        raise ZeroDivisionError

    @app.route("/")
    async def view():
        response = Response(async_body() if body_is_async else sync_body())
        response.call_on_close(lambda: calls.append("closed"))
        return response

    sent = []

    async def test():
        async def receive():
            await asyncio.sleep(60)

        async def send(message):
            sent.append(message)

        await app(make_scope(create_environ("/")), receive, send)

    with pytest.raises(ZeroDivisionError):
        run(test())
    assert [m.get("more_body") for m in sent] == [None, True]
    assert calls == ["closed"]


@pytest.mark.parametrize("body_is_async", [True, False])
def test_a_client_that_leaves_closes_the_body(app, body_is_async):
    calls = app.extensions["calls"]
    gone = []

    async def async_body():
        try:
            while True:
                await asyncio.sleep(0.005)
                yield "more"
        finally:
            calls.append("closed")

    def sync_body():
        try:
            while True:
                threading.Event().wait(0.005)
                yield "more"
        finally:
            calls.append("closed")

    @app.route("/")
    def view():
        return stream_with_context(async_body() if body_is_async else sync_body())

    app.teardown_request(lambda error: calls.append("teardown"))

    async def leave():
        await gone[0].wait()
        return {"type": "http.disconnect"}

    async def test():
        gone.append(asyncio.Event())
        asyncio.get_running_loop().call_later(0.05, gone[0].set)
        sent = await call(app, messages=[leave])
        assert len(sent) > 2

    run(test())
    assert calls == ["closed", "teardown"]


def test_a_client_that_leaves_cancels_an_async_view(app):
    calls = app.extensions["calls"]

    @app.route("/")
    async def view():
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            calls.append("cancelled")
            raise

    app.teardown_request(lambda error: calls.append("teardown"))

    async def test():
        assert await call(app, messages=[{"type": "http.disconnect"}]) == []
        # Nothing of it is left for what comes next.
        assert asyncio.current_task().cancelling() == 0

    run(test())
    assert calls == ["cancelled", "teardown"]


def test_a_server_that_stops_cancels_an_async_view(app):
    calls = app.extensions["calls"]
    begun = []

    @app.route("/")
    async def view():
        begun[0].set()
        await asyncio.sleep(60)

    app.teardown_request(lambda error: calls.append(type(error).__name__))

    async def test():
        begun.append(asyncio.Event())
        task = asyncio.create_task(call(app))
        await begun[0].wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(test())
    assert calls == ["CancelledError"]


# -- errors ----------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["before", "view", "after", "teardown", "handler"])
def test_errors_everywhere_are_one_answer_and_all_teardowns_run(app, where, caplog):
    calls = app.extensions["calls"]

    def fail(place):
        if place == where:
            raise ZeroDivisionError(place)

    @app.before_request
    async def before():
        fail("before")

    @app.route("/")
    async def view():
        if where == "handler":
            raise KeyError
        fail("view")
        return "ok"

    @app.errorhandler(KeyError)
    async def handler(error):
        fail("handler")

    @app.after_request
    def after(response):
        if not calls:
            calls.append("after")
            fail("after")
        return response

    @app.teardown_request
    def first(error):
        calls.append("first")

    @app.teardown_request
    async def second(error):
        calls.append("second")
        fail("teardown")

    async def test():
        return await call(app)

    sent = run(test())
    # Where the response is there already, it stands.
    assert sent[0]["status"] == (200 if where == "teardown" else 500)
    assert [m["type"] for m in sent] == ["http.response.start", "http.response.body"]
    assert caplog.text.count(f"ZeroDivisionError: {where}") == 1
    assert calls[-2:] == ["second", "first"]


def test_two_host_headers_are_refused(app):
    @app.route("/")
    async def view():
        return "ok"

    async def test():
        await call(app)
        sent = await call(app, headers=[(b"host", b"other.test")])
        assert sent[0]["status"] == 400

    run(test())


def test_a_header_with_an_underscore_is_not_taken_for_another(app):
    @app.route("/")
    async def view():
        return request.headers.get("X-Forwarded-For", "none")

    async def test():
        _, body = await call(app, headers=[(b"x_forwarded_for", b"6.6.6.6")])
        assert body["body"] == b"none"

    run(test())


def test_concurrent_requests_see_their_own_context(app):
    @app.before_request
    def sync_before():
        g.n = request.args["n"]

    @app.route("/async")
    async def async_view():
        session["n"] = request.args["n"]
        await asyncio.sleep(0.001)
        return f"{g.n} {request.args['n']} {session['n']}"

    @app.route("/sync")
    def sync_view():
        session["n"] = request.args["n"]
        return f"{g.n} {request.args['n']} {session['n']}"

    async def test():
        async def one(n):
            path = "/async" if n % 2 else "/sync"
            sent = await call(app, f"{path}?n={n}")
            assert sent[1]["body"] == f"{n} {n} {n}".encode()

        await asyncio.gather(*(one(n) for n in range(300)))

    run(test())


# -- what the specification leaves open ------------------------------------------------------


@pytest.mark.parametrize(
    "changed",
    [
        {"extensions": None},
        {"root_path": None},
        {"headers": iter([(b"host", b"localhost"), (b"x-a", b"b")])},
        {"headers": ((b"host", b"localhost"), (b"x-a", b"b"))},
        {"query_string": ...},
        {"http_version": ...},
        {"scheme": ...},
        {"client": None},
        {"server": None},
    ],
    ids=lambda changed: " ".join(changed),
)
@pytest.mark.parametrize("kind", ["http", "stream", "websocket"])
@pytest.mark.parametrize("around", [False, True], ids=["plain", "behind WSGI middleware"])
def test_scopes_that_the_specification_allows(app, kind, changed, around):
    changed = dict(changed)
    if not isinstance(changed.get("headers", []), (list, tuple)):
        changed["headers"] = iter([(b"host", b"localhost"), (b"x-a", b"b")])

    @app.get("/http")
    async def plain():
        return request.url

    @app.get("/stream")
    def stream():
        return iter([request.url])

    @app.websocket("/websocket")
    async def socket():
        await websocket.send(websocket.url)
        await websocket.close()

    if around:
        inner = app.wsgi_app
        app.wsgi_app = lambda environ, start: inner(environ, start)
    scope = make_scope(create_environ(f"/{kind}"))
    if kind == "websocket":
        scope = {**scope, "type": "websocket", "scheme": "ws"}
    scope = {name: value for name, value in {**scope, **changed}.items() if value is not ...}
    waiting = ["http.request", "http.disconnect"]
    if kind == "websocket":
        waiting = ["websocket.connect", "websocket.disconnect"]
    sent = []

    async def receive():
        if len(waiting) == 1:
            await asyncio.sleep(10)
        return {"type": waiting.pop(0)}

    async def send(message):
        sent.append(message)

    run(app(scope, receive, send))
    if kind == "websocket":
        assert sent[1]["text"] == "ws://localhost/websocket"
    else:
        text = b"".join(message.get("body", b"") for message in sent)
        assert (sent[0]["status"], text) == (200, f"http://localhost/{kind}".encode())


# -- start-up, shut-down, background ---------------------------------------------------------


async def lifespan(app, during):
    """Run ``during()`` while the application is served."""
    to_app, from_app = asyncio.Queue(), asyncio.Queue()
    task = asyncio.create_task(
        validated(app)({"type": "lifespan", "asgi": {"version": "3.0"}}, to_app.get, from_app.put)
    )
    to_app.put_nowait({"type": "lifespan.startup"})
    first = await from_app.get()
    if first["type"] == "lifespan.startup.complete":
        await during()
        to_app.put_nowait({"type": "lifespan.shutdown"})
        second = await from_app.get()
        await task
        return first, second
    await task
    return (first,)


def serving_app(app):
    calls = app.extensions["calls"]

    @app.before_serving
    async def before():
        calls.append(f"before {current_app.name}")

    @app.before_serving
    def sync_before():
        calls.append("sync before")

    @app.while_serving
    async def during():
        calls.append("begin")
        yield
        calls.append("end")

    @app.after_serving
    async def after():
        calls.append("after")

    app.route("/", endpoint="index")(lambda: calls.append("request") or "ok")
    return calls


def test_lifespan(app):
    calls = serving_app(app)

    async def during():
        assert calls == ["before async", "sync before", "begin"]
        await call(app)

    async def test():
        messages = await lifespan(app, during)
        assert [m["type"] for m in messages] == [
            "lifespan.startup.complete",
            "lifespan.shutdown.complete",
        ]

    run(test())
    assert calls == ["before async", "sync before", "begin", "request", "end", "after"]


def test_without_lifespan_the_first_request_starts_up(app, interface):
    calls = serving_app(app)
    client = app.test_client()
    client.get("/")
    client.get("/")
    assert calls == ["before async", "sync before", "begin", "request", "request"]
    # What the end of the process does.
    from erlen.gateways.lifespan import shutdown
    from erlen.workers.loop import run_blocking

    run_blocking(shutdown(app))
    assert calls[-2:] == ["end", "after"]


@pytest.mark.parametrize("cancelled", [0, 2], ids=["the one that starts up", "one that waits"])
def test_a_first_request_that_is_cancelled_leaves_the_others(app, cancelled):
    @app.before_serving
    async def connect():
        await asyncio.sleep(0.05)

    @app.get("/")
    async def index():
        return "ok"

    async def main():
        tasks = [asyncio.create_task(call(app)) for _ in range(4)]
        await asyncio.sleep(0.01)
        tasks.pop(cancelled).cancel()
        for start, body in await asyncio.gather(*tasks):
            assert (start["status"], body["body"]) == (200, b"ok")

    run(main())


@pytest.mark.parametrize("by", ["the first request", "the server"])
def test_a_failed_start_is_tried_again(app, caplog, by):
    log = []

    @app.before_serving
    def connect():
        log.append("connect")

    @app.while_serving
    async def pool():
        log.append("up")
        yield
        log.append("down")

    @app.while_serving
    async def check():
        if log.count("up") == 1:
            raise OSError("no database")
        yield

    @app.get("/")
    async def index():
        return "ok"

    async def main():
        if by == "the server":
            (message,) = await lifespan(app, None)
            assert message["type"] == "lifespan.startup.failed"
        else:
            with pytest.raises(OSError, match="no database"):
                await call(app)
        assert log == ["connect", "up", "down"]
        assert (await call(app))[0]["status"] == 200
        assert log == ["connect", "up", "down", "connect", "up"]

    run(main())


def test_a_failed_start_is_told_to_the_server(app, caplog):
    @app.before_serving
    async def before():
        raise ZeroDivisionError("no database")

    async def test():
        (message,) = await lifespan(app, None)
        assert message["type"] == "lifespan.startup.failed"
        assert "no database" in message["message"]

    run(test())
    assert "no database" in caplog.text


def test_background_tasks(app, interface):
    calls = app.extensions["calls"]
    done = threading.Event()

    async def async_task(n):
        calls.append(f"async {n} {current_app.name}")

    def sync_task(n, *, last):
        calls.append(f"sync {n} {current_app.name}")
        if last:
            done.set()

    @app.route("/")
    def view():
        app.add_background_task(async_task, 1)
        app.add_background_task(sync_task, 2, last=True)
        return "ok"

    assert app.test_client().get("/").text == "ok"
    assert done.wait(5)
    for _ in range(100):
        if len(calls) == 2:
            break
        threading.Event().wait(0.02)
    assert sorted(calls) == ["async 1 async", "sync 2 async"]


def test_background_tasks_are_awaited_at_shut_down_within_a_limit(app, caplog):
    calls = app.extensions["calls"]
    app.config["BACKGROUND_TASK_SHUTDOWN_TIMEOUT"] = 0.2

    async def short():
        await asyncio.sleep(0.05)
        calls.append("short")

    async def long():
        await asyncio.sleep(60)
        calls.append("wrong")

    async def failing():
        raise ZeroDivisionError("in the background")

    async def leaving():
        raise SystemExit("nobody else ends")

    @app.route("/")
    async def view():
        for task in (short, long, failing, leaving):
            app.add_background_task(task)
        return "ok"

    async def during():
        await call(app)

    async def test():
        await lifespan(app, during)

    run(test())
    assert calls == ["short"]
    assert "in the background" in caplog.text
    assert "nobody else ends" in caplog.text


# -- what servers look for -------------------------------------------------------------------


def test_the_interfaces_have_names(app):
    assert is_async(app.asgi)
    assert is_async(app.__call__)
    assert not is_async(app.wsgi)
    app.route("/", endpoint="index")(lambda: "ok")
    body = app.wsgi(create_environ("/"), lambda *args: None)
    assert b"".join(body) == b"ok"


def test_asgi_2_is_answered(app):
    @app.route("/")
    async def view():
        return "ok"

    async def test():
        scope = make_scope(create_environ("/"))
        sent = []

        async def receive():
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message):
            sent.append(message)

        await app(scope)(receive, send)
        assert sent[1]["body"] == b"ok"

    run(test())


def test_middleware_wraps_the_asgi_application(app):
    @app.route("/")
    async def view():
        return request.headers["X-Added"]

    inner = app.asgi_app

    async def middleware(scope, receive, send):
        if scope["type"] == "http":
            scope = {**scope, "headers": [*scope["headers"], (b"x-added", b"yes")]}
        await inner(scope, receive, send)

    app.asgi_app = middleware
    assert app.test_client(interface="asgi").get("/").text == "yes"


def test_a_mounted_application(app):
    @app.route("/where")
    async def view():
        return f"{request.script_root} {request.path} {request.url}"

    async def test():
        scope = make_scope(create_environ("/where", base_url="http://localhost/mount"))
        assert (scope["path"], scope["root_path"]) == ("/mount/where", "/mount")
        sent = []

        async def receive():
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message):
            sent.append(message)

        for _ in range(2):
            await app(scope, receive, send)
        assert sent[-1]["body"] == b"/mount /where http://localhost/mount/where"

    run(test())


def test_abort_in_an_async_view(app):
    @app.route("/")
    async def view():
        abort(404, "not here")

    async def test():
        response = await app.async_test_client().get("/")
        assert response.status_code == 404
        assert "not here" in response.text

    run(test())


# -- synchronous views -----------------------------------------------------------------------


def test_a_wsgi_app_of_a_subclass_is_called(app):
    class Counting(Erlen):
        calls = 0

        def wsgi_app(self, environ, start_response):
            self.calls += 1
            return super().wsgi_app(environ, start_response)

    app = Counting("counting")
    app.add_url_rule("/", view_func=lambda: "answer")
    assert app.test_client(interface="asgi").get("/").text == "answer"
    assert app.calls == 1


@pytest.mark.parametrize("wraps", [False, True])
def test_an_answer_that_nobody_waits_for_is_closed(app, wraps):
    began, goes_on = threading.Event(), threading.Event()
    calls = app.extensions["calls"]

    @app.route("/")
    def slow():
        began.set()
        goes_on.wait(10)
        response = Response(iter([b"piece"]))
        response.call_on_close(lambda: calls.append("closed"))
        return response

    @app.teardown_request
    def teardown(error):
        calls.append("teardown")

    if wraps:
        inner = app.wsgi_app
        app.wsgi_app = lambda environ, start_response: inner(environ, start_response)

    async def main():
        task = asyncio.ensure_future(call(app))
        await asyncio.to_thread(began.wait, 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        goes_on.set()
        while len(calls) < 2:
            await asyncio.sleep(0.01)

    run(main())
    assert calls == ["teardown", "closed"]


@pytest.mark.parametrize("registered", ["after_serving", "background task"])
def test_what_ends_serving_runs_where_nothing_began_it(registered):
    """On WSGI, with no function that runs at the start."""
    import subprocess
    import sys

    source = f"""
import time
from erlen import Erlen
from erlen.testing.builder import create_environ
app = Erlen("ends")
if {registered == "after_serving"}:
    app.after_serving(lambda: print("ended"))
@app.get("/")
async def index():
    if {registered != "after_serving"}:
        app.add_background_task(lambda: time.sleep(0.5) or print("ended"))
    return "answered"
print(b"".join(app(create_environ("/"), lambda *args: None)).decode(), flush=True)
"""
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True)
    assert (done.stdout.split(), done.stderr) == (["answered", "ended"], "")


@pytest.mark.parametrize("method", ["POST", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("colour", ["sync", "async"])
@pytest.mark.parametrize("version", ["2", "3"])
def test_a_body_without_a_length(version, colour, method):
    """From HTTP/2 on it need not be announced."""
    app = Erlen("x")

    @app.route("/sync", methods=[method])
    def sync():
        return request.get_data()

    @app.route("/async", methods=[method])
    async def coroutine():
        return request.get_data()

    async def ask(*pieces):
        waiting, sent = list(pieces), []

        async def receive():
            piece = waiting.pop(0) if waiting else b""
            return {"type": "http.request", "body": piece, "more_body": bool(waiting)}

        async def send(message):
            sent.append(message)

        scope = {
            "type": "http", "method": method, "path": f"/{colour}", "query_string": b"",
            "http_version": version, "headers": [(b"host", b"localhost")], "scheme": "https",
            "server": ("localhost", 443),
        }  # fmt: skip
        await app(scope, receive, send)
        return b"".join(message.get("body", b"") for message in sent)

    assert asyncio.run(ask(b"one", b"two")) == b"onetwo"
    assert asyncio.run(ask()) == b""
