"""Entity tags and conditional requests (RFC 9110, sections 8.8.3 and 13)."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from .dates import parse_date

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from .headers import Headers

# RFC 9110, 8.8.3: entity-tag, as an item of a list; clients also send it without quotes.  Each
# comma is a start of its own, so the search is linear.
_ETAG = re.compile(r'(?:\A|,)[ \t]*([Ww]/)?(?:"([^"]*)"|([^",\s]+))[ \t]*(?=,|\Z)')
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


class ETags(Collection[str]):
    """Entity tags of a condition.

    :param strong_etags: tags for byte-for-byte equality
    :param weak_etags: tags for equivalence
    :param star_tag: ``*``, which any tag fits
    """

    def __init__(
        self,
        strong_etags: Iterable[str] | None = None,
        weak_etags: Iterable[str] | None = None,
        star_tag: bool = False,
    ) -> None:
        self._strong = frozenset(strong_etags) if not star_tag and strong_etags else frozenset()
        self._weak = frozenset(weak_etags or ())
        self.star_tag = star_tag

    def as_set(self, include_weak: bool = False) -> set[str]:
        """The strong tags, and the weak ones if asked."""
        return set(self._strong) | (set(self._weak) if include_weak else set())

    def is_weak(self, etag: str) -> bool:
        """Whether it is one of the weak tags."""
        return etag in self._weak

    def is_strong(self, etag: str) -> bool:
        """Whether it is one of the strong tags."""
        return etag in self._strong

    def contains_weak(self, etag: str) -> bool:
        """Weak comparison (RFC 9110, 8.8.3.2)."""
        return self.is_weak(etag) or self.contains(etag)

    def contains(self, etag: str) -> bool:
        """Strong comparison (RFC 9110, 8.8.3.2)."""
        return self.star_tag or self.is_strong(etag)

    def contains_raw(self, etag: str) -> bool:
        """Whether a quoted tag is there; ``W/"a"`` is compared weakly."""
        tag, weak = unquote_etag(etag)
        if tag is None:
            return False
        return self.contains_weak(tag) if weak else self.contains(tag)

    def to_header(self) -> str:
        """The tags as a header value."""
        if self.star_tag:
            return "*"
        tags = [f'"{tag}"' for tag in self._strong]
        for tag in self._weak:
            tags.append(f'W/"{tag}"')
        return ", ".join(tags)

    def __call__(
        self,
        etag: str | None = None,
        data: bytes | None = None,
        include_weak: bool = False,
    ) -> bool:
        if etag is None:
            if data is None:
                raise TypeError("'data' is required when 'etag' is not given.")
            etag = generate_etag(data)
        if include_weak and etag in self._weak:
            return True
        return etag in self

    def __bool__(self) -> bool:
        return bool(self.star_tag or self._strong or self._weak)

    def __str__(self) -> str:
        return self.to_header()

    def __len__(self) -> int:
        return len(self._strong)

    def __iter__(self) -> Iterator[str]:
        return iter(self._strong)

    def __contains__(self, etag: object) -> bool:
        return isinstance(etag, str) and self.contains(etag)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {str(self)!r}>"


def quote_etag(etag: str, weak: bool = False) -> str:
    """A tag with its quotes.

    :raises ValueError: for a quote inside of it
    """
    if '"' in etag:
        raise ValueError("invalid etag")
    return f'W/"{etag}"' if weak else f'"{etag}"'


def unquote_etag(etag: str | None) -> tuple[str, bool] | tuple[None, None]:
    """A tag without its quotes and whether it is weak; two ``None`` for none."""
    if not etag:
        return None, None
    weak = etag.startswith(("W/", "w/"))
    if weak:
        etag = etag[2:]
    if len(etag) >= 2 and etag[0] == etag[-1] == '"':
        etag = etag[1:-1]
    return etag, weak


def parse_etags(value: str | None) -> ETags:
    """The tags of ``If-Match`` or ``If-None-Match`` (RFC 9110, section 8.8.3).

    Tags without quotes are taken too; what cannot be one is passed over.
    """
    if not value:
        return ETags()
    if value.strip() == "*":
        return ETags(star_tag=True)
    strong: list[str] = []
    weak: list[str] = []
    for is_weak, quoted, raw in _ETAG.findall(value):
        (weak if is_weak else strong).append(quoted or raw)
    return ETags(strong, weak)


def generate_etag(data: bytes) -> str:
    """A tag made from the data."""
    from hashlib import sha1

    return sha1(data, usedforsecurity=False).hexdigest()


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
        from .ranges import parse_if_range_header

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
        unmodified = modified_since is not None and _is_not_after(last_modified, modified_since)
    return not unmodified


def _is_not_after(moment: datetime | str | None, limit: datetime) -> bool:
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
    removed = (
        NOT_IN_304
        if allowed is _ALLOWED_IN_304
        else _ENTITY_HEADERS.difference([name.lower() for name in allowed])
    )
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
