"""How a response goes to a WSGI server (PEP 3333)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .conditional import NOT_IN_304
from .urls import iri_to_uri

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .response import Response


def write(
    response: Response, environ: dict[str, Any], start_response: Callable[..., Any]
) -> Iterable[bytes]:
    """Start the response and return its body for the server to iterate.

    The outcome is that of calling ``response(environ, start_response)``.
    """
    # PERF: skips the copies and the closing iterator of Response.__call__. Safe where the class has
    # not changed how it is written.
    if not response._writes_plainly:
        return response(environ, start_response)
    code = response._status_code
    if code < 200 or code == 204 or code == 304:
        return _write_head(response, environ, start_response)
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


def needs_environ(response: Response) -> bool:
    """Whether :func:`write` asks the environment for more than the method."""
    code = response._status_code
    return (
        not response._writes_plainly
        or response._body is None
        or bool(response._on_close)
        or response.autocorrect_location_header
        or code < 200
        or code == 204
        or code == 304
    )


# RFC 9110, section 15.4.5; and what no content has none of (15.2, 15.3.5).
_UNSENT = {304: NOT_IN_304, 204: frozenset({"content-length", "content-type"})}


def _write_head(
    response: Response, environ: dict[str, Any], start_response: Callable[..., Any]
) -> Iterable[bytes]:
    """:func:`write` for a status that has no content."""
    unsent = _UNSENT.get(response._status_code)
    if unsent is None or response._on_close or hasattr(response._iterable, "close"):
        return response(environ, start_response)
    # PERF: nothing to close, and no headers but those that stay as they are.
    pairs: list[tuple[str, str]] = []
    for pair in response._pairs:
        name = pair[0].lower()
        if name == "location" or name == "content-location":
            return response(environ, start_response)
        if name not in unsent:
            pairs.append(pair)
    start_response(response._status, pairs)
    return ()
