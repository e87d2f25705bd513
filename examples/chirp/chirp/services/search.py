"""Finding people by the beginning of their names, and chirps by a part of their text.

Neither asks for more than a bounded number of rows, however much is written.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..models import Person
from . import names, profiles, timelines
from .errors import Invalid
from .pages import Page
from .profiles import Counted
from .timelines import ChirpView

#: How many of the newest chirps are looked through.
LOOKED_THROUGH = 10_000
SHORTEST = 2
LONGEST = 100
_MOST_PEOPLE = 5
_ESCAPE = "!"


def people(session: Session, query: str) -> Sequence[Counted]:
    """The first people whose names begin so, ``@`` or not, and their followers: two statements.

    :raises Invalid: at ``"q"``
    """
    key = names.key(_clean(query).removeprefix("@"))
    if not key:
        return []
    found = session.scalars(
        select(Person)
        .where(Person.name_key.like(_escaped(key) + "%", escape=_ESCAPE))
        .order_by(Person.name_key)
        .limit(_MOST_PEOPLE)
    )
    return profiles.counted(session, found.all())


def chirps(
    session: Session, query: str, viewer: Person | None, cursor: str | None = None
) -> Page[ChirpView]:
    """The newest chirps whose text has the query in it, whatever the case: one statement.

    :raises Invalid: at ``"q"``
    :raises BadCursor: for a cursor that no page gave out
    """
    pattern = f"%{_escaped(_clean(query).lower())}%"
    return timelines.containing(session, pattern, _ESCAPE, LOOKED_THROUGH, viewer, cursor)


def _clean(query: str) -> str:
    query = names.storable(unicodedata.normalize("NFC", query[: LONGEST + 1].strip()))
    if not SHORTEST <= len(query) <= LONGEST:
        raise Invalid("q", f"Search for {SHORTEST} to {LONGEST} characters.")
    return query


def _escaped(text: str) -> str:
    """A text in which ``LIKE`` finds no pattern."""
    for character in (_ESCAPE, "%", "_"):
        text = text.replace(character, _ESCAPE + character)
    return text
