"""Conditional requests (RFC 9110, section 13), and what a 304 leaves out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from .dates import parse_date
from .etags import generate_etag, parse_etags, unquote_etag
from .ranges import parse_if_range_header

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from .headers import Headers

# A tag as it should be written.
_ONE_TAG = re.compile(r'(?:W/)?"[^"]*"\Z')

_ENTITY_HEADERS = frozenset(
    {
        "allow",
        "content-encoding",
        "content-language",
        "content-length",
        "content-location",
        "content-md5",
        "content-range",
        "content-type",
        "expires",
        "last-modified",
    }
)
_ALLOWED_IN_304 = ("expires", "content-location")
# RFC 9110, 15.4.5: what describes a body, less what a cache needs.
NOT_IN_304 = _ENTITY_HEADERS.difference(_ALLOWED_IN_304)
# RFC 2616, 13.5.1.
_HOP_BY_HOP_HEADERS = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)


def is_resource_modified(
    environ: dict[str, Any],
    etag: str | None = None,
    data: bytes | None = None,
    last_modified: datetime | str | None = None,
    ignore_if_range: bool = True,
) -> bool:
    """Whether the answer has to be sent, as the conditions of a GET or HEAD say
    (RFC 9110, section 13.2.2).

    :param environ: a WSGI environment
    :param etag: the tag of the answer, with or without quotes
    :param data: the body, to make a tag of
    :param last_modified: when the answer changed last
    :param ignore_if_range: do not look at ``If-Range``
    """
    if etag is None and data is not None:
        etag = generate_etag(data)
    elif data is not None:
        raise TypeError("both data and etag given")
    if (
        etag
        and ignore_if_range
        and "HTTP_IF_MATCH" not in environ
        and (none := environ.get("HTTP_IF_NONE_MATCH"))
        and (none == etag or none == f"W/{etag}")
        and _ONE_TAG.match(none) is not None
    ):
        # PERF: one tag, and it is this one. A proxy that compresses makes it weak.
        return False
    if_range = None
    if not ignore_if_range and "HTTP_RANGE" in environ:
        if_range = parse_if_range_header(environ.get("HTTP_IF_RANGE"))
    unmodified: bool | None = None
    if etag:
        tag, is_weak = unquote_etag(etag)
        assert tag is not None
        if if_range is not None and if_range.etag is not None:
            # RFC 9110, 13.1.5: strong comparison. Weak tags are no proof of equal bytes.
            weak = is_weak or environ["HTTP_IF_RANGE"].lstrip().startswith(("W/", "w/"))
            unmodified = not weak and tag == if_range.etag
        else:
            none_match = parse_etags(environ.get("HTTP_IF_NONE_MATCH"))
            if none_match:
                # RFC 9110, 13.1.2: weak comparison, and the date does not count.
                unmodified = none_match.contains_weak(tag)
            must_match = parse_etags(environ.get("HTTP_IF_MATCH"))
            if must_match:
                # RFC 9110, 13.1.1: strong comparison.
                unmodified = not must_match.is_strong(tag) and not must_match.star_tag
    if unmodified is None:
        if if_range is not None and if_range.date is not None:
            modified_since: datetime | None = if_range.date
        elif if_range is not None and if_range.etag is not None:
            # Without a tag of its own the answer does not fit.
            modified_since = None
        else:
            modified_since = parse_date(environ.get("HTTP_IF_MODIFIED_SINCE"))
        unmodified = modified_since is not None and is_not_after(last_modified, modified_since)
    return not unmodified


def is_not_after(moment: datetime | str | None, limit: datetime) -> bool:
    """Whether something known changed at a moment or before it, in whole seconds."""
    if isinstance(moment, str):
        moment = parse_date(moment)
    if moment is None:
        return False
    if moment.tzinfo is None:
        from datetime import UTC

        moment = moment.replace(tzinfo=UTC)
    # Headers count whole seconds.
    return moment.replace(microsecond=0) <= limit


def remove_entity_headers(
    headers: Headers | list[tuple[str, str]],
    allowed: Iterable[str] = _ALLOWED_IN_304,
) -> None:
    """Take out, in place, what describes a body (RFC 9110, 15.4.5: for 304)."""
    removed = _ENTITY_HEADERS.difference([name.lower() for name in allowed])
    # PERF: the pairs of headers were checked when they came in.
    pairs: list[tuple[str, str]] = headers if isinstance(headers, list) else headers._list
    pairs[:] = [pair for pair in pairs if pair[0].lower() not in removed]


def remove_hop_by_hop_headers(headers: Headers | list[tuple[str, str]]) -> None:
    """Take out, in place, what holds for one connection."""
    headers[:] = [(key, value) for key, value in headers if not is_hop_by_hop_header(key)]


def is_entity_header(header: str) -> bool:
    """Whether the header describes a body."""
    return header.lower() in _ENTITY_HEADERS


def is_hop_by_hop_header(header: str) -> bool:
    """Whether the header holds for one connection."""
    return header.lower() in _HOP_BY_HOP_HEADERS
