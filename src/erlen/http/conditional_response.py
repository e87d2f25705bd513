"""Conditions and ranges of a request, applied to a response (RFC 9110, sections 13 and 14)."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Protocol

from .conditional import is_resource_modified
from .dates import http_date
from .etags import parse_etags
from .exceptions import RequestedRangeNotSatisfiable
from .ranges import parse_range_header

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .headers import Headers

_CONDITIONS = frozenset({"HTTP_IF_MATCH", "HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE"})


class Conditional(Protocol):
    """What is needed of a response."""

    automatically_set_content_length: bool
    response: Any

    @property
    def status_code(self) -> int: ...
    @status_code.setter
    def status_code(self, code: int, /) -> None: ...
    @property
    def headers(self) -> Headers: ...
    @property
    def is_sequence(self) -> bool: ...
    def calculate_content_length(self) -> int | None: ...
    def get_data(self) -> bytes: ...
    def set_data(self, value: bytes, /) -> None: ...


def make_conditional(
    response: Conditional, request_or_environ: Any, accept_ranges: bool | str, length: int | None
) -> None:
    """Turn ``response`` into the 304, 412 or 206 that the request's conditions call for.

    :param length: of the body; without one no ranges are served
    :raises RequestedRangeNotSatisfiable: (416) for a range outside of the body
    """
    environ = getattr(request_or_environ, "environ", request_or_environ)
    if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
        return
    headers = response.headers
    # PERF: one pass for all that is asked for; of several fields the first counts.
    found = {name.lower(): value for name, value in reversed(headers._list)}
    if "date" not in found:
        headers.add("Date", http_date())
    if accept_ranges is not False:
        headers["Accept-Ranges"] = "bytes" if accept_ranges is True else accept_ranges
        # RFC 9110, 14.2: a server may ignore Range, and an empty body has no ranges.
        has_range = accept_ranges != "none" and length and "HTTP_RANGE" in environ
        if has_range and _serve_range(response, environ, length):
            return
    status = failed_condition(environ, found.get("etag"), found.get("last-modified"))
    if status is not None:
        response.status_code = status
    if (
        response.automatically_set_content_length
        and "content-length" not in found
        and response.status_code != 304
    ):
        known = response.calculate_content_length()
        if known is not None:
            headers["Content-Length"] = str(known)


def failed_condition(
    environ: dict[str, Any], etag: str | None, last_modified: str | None
) -> int | None:
    """The status that the conditions of a GET or HEAD call for in place of the answer, 304 or 412;
    ``None`` if there are no conditions, or they are met.

    :param etag: the ``ETag`` of the answer
    :param last_modified: its ``Last-Modified``
    """
    if environ.keys().isdisjoint(_CONDITIONS) or is_resource_modified(
        environ, etag=etag, last_modified=last_modified
    ):
        return None
    return 412 if "HTTP_IF_MATCH" in environ and parse_etags(environ["HTTP_IF_MATCH"]) else 304


def _serve_range(response: Conditional, environ: dict[str, Any], length: int | None) -> bool:
    """Cut the body to the range asked for; ``True`` if it was cut."""
    # RFC 9110, 13.1.5: with If-Range, only if the validator still fits.
    if "HTTP_IF_RANGE" in environ and is_resource_modified(
        environ,
        etag=response.headers.get("etag"),
        last_modified=response.headers.get("last-modified"),
        ignore_if_range=False,
    ):
        return False
    parsed = parse_range_header(environ["HTTP_RANGE"])
    if parsed is None:
        raise RequestedRangeNotSatisfiable(length)
    bounds = parsed.range_for_length(length)
    content_range = parsed.to_content_range_header(length)
    if bounds is None or content_range is None:
        raise RequestedRangeNotSatisfiable(length)
    start, stop = bounds
    response.headers["Content-Length"] = str(stop - start)
    response.headers["Content-Range"] = content_range
    response.status_code = 206
    if response.is_sequence:
        response.set_data(response.get_data()[start:stop])
    else:
        response.response = RangeIterator(response.response, start, stop - start)
    return True


class RangeIterator:
    """Bytes ``start`` to ``start + size`` of an iterable of bytes, without a ``size`` to the end.

    A body that can seek is sought, and read no further than the range.
    """

    def __init__(self, iterable: Any, start: int = 0, size: int | None = None) -> None:
        self.iterable = iterable
        self.iterator: Iterator[Any] = iter(iterable)
        self.remaining = sys.maxsize if size is None else size
        self.skip = start
        seekable = getattr(iterable, "seekable", None)
        self.seekable = seekable is not None and bool(seekable())
        if self.seekable:
            iterable.seek(start)
            self.skip = 0

    def __iter__(self) -> RangeIterator:
        return self

    def __next__(self) -> bytes:
        while self.remaining > 0:
            chunk = next(self.iterator)
            if isinstance(chunk, str):
                chunk = chunk.encode()
            if self.skip:
                dropped = min(self.skip, len(chunk))
                self.skip -= dropped
                chunk = chunk[dropped:]
                if not chunk:
                    continue
            chunk = chunk[: self.remaining]
            self.remaining -= len(chunk)
            return bytes(chunk)
        raise StopIteration

    def close(self) -> None:
        """Close the iterable, if it can be closed."""
        close = getattr(self.iterable, "close", None)
        if close is not None:
            close()
