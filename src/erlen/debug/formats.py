"""In which form a page is answered: as HTML, as JSON, or as text."""

from __future__ import annotations

import json
from typing import Any, Literal

from ..http.accept import MIMEAccept, parse_accept_header
from ..http.response import Response
from .pages import POLICY

Format = Literal["html", "json", "text"]

_MIMETYPES: dict[Format, str] = {
    "html": "text/html",
    "json": "application/json",
    "text": "text/plain",
}


def wanted_format(environ: dict[str, Any]) -> Format:
    """What the client asks for by name: a browser HTML, a client of an API JSON, and ``curl``,
    which takes anything, text. Who says nothing gets HTML, and who opens a WebSocket text.

    >>> wanted_format({"HTTP_ACCEPT": "application/json, */*"})
    'json'
    """
    accept = environ.get("HTTP_ACCEPT")
    if not accept:
        is_socket = environ.get("wsgi.url_scheme") in ("ws", "wss")
        return "text" if is_socket else "html"
    best: Format = "text"
    quality = 0.0
    for value, weight in parse_accept_header(accept, MIMEAccept):
        kind = value.partition(";")[0].strip().lower()
        named: Format | None = None
        if kind in ("text/html", "application/xhtml+xml"):
            named = "html"
        elif kind == "application/json" or kind.endswith("+json"):
            named = "json"
        elif kind == "text/plain":
            named = "text"
        if named is not None and weight > quality:
            best, quality = named, weight
    return best


def answer(content: str | dict[str, Any], status: int, kind: Format, cls: Any = Response) -> Any:
    """The response with a page, which nobody keeps and which may load nothing of others.

    :param content: text, or what is written as JSON
    :param cls: the class of the response
    """
    if not isinstance(content, str):
        content = json.dumps(content, indent=2) + "\n"
    # A text may hold half a character of what was decoded leniently.
    body = content.encode("utf-8", "backslashreplace")
    response = cls(body, status, mimetype=_MIMETYPES[kind])
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response
