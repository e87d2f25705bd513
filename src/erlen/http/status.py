"""Status codes, their reason phrases (the IANA registry of HTTP status codes), and status lines."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from http import HTTPStatus

_UNFIT = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]|[^\x00-\xff]")

HTTP_STATUS_CODES: dict[int, str] = {
    100: "Continue",
    101: "Switching Protocols",
    102: "Processing",
    103: "Early Hints",
    200: "OK",
    201: "Created",
    202: "Accepted",
    203: "Non Authoritative Information",
    204: "No Content",
    205: "Reset Content",
    206: "Partial Content",
    207: "Multi Status",
    208: "Already Reported",
    226: "IM Used",
    300: "Multiple Choices",
    301: "Moved Permanently",
    302: "Found",
    303: "See Other",
    304: "Not Modified",
    305: "Use Proxy",
    306: "Switch Proxy",
    307: "Temporary Redirect",
    308: "Permanent Redirect",
    400: "Bad Request",
    401: "Unauthorized",
    402: "Payment Required",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    407: "Proxy Authentication Required",
    408: "Request Timeout",
    409: "Conflict",
    410: "Gone",
    411: "Length Required",
    412: "Precondition Failed",
    413: "Request Entity Too Large",
    414: "Request URI Too Long",
    415: "Unsupported Media Type",
    416: "Requested Range Not Satisfiable",
    417: "Expectation Failed",
    418: "I'm a teapot",
    421: "Misdirected Request",
    422: "Unprocessable Entity",
    423: "Locked",
    424: "Failed Dependency",
    425: "Too Early",
    426: "Upgrade Required",
    428: "Precondition Required",
    429: "Too Many Requests",
    431: "Request Header Fields Too Large",
    449: "Retry With",
    451: "Unavailable For Legal Reasons",
    500: "Internal Server Error",
    501: "Not Implemented",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
    505: "HTTP Version Not Supported",
    506: "Variant Also Negotiates",
    507: "Insufficient Storage",
    508: "Loop Detected",
    510: "Not Extended",
    511: "Network Authentication Failed",
}

# PERF: the status lines of answers, made once.
STATUS_LINES: dict[int, str] = {
    code: f"{code} {phrase.upper()}" for code, phrase in HTTP_STATUS_CODES.items()
}


def status_line(code: int) -> str:
    """The status line of a code.

    :raises ValueError: for a code that no server can send (RFC 9110, section 15)
    """
    line = STATUS_LINES.get(code)
    if line is not None:
        return line
    if not 100 <= code <= 999:
        raise ValueError(no_status(code))
    return f"{code} {HTTP_STATUS_CODES.get(code, 'UNKNOWN')}"


def no_status(value: object) -> str:
    """What is said of a status that no server can send."""
    return (
        f"{str(value)[:80]!r} is no HTTP status: it has three digits, from 100 to 999, as 200 and"
        " '404 NOT FOUND' have."
    )


def no_answer(status: str) -> str:
    """What is said of a status that answers no request."""
    if status.startswith("1") and len(status.partition(" ")[0]) == 3:
        return (
            f"{status[:80]!r} is no final answer: a status of 1xx only goes before one (RFC 9110,"
            " section 15.2), and a client would take the next answer for this one. Return 200 or"
            " more; 100 and 101 are the server's to send, and @app.websocket answers an upgrade."
        )
    return no_status(status)


def parse_status(value: str | int | HTTPStatus) -> tuple[str, int]:
    """A status as line and code: ``"404"`` gives ``("404 NOT FOUND", 404)``.

    A reason alone has the code 0, which no server can send.

    :raises ValueError: for a code that is none, an empty line, or one that would break the answer
    :raises TypeError: for what is neither a number nor a line
    """
    if isinstance(value, int):
        code = int(value)
        return status_line(code), code
    if isinstance(value, (bytes, bytearray)):
        value = bytes(value).decode("ascii")
    if not isinstance(value, str):
        raise TypeError(f"A status is a number or a line, not {type(value).__name__}.")
    value = value.strip()
    if not value:
        raise ValueError("Empty status argument: give a code such as 200, or '200 OK'.")
    if _UNFIT.search(value) is not None:
        raise ValueError(
            "The status line must not contain control characters, nor text beyond Latin-1:"
            f" {value[:80]!r}."
        )
    first, _, reason = value.partition(" ")
    if not (first.isascii() and first.isdigit()):
        # A reason alone is kept, with a code that no server takes for a success.
        return f"0 {value}", 0
    # As many digits as there are: "0200" is another line for a server.
    code = int(first) if len(first) == 3 else -1
    if code < 100:
        raise ValueError(no_status(value))
    return value if reason else status_line(code), code
