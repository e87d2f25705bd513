"""Conditions and ranges of a request, applied to a response (RFC 9110, sections 13 and 14)."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Protocol

from .conditional import is_not_after
from .dates import http_date, parse_date
from .etags import parse_etags, quote_etag, unquote_etag
from .exceptions import PreconditionFailed, RequestedRangeNotSatisfiable
from .ranges import is_in_bytes, satisfiable_ranges

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from .headers import Headers

_CONDITIONS = frozenset(
    {"HTTP_IF_MATCH", "HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_IF_UNMODIFIED_SINCE"}
)
_SAFE = frozenset({"GET", "HEAD"})


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
    # RFC 9110, 13.2.2: Range counts if all others are met.
    code = response.status_code
    # 13.2.1: they are passed over where the answer is no success without them.
    status = None
    if 200 <= code < 300:
        status = failed_condition(environ, found.get("etag"), found.get("last-modified"))
    if status is not None:
        response.status_code = status
    elif (
        # RFC 9110, 14.2: for GET and 200 alone; a server may ignore it, and an empty body has no
        # ranges.
        "HTTP_RANGE" in environ
        and code == 200
        and length
        and accept_ranges not in (False, "none")
        and environ["REQUEST_METHOD"] == "GET"
        and _serve_range(response, environ, length)
    ):
        return
    if (
        response.automatically_set_content_length
        and "content-length" not in found
        and response.status_code != 304
    ):
        known = response.calculate_content_length()
        if known is not None:
            headers["Content-Length"] = str(known)


def failed_condition(
    environ: dict[str, Any],
    etag: str | None,
    last_modified: str | datetime | None,
    exists: bool = True,
) -> int | None:
    """The status that the conditions of a request call for in place of the answer, 304 or 412
    (RFC 9110, section 13.2.2); ``None`` if there are no conditions, or they are met.

    :param etag: the ``ETag`` of the answer, with its quotes
    :param last_modified: when the answer changed last
    :param exists: whether there is anything at the URL, which ``*`` asks for
    """
    get = environ.get
    none = get("HTTP_IF_NONE_MATCH")
    if (
        none
        and (none == etag or none == f"W/{etag}")
        and "HTTP_IF_MATCH" not in environ
        and "HTTP_IF_UNMODIFIED_SINCE" not in environ
    ):
        # PERF: one tag, and it is this one. A proxy that compresses makes it weak.
        return 304 if environ["REQUEST_METHOD"] in _SAFE else 412
    if environ.keys().isdisjoint(_CONDITIONS):
        return None
    tag, is_weak = unquote_etag(etag)
    # A list without any tag that can be read is there all the same, and no tag is in it.
    if match := get("HTTP_IF_MATCH"):
        wanted = parse_etags(match)
        # 13.1.1: strong comparison.
        fits = tag is not None and not is_weak and wanted.is_strong(tag)
        if not (exists if wanted.star_tag else fits):
            return 412
    elif (
        # 13.1.4: it counts for what has a date alone.
        last_modified is not None
        and (since := parse_date(get("HTTP_IF_UNMODIFIED_SINCE"))) is not None
        and not is_not_after(last_modified, since)
    ):
        return 412
    is_safe = environ["REQUEST_METHOD"] in _SAFE
    if none:
        known = parse_etags(none)
        # 13.1.2: weak comparison, and the date does not count.
        if exists if known.star_tag else (tag is not None and known.contains_weak(tag)):
            return 304 if is_safe else 412
    elif is_safe and (since := parse_date(get("HTTP_IF_MODIFIED_SINCE"))) is not None:
        return 304 if is_not_after(last_modified, since) else None
    return None


def check_preconditions(
    request_or_environ: Any,
    etag: str | None = None,
    last_modified: datetime | str | None = None,
    *,
    exists: bool | None = None,
) -> None:
    """Refuse a change whose conditions are not met, so that nobody's change is lost: to be called
    in the view of a PUT, PATCH or DELETE before it changes anything.

    >>> @app.put("/notes/<int:id>")
    ... def store(id):
    ...     note = load(id)
    ...     check_preconditions(request, etag=note.version)

    :param request_or_environ: a request or a WSGI environment
    :param etag: the tag of what is there now, without quotes; ``None`` for none
    :param last_modified: when that changed last
    :param exists: whether there is anything now: ``If-Match: *`` asks for it, and
        ``If-None-Match: *`` that there is nothing; by default, if it has a tag or a date
    :raises PreconditionFailed: (412) if the client's ``If-Match``, ``If-None-Match`` or
        ``If-Unmodified-Since`` does not fit
    """
    environ = getattr(request_or_environ, "environ", request_or_environ)
    tag = None if etag is None else quote_etag(etag)
    if exists is None:
        exists = tag is not None or last_modified is not None
    if failed_condition(environ, tag, last_modified, exists) == 412:
        raise PreconditionFailed()


def _serve_range(response: Conditional, environ: dict[str, Any], length: int) -> bool:
    """Cut the body to the range asked for; ``True`` if it was cut."""
    headers = response.headers
    if "HTTP_IF_RANGE" in environ and not _range_fits(
        environ["HTTP_IF_RANGE"], headers.get("etag"), headers.get("last-modified")
    ):
        return False
    asked = environ["HTTP_RANGE"]
    if not is_in_bytes(asked):
        # RFC 9110, 14.2: a unit that is not known here.
        return False
    ranges = satisfiable_ranges(asked, length)
    if not ranges:
        raise RequestedRangeNotSatisfiable(length)
    if len(ranges) > 1:
        # RFC 9110, 14.2: several may be ignored.
        return False
    [(start, stop)] = ranges
    headers["Content-Length"] = str(stop - start)
    headers["Content-Range"] = f"bytes {start}-{stop - 1}/{length}"
    response.status_code = 206
    if response.is_sequence:
        response.set_data(response.get_data()[start:stop])
    else:
        response.response = RangeIterator(response.response, start, stop - start)
    return True


def _range_fits(condition: str, etag: str | None, last_modified: str | None) -> bool:
    """Whether ``If-Range`` names what is there (RFC 9110, section 13.1.5): a strong tag, or the
    date itself, no later one."""
    condition = condition.strip()
    # Some clients send it without quotes.
    if etag in (condition, f'"{condition}"') and not condition.startswith(("W/", "w/")):
        return True
    date = parse_date(condition)
    return date is not None and date == parse_date(last_modified)


class RangeIterator:
    """Bytes ``start`` to ``start + size`` of an iterable of bytes, without a ``size`` to the end.

    A body that can seek is sought, and read no further than the range.
    """

    def __init__(self, iterable: Any, start: int = 0, size: int | None = None) -> None:
        self.iterable = iterable
        self.iterator: Iterator[Any] = iter(iterable)
        self.remaining: int = sys.maxsize if size is None else size
        self.skip: int = start
        seekable = getattr(iterable, "seekable", None)
        self.seekable: bool = seekable is not None and bool(seekable())
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
