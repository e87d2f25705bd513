"""What a person's page tells beside the person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, literal, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from ..models import Follow, Person
from . import follows

#: Counted up to here: the cost of a page does not grow with a person's fame.
MOST_COUNTED = 10_000


@dataclass(frozen=True, slots=True)
class Profile:
    """A person as one viewer sees them; both numbers end at :data:`MOST_COUNTED`."""

    person: Person
    followers: int
    following: int
    #: Whether the viewer follows them, and whether they are the viewer.
    followed: bool
    mine: bool


def of(session: Session, person: Person, viewer: Person | None) -> Profile:
    """The profile of a person: up to three statements."""
    mine = viewer is not None and viewer.id == person.id
    return Profile(
        person=person,
        followers=_count(session, Follow.followed_id, person.id),
        following=_count(session, Follow.follower_id, person.id),
        followed=viewer is not None and not mine and follows.is_following(session, viewer, person),
        mine=mine,
    )


@dataclass(frozen=True, slots=True)
class Counted:
    """A person, and how many follow them, up to :data:`MOST_COUNTED`."""

    person: Person
    followers: int


def counted(session: Session, people: Sequence[Person]) -> list[Counted]:
    """People with the number of their followers: one statement."""
    if not people:
        return []
    each = [
        select(literal(place).label("place"), func.count().label("followers")).select_from(
            select(literal(1).label("one"))
            .where(Follow.followed_id == person.id)
            .limit(MOST_COUNTED)
            .subquery(f"of_{place}")
        )
        for place, person in enumerate(people)
    ]
    found = {row.place: row.followers for row in session.execute(union_all(*each))}
    return [Counted(person, found[place]) for place, person in enumerate(people)]


def _count(session: Session, column: InstrumentedAttribute[int], person_id: int) -> int:
    some = select(literal(1)).where(column == person_id).limit(MOST_COUNTED).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def to_meet(session: Session, viewer: Person, limit: int = 3) -> Sequence[Person]:
    """People whom the viewer does not follow yet, of those who registered last: one statement,
    which looks at a hundred people."""
    newest = select(Person.id).order_by(Person.id.desc()).limit(100).subquery()
    followed = select(Follow.followed_id).where(
        Follow.follower_id == viewer.id, Follow.followed_id == newest.c.id
    )
    query = (
        select(Person)
        .join(newest, newest.c.id == Person.id)
        .where(newest.c.id != viewer.id, ~followed.exists())
        .order_by(newest.c.id.desc())
        .limit(limit)
    )
    return session.scalars(query).all()
