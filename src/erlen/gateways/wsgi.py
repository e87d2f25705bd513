"""WSGI (PEP 3333): how a response goes to the server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..http.urls import iri_to_uri

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ..http.response import Response


def write(
    response: Response, environ: dict[str, Any], start_response: Callable[..., Any]
) -> Iterable[bytes]:
    """Start the response and return its body for the server to iterate.

    The outcome is that of calling ``response(environ, start_response)``.
    """
    # PERF: skips the copies of Response.__call__ for a body in memory. Safe where the class has
    # not changed how it is written, nothing waits for its end, and the status carries content.
    body = getattr(response, "_body", None)
    if (
        body is None
        or not response._writes_plainly
        or response._on_close
        or response._status_code < 200
        or response._status_code in (204, 304)
    ):
        return response(environ, start_response)
    pairs = response._pairs.copy()
    length_missing = True
    if response._headers is not None:
        for index, (key, value) in enumerate(pairs):
            name = key.lower()
            if name == "content-length":
                length_missing = False
            elif name == "location":
                if response.autocorrect_location_header:
                    return response(environ, start_response)
                pairs[index] = key, iri_to_uri(value)
            elif name == "content-location":
                pairs[index] = key, iri_to_uri(value)
    if length_missing and response.automatically_set_content_length:
        pairs.append(("Content-Length", str(len(body))))
    start_response(response._status, pairs)
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]
