"""The line that the development server logs for a request."""

from __future__ import annotations

from datetime import datetime

from ...logging import escape_log_value, log_server

_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def describe_request(line: str, status: object, seconds: float) -> str:
    """What was asked, how it was answered, and how long it took until the answer began.

    >>> describe_request("GET / HTTP/1.1", 200, 0.003)
    '"GET / HTTP/1.1" 200 in 3 ms'
    """
    return f'"{escape_log_value(line)}" {status} in {seconds * 1000:.0f} ms'


def log_request(client: str, line: str, status: int, seconds: float) -> None:
    """Log a request, as the server for WSGI does."""
    now = datetime.now()
    # As in the log format that all servers have in common, in no other language.
    when = f"{now:%d}/{_MONTHS[now.month - 1]}/{now:%Y %H:%M:%S}"
    log_server("info", "%s - - [%s] %s", client, when, describe_request(line, status, seconds))
