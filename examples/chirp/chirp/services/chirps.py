"""Chirps: posting and deleting them, replying and liking."""

from __future__ import annotations

import contextlib
import hashlib

from sqlalchemy import delete as sql_delete
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ..models import LARGEST_ID, Chirp, Like, Person
from . import pages, timelines
from .errors import Forbidden, NotFound
from .text import clean
from .timelines import ChirpView
from .transactions import transaction

_GONE = "This chirp is not there any more."


def post(
    session: Session,
    author: Person,
    text: str,
    reply_to_id: int | None = None,
    form_key: str | None = None,
) -> Chirp:
    """A new chirp.

    :param form_key: random and made once for each form that is shown; the same text with the same
        key is one chirp, however often it is sent
    :raises Invalid: at ``"text"``
    :raises NotFound: if the chirp that it replies to is gone
    """
    text = clean(text)
    key = None if form_key is None else _key(form_key, text, reply_to_id)
    author_id = author.id
    if key is not None:
        first = _posted(session, author_id, key)
        if first is not None:
            return first
    try:
        return _insert(session, author_id, text, reply_to_id, key)
    except IntegrityError:
        # The same form at the same moment; or the author has just been deleted.
        first = None if key is None else _posted(session, author_id, key)
        if first is None:
            raise NotFound(_GONE) from None
        return first


def _key(form_key: str, text: str, reply_to_id: int | None) -> str:
    """A form that is sent again with another text, after going back to it, is another chirp."""
    whole = f"{form_key}\0{reply_to_id}\0{text}"
    return hashlib.sha256(whole.encode(errors="replace")).hexdigest()


def _posted(session: Session, author_id: int, key: str) -> Chirp | None:
    query = select(Chirp).where(Chirp.author_id == author_id, Chirp.form_key == key)
    return session.scalars(query).first()


@transaction
def _insert(
    session: Session, author_id: int, text: str, reply_to_id: int | None, key: str | None
) -> Chirp:
    if reply_to_id is not None:
        _count(session, reply_to_id, replies_count=Chirp.replies_count + 1)
    chirp = Chirp(author_id=author_id, text=text, reply_to_id=reply_to_id, form_key=key)
    session.add(chirp)
    session.flush()
    return chirp


def _check_id(chirp_id: int) -> None:
    """No database has a chirp with an id beyond its column, and some break over the question."""
    if not 0 < chirp_id <= LARGEST_ID:
        raise NotFound(_GONE)


def _count(session: Session, chirp_id: int, **values: object) -> None:
    """Change a count of a chirp.

    Always the first change of a transaction: who holds the row goes on, the next waits here and
    holds nothing yet, so that two never wait for each other.

    :raises NotFound: if the chirp is gone
    """
    _check_id(chirp_id)
    changed = session.execute(
        update(Chirp)
        .where(Chirp.id == chirp_id)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    if changed.rowcount == 0:  # type: ignore[attr-defined]
        raise NotFound(_GONE)


@transaction
def delete(session: Session, person: Person, chirp_id: int) -> None:
    """Delete one's own chirp; the replies to it stay.

    :raises NotFound: if it is gone
    :raises Forbidden: if it is another person's
    """
    _check_id(chirp_id)
    found = session.execute(
        select(Chirp.author_id, Chirp.reply_to_id).where(Chirp.id == chirp_id)
    ).one_or_none()
    if found is None:
        raise NotFound(_GONE)
    if found.author_id != person.id:
        raise Forbidden("This chirp is another person's.")
    if found.reply_to_id is not None:
        _count(session, found.reply_to_id, replies_count=Chirp.replies_count - 1)
    gone = session.execute(
        sql_delete(Chirp).where(Chirp.id == chirp_id).execution_options(synchronize_session=False)
    )
    if gone.rowcount == 0:  # type: ignore[attr-defined]
        # Another request deleted it since; the count above is rolled back.
        raise NotFound(_GONE)


def like(session: Session, person: Person, chirp_id: int) -> None:
    """Like a chirp; one that is liked stays so.

    :raises NotFound: if it is gone
    """
    person_id = person.id
    try:
        _like(session, person_id, chirp_id)
    except IntegrityError:
        # Liked before, and the count is as it was; or the person has just been deleted.
        if session.get(Like, (person_id, chirp_id)) is None:
            raise NotFound(_GONE) from None


@transaction
def _like(session: Session, person_id: int, chirp_id: int) -> None:
    _count(session, chirp_id, likes_count=Chirp.likes_count + 1)
    session.add(Like(person_id=person_id, chirp_id=chirp_id))
    session.flush()


class _NotLiked(Exception):
    pass


def unlike(session: Session, person: Person, chirp_id: int) -> None:
    """Take a like back, if there is one.

    :raises NotFound: if the chirp is gone
    """
    with contextlib.suppress(_NotLiked):
        _unlike(session, person.id, chirp_id)


@transaction
def _unlike(session: Session, person_id: int, chirp_id: int) -> None:
    _count(session, chirp_id, likes_count=Chirp.likes_count - 1)
    gone = session.execute(
        sql_delete(Like)
        .where(Like.person_id == person_id, Like.chirp_id == chirp_id)
        .execution_options(synchronize_session=False)
    )
    if gone.rowcount == 0:  # type: ignore[attr-defined]
        raise _NotLiked


def get(session: Session, chirp_id: int, viewer: Person | None = None) -> ChirpView:
    """One chirp as the viewer sees it.

    :raises NotFound: if it is gone
    """
    _check_id(chirp_id)
    found = timelines.views(session, [chirp_id], viewer)
    if not found:
        raise NotFound(_GONE)
    return found[0]


def replies(
    session: Session,
    chirp_id: int,
    viewer: Person | None = None,
    cursor: str | None = None,
    limit: int = pages.PAGE,
) -> pages.Page[ChirpView]:
    """The replies to a chirp, newest first; none if it is gone."""
    _check_id(chirp_id)
    return timelines.of_replies(session, chirp_id, viewer, cursor, limit)
