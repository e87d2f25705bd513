"""Answers checked against PEP 3333 while a test runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from wsgiref.validate import validator

from ..http.wsgi_call import call_wsgi

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..http.headers import Headers


class _ClosedBody:
    """A body that is closed when it is dropped: a server always closes it, a test need not."""

    def __init__(self, body: Any) -> None:
        self._body = body
        self._iterator: Iterator[bytes] = iter(body)
        self._closed = False

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self._iterator)

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._body.close()

    def __del__(self) -> None:
        self.close()


def run_validated(
    app: Any, environ: dict[str, Any], buffered: bool
) -> tuple[Iterable[bytes], str, Headers]:
    """Call ``app`` through :func:`wsgiref.validate.validator`, which raises ``AssertionError``
    for what breaks PEP 3333."""
    in_memory = False

    def inner(environ: dict[str, Any], start_response: Any) -> Any:
        nonlocal in_memory
        body = app(environ, start_response)
        in_memory = isinstance(body, (list, tuple))
        return body

    checked = validator(inner)

    def application(environ: dict[str, Any], start_response: Any) -> Any:
        body: Any = checked(environ, start_response)
        if not in_memory:
            return _ClosedBody(body)
        # Closed at once: dropping it later, in a cycle, the checker would take for a mistake.
        try:
            return list(body)
        finally:
            body.close()

    return call_wsgi(application, environ, buffered)
