"""Case 86, with TLS: connections that say nothing are closed at the time limit of headers."""

from __future__ import annotations

import socket
import ssl
import threading
import time

import pytest

from erlen.serve.production.unheard import Unheard


class Clients:
    """Connections to a socket of this process, which accepts them."""

    def __init__(self, host):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.listener = socket.create_server((host, 0), family=family)
        self.port = self.listener.getsockname()[1]
        self.sockets = [self.listener]

    def connect(self):
        """The two ends of a connection, and the client as a server names it."""
        client = socket.create_connection(self.listener.getsockname()[:2], 10)
        client.setblocking(False)
        served, address = self.listener.accept()
        self.sockets += [client, served]
        return client, served, address[:2]

    def close(self):
        for one in self.sockets:
            one.close()


@pytest.fixture(params=["127.0.0.1", "::1"])
def clients(request):
    try:
        clients = Clients(request.param)
    except OSError:
        pytest.skip(f"no {request.param} here")
    yield clients
    clients.close()


def is_open(client):
    try:
        return client.recv(1) != b""
    except BlockingIOError:
        return True


def heard(unheard, client):
    unheard.around(lambda *args: None)({"type": "http", "client": client}, None, None)


@pytest.mark.parametrize("kind", [int, str])
def test_who_says_nothing_is_closed(clients, kind):
    unheard = Unheard(clients.port, 30)
    silent, _, _ = clients.connect()
    speaking, _, address = clients.connect()
    unheard.look(0.0)
    late, _, _ = clients.connect()
    heard(unheard, (address[0], kind(address[1])))
    unheard.look(29.0)
    assert is_open(silent)
    unheard.look(30.0)
    assert not is_open(silent)
    assert is_open(speaking)
    assert is_open(late), "its time has not begun with that of the others"
    unheard.look(59.0)
    assert not is_open(late)
    # It may be idle, or wait for its answer, for as long as the server lets it.
    unheard.look(10_000.0)
    assert is_open(speaking)


def test_others_sockets_are_left_alone(clients):
    other = Clients("127.0.0.1")
    client, _, _ = other.connect()
    pair = socket.socketpair()
    unheard = Unheard(clients.port, 30)
    unheard.look(0.0)
    unheard.look(1000.0)
    assert is_open(client)
    pair[0].setblocking(False)
    assert is_open(pair[0])
    for one in pair:
        one.close()
    other.close()
    # That which listens still does.
    assert is_open(clients.connect()[0])


def test_a_socket_that_takes_the_place_of_another_has_its_own_time(clients):
    unheard = Unheard(clients.port, 30)
    first, served, _ = clients.connect()
    unheard.look(0.0)
    descriptor = served.fileno()
    client = socket.create_connection(clients.listener.getsockname()[:2], 10)
    client.setblocking(False)
    served.close()
    accepted, _ = clients.listener.accept()
    assert accepted.fileno() == descriptor
    clients.sockets += [client, accepted]
    unheard.look(30.0)
    assert is_open(client)
    unheard.look(60.0)
    assert not is_open(client)
    assert not is_open(first)


def test_what_is_kept_of_clients_goes_with_them(clients):
    unheard = Unheard(clients.port, 30)
    for number in range(1000):
        heard(unheard, ("203.0.113.9", number))
    client, _, address = clients.connect()
    heard(unheard, address)
    unheard.look(0.0)
    assert unheard._heard == {address}, "the others have gone"
    client.close()


def test_a_scope_without_a_client_is_no_matter():
    unheard = Unheard(1, 30)
    assert unheard.around(lambda *args: args)({"type": "lifespan"}, 1, 2)[1:] == (1, 2)


# -- under the server --------------------------------------------------------------------------

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
SETTINGS = b"\0\0\0\4\0\0\0\0\0"
SILENT = {
    "no byte": (False, b"", ()),
    "half a hello": (False, b"\x16\x03\x01\x02\x00\x01", ()),
    "no byte behind the handshake": (True, b"", ("http/1.1",)),
    "half a line": (True, b"GET / HT", ("http/1.1",)),
    "no byte of HTTP 2": (True, b"", ("h2",)),
    "half a preface": (True, PREFACE[:10], ("h2",)),
    "preface": (True, PREFACE, ("h2",)),
    "preface and settings": (True, PREFACE + SETTINGS, ("h2",)),
}
SECONDS = 2


@pytest.fixture(scope="module")
def secure(serve_all, tmp_path_factory):
    certificates = pytest.importorskip("erlen.serve.development.certificates")
    pytest.importorskip("cryptography")
    path = tmp_path_factory.mktemp("cert") / "test"
    cert, key = certificates.make_ssl_devcert(str(path), host="localhost")
    started = {}

    def start(*options):
        if options not in started:
            served = started[options] = serve_all(
                "-m", "erlen", "--app", "app", "serve", "--port", "PORT",
                "--header-timeout", str(SECONDS), "--certfile", cert, "--keyfile", key, *options,
            )  # fmt: skip
            served.wait_for("on https://")
        return started[options]

    return start


def connect(port, by_tls, protocols):
    connection = socket.create_connection(("127.0.0.1", port), 60)
    if by_tls:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_alpn_protocols(list(protocols))
        connection = context.wrap_socket(connection)
    return connection


@pytest.mark.parametrize("options", [(), ("--http2",)], ids=["", "http2"])
def test_case_86_silent_connections_with_tls(secure, options):
    served, ended = secure(*options), {}

    def be_silent(name, by_tls, said, protocols):
        began = time.monotonic()
        with connect(served.port, by_tls, protocols) as connection:
            connection.sendall(said)
            try:
                while connection.recv(4096):
                    pass
            except (ConnectionError, ssl.SSLError):
                pass
        ended[name] = time.monotonic() - began

    cases = {k: v for k, v in SILENT.items() if options or "h2" not in v[2]}
    threads = [threading.Thread(target=be_silent, args=(k, *v)) for k, v in cases.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert ended.keys() == cases.keys()
    # That of TLS alone would be ten seconds.
    assert {name: taken for name, taken in ended.items() if not SECONDS * 0.9 < taken < 9} == {}


def test_who_has_spoken_may_wait(secure):
    served = secure("--http2")
    with connect(served.port, True, ["http/1.1"]) as connection:
        connection.sendall(
            f"GET /slow?seconds={SECONDS * 2.5} HTTP/1.1\r\nHost: a\r\n\r\n".encode()
        )
        answer = b""
        while b"slow done" not in answer:
            piece = connection.recv(4096)
            assert piece, answer
            answer += piece
