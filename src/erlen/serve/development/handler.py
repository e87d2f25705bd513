"""How the development server handles a connection: HTTP/1.1 in, WSGI out."""

from __future__ import annotations

import io
import re
import sys
import time
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import unquote_to_bytes

from ...logging import escape_log_value, log_server
from ...version import __version__
from .request_lines import describe_request

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .tracking import TrackingServer

# RFC 9112, 7.1: a chunk's size in hex; sixteen digits are 2^64 already.
_SIZE = re.compile(rb"[0-9a-fA-F]{1,16}\Z")
_LONGEST_LINE = 8192
# RFC 9110, 6.4.1: these never carry content.
_NO_CONTENT = {204, 304}


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
        if not line.endswith(b"\n") or _SIZE.match(digits) is None:
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

    server: TrackingServer
    # When the request began, for the log.
    _since = 0.0
    protocol_version: str = "HTTP/1.1"
    server_version = f"Erlen/{__version__}"
    # Seconds that a connection may be silent.
    timeout: ClassVar[int] = 60

    def setup(self) -> None:
        super().setup()
        if not self.server.multithread:
            # As Werkzeug's: where a connection has the only thread, it carries one request.
            self.protocol_version = "HTTP/1.0"

    def parse_request(self) -> bool:
        # The first line is here: the request is to be answered, whatever happens to the server.
        self.server.note_request(self.request)
        self._since = time.perf_counter()
        return super().parse_request()

    def make_environ(self) -> dict[str, Any]:
        """The WSGI environment of the request."""
        path, _, query = self.path.partition("#")[0].partition("?")
        host = None
        if path.lower().startswith(("http://", "https://")):
            # The absolute form, which proxies get; its host counts (RFC 9112, 3.2.2).
            host, _, path = path.split("://", 1)[1].partition("/")
            path = f"/{path}"
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
        if host is not None:
            environ["HTTP_HOST"] = host
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
                    chunked = self.request_version == self.protocol_version == "HTTP/1.1"
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

            log_server("error", "Error on request:\n%s", format_exc())
            if not sent:
                self.send_error(500)

    def __getattr__(self, name: str) -> Any:
        # Every method goes to the application.
        if name.startswith("do_"):
            return self.run_wsgi
        raise AttributeError(name)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        line = getattr(self, "requestline", "-")
        seconds = time.perf_counter() - self._since
        self.log("info", "%s", describe_request(line, getattr(code, "value", code), seconds))

    def log_error(self, format: str, *args: Any) -> None:
        self.log("error", format, *args)

    def log_message(self, format: str, *args: Any) -> None:
        self.log("info", format, *args)

    def log(self, type: str, message: str, *args: Any) -> None:
        """Log a line with the client's address and the time."""
        text = escape_log_value(message % args)
        # The address may have a "%" of its own, before the zone of IPv6.
        log_server(type, "%s - - [%s] %s", self.address_string(), self.log_date_time_string(), text)

    def address_string(self) -> str:
        if isinstance(self.client_address, tuple):
            return str(self.client_address[0])
        return "<local>"
