"""Time lines: the newest chirps first, one page after another.

Each page takes a constant number of statements, and each statement reads about as many rows as the
page shows, however many chirps there are.  ``docs/chirp.md`` shows the plans.

The statements are put together once and filled with values for each page: putting one together
takes longer than the database needs for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    Integer,
    Row,
    Select,
    String,
    Subquery,
    and_,
    bindparam,
    func,
    select,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from ..models import Chirp, Follow, Like, Person
from . import pages
from .pages import Page
from .people import email_hash

_VIEWER = bindparam("viewer", type_=Chirp.id.type)
_SUBJECT = bindparam("subject", type_=Chirp.id.type)
_BEFORE = bindparam("before", type_=Chirp.id.type)
_LIMIT = bindparam("limit", type_=Integer)


@dataclass(frozen=True, slots=True)
class ChirpView:
    """A chirp as one viewer sees it."""

    id: int
    text: str
    author_id: int
    author_name: str
    #: SHA-256 of the e-mail address, which Gravatar goes by; the address itself stays inside.
    author_email_hash: str
    created_at: datetime
    likes: int
    #: Whether the viewer likes it.
    liked: bool
    replies: int
    reply_to_id: int | None
    reply_to_name: str | None
    #: Whether it is the viewer's own.
    mine: bool


def public(
    session: Session,
    viewer: Person | None,
    cursor: str | None = None,
    limit: int = pages.PAGE,
) -> Page[ChirpView]:
    """Everybody's chirps: one statement.

    :raises BadCursor: for a cursor that no page gave out
    """
    return _page(session, "everyone", None, viewer, cursor, limit)


def of_person(
    session: Session,
    person: Person,
    viewer: Person | None,
    cursor: str | None = None,
    limit: int = pages.PAGE,
) -> Page[ChirpView]:
    """One person's chirps: one statement.

    :raises BadCursor: for a cursor that no page gave out
    """
    return _page(session, "author", person.id, viewer, cursor, limit)


def of_replies(
    session: Session,
    chirp_id: int,
    viewer: Person | None,
    cursor: str | None = None,
    limit: int = pages.PAGE,
) -> Page[ChirpView]:
    """The replies to a chirp: one statement.

    :raises BadCursor: for a cursor that no page gave out
    """
    return _page(session, "replies", chirp_id, viewer, cursor, limit)


def containing(
    session: Session,
    pattern: str,
    escape: str,
    looked_through: int,
    viewer: Person | None,
    cursor: str | None = None,
) -> Page[ChirpView]:
    """The chirps whose text in small letters is ``LIKE`` a pattern: one statement.

    :param looked_through: how many of the newest
    :raises BadCursor: for a cursor that no page gave out
    """
    values = {
        "viewer": None if viewer is None else viewer.id,
        "before": pages.before(cursor),
        "limit": pages.PAGE + 1,
        "pattern": pattern,
        "looked_through": looked_through,
    }
    return _cut(session.execute(_newest_like(escape), values).all(), pages.PAGE)


@cache
def _newest_like(escape: str) -> Select[Any]:
    # Ids rise by one for each chirp, and none is given twice.
    newest = select(func.coalesce(func.max(Chirp.id), 0)).scalar_subquery()
    like = func.lower(Chirp.text).like(bindparam("pattern", type_=String), escape=escape)
    ids = select(Chirp.id).where(
        Chirp.id < _BEFORE, Chirp.id > newest - bindparam("looked_through", type_=Integer), like
    )
    return _views(ids.order_by(Chirp.id.desc()).limit(_LIMIT).subquery("page"))


def personal(
    session: Session,
    viewer: Person,
    cursor: str | None = None,
    limit: int = pages.PAGE,
) -> Page[ChirpView]:
    """The viewer's own chirps and those of whom they follow: two statements.

    The first finds the authors who can be on the page.  Whoever has n others ahead with a newer
    chirp cannot be on a page of n, so the n authors with the newest chirps are enough; each costs
    one step in the index of chirps by author.  The second takes the newest chirps of each of these
    authors, a page at most, and the newest of all of them.

    :raises BadCursor: for a cursor that no page gave out
    """
    limit = pages.size(limit)
    values = {"viewer": viewer.id, "before": pages.before(cursor), "limit": limit + 1}
    authors = [author for author, newest in session.execute(newest_authors(), values) if newest]
    if not authors:
        return Page([], None)
    values |= {f"author_{place}": author for place, author in enumerate(authors)}
    return _cut(session.execute(newest_of(len(authors)), values).all(), limit)


@cache
def newest_authors() -> Select[Any]:
    """The authors among whom one follows, and oneself, with the newest chirps before an id; and
    the id of the newest of each."""
    candidates = union_all(
        select(Follow.followed_id.label("id")).where(Follow.follower_id == _VIEWER),
        select(_VIEWER.label("id")),
    ).subquery("candidates")
    # Zero for authors of nothing, who would come first on one database and last on another.
    newest = func.coalesce(
        select(func.max(Chirp.id))
        .where(Chirp.author_id == candidates.c.id, Chirp.id < _BEFORE)
        .scalar_subquery(),
        0,
    ).label("newest")
    return select(candidates.c.id, newest).order_by(newest.desc()).limit(_LIMIT)


@cache
def newest_of(number: int) -> Select[Any]:
    """The newest chirps before an id of a number of authors: ``author_0``, ``author_1`` ..."""
    each = [
        select(
            select(Chirp.id)
            .where(
                Chirp.author_id == bindparam(f"author_{place}", type_=Chirp.id.type),
                Chirp.id < _BEFORE,
            )
            .order_by(Chirp.id.desc())
            .limit(_LIMIT)
            .subquery(f"of_{place}")
        )
        for place in range(number)
    ]
    every = union_all(*each).subquery("every")
    return _views(select(every.c.id).order_by(every.c.id.desc()).limit(_LIMIT).subquery("page"))


@cache
def newest_where(which: str) -> Select[Any]:
    """The newest chirps before an id: of ``"everyone"``, of an ``"author"``, or ``"replies"``."""
    ids = select(Chirp.id).where(Chirp.id < _BEFORE)
    if which == "author":
        ids = ids.where(Chirp.author_id == _SUBJECT)
    elif which == "replies":
        ids = ids.where(Chirp.reply_to_id == _SUBJECT)
    return _views(ids.order_by(Chirp.id.desc()).limit(_LIMIT).subquery("page"))


@cache
def _these() -> Select[Any]:
    ids = select(Chirp.id).where(Chirp.id.in_(bindparam("ids", expanding=True)))
    return _views(ids.subquery("page"))


def views(session: Session, chirp_ids: Sequence[int], viewer: Person | None) -> list[ChirpView]:
    """Some chirps by their ids, newest first; those that are gone are left out."""
    values = {"ids": list(chirp_ids), "viewer": None if viewer is None else viewer.id}
    return [_view(row) for row in session.execute(_these(), values)]


def _page(
    session: Session,
    which: str,
    subject: int | None,
    viewer: Person | None,
    cursor: str | None,
    limit: int,
) -> Page[ChirpView]:
    limit = pages.size(limit)
    values = {
        "viewer": None if viewer is None else viewer.id,
        "before": pages.before(cursor),
        "limit": limit + 1,
    }
    if subject is not None:
        values["subject"] = subject
    return _cut(session.execute(newest_where(which), values).all(), limit)


def _views(page: Subquery) -> Select[Any]:
    """All that a page shows of its chirps, by their ids; nobody likes anything and owns nothing."""
    author = aliased(Person, name="author")
    parent = aliased(Chirp, name="parent")
    parent_author = aliased(Person, name="parent_author")
    return (
        select(
            Chirp.id,
            Chirp.text,
            Chirp.author_id,
            author.name.label("author_name"),
            author.email.label("author_email"),
            Chirp.created_at,
            Chirp.likes_count,
            Chirp.replies_count,
            Chirp.reply_to_id,
            parent_author.name.label("reply_to_name"),
            Like.person_id.is_not(None).label("liked"),
            (Chirp.author_id == _VIEWER).label("mine"),
        )
        .select_from(page)
        .join(Chirp, Chirp.id == page.c.id)
        .join(author, author.id == Chirp.author_id)
        .outerjoin(parent, parent.id == Chirp.reply_to_id)
        .outerjoin(parent_author, parent_author.id == parent.author_id)
        .outerjoin(Like, and_(Like.chirp_id == Chirp.id, Like.person_id == _VIEWER))
        .order_by(page.c.id.desc())
    )


def _cut(rows: Sequence[Row[Any]], limit: int) -> Page[ChirpView]:
    found = [_view(row) for row in rows]
    return pages.cut(found, limit, found[:limit][-1].id if found else None)


def _view(row: Row[Any]) -> ChirpView:
    return ChirpView(
        id=row.id,
        text=row.text,
        author_id=row.author_id,
        author_name=row.author_name,
        author_email_hash=email_hash(row.author_email),
        created_at=row.created_at,
        likes=row.likes_count,
        liked=bool(row.liked),
        replies=row.replies_count,
        reply_to_id=row.reply_to_id,
        reply_to_name=row.reply_to_name,
        mine=bool(row.mine),
    )
