"""A part of a list, with links to the other parts (RFC 8288)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")


@dataclass(slots=True)
class Page(Generic[T]):
    """Items of a longer list: the answer is their JSON array, and a ``Link`` header leads on.

    >>> return Page(items, next=url_for("items", after=items[-1].id))

    :param items: what is answered
    :param next: the URL of the next page, and so on; what is ``None`` is not told
    """

    items: Sequence[T]
    next: str | None = field(default=None, kw_only=True)
    prev: str | None = field(default=None, kw_only=True)
    first: str | None = field(default=None, kw_only=True)
    last: str | None = field(default=None, kw_only=True)

    @property
    def link(self) -> str | None:
        """The value of the ``Link`` header, ``None`` without any link."""
        found = []
        for name in ("next", "prev", "first", "last"):
            url: str | None = getattr(self, name)
            if url is not None:
                # What would end the target, or the header (RFC 3986 has it escaped).
                for sign in "<>\r\n ":
                    url = url.replace(sign, f"%{ord(sign):02X}")
                found.append(f'<{url}>; rel="{name}"')
        return ", ".join(found) or None
