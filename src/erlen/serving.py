"""The development server: HTTP/1.1 on the standard library, one thread for each connection.

It is for development alone; ``erlen serve`` is for production.
"""

from __future__ import annotations

import io
import logging
import os
import socket
import socketserver
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from .logging import escape_log_value

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterable

_logger: logging.Logger | None = None
# RFC 9112, 7.1: a chunk's size in hex; sixteen digits are 2^64 already.
_MOST_SIZE_DIGITS = 16
_LONGEST_LINE = 8192
# RFC 9110, 6.4.1: these never carry content.
_NO_CONTENT = {204, 304}


def is_running_from_reloader() -> bool:
    """Whether this process is the one that a reloader restarts."""
    return os.environ.get("WERKZEUG_RUN_MAIN") == "true"


def _log(kind: str, message: str, *args: Any) -> None:
    """Log a line of the server; the logger writes to ``sys.stderr`` if nobody configured it."""
    global _logger
    if _logger is None:
        from .logging import has_level_handler

        # The name that existing configurations know.
        _logger = logging.getLogger("werkzeug")
        if _logger.level == logging.NOTSET:
            _logger.setLevel(logging.INFO)
        if not has_level_handler(_logger):
            _logger.addHandler(logging.StreamHandler())
    getattr(_logger, kind)(message.rstrip(), *args)


class DechunkedInput(io.RawIOBase):
    """A chunked request body as a stream (RFC 9112, section 7.1).

    :param rfile: the connection
    """

    def __init__(self, rfile: Any) -> None:
        self._rfile = rfile
        self._done = False
        self._left = 0

    def readable(self) -> bool:
        return True

    def _next_size(self) -> int:
        line = self._rfile.readline(_LONGEST_LINE)
        digits = line.split(b";", 1)[0].strip()
        if not digits or len(digits) > _MOST_SIZE_DIGITS or not line.endswith(b"\n"):
            raise OSError("Invalid chunk header")
        if any(byte not in b"0123456789abcdefABCDEF" for byte in digits):
            raise OSError("Invalid chunk header")
        return int(digits, 16)

    def readinto(self, buf: Any) -> int:
        read = 0
        while not self._done and read < len(buf):
            if self._left == 0:
                self._left = self._next_size()
                if self._left == 0:
                    self._done = True
                    # Trailers are read and dropped.
                    while self._rfile.readline(_LONGEST_LINE) not in (b"\r\n", b"\n", b""):
                        pass
                    break
            data = self._rfile.read(min(self._left, len(buf) - read))
            if not data:
                raise OSError("The chunked body ended early")
            buf[read : read + len(data)] = data
            read += len(data)
            self._left -= len(data)
            if self._left == 0 and self._rfile.readline(3) not in (b"\r\n", b"\n"):
                raise OSError("Missing chunk terminating newline")
        return read


class WSGIRequestHandler(BaseHTTPRequestHandler):
    """Handles the requests of one connection."""

    server: BaseWSGIServer
    protocol_version = "HTTP/1.1"
    # Seconds that a connection may be silent.
    timeout = 60

    @property
    def server_version(self) -> str:  # type: ignore[override]
        from . import __version__

        return f"Erlen/{__version__}"

    def make_environ(self) -> dict[str, Any]:
        """The WSGI environment of the request."""
        path, _, query = self.path.partition("?")
        if "://" in path[:8]:
            # The absolute form, which proxies get (RFC 9112, 3.2.2).
            path = "/" + path.split("://", 1)[1].partition("/")[2]
        client = self.client_address or "<local>"
        address = client[0] if isinstance(client, tuple) else client
        environ: dict[str, Any] = {
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http" if self.server.ssl_context is None else "https",
            "wsgi.input": self.rfile,
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": self.server.multithread,
            "wsgi.multiprocess": self.server.multiprocess,
            "wsgi.run_once": False,
            "werkzeug.socket": self.connection,
            "SERVER_SOFTWARE": self.server_version,
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path.encode("latin-1")).decode("latin-1"),
            "QUERY_STRING": query,
            "REQUEST_URI": self.path,
            "RAW_URI": self.path,
            "REMOTE_ADDR": address,
            "SERVER_NAME": self.server.server_address[0],
            "SERVER_PORT": str(self.server.server_address[1]),
            "SERVER_PROTOCOL": self.request_version,
        }
        if isinstance(client, tuple):
            environ["REMOTE_PORT"] = client[1]
        for key, value in self.headers.items():
            # "X_Forwarded_For" must not pass for "X-Forwarded-For".
            if "_" in key:
                continue
            name = key.upper().replace("-", "_")
            value = value.replace("\r\n", "")
            if name not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
                name = f"HTTP_{name}"
                if name in environ:
                    value = f"{environ[name]},{value}"
            environ[name] = value
        if environ.get("HTTP_TRANSFER_ENCODING", "").strip().lower() == "chunked":
            environ["wsgi.input_terminated"] = True
            environ["wsgi.input"] = io.BufferedReader(DechunkedInput(self.rfile))
        return environ

    def _refusal(self) -> tuple[int, str] | None:
        """Why the request is refused: its framing is ambiguous (RFC 9112, 6.3)."""
        lengths = self.headers.get_all("Content-Length", [])
        encoding = self.headers.get("Transfer-Encoding")
        if len(lengths) > 1 or (lengths and encoding is not None):
            return 400, "The length of the body is ambiguous"
        if lengths and not (lengths[0].isascii() and lengths[0].isdigit()):
            return 400, "Content-Length is no number"
        if encoding is not None and encoding.strip().lower() != "chunked":
            return 501, "Only chunked transfer encoding is known"
        if len(self.headers.get_all("Host", [])) > 1:
            return 400, "There are several Host headers"
        return None

    def run_wsgi(self) -> None:
        """Answer the request."""
        refusal = self._refusal()
        if refusal is not None:
            self.send_error(*refusal)
            return
        environ = self.make_environ()
        # A body that the application does not read would be taken for the next request.
        self.close_connection = True
        started: list[Any] = []
        sent = False
        chunked = False

        def write(data: bytes) -> None:
            nonlocal sent, chunked
            if not started:
                raise AssertionError("write() before start_response()")
            if not sent:
                status, headers = started
                code_text, _, reason = status.partition(" ")
                code = int(code_text)
                self.send_response(code, reason)
                names = set()
                for key, value in headers:
                    self.send_header(key, value)
                    names.add(key.lower())
                bodyless = code in _NO_CONTENT or 100 <= code < 200
                if not ("content-length" in names or self.command == "HEAD" or bodyless):
                    chunked = self.request_version == "HTTP/1.1"
                    if chunked:
                        self.send_header("Transfer-Encoding", "chunked")
                self.send_header("Connection", "close")
                self.end_headers()
                sent = True
            if data and self.command != "HEAD":
                if chunked:
                    self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
                else:
                    self.wfile.write(data)
            self.wfile.flush()

        def start_response(status: str, headers: list[Any], exc_info: Any = None) -> Any:
            if exc_info:
                try:
                    if sent:
                        raise exc_info[1].with_traceback(exc_info[2])
                finally:
                    exc_info = None
            elif started:
                raise AssertionError("start_response() was called twice")
            started[:] = [status, headers]
            return write

        try:
            body: Iterable[bytes] = self.server.app(environ, start_response)
            try:
                for data in body:
                    write(data)
                if not sent:
                    write(b"")
                if chunked:
                    self.wfile.write(b"0\r\n\r\n")
            finally:
                close = getattr(body, "close", None)
                if close is not None:
                    close()
        except (ConnectionError, TimeoutError):
            # The client went away.
            return
        except Exception:
            if self.server.passthrough_errors:
                raise
            from traceback import format_exc

            _log("error", "Error on request:\n%s", format_exc())
            if not sent:
                self.send_error(500)

    def __getattr__(self, name: str) -> Any:
        # Every method goes to the application.
        if name.startswith("do_"):
            return self.run_wsgi
        raise AttributeError(name)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        line = escape_log_value(getattr(self, "requestline", "-"))
        self.log("info", '"%s" %s %s', line, getattr(code, "value", code), size)

    def log_error(self, format: str, *args: Any) -> None:
        self.log("error", format, *args)

    def log_message(self, format: str, *args: Any) -> None:
        self.log("info", format, *args)

    def log(self, type: str, message: str, *args: Any) -> None:
        """Log a line with the client's address and the time."""
        text = escape_log_value(message % args)
        _log(type, f"{self.address_string()} - - [{self.log_date_time_string()}] %s", text)

    def address_string(self) -> str:
        if isinstance(self.client_address, tuple):
            return str(self.client_address[0])
        return "<local>"


class BaseWSGIServer(HTTPServer):
    """Serves a WSGI application, one request at a time.

    :param host: the address, or ``unix://PATH``
    :param port: the port; 0 takes a free one
    :param app: the application
    :param handler: the class that handles connections
    :param passthrough_errors: let errors of the application end the server
    :param ssl_context: for TLS: a context, a pair of certificate and key file, or ``"adhoc"``
    :param fd: a socket that listens already
    """

    multithread = False
    multiprocess = False
    request_queue_size = 128
    allow_reuse_address = True

    def __init__(
        self,
        host: str,
        port: int,
        app: Callable[..., Iterable[bytes]],
        handler: type[WSGIRequestHandler] | None = None,
        passthrough_errors: bool = False,
        ssl_context: Any = None,
        fd: int | None = None,
    ) -> None:
        self.app = app
        self.passthrough_errors = passthrough_errors
        self.host = host
        self.ssl_context: ssl.SSLContext | None = None
        if host.startswith("unix://"):
            self.address_family = socket.AF_UNIX
            address: Any = os.path.abspath(host[7:])
        else:
            self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
            address = (host, int(port))
        super().__init__(address, handler or WSGIRequestHandler, bind_and_activate=False)
        if fd is not None:
            self.socket.close()
            self.socket = socket.fromfd(fd, self.address_family, socket.SOCK_STREAM)
            self.server_address = self.socket.getsockname()
        else:
            try:
                socketserver.TCPServer.server_bind(self)
                self.server_activate()
            except OSError as error:
                self.server_close()
                raise OSError(
                    error.errno,
                    f"{error.strerror}: cannot listen on {host}:{port}. Stop the program that"
                    " uses the port, or choose another one with --port.",
                ) from None
        if ssl_context is not None:
            self.ssl_context = _make_ssl_context(ssl_context, host)
            self.socket = self.ssl_context.wrap_socket(self.socket, server_side=True)
        if isinstance(self.server_address, tuple):
            self.port = self.server_address[1]
        else:
            self.server_address = (self.server_address, 0)
            self.port = 0

    def log(self, type: str, message: str, *args: Any) -> None:
        """Log a line."""
        _log(type, message, *args)

    def serve_forever(self, poll_interval: float = 0.5) -> None:
        """Serve until interrupted."""
        try:
            super().serve_forever(poll_interval=poll_interval)
        except KeyboardInterrupt:
            pass
        finally:
            self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        if self.passthrough_errors:
            raise
        error = sys.exc_info()[1]
        # A broken connection or TLS handshake is the client's matter.
        if not isinstance(error, OSError):
            super().handle_error(request, client_address)

    def log_startup(self) -> None:
        """Say where the server listens."""
        scheme = "http" if self.ssl_context is None else "https"
        host = f"[{self.host}]" if ":" in self.host else self.host
        where = self.host if self.host.startswith("unix://") else f"{scheme}://{host}:{self.port}"
        _log(
            "info",
            "WARNING: This is a development server. Do not use it in a production deployment:"
            " use 'erlen serve'.",
        )
        _log("info", f" * Running on {where}")
        _log("info", "Press CTRL+C to quit")


class ThreadedWSGIServer(socketserver.ThreadingMixIn, BaseWSGIServer):
    """Serves each connection in a thread of its own."""

    multithread = True
    daemon_threads = True


def _make_ssl_context(value: Any, host: str) -> ssl.SSLContext:
    import ssl

    if isinstance(value, ssl.SSLContext):
        return value
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if value == "adhoc":
        cert, key = _adhoc_certificate(host)
        context.load_cert_chain(cert, key)
        os.unlink(cert)
        os.unlink(key)
    elif isinstance(value, tuple):
        context.load_cert_chain(*value)
    else:
        context.load_cert_chain(value)
    return context


def _adhoc_certificate(host: str) -> tuple[str, str]:
    """A certificate that nobody trusts, for development, as two temporary files."""
    import tempfile
    from datetime import UTC, datetime, timedelta

    try:
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import rsa
    except ImportError:
        raise TypeError(
            "Using ad-hoc certificates requires the cryptography library: pip install cryptography."
        ) from None
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=365))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    paths = []
    for data in (
        certificate.public_bytes(serialization.Encoding.PEM),
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        ),
    ):
        handle, path = tempfile.mkstemp(suffix=".pem")
        with os.fdopen(handle, "wb") as f:
            f.write(data)
        paths.append(path)
    return paths[0], paths[1]


def make_server(
    host: str,
    port: int,
    app: Callable[..., Iterable[bytes]],
    threaded: bool = False,
    processes: int = 1,
    request_handler: type[WSGIRequestHandler] | None = None,
    passthrough_errors: bool = False,
    ssl_context: Any = None,
    fd: int | None = None,
) -> BaseWSGIServer:
    """A server for an application, not yet running.

    :param threaded: serve connections in threads
    :raises ValueError: for several processes, which ``erlen serve --workers`` is for
    """
    if processes > 1:
        raise ValueError(
            "The development server has one process: use 'erlen serve --workers N' for several."
        )
    cls = ThreadedWSGIServer if threaded else BaseWSGIServer
    return cls(host, port, app, request_handler, passthrough_errors, ssl_context, fd=fd)


def run_simple(
    hostname: str,
    port: int,
    application: Callable[..., Iterable[bytes]],
    use_reloader: bool = False,
    use_debugger: bool = False,
    use_evalex: bool = True,
    extra_files: Iterable[str] | None = None,
    exclude_patterns: Iterable[str] | None = None,
    reloader_interval: int = 1,
    reloader_type: str = "auto",
    threaded: bool = False,
    processes: int = 1,
    request_handler: type[WSGIRequestHandler] | None = None,
    static_files: dict[str, str | tuple[str, str]] | None = None,
    passthrough_errors: bool = False,
    ssl_context: Any = None,
) -> None:
    """Serve an application for development until it is interrupted.

    The reloader and the error page are not available yet: asking for the reloader is told, and
    the server runs without.

    :param hostname: the address to listen on
    :param port: the port
    :param application: the WSGI application
    :param threaded: serve connections in threads
    :param static_files: folders by URL prefix, served beside the application
    :param ssl_context: see :class:`BaseWSGIServer`
    :raises TypeError: if the port is no number
    """
    if not isinstance(port, int):
        raise TypeError("port must be an integer")
    if static_files:
        from .middleware.shared_data import SharedDataMiddleware

        application = SharedDataMiddleware(application, static_files)
    server = make_server(
        hostname,
        port,
        application,
        threaded,
        processes,
        request_handler,
        passthrough_errors,
        ssl_context,
    )
    server.log_startup()
    if use_reloader:
        _log("info", " * The reloader is not available yet: restart the server after a change")
    server.serve_forever()
