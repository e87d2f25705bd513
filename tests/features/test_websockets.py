"""WebSockets, as users write them."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from erlen import (
    Blueprint,
    Erlen,
    Response,
    abort,
    copy_current_request_context,
    g,
    got_request_exception,
    has_request_context,
    redirect,
    request,
    send_file,
    session,
    url_for,
    websocket,
)
from erlen.context.websocket import WebsocketDisconnect
from erlen.http.exceptions import InternalServerError
from erlen.http.response import Response as HTTPResponse
from erlen.testing.websocket import WebsocketClosed, WebsocketRefused


@pytest.fixture
def app():
    app = Erlen("sockets")
    app.secret_key = "test"
    app.extensions["calls"] = []

    @app.websocket("/echo")
    async def echo():
        while True:
            await websocket.send(await websocket.receive())

    return app


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.mark.parametrize("message", ["text", "ß€😀", "", b"bytes", b"\x00\xff", b""])
def test_messages_come_back(client, message):
    with client.websocket("/echo") as socket:
        for _ in range(3):
            socket.send(message)
            assert socket.receive() == message


def test_json(app, client):
    @app.websocket("/json/<int:n>")
    async def double(n):
        data = await websocket.receive_json()
        await websocket.send_json(n=n, twice=data["value"] * 2)
        await websocket.send_json([1, 2])

    with client.websocket("/json/7") as socket:
        socket.send_json({"value": 21})
        assert socket.receive_json() == {"n": 7, "twice": 42}
        assert socket.receive_json() == [1, 2]
        with pytest.raises(WebsocketClosed) as closed:
            socket.receive()
    assert closed.value.code == 1000


def test_what_is_no_json_closes_the_socket(app, client):
    @app.websocket("/json")
    async def view():
        await websocket.receive_json()

    with client.websocket("/json") as socket:
        socket.send("{")
        with pytest.raises(WebsocketClosed) as closed:
            socket.receive()
    assert closed.value.code == 1007
    assert "not JSON" in closed.value.reason


def test_the_opening_request_is_seen(app, client):
    @app.websocket("/seen/<name>")
    async def seen(name):
        await websocket.send_json(
            name=name,
            path=websocket.path,
            q=websocket.args["q"],
            header=websocket.headers["X-Own"],
            scheme=websocket.scheme,
            endpoint=websocket.endpoint,
            # What helpers and extensions read.
            same=request.path,
            url=url_for("seen", name="x"),
            has=has_request_context(),
        )

    with client.websocket("/seen/ada?q=1", headers={"X-Own": "yes"}) as socket:
        assert socket.receive_json() == {
            "name": "ada",
            "path": "/seen/ada",
            "q": "1",
            "header": "yes",
            "scheme": "ws",
            "endpoint": "seen",
            "same": "/seen/ada",
            "url": "ws://localhost/seen/x",
            "has": True,
        }


def test_the_session_is_read(app, client):
    @app.route("/login")
    def login():
        session["user"] = "ada"
        return ""

    @app.websocket("/who")
    async def who():
        await websocket.send(session["user"])

    client.get("/login")
    with client.websocket("/who") as socket:
        assert socket.receive() == "ada"


def test_a_thread_sees_the_socket_in_a_copy_of_its_context(app, client):
    @app.websocket("/thread")
    async def thread():
        @copy_current_request_context
        def work():
            return websocket.path

        await websocket.send(await asyncio.to_thread(work))

    with client.websocket("/thread") as socket:
        assert socket.receive() == "/thread"


def test_subprotocols_and_headers(app, client):
    @app.websocket("/chat")
    async def chat():
        assert websocket.requested_subprotocols == ["v2.chat", "v1.chat"]
        await websocket.accept(headers={"X-Room": "1"}, subprotocol="v1.chat")
        await websocket.send("hi")

    with client.websocket("/chat", subprotocols=["v2.chat", "v1.chat"]) as socket:
        assert socket.subprotocol == "v1.chat"
        assert socket.headers["X-Room"] == "1"
        assert socket.receive() == "hi"


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: websocket.accept(subprotocol="other"), "did not offer"),
        (lambda: websocket.send({"a": 1}), "send_json"),
        (lambda: websocket.accept(headers={"X": "a\r\nb: c"}), "newline"),
    ],
)
def test_mistakes_are_told(app, client, call, error):
    app.testing = True

    @app.websocket("/wrong")
    async def wrong():
        await call()

    with pytest.raises((ValueError, TypeError), match=error), client.websocket("/wrong") as socket:
        socket.receive()


def test_accepting_twice_is_told(app, client):
    app.testing = True

    @app.websocket("/twice")
    async def twice():
        await websocket.accept()
        await websocket.accept()

    with pytest.raises(RuntimeError, match="accepted already"), client.websocket("/twice") as s:
        s.receive()


def test_an_async_generator_sends_what_it_yields(app, client):
    @app.websocket("/count")
    async def count():
        for n in range(3):
            yield str(n)

    with client.websocket("/count") as socket:
        assert [socket.receive() for _ in range(3)] == ["0", "1", "2"]


@pytest.mark.parametrize(
    ("view", "status", "text"),
    [
        (lambda: abort(401, "log in first"), 401, "log in first"),
        (lambda: ("busy", 503), 503, "busy"),
        (lambda: redirect("/elsewhere"), 302, "elsewhere"),
        (lambda: {"error": "no"}, 200, '{"error":"no"}'),
    ],
)
def test_a_view_answers_by_http_before_it_accepts(app, client, view, status, text):
    @app.websocket("/closed")
    async def closed():
        return view()

    with pytest.raises(WebsocketRefused) as refused, client.websocket("/closed"):
        pass
    assert refused.value.status_code == status
    assert text in refused.value.data.decode()


def test_closing_before_accepting_refuses(app, client):
    @app.websocket("/close")
    async def close():
        await websocket.close()

    with pytest.raises(WebsocketRefused) as refused, client.websocket("/close"):
        pass
    assert refused.value.status_code == 403


@pytest.mark.parametrize("path", ["/nowhere", "/page"])
def test_other_addresses_are_refused(app, client, path):
    app.route("/page", endpoint="page")(lambda: "page")
    with pytest.raises(WebsocketRefused) as refused, client.websocket(path):
        pass
    assert refused.value.status_code in (400, 404)


def test_a_page_cannot_be_had_of_a_socket(client):
    response = client.get("/echo")
    assert response.status_code == 400
    assert "ws://" in response.text


def test_on_wsgi_the_answer_says_what_is_missing(app):
    response = app.test_client(interface="wsgi").get(
        "/echo", headers={"Connection": "Upgrade", "Upgrade": "websocket"}
    )
    assert response.status_code == 426
    assert response.headers["Upgrade"] == "websocket"
    assert "ASGI" in response.text


def test_the_application_closes(app, client):
    @app.websocket("/bye")
    async def bye():
        await websocket.send("last")
        await websocket.close(4001, "enough")

    with client.websocket("/bye") as socket:
        assert socket.receive() == "last"
        with pytest.raises(WebsocketClosed) as closed:
            socket.receive()
    assert (closed.value.code, closed.value.reason) == (4001, "enough")


@pytest.mark.parametrize("reason", ["x" * 200, "é" * 200, "x" + "é" * 61 + "x", "€" * 41, "€" * 42])
@pytest.mark.parametrize("by", ["close", "abort"])
def test_a_reason_that_is_too_long_is_cut_at_a_character(app, client, reason, by):
    @app.websocket("/bye")
    async def bye():
        await websocket.accept()
        if by == "abort":
            abort(403, reason)
        await websocket.close(4001, reason)

    with client.websocket("/bye") as socket, pytest.raises(WebsocketClosed) as closed:
        socket.receive()
    told = closed.value.reason
    assert reason.startswith(told)
    assert len(told.encode()) <= 123
    assert told == reason or len(reason[: len(told) + 1].encode()) > 123


@pytest.mark.parametrize("code", [0, 99, 999, 1004, 1005, 1006, 1015, 2999, 5000])
def test_a_code_that_may_not_be_sent_is_refused(app, client, code):
    @app.websocket("/bye")
    async def bye():
        await websocket.accept()
        with pytest.raises(ValueError, match="4000 to 4999"):
            await websocket.close(code)
        await websocket.close(4000)

    with client.websocket("/bye") as socket, pytest.raises(WebsocketClosed) as closed:
        socket.receive()
    assert closed.value.code == 4000


@pytest.mark.parametrize("accepts", [True, False])
def test_nothing_is_sent_behind_the_end(app, client, accepts):
    ended = []

    @app.websocket("/closes")
    async def closes():
        if accepts:
            await websocket.accept()
        await websocket.close()
        try:
            await websocket.send("late")
        except WebsocketDisconnect:
            ended.append("told")
            raise

    with suppress(WebsocketRefused, WebsocketClosed), client.websocket("/closes") as socket:
        socket.receive()
    assert ended == ["told"]


@pytest.mark.parametrize("where", ["receive", "elsewhere"])
def test_a_client_that_leaves_ends_the_view(app, client, where):
    ended = app.extensions["calls"]

    @app.websocket("/wait")
    async def wait():
        await websocket.accept()
        try:
            if where == "receive":
                await websocket.receive()
            else:
                await asyncio.sleep(60)
        except asyncio.CancelledError as error:
            ended.append(type(error).__name__)
            raise

    @app.teardown_websocket
    def teardown(error):
        ended.append(error)

    with client.websocket("/wait"):
        pass
    assert ended == ["WebsocketDisconnect" if where == "receive" else "CancelledError", None]


def test_messages_wait_for_a_view_that_does_something_else(app, client):
    @app.websocket("/slow")
    async def slow():
        await websocket.accept()
        await asyncio.sleep(0.05)
        for _ in range(40):
            await websocket.send(await websocket.receive())

    with client.websocket("/slow") as socket:
        for n in range(40):
            socket.send(str(n))
        assert [socket.receive() for _ in range(40)] == [str(n) for n in range(40)]


def test_hooks(app, client):
    calls = app.extensions["calls"]
    part = Blueprint("part", __name__, url_prefix="/part")

    @app.before_websocket
    def before():
        calls.append("before")
        g.x = 1

    @app.before_websocket
    async def before_async():
        calls.append("before async")

    @part.before_websocket
    def part_before():
        calls.append("part before")
        return ("not today", 409) if websocket.args.get("refuse") else None

    @app.after_websocket
    def after(response):
        calls.append(f"after {response and response.status_code}")
        return response

    @app.teardown_websocket
    def teardown(error):
        calls.append("teardown")

    @app.before_request
    def not_here():
        calls.append("wrong")

    @part.websocket("/x")
    async def x():
        await websocket.send(str(g.x))

    app.register_blueprint(part)
    with client.websocket("/part/x") as socket:
        assert socket.receive() == "1"
    assert calls == ["before", "before async", "part before", "after None", "teardown"]
    calls.clear()
    with pytest.raises(WebsocketRefused) as refused, client.websocket("/part/x?refuse=1"):
        pass
    assert (refused.value.status_code, refused.value.data) == (409, b"not today")
    assert calls == ["before", "before async", "part before", "after 409", "teardown"]


def test_error_handlers(app, client):
    @app.errorhandler(KeyError)
    async def missing(error):
        return f"missing {error}", 410

    @app.websocket("/fails")
    async def fails():
        raise KeyError("it")

    with pytest.raises(WebsocketRefused) as refused, client.websocket("/fails"):
        pass
    assert (refused.value.status_code, refused.value.data) == (410, b"missing 'it'")


@pytest.mark.parametrize("error", [ZeroDivisionError, SystemExit, KeyboardInterrupt])
@pytest.mark.parametrize("accepted", [True, False])
def test_an_unhandled_error_closes_the_socket(app, client, caplog, accepted, error):
    @app.websocket("/fails")
    async def fails():
        if accepted:
            await websocket.accept()
        raise error("unexpected")

    if accepted:
        with client.websocket("/fails") as socket, pytest.raises(WebsocketClosed) as closed:
            socket.receive()
        assert closed.value.code == 1011
    else:
        with pytest.raises(WebsocketRefused) as refused, client.websocket("/fails"):
            pass
        assert refused.value.status_code == 500
        assert b"Internal Server Error" in refused.value.data
    assert "unexpected" in caplog.text


@pytest.mark.parametrize("accepted", [True, False])
@pytest.mark.parametrize("propagates", [True, False])
@pytest.mark.parametrize("where", ["view", "hook", "after"])
def test_an_unhandled_error_is_signalled_once(app, client, where, propagates, accepted):
    """A tracker of errors learns of it, as of one of a request."""
    app.config["PROPAGATE_EXCEPTIONS"] = propagates
    seen = []

    def listen(sender, exception, **values):
        seen.append((sender, type(exception), websocket.path))

    def fail(step):
        if step == where:
            raise ZeroDivisionError(step)

    app.before_websocket(lambda: fail("hook"))
    app.after_websocket(lambda response: fail("after"))

    @app.websocket("/fails")
    async def fails():
        if accepted:
            await websocket.accept()
        fail("view")

    with (
        got_request_exception.connected_to(listen, app),
        suppress(ZeroDivisionError, WebsocketRefused, WebsocketClosed),
        client.websocket("/fails") as socket,
    ):
        socket.receive()
    assert seen == [(app, ZeroDivisionError, "/fails")]


def test_what_is_handled_is_not_signalled(app, client):
    seen = []
    app.register_error_handler(KeyError, lambda error: ("missing", 410))

    @app.websocket("/fails")
    async def fails():
        raise KeyError("it")

    with (
        got_request_exception.connected_to(lambda *args, **values: seen.append(args), app),
        pytest.raises(WebsocketRefused),
        client.websocket("/fails"),
    ):
        pass
    assert seen == []


@pytest.mark.parametrize("key", [500, InternalServerError, Exception])
def test_the_handler_of_500_answers_before_the_socket_is_accepted(app, client, key):
    @app.errorhandler(key)
    async def handle(error):
        original = getattr(error, "original_exception", error)
        return f"handled {type(original).__name__}", 500

    @app.after_websocket
    def after(response):
        response.headers["X-After"] = "yes"
        session["seen"] = True

    @app.websocket("/fails")
    async def fails():
        raise ZeroDivisionError

    with pytest.raises(WebsocketRefused) as refused, client.websocket("/fails"):
        pass
    answer = refused.value
    assert (answer.status_code, answer.data) == (500, b"handled ZeroDivisionError")
    assert answer.headers["X-After"] == "yes"
    assert "session=" in answer.headers["Set-Cookie"]


def test_a_hook_that_fails_behind_an_error_is_logged(app, client, caplog):
    @app.after_websocket
    def after(response):
        raise KeyError("hook")

    @app.websocket("/fails")
    async def fails():
        raise ZeroDivisionError("view")

    with pytest.raises(WebsocketRefused) as refused, client.websocket("/fails"):
        pass
    assert refused.value.status_code == 500
    assert "ZeroDivisionError: view" in caplog.text
    assert "KeyError: 'hook'" in caplog.text


@pytest.mark.parametrize(
    "view",
    [
        lambda: Response("text", 101),
        lambda: HTTPResponse("text", "abc"),
        lambda: HTTPResponse("text", headers={"Transfer-Encoding": "chunked"}),
    ],
    ids=["101", "no status", "transfer-encoding"],
)
def test_an_answer_that_no_server_can_send_is_500(app, client, view):
    @app.websocket("/closed")
    async def closed():
        return view()

    with pytest.raises(WebsocketRefused) as refused, client.websocket("/closed"):
        pass
    assert refused.value.status_code == 500


@pytest.mark.parametrize("colour", ["sync", "async", "file"])
def test_an_answer_in_pieces(app, client, colour, tmp_path):
    file = tmp_path / "file"
    file.write_bytes(b"onetwo")
    closed_bodies = []

    def pieces():
        try:
            yield "one"
            yield b"two"
        finally:
            closed_bodies.append(colour)

    async def async_pieces():
        for piece in pieces():
            yield piece

    @app.websocket("/closed")
    async def closed():
        if colour == "file":
            return send_file(file)
        return Response(pieces() if colour == "sync" else async_pieces(), 409)

    with pytest.raises(WebsocketRefused) as refused, client.websocket("/closed"):
        pass
    assert refused.value.data == b"onetwo"
    assert closed_bodies == ([] if colour == "file" else [colour])


@pytest.mark.parametrize(
    ("origin", "opens"),
    [
        (None, True),
        ("http://localhost", True),
        ("https://localhost", True),
        ("http://localhost:80", True),
        ("http://localhost:8080", False),
        ("http://evil.test", False),
        ("http://localhost.evil.test", False),
        ("http://localhost@evil.test", False),
        ("null", False),
        ("http://[", False),
        ("", False),
    ],
)
def test_another_site_may_not_open_it(client, origin, opens):
    headers = {} if origin is None else {"Origin": origin}
    if opens:
        with client.websocket("/echo", headers=headers) as socket:
            socket.send("a")
            assert socket.receive() == "a"
    else:
        with (
            pytest.raises(WebsocketRefused) as refused,
            client.websocket("/echo", headers=headers),
        ):
            pass
        assert refused.value.status_code == 403


@pytest.mark.parametrize(
    ("allowed", "opens"),
    [(["https://app.test"], True), (["https://other.test"], False), ("*", True), ([], False)],
)
def test_origins_can_be_configured(app, client, allowed, opens):
    app.config["WEBSOCKET_ORIGINS"] = allowed
    headers = {"Origin": "https://app.test"}
    if opens:
        with client.websocket("/echo", headers=headers):
            pass
    else:
        with pytest.raises(WebsocketRefused), client.websocket("/echo", headers=headers):
            pass


@pytest.mark.parametrize("message", ["x" * 101, "ß" * 51, b"x" * 101])
def test_a_message_that_is_too_long_closes_the_socket(app, client, message):
    app.config["WEBSOCKET_MAX_MESSAGE_SIZE"] = 100
    with client.websocket("/echo") as socket:
        socket.send(message[:50])
        assert socket.receive() == message[:50]
        socket.send(message)
        with pytest.raises(WebsocketClosed) as closed:
            socket.receive()
    assert closed.value.code == 1009


def test_a_view_must_be_async(app):
    with pytest.raises(TypeError, match="async def view"):

        @app.websocket("/sync")
        def view():
            pass


def test_outside_of_a_socket_the_error_says_what_to_do(app, client):
    with pytest.raises(RuntimeError, match=r"@app\.websocket"):
        websocket.path  # noqa: B018


def test_the_name_stays_the_proxy(client):
    import erlen

    with client.websocket("/echo"):
        pass
    assert erlen.websocket is websocket
