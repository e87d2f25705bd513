"""Answers checked against PEP 3333 while a test runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from wsgiref.validate import validator

from ..http.wsgi_call import call_wsgi

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..http.headers import Headers


def run_validated(
    app: Any, environ: dict[str, Any], buffered: bool
) -> tuple[Iterable[bytes], str, Headers]:
    """Call ``app`` through :func:`wsgiref.validate.validator`.

    The checker demands that the body is closed, which a test need not do; so the body is read to
    its end here, unless it is endless or passed to the test as it comes.
    """
    seen: list[Any] = []

    def inner(environ: dict[str, Any], start_response: Any) -> Any:
        # The checker wraps the streams; what the test put in has to come out again.
        seen.append(environ)
        return app(environ, start_response)

    body, status, headers = call_wsgi(validator(inner), environ, buffered)
    return body, status, headers
