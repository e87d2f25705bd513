"""What Granian leaves out of PEP 3333: a ``start_response`` as late as the first piece of the body,
and ``write()``."""

from __future__ import annotations

from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from ...http.streams import ClosingIterator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def with_late_heads(wsgi: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    """``wsgi`` for a server that takes the head before the body, and has no ``write()``: what is
    written is sent in front of the body."""

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        head: list[Any] = []
        written: list[bytes] = []

        def start(status: str, headers: Any, exc_info: Any = None) -> Callable[[bytes], Any]:
            try:
                if exc_info is not None and any(written):
                    raise exc_info[1].with_traceback(exc_info[2])
                if exc_info is None and head:
                    raise AssertionError("start_response() was called twice without exc_info.")
            finally:
                exc_info = None
            head[:] = status, headers
            return written.append

        body = wsgi(environ, start)
        if head and not written:
            start_response(*head)
            return body
        close = getattr(body, "close", None)
        try:
            pieces = iter(body)
            if not head:
                written += islice(pieces, 1)
            if not head:
                raise AssertionError(
                    "The WSGI application has not called start_response() before its first piece."
                )
        except BaseException:
            if close is not None:
                close()
            raise
        start_response(*head)
        return ClosingIterator(chain(written, pieces), close)

    return application
