"""Who follows whom."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import InstrumentedAttribute, Session

from ..models import Follow, Person
from . import pages, people
from .errors import Invalid, NotFound
from .transactions import transaction


def follow(session: Session, follower: Person, name: str) -> Person:
    """Follow a person; gives that person. Following twice is following once.

    :raises NotFound: if nobody has the name
    :raises Invalid: at ``"name"``, for oneself
    """
    followed = people.by_name(session, name)
    follower_id, followed_id = follower.id, followed.id
    if followed_id == follower_id:
        raise Invalid("name", "You cannot follow yourself.")
    if session.get(Follow, (follower_id, followed_id)) is None:
        try:
            _insert(session, follower_id, followed_id)
        except IntegrityError:
            # Followed at the same moment; or one of the two has just been deleted.
            if session.get(Follow, (follower_id, followed_id)) is None:
                raise NotFound("This person is not there any more.") from None
    return followed


@transaction
def _insert(session: Session, follower_id: int, followed_id: int) -> None:
    session.add(Follow(follower_id=follower_id, followed_id=followed_id))
    session.flush()


def unfollow(session: Session, follower: Person, name: str) -> Person:
    """Stop following a person; gives that person.

    :raises NotFound: if nobody has the name
    """
    followed = people.by_name(session, name)
    _delete(session, follower.id, followed.id)
    return followed


@transaction
def _delete(session: Session, follower_id: int, followed_id: int) -> None:
    session.execute(
        delete(Follow).where(Follow.follower_id == follower_id, Follow.followed_id == followed_id)
    )


def is_following(session: Session, follower: Person, followed: Person) -> bool:
    query = select(Follow.follower_id).where(
        Follow.follower_id == follower.id, Follow.followed_id == followed.id
    )
    return session.execute(query).first() is not None


def followers(
    session: Session, person: Person, cursor: str | None = None, limit: int = pages.PAGE
) -> pages.Page[Person]:
    """Who follows a person, those who registered last first."""
    return _page(session, Follow.followed_id, Follow.follower_id, person, cursor, limit)


def following(
    session: Session, person: Person, cursor: str | None = None, limit: int = pages.PAGE
) -> pages.Page[Person]:
    """Whom a person follows, those who registered last first."""
    return _page(session, Follow.follower_id, Follow.followed_id, person, cursor, limit)


def _page(
    session: Session,
    by: InstrumentedAttribute[int],
    wanted: InstrumentedAttribute[int],
    person: Person,
    cursor: str | None,
    limit: int,
) -> pages.Page[Person]:
    limit = pages.size(limit)
    # Both indexes of the table begin with one column and go on with the other: this reads as many
    # entries as the page has.
    ids = (
        select(wanted.label("id"))
        .where(by == person.id, wanted < pages.before(cursor))
        .order_by(wanted.desc())
        .limit(limit + 1)
        .subquery()
    )
    query = select(Person).join(ids, Person.id == ids.c.id).order_by(ids.c.id.desc())
    rows = session.scalars(query).all()
    return pages.cut(rows, limit, rows[:limit][-1].id if rows else None)
