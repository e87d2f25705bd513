"""Calling a WSGI application and taking what it answers (PEP 3333)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .headers import Headers
from .streams import ClosingIterator


def call_wsgi(
    app: Any, environ: dict[str, Any], buffered: bool = False
) -> tuple[Iterable[bytes], str, Headers]:
    """Run ``app`` and return body, status line and headers.

    :param buffered: read the whole body and close it; otherwise it is read up to the first
        piece, by when every application has called ``start_response``
    :raises RuntimeError: if the application never calls ``start_response``
    """
    from itertools import chain

    # Middleware may write to the environment that it was given.
    environ = dict(environ)
    started: list[tuple[str, list[tuple[str, str]]]] = []
    written: list[bytes] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        if exc_info:
            try:
                if written:
                    raise exc_info[1].with_traceback(exc_info[2])
            finally:
                exc_info = None
        started[:] = [(status, headers)]
        return written.append

    body: Any = app(environ, start_response)
    close = getattr(body, "close", None)
    result: Iterable[bytes]
    if buffered:
        try:
            pieces = list(body)
        finally:
            if close is not None:
                close()
        result = [*written, *pieces]
    elif started and isinstance(body, (list, tuple)):
        result = [*written, *body]
    else:
        iterator = iter(body)
        try:
            for piece in iterator:
                written.append(piece)
                if started:
                    break
        except BaseException:
            if close is not None:
                close()
            raise
        result = chain(written, iterator)
        if close is not None:
            result = ClosingIterator(result, close)
    if not started:
        raise RuntimeError("The WSGI application returned without calling start_response().")
    status, headers = started[0]
    return result, status, Headers(headers)
