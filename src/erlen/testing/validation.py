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
    checked = validator(app)

    def application(environ: dict[str, Any], start_response: Any) -> Any:
        return _ClosedBody(checked(environ, start_response))

    return call_wsgi(application, environ, buffered)
