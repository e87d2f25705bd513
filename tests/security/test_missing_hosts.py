"""Case 113: a request by HTTP/1.1 has one well-formed host, in ASCII."""

from __future__ import annotations

import asyncio
from io import BytesIO

import pytest

from erlen import Erlen


@pytest.fixture(params=["plain", "hook", "trusted", "middleware", "handler"])
def app(request):
    app = Erlen("x")
    app.add_url_rule("/sync", "sync", lambda: "text", methods=["GET", "POST"])

    @app.route("/async", methods=["GET", "POST"])
    async def view():
        return "text"

    if request.param == "hook":
        app.url_value_preprocessor(lambda endpoint, values: None)
    elif request.param == "trusted":
        app.config["TRUSTED_HOSTS"] = ["localhost", "a.test"]
    elif request.param == "middleware":
        inner = app.wsgi_app
        app.wsgi_app = lambda environ, start_response: inner(environ, start_response)
    elif request.param == "handler":
        app.register_error_handler(400, lambda error: ("handled", 400))
    return app


def ask_wsgi(app, path, version, host, method):
    environ = {
        "REQUEST_METHOD": method, "PATH_INFO": path, "SERVER_NAME": "a.test",
        "SERVER_PORT": "80", "SERVER_PROTOCOL": f"HTTP/{version}", "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(),
    }  # fmt: skip
    if host is not None:
        environ["HTTP_HOST"] = host.decode("latin-1")
    seen = []
    b"".join(app(environ, lambda status, headers, exc_info=None: seen.append(int(status[:3]))))
    return seen[-1]


def ask_asgi(app, path, version, host, method):
    scope = {
        "type": "http", "method": method, "path": path, "http_version": version,
        "query_string": b"", "server": ("a.test", 80), "scheme": "http",
        "headers": [(b"accept", b"*/*")] if host is None else [(b"host", host)],
    }  # fmt: skip
    seen = []

    async def receive():
        await asyncio.sleep(0 if method == "POST" else 60)
        return {"type": "http.request"}

    async def send(message):
        seen.append(message)

    asyncio.run(app(scope, receive, send))
    return seen[0]["status"]


ASK = {"wsgi": ask_wsgi, "asgi": ask_asgi}


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", ["/sync", "/async"])
@pytest.mark.parametrize(
    ("version", "host", "status"),
    [
        pytest.param("1.1", None, 400, id="case-113-none"),
        pytest.param("1.1", b"", 400, id="case-113-empty"),
        pytest.param("1.0", None, 200, id="case-113-none-by-1.0"),
        pytest.param("2", None, 200, id="case-113-none-by-2"),
        pytest.param("1.1", b"..", 400, id="case-113-dots"),
        pytest.param("1.1", b"a..test", 400, id="case-113-empty-label"),
        pytest.param("1.1", "caf\xe9.test".encode(), 400, id="case-113-utf-8"),
        pytest.param("1.1", b"\xe9", 400, id="case-113-latin-1"),
        pytest.param("1.1", b"a.test", 200, id="case-113-a-host"),
    ],
)
def test_a_host_that_is_missing_or_malformed(app, interface, version, host, status, path, method):
    assert ASK[interface](app, path, version, host, method) == status
