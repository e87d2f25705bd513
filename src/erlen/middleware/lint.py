"""Warnings about what an application or server does against PEP 3333 and RFC 9110."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import IO, Any
from warnings import warn

from ..http.conditional import is_entity_header
from ..http.headers import Headers

_REQUIRED = (
    "REQUEST_METHOD",
    "SERVER_NAME",
    "SERVER_PORT",
    "wsgi.version",
    "wsgi.input",
    "wsgi.errors",
    "wsgi.multithread",
    "wsgi.multiprocess",
    "wsgi.run_once",
)
# RFC 9110, 15.4.5: what a 304 answer may say of the resource.
_WITH_304 = {"expires", "content-location", "etag", "last-modified"}


class WSGIWarning(Warning):
    """Something against PEP 3333."""


class HTTPWarning(Warning):
    """Something against RFC 9110."""


def _require(kind: type, value: Any, what: str) -> bool:
    if type(value) is kind:
        return True
    _warn(f"{what!r} requires {kind.__name__!r}, got {type(value).__name__!r}.")
    return False


def _warn(message: str, kind: type[Warning] = WSGIWarning) -> None:
    warn(message, kind, stacklevel=4)


class _CheckedInput:
    """The body of a request; it warns where reading may block for ever."""

    def __init__(self, stream: IO[bytes], terminated: bool) -> None:
        self._stream = stream
        self._terminated = terminated

    def _check_size(self, method: str, arguments: tuple[Any, ...]) -> None:
        if not arguments and not self._terminated:
            _warn(
                f"wsgi.input.{method}() without a size may wait for ever: the server does not say"
                " that it ends the stream. Read CONTENT_LENGTH bytes."
            )

    def read(self, *arguments: int) -> bytes:
        self._check_size("read", arguments)
        return self._stream.read(*arguments)

    def readline(self, *arguments: int) -> bytes:
        self._check_size("readline", arguments)
        return self._stream.readline(*arguments)

    def readlines(self, *arguments: int) -> list[bytes]:
        self._check_size("readlines", arguments)
        return self._stream.readlines(*arguments)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._stream)

    def close(self) -> None:
        _warn("The application closed wsgi.input, which is the server's.")
        self._stream.close()


class _CheckedBody:
    """The body of an answer; it warns of what was wrong when it is closed."""

    def __init__(self, body: Any, started: list[tuple[int, Headers]], written: list[int]) -> None:
        self._body = body
        self._iterator = iter(body)
        self._started = started
        self._written = written
        self._closed = False

    def __iter__(self) -> _CheckedBody:
        return self

    def __next__(self) -> bytes:
        if self._closed:
            _warn("The body is iterated after it was closed.")
        piece: bytes = next(self._iterator)
        if not self._started:
            _warn("The application returned before it started the response.")
        if _require(bytes, piece, "application iterator items"):
            self._written.append(len(piece))
        return piece

    def close(self) -> None:
        self._closed = True
        if hasattr(self._body, "close"):
            self._body.close()
        if self._started:
            self._check_length(*self._started[-1])

    def _check_length(self, code: int, headers: Headers) -> None:
        sent = sum(self._written)
        announced = headers.get("Content-Length", type=int)
        if code == 304:
            for key, _ in headers:
                if is_entity_header(key) and key.lower() not in _WITH_304:
                    _warn(f"Entity header {key!r} found in 304 response.", HTTPWarning)
        if code == 304 or code == 204 or 100 <= code < 200:
            if sent:
                _warn(f"{code} responses must not have a body.", HTTPWarning)
            if code != 304 and announced:
                _warn(f"{code} responses must have an empty content length.", HTTPWarning)
        elif announced is not None and announced != sent:
            _warn(f"Content-Length is {announced}, and {sent} bytes were sent.")


class LintMiddleware:
    """Wraps an application and warns about what it, or the server, does wrong.

    :param app: the WSGI application
    """

    def __init__(self, app: Any) -> None:
        self.app = app

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        self.check_environ(environ)
        environ["wsgi.input"] = _CheckedInput(
            environ["wsgi.input"], bool(environ.get("wsgi.input_terminated"))
        )
        started: list[tuple[int, Headers]] = []
        written: list[int] = []

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            code = self.check_status(status)
            started.append((code, self.check_headers(headers)))
            if exc_info is not None and not isinstance(exc_info, tuple):
                _warn("Invalid value for exc_info: it is a tuple or None.")
            write = (
                start_response(status, headers)
                if exc_info is None
                else start_response(status, headers, exc_info)
            )

            def checked_write(data: bytes) -> None:
                _require(bytes, data, "write()")
                written.append(len(data))
                write(data)

            return checked_write

        body = self.app(environ, start)
        if isinstance(body, str):
            _warn("The application returned a string: return a list of bytes instead.")
        return _CheckedBody(body, started, written)

    def check_environ(self, environ: dict[str, Any]) -> None:
        """Warn of what the server did wrong."""
        if type(environ) is not dict:
            _warn("WSGI environment is not a standard Python dict.")
        for key in _REQUIRED:
            if key not in environ:
                _warn(f"Required environment key {key!r} not found")
        if environ.get("wsgi.version") != (1, 0):
            _warn("Environ is not a WSGI 1.0 environ.")
        for key in ("SCRIPT_NAME", "PATH_INFO"):
            value = environ.get(key, "")
            if value and not value.startswith("/"):
                _warn(f"{key!r} does not start with a slash: {value!r}")

    def check_status(self, status: str) -> int:
        """Warn of a malformed status line; returns its code."""
        if not _require(str, status, "status"):
            return 0
        code, _, reason = status.partition(" ")
        if len(code) != 3 or not code.isdigit():
            _warn("Status code must be three digits.")
        if len(status) < 4 or status[3] != " " or not reason:
            _warn(f"Invalid value for status {status!r}: write three digits, a space and a reason.")
        number = int(code) if code.isdigit() and len(code) <= 3 else 0
        if number < 100:
            _warn("Status code < 100 detected.")
        return number

    def check_headers(self, headers: list[tuple[str, str]]) -> Headers:
        """Warn of malformed headers; returns those that are well formed."""
        if type(headers) is not list:
            _warn("Header list is not a list.")
        sound = []
        for item in headers:
            if type(item) is not tuple or len(item) != 2:
                _warn("Header items must be 2-item tuples.")
                continue
            key, value = item
            if type(key) is not str or type(value) is not str:
                _warn("Header keys and values must be strings.")
                continue
            if key.lower() == "status":
                _warn("The status header is not supported: the status line says it.")
            sound.append(item)
        found = Headers(sound)
        self._check_values(found)
        return found

    def _check_values(self, headers: Headers) -> None:
        etag = headers.get("ETag")
        if etag is not None:
            if etag.startswith("w/"):
                _warn("Weak etag indicator should be upper case.", HTTPWarning)
            if not etag[2 if etag[:2].lower() == "w/" else 0 :].startswith('"'):
                _warn("Unquoted etag emitted.", HTTPWarning)
        location = headers.get("Location")
        if location is not None:
            from urllib.parse import urlsplit

            if not urlsplit(location).netloc:
                _warn("Absolute URLs required for location header.", HTTPWarning)
