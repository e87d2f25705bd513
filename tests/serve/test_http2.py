"""Case 87: what HTTP/2 has in other places than HTTP/1.1, under ``erlen serve --http2``."""

from __future__ import annotations

import socket
import ssl

import pytest

h2_connection = pytest.importorskip("h2.connection")
h2_config = pytest.importorskip("h2.config")
h2_events = pytest.importorskip("h2.events")
certificates = pytest.importorskip("erlen.serve.development.certificates")
pytest.importorskip("cryptography")

SOURCE = """
from erlen import Erlen, request

app = Erlen("app")
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

@app.route("/sync", methods=METHODS)
def sync():
    return {"host": request.host, "body": request.get_data(as_text=True)}

@app.route("/async", methods=METHODS)
async def coroutine():
    return sync()
"""


@pytest.fixture(scope="module", params=["asgi", "wsgi"])
def port(request, serve_all, tmp_path_factory):
    path = tmp_path_factory.mktemp("cert") / "test"
    cert, key = certificates.make_ssl_devcert(str(path), host="localhost")
    served = serve_all(
        "-m", "erlen", "--app", "app", "serve", "--port", "PORT", "--interface", request.param,
        "--certfile", cert, "--keyfile", key, "--http2", source=SOURCE,
    )  # fmt: skip
    served.wait_for("on https://")
    return served.port


def ask(port, path, method="GET", body=None, host=(":authority", "a.test"), more=()):
    """Status and body of an answer."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])
    config = h2_config.H2Configuration(
        header_encoding="utf-8", validate_outbound_headers=False, normalize_outbound_headers=False
    )
    headers = [(":method", method), (":scheme", "https"), (":path", path), host, *more]
    with (
        socket.create_connection(("127.0.0.1", port), 30) as plain,
        context.wrap_socket(plain) as connection,
    ):
        client = h2_connection.H2Connection(config)
        client.initiate_connection()
        client.send_headers(1, headers, end_stream=body is None)
        if body is not None:
            client.send_data(1, body, end_stream=True)
        connection.sendall(client.data_to_send())
        status, content = None, b""
        while data := connection.recv(65_536):
            for event in client.receive_data(data):
                if isinstance(event, h2_events.ResponseReceived):
                    status = int(dict(event.headers)[":status"])
                elif isinstance(event, h2_events.DataReceived):
                    content += event.data
                elif isinstance(event, (h2_events.StreamEnded, h2_events.StreamReset)):
                    return status, content
            connection.sendall(client.data_to_send())
    return status, content


@pytest.mark.parametrize("path", ["/sync", "/async"])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_case_87_a_body_without_a_length(port, path, method):
    assert ask(port, path, method, b"hello") == (200, b'{"body":"hello","host":"a.test"}\n')
    assert ask(port, path, method) == (200, b'{"body":"","host":"a.test"}\n')


@pytest.mark.parametrize("path", ["/sync", "/async"])
def test_case_87_the_authority_is_the_host(port, path):
    expected = (200, b'{"body":"","host":"a.test"}\n')
    assert ask(port, path) == expected
    assert ask(port, path, host=("host", "a.test")) == expected
    assert ask(port, path, more=[("host", "a.test")]) == expected


@pytest.mark.parametrize("path", ["/sync", "/async"])
def test_case_87_a_host_that_is_not_the_authority(port, path):
    """Granian hands over the header alone; the day it refuses them, docs/security.md is wrong."""
    assert ask(port, path, more=[("host", "b.test")]) == (200, b'{"body":"","host":"b.test"}\n')
    assert ask(port, path, more=[("host", "a.test"), ("host", "b.test")])[0] == 400
