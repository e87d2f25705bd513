"""Case 75: what a client writes must not forge lines of a log, nor steer the terminal that shows
it."""

from __future__ import annotations

import io
import logging
import re
import socket
import threading
from urllib.parse import quote

import pytest

from erlen import Erlen, request
from erlen.serve.development import make_server

# What ends a line or begins a terminal sequence, anywhere.
STEERS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")


def case(name, *values):
    return pytest.param(*values, id=f"case-75-{name}")


HOSTILE = {
    "colour": ("\x1b[31mred", "\\x1b[31mred"),
    "clear-screen": ("\x1b[2J", "\\x1b[2J"),
    "title": ("\x1b]0;owned\x07", "\\x1b]0;owned\\x07"),
    "c1-sequence": ("\x9b31m", "\\x9b31m"),
    "crlf": ("a\r\n[2030-01-01] INFO in app: forged", "a\\r\\n[2030-01-01] INFO in app: forged"),
    "line-feed": ("a\nb", "a\\nb"),
    "carriage-return": ("a\rb", "a\\rb"),
    "next-line": ("a\x85b", "a\\x85b"),
    "line-separator": ("a\u2028b\u2029c", "a\\u2028b\\u2029c"),
    "backspace": ("a\x08\x08b", "a\\x08\\x08b"),
    "form-feed": ("a\x0cb", "a\\x0cb"),
    "vertical-tab": ("a\x0bb", "a\\x0bb"),
    "nul": ("a\x00b", "a\\x00b"),
    "delete": ("a\x7fb", "a\\x7fb"),
    "format-string": ("%s%d%(x)s%n", "%s%d%(x)s%n"),
    "plain": ("größe ☃", "größe ☃"),
}


@pytest.fixture
def app():
    # A logger of its own, so that nothing else configures it.
    app = Erlen("logged")
    app.logger.handlers.clear()
    app.logger.propagate = False
    from erlen.logging import default_handler

    app.logger.addHandler(default_handler)
    yield app
    app.logger.handlers.clear()
    app.logger.propagate = True


def first_line(stream):
    return stream.getvalue().split("\n")[0]


@pytest.mark.parametrize(
    ("text", "shown"), [case(name, *values) for name, values in HOSTILE.items()]
)
def test_the_path_of_a_failed_request_is_escaped(app, text, shown):
    app.add_url_rule("/<everything>", "fail", lambda everything: 1 / 0)
    errors = io.StringIO()
    response = app.test_client().get("/" + quote(text), errors_stream=errors)
    assert response.status_code == 500
    assert first_line(errors).endswith(f"Exception on /{shown} [GET]")
    assert not STEERS.search(errors.getvalue())
    # Nothing but the record and its traceback.
    assert errors.getvalue().split("\n")[1].startswith("Traceback")


@pytest.mark.parametrize(
    ("text", "shown"),
    [case(f"missing-{name}", *HOSTILE[name]) for name in ("colour", "crlf", "c1-sequence")],
)
def test_a_path_that_only_a_hook_sees_is_escaped_too(app, text, shown):
    app.before_request(lambda: 1 / 0)
    errors = io.StringIO()
    app.test_client().get("/a/" + quote(text) + "/b", errors_stream=errors)
    assert first_line(errors).endswith(f"Exception on /a/{shown}/b [GET]")


@pytest.mark.parametrize(
    ("method", "shown"),
    [
        case("method-colour", "GET\x1b[31m", "GET\\x1b[31M"),
        case("method-crlf", "GET\r\nX", "GET\\r\\nX"),
    ],
)
def test_the_method_is_escaped(app, method, shown, monkeypatch):
    # The checker knows the usual methods alone.
    monkeypatch.setenv("ERLEN_VALIDATE_WSGI", "0")
    app.before_request(lambda: 1 / 0)
    errors = io.StringIO()
    app.test_client().open("/x", method=method, errors_stream=errors)
    assert first_line(errors).endswith(f"Exception on /x [{shown}]")


@pytest.mark.parametrize(
    ("text", "shown"),
    [case(f"record-{name}", *HOSTILE[name]) for name in ("colour", "crlf", "format-string")],
)
def test_every_handler_gets_it_escaped(app, text, shown):
    records = []

    class Kept(logging.Handler):
        def emit(self, record):
            records.append(record.getMessage())

    app.logger.addHandler(Kept())
    app.add_url_rule("/<everything>", "fail", lambda everything: 1 / 0)
    app.test_client().get("/" + quote(text), errors_stream=io.StringIO())
    assert records == [f"Exception on /{shown} [GET]"]


@pytest.mark.parametrize(
    "host", [case("host-colour", "a\x1b[31m"), case("host-crlf", "a\r\nforged")]
)
def test_a_host_that_is_refused_is_not_logged(app, host):
    app.config["TRUSTED_HOSTS"] = ["a"]
    app.add_url_rule("/", "index", lambda: request.host)
    errors = io.StringIO()
    response = app.test_client().get(
        "/", environ_overrides={"HTTP_HOST": host}, errors_stream=errors
    )
    assert response.status_code == 400
    assert errors.getvalue() == ""
    assert not STEERS.search(response.text)


# -- the development server's access log -------------------------------------------------


@pytest.fixture
def access_log():
    """Sends bytes to a development server, and gives the lines that it has logged."""
    app = Erlen("served")
    app.add_url_rule("/<path:everything>", "index", lambda everything: "")
    logger = logging.getLogger("werkzeug")
    lines = []

    class Kept(logging.Handler):
        def emit(self, record):
            lines.append(record.getMessage())

    handler, level, propagate = Kept(), logger.level, logger.propagate
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    server = make_server("127.0.0.1", 0, app)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()

    def send(data):
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(65536):
                pass
        return lines

    yield send
    server.shutdown()
    thread.join(10)
    logger.removeHandler(handler)
    logger.setLevel(level)
    logger.propagate = propagate


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        case("wire-colour", b"GET /\x1b[31mred HTTP/1.1", "\\x1b[31mred"),
        case("wire-c1", b"GET /\x9b31m HTTP/1.1", "\\x9b31m"),
        case("wire-carriage-return", b"GET /a\rforged HTTP/1.1", None),
        case("wire-next-line", b"GET /a\x85b HTTP/1.1", None),
        case("wire-nul", b"GET /a\x00b HTTP/1.1", "\\x00"),
        case("wire-delete", b"GET /a\x7fb HTTP/1.1", "\\x7f"),
        case("wire-encoded", b"GET /a%0d%0aforged%1b[31m HTTP/1.1", "%0d%0aforged%1b[31m"),
        case("wire-method", b"G\x1b[31mET / HTTP/1.1", "\\x1b[31m"),
        case("wire-no-request", b"\x1b[31m\x08\x07", "\\x1b[31m"),
        case("wire-version", b"GET / HTTP/\x1b[31m", "\\x1b[31m"),
        case("wire-format-string", b"GET /%s%d%n HTTP/1.1", "%s%d%n"),
    ],
)
def test_the_access_log_is_escaped(access_log, line, shown):
    lines = access_log(line + b"\r\nHost: a\r\nConnection: close\r\n\r\n")
    assert lines
    for logged in lines:
        assert not STEERS.search(logged)
        assert "\n" not in logged
        assert logged.startswith("127.0.0.1 - - [")
    if shown is not None:
        assert any(shown in logged for logged in lines)
