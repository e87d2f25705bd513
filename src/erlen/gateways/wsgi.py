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
    # PERF: skips the copies and the closing iterator of Response.__call__. Safe where the class has
    # not changed how it is written and the status carries content.
    if not response._writes_plainly or response._status_code in _BODYLESS:
        return response(environ, start_response)
    body = response._body
    pairs = response._pairs.copy()
    length_missing = response.automatically_set_content_length
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
    if body is None or response._on_close:
        if length_missing and response.is_sequence:
            pairs.append(("Content-Length", str(sum(map(len, response.iter_encoded())))))
        start_response(response._status, pairs)
        return response.get_app_iter(environ)
    if length_missing:
        pairs.append(("Content-Length", str(len(body))))
    start_response(response._status, pairs)
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


# RFC 9110, sections 15.2, 15.3.5 and 15.4.5.
_BODYLESS = frozenset({100, 101, 102, 103, 204, 304})
