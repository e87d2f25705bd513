"""Subclasses of the development server: what they override is called, what they ask is told."""

from __future__ import annotations

import errno
import socket
import urllib.request
from threading import Thread
from typing import Any

import pytest

from erlen.serve.development import BaseWSGIServer, ThreadedWSGIServer, WSGIRequestHandler


def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [environ.get("app.mark", "none").encode()]


def test_a_server_tells_its_name_and_port() -> None:
    server = BaseWSGIServer("127.0.0.1", 0, app)
    try:
        assert server.server_port == server.port == server.socket.getsockname()[1] > 0
        assert isinstance(server.server_name, str)
        assert server.server_name
    finally:
        server.server_close()


def test_what_a_subclass_does_around_binding_and_listening_is_done() -> None:
    calls: list[Any] = []

    class Server(ThreadedWSGIServer):
        def server_bind(self) -> None:
            # As TensorBoard: options that count only before the address is taken.
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            calls.append(("bind", self.host, self.address_family))
            super().server_bind()

        def server_activate(self) -> None:
            calls.append("activate")
            super().server_activate()

        def get_request(self) -> Any:
            calls.append("get_request")
            return super().get_request()

        def verify_request(self, request: Any, client_address: Any) -> bool:
            calls.append("verify_request")
            return super().verify_request(request, client_address)

        def finish_request(self, request: Any, client_address: Any) -> None:
            calls.append("finish_request")
            super().finish_request(request, client_address)

    class Handler(WSGIRequestHandler):
        def make_environ(self) -> dict[str, Any]:
            return {**super().make_environ(), "app.mark": "seen"}

    server = Server("127.0.0.1", 0, app, Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        url = f"http://127.0.0.1:{server.server_port}/"
        with urllib.request.urlopen(url) as answer:
            assert answer.read() == b"seen"
        assert server.socket.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
    finally:
        server.shutdown()
        thread.join()
    first = ("bind", "127.0.0.1", socket.AF_INET)
    assert calls == [first, "activate", "get_request", "verify_request", "finish_request"]


def test_a_port_in_use_is_told_by_its_number() -> None:
    first = BaseWSGIServer("127.0.0.1", 0, app)
    try:
        with pytest.raises(OSError, match="Stop the program that uses the port") as caught:
            BaseWSGIServer("127.0.0.1", first.port, app)
    finally:
        first.server_close()
    assert caught.value.errno == errno.EADDRINUSE


def test_a_subclass_that_binds_by_itself_needs_to_set_nothing() -> None:
    class Server(BaseWSGIServer):
        def server_bind(self) -> None:
            self.socket.bind(("127.0.0.1", 0))

    server = Server("127.0.0.1", 1, app)
    try:
        assert server.server_port == server.socket.getsockname()[1] != 1
    finally:
        server.server_close()
