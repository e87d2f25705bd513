"""One page of a list, and the cursor that leads to the next one."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from ..models import LARGEST_ID
from .errors import BadCursor

T = TypeVar("T")

PAGE = 20
LARGEST_PAGE = 100


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """``next_cursor`` gives the page after this one; ``None`` on the last."""

    items: Sequence[T]
    next_cursor: str | None


def cursor_of(last_id: int) -> str:
    """The cursor of what comes after the row ``last_id``: opaque, and safe in a URL."""
    raw = last_id.to_bytes(8, "big").lstrip(b"\0")
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def before(cursor: str | None) -> int:
    """The id under which the page of a cursor begins.

    :raises BadCursor: for a cursor that :func:`cursor_of` did not make
    """
    if cursor is None:
        return LARGEST_ID
    if not 1 <= len(cursor) <= 11 or not cursor.isascii():
        raise BadCursor
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise BadCursor from None
    number = int.from_bytes(raw, "big")
    if number > LARGEST_ID or cursor_of(number) != cursor:
        raise BadCursor
    return number


def size(limit: int) -> int:
    """How many rows a page has, whatever was asked for."""
    return max(1, min(limit, LARGEST_PAGE))


def cut(rows: Sequence[T], limit: int, last_id: int | None) -> Page[T]:
    """A page of ``limit`` rows out of up to one more, which tells that there is a next page.

    :param last_id: the id of the last row that is shown, if there is one
    """
    more = len(rows) > limit and last_id is not None
    return Page(rows[:limit], cursor_of(last_id) if more and last_id is not None else None)
