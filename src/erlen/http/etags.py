"""Entity tags (RFC 9110, section 8.8.3)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

from .header_value import HeaderValue

# RFC 9110, 8.8.3: entity-tag, as an item of a list; clients also send it without quotes.  Each
# comma is a start of its own, so the search is linear.
_ETAG = re.compile(r'(?:\A|,)[ \t]*([Ww]/)?(?:"([^"]*)"|([^",\s]+))[ \t]*(?=,|\Z)')


class ETags(HeaderValue, Collection[str]):
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
        return ", ".join(
            [*(f'"{tag}"' for tag in self._strong), *(f'W/"{tag}"' for tag in self._weak)]
        )

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

    def __len__(self) -> int:
        return len(self._strong)

    def __iter__(self) -> Iterator[str]:
        return iter(self._strong)

    def __contains__(self, etag: object) -> bool:
        return isinstance(etag, str) and self.contains(etag)


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
