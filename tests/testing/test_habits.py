"""The client as test suites use it, on both interfaces."""

from __future__ import annotations

import pytest

from erlen import Erlen, Response, redirect, request, websocket
from erlen.testing import Client

HOSTS = ["localhost:5000", "example.com:8080", "127.0.0.1:99", "[::1]", "[::1]:5000", "EXAMPLE.org"]


@pytest.fixture(params=["wsgi", "asgi"])
def interface(request):
    return request.param


@pytest.fixture
def client(interface):
    app = Erlen(__name__)

    @app.get("/set")
    def set_cookie():
        response = Response("set")
        response.set_cookie("key", "value")
        return response

    @app.get("/show")
    def show():
        return request.cookies.get("key", "none")

    @app.route("/redirect/<int:code>", methods=["POST", "PUT"])
    def go(code):
        assert request.get_data()
        return redirect("/body?x=1", code)

    @app.route("/body", methods=["GET", "POST", "PUT"])
    def body():
        return [request.method, request.get_data(as_text=True), request.content_type]

    @app.get("/stream")
    def stream():
        return iter("abc")

    return app.test_client(interface=interface)


def test_a_path_without_its_slash_sends_and_keeps_cookies(client):
    assert client.get("set").text == "set"
    assert client.get("show").text == client.get("/show").text == "value"
    client.delete_cookie("key")
    assert client.get("show").text == "none"


@pytest.mark.parametrize("host", HOSTS)
def test_hosts_with_ports_and_brackets_have_cookies_of_their_own(client, host):
    name = host.lower().strip("[]").partition("]")[0]
    if name.count(":") == 1:
        name = name.partition(":")[0]
    base = f"http://{host}"
    client.get("/set", base_url=base)
    assert client.get("/show", base_url=base).text == "value"
    assert client.get_cookie("key", domain=name).value == "value"
    client.set_cookie("key", "another", domain=name)
    assert client.get("/show", base_url=base).text == "another"
    client.delete_cookie("key", domain=name)
    assert client.get("/show", base_url=base).text == "none"


def test_the_cookies_are_a_mapping(client):
    client.get("/set")
    assert client.cookies is client._cookies
    assert list(client.cookies) == [("localhost", "/", "key")]
    assert client._cookies[("localhost", "/", "key")].value == "value"
    assert ("localhost", "/", "key") in client.cookies
    assert [cookie.key for cookie in client.cookies.values()] == ["key"]
    client.cookies.clear()
    assert client.get("/show").text == "none"
    client.cookies.update(client.cookies)
    assert len(client.cookies) == 0


def test_a_client_without_cookies_says_so():
    client = Client(None, use_cookies=False)
    assert client._cookies is None
    with pytest.raises(TypeError, match="use_cookies=True"):
        client.cookies  # noqa: B018


@pytest.mark.parametrize("path", ["/set", "/stream"])
def test_an_answer_that_nobody_read_is_streamed(client, path):
    response = client.get(path)
    assert response.is_streamed
    assert not response.is_sequence
    text = response.text
    assert (text, response.is_streamed, response.is_sequence) == (text, False, True)
    assert text in ("set", "abc")
    assert client.get(path, buffered=True).is_sequence


@pytest.mark.parametrize("code", [307, 308])
@pytest.mark.parametrize("method", ["post", "put"])
@pytest.mark.parametrize("kind", ["form", "bytes"])
def test_a_redirect_keeps_the_body_that_the_application_has_read(client, code, method, kind):
    data = {"a": "b"} if kind == "form" else b"a=b"
    options = {} if kind == "form" else {"content_type": "text/plain"}
    call = getattr(client, method)
    answer = call(f"/redirect/{code}", data=data, follow_redirects=True, **options)
    sent = "application/x-www-form-urlencoded" if kind == "form" else "text/plain"
    assert answer.json == [method.upper(), "a=b", sent]


@pytest.mark.parametrize("code", [301, 302, 303])
def test_other_redirects_drop_it(client, code):
    answer = client.post(f"/redirect/{code}", data={"a": "b"}, follow_redirects=True)
    assert answer.json == ["GET", "", None]


def test_the_request_of_a_redirect_has_its_own_uri():
    app = Erlen(__name__)
    app.add_url_rule("/from", "from", lambda: redirect("/to?x=1"))
    app.add_url_rule("/to", "to", lambda: request.environ["REQUEST_URI"])
    answer = app.test_client(interface="wsgi").get("/from?y=2", follow_redirects=True)
    assert answer.text == answer.request.environ["RAW_URI"] == "/to?x=1"


def test_a_websocket_is_asked_for_as_by_a_client():
    app = Erlen(__name__)

    @app.websocket("/")
    async def headers():
        names = ("Connection", "Upgrade", "Sec-WebSocket-Version")
        await websocket.send_json([websocket.headers.get(name) for name in names])
        await websocket.send_json(len(websocket.headers["Sec-WebSocket-Key"]))

    with app.test_client().websocket("/") as socket:
        assert socket.receive_json() == ["Upgrade", "websocket", "13"]
        assert socket.receive_json() == 24
    with app.test_client().websocket("/", headers={"Upgrade": "WebSocket"}) as socket:
        assert socket.receive_json()[1] == "WebSocket"
