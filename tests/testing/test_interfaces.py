"""The clients of both interfaces, and what they check."""

from __future__ import annotations

import asyncio

import pytest

from erlen import Erlen, request, session
from erlen.testing import ErlenClient, validated
from erlen.testing.asgi import call_asgi, make_scope
from erlen.testing.builder import create_environ
from erlen.testing.client import Client


@pytest.fixture
def app():
    app = Erlen(__name__)
    app.secret_key = "test"

    @app.route("/<path:path>", methods=["GET", "POST"])
    def echo(path):
        session["path"] = path
        return {
            "url": request.url,
            "body": request.get_data(as_text=True),
            "user": request.headers.get("X-User"),
        }

    return app


# -- which interface ---------------------------------------------------------------------


@pytest.mark.parametrize("interface", ["wsgi", "asgi"])
def test_a_client_is_told_its_interface(app, interface):
    client = app.test_client(interface=interface)
    assert client.interface == interface
    got = client.post("/ä/b?q=ß", data="größe", headers={"X-User": "ada"}).json
    assert got == {"url": "http://localhost/ä/b?q=ß", "body": "größe", "user": "ada"}
    assert client.get_cookie("session") is not None


def test_the_environment_tells_it(app, monkeypatch):
    monkeypatch.delenv("ERLEN_TEST_INTERFACE", raising=False)
    assert app.test_client().interface == "wsgi"
    monkeypatch.setenv("ERLEN_TEST_INTERFACE", "asgi")
    assert app.test_client().interface == "asgi"


def test_another_interface_is_refused(app):
    with pytest.raises(ValueError, match="'wsgi' or 'asgi', not 'cgi'"):
        app.test_client(interface="cgi")


def test_an_async_client(app):
    @app.route("/loop")
    async def loop():
        return str(id(asyncio.get_running_loop()))

    async def main():
        client = app.async_test_client()
        response = await client.get("/loop")
        calls = [client.post("/a", data="x"), client.put("/loop"), client.options("/a")]
        calls += [client.patch("/a"), client.delete("/a"), client.head("/a"), client.open("/a")]
        return response.text, [r.status_code for r in await asyncio.gather(*calls)]

    text, codes = asyncio.run(main())
    assert text.isdigit()
    assert codes == [200, 405, 200, 405, 405, 200, 200]


def test_the_async_client_keeps_cookies_and_contexts(app):
    async def main():
        async with app.async_test_client() as client:
            await client.get("/kept")
            assert client.get_cookie("session") is not None
            with client.session_transaction() as values:
                return values["path"]

    assert asyncio.run(main()) == "kept"


# -- the checks --------------------------------------------------------------------------


def bad_headers(environ, start_response):
    start_response("200 OK", [("Content-Type", b"text/plain")])
    return [b""]


def bad_status(environ, start_response):
    start_response("fine", [("Content-Type", "text/plain")])
    return [b""]


def bad_body(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return ["text"]


@pytest.mark.parametrize("application", [bad_headers, bad_status, bad_body])
def test_the_wsgi_checker(application):
    with pytest.raises(AssertionError):
        Client(validated(application)).get("/", buffered=True)


@pytest.mark.parametrize("application", [bad_headers, bad_status, bad_body])
def test_answers_are_checked_where_the_environment_says_so(app, monkeypatch, application):
    app.wsgi_app = application
    monkeypatch.setenv("ERLEN_VALIDATE_WSGI", "1")
    with pytest.raises(AssertionError):
        app.test_client(interface="wsgi").get("/x", buffered=True)


def test_every_application_is_checked_on_asgi():
    async def application(scope, receive, send):
        await send({"type": "http.response.body", "body": b"too early"})

    with pytest.raises(AssertionError):
        asyncio.run(call_asgi(application, create_environ("/")))


def test_a_body_of_text_is_refused_on_asgi():
    async def application(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": "text"})

    with pytest.raises(AssertionError):
        asyncio.run(call_asgi(application, create_environ("/")))


# -- the scope ---------------------------------------------------------------------------


def test_the_scope_of_a_request():
    environ = create_environ(
        "/größe/%2F?a=%C3%A4",
        "https://example.org:8443/root",
        method="POST",
        data=b"x",
        content_type="text/plain",
        headers={"X-Own": "1"},
        environ_overrides={"REMOTE_ADDR": "192.0.2.1"},
    )
    scope = make_scope(environ)
    assert scope["type"] == "http"
    assert scope["method"] == "POST"
    assert scope["scheme"] == "https"
    assert scope["path"] == "/root/größe//"
    assert scope["root_path"] == "/root"
    assert scope["query_string"] == b"a=%C3%A4"
    assert scope["http_version"] == "1.1"
    assert scope["server"] == ("example.org", 8443)
    assert scope["client"][0] == "192.0.2.1"
    headers = dict(scope["headers"])
    assert headers[b"x-own"] == b"1"
    assert headers[b"content-type"] == b"text/plain"
    assert headers[b"host"] == b"example.org:8443"


def test_a_websocket_has_the_scheme_of_its_page():
    assert make_scope(create_environ(), "websocket")["scheme"] == "ws"
    secure = make_scope(create_environ(base_url="https://h/"), "websocket")
    assert (secure["type"], secure["scheme"]) == ("websocket", "wss")
    assert "method" not in secure


def test_a_large_body_comes_in_pieces():
    pieces = []

    async def application(scope, receive, send):
        more = True
        while more:
            message = await receive()
            pieces.append(len(message["body"]))
            more = message["more_body"]
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    _, status, _ = asyncio.run(
        call_asgi(application, create_environ(method="POST", data=b"x" * 200_000))
    )
    assert sum(pieces) == 200_000
    assert len(pieces) > 2
    assert status == "204 NO CONTENT"


def test_flasks_names():
    from erlen.testing import ErlenCliRunner, FlaskClient, FlaskCliRunner

    assert FlaskClient is ErlenClient
    assert FlaskCliRunner is ErlenCliRunner
