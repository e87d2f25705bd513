"""Tokens of the API: each program that a person lets in has its own."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ..models import LARGEST_ID, Person, Token
from .errors import Conflict, Invalid, NotFound
from .text import clean
from .transactions import transaction

LONGEST_NAME = 64
#: So that a secret that lies around can be found and told apart.
PREFIX = "chirp_"


def create(session: Session, person: Person, name: str) -> tuple[Token, str]:
    """A token, and its secret, which is shown this once.

    :raises Conflict: at ``"name"``, if the person has a token of this name
    """
    name = clean(name, "name", LONGEST_NAME)
    if len(name) > LONGEST_NAME:
        raise Invalid("name", "This name is too long.")
    secret = PREFIX + secrets.token_urlsafe(32)
    try:
        return _insert(session, person.id, name, _hash(secret)), secret
    except IntegrityError:
        raise Conflict("name", "You have a token of this name.") from None


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


@transaction
def _insert(session: Session, person_id: int, name: str, hashed: str) -> Token:
    token = Token(person_id=person_id, name=name, hash=hashed)
    session.add(token)
    session.flush()
    return token


def person_for(session: Session, secret: str) -> Person | None:
    """Whose token has this secret."""
    if not secret.startswith(PREFIX) or len(secret) > 100:
        return None
    query = select(Person).join(Token, Token.person_id == Person.id)
    return session.scalars(query.where(Token.hash == _hash(secret))).first()


def of_person(session: Session, person: Person) -> Sequence[Token]:
    """A person's tokens, newest first."""
    query = select(Token).where(Token.person_id == person.id).order_by(Token.id.desc())
    return session.scalars(query).all()


@transaction
def revoke(session: Session, person: Person, token_id: int) -> None:
    """
    :raises NotFound: if the person has no such token
    """
    if not 0 < token_id <= LARGEST_ID:
        raise NotFound("You have no such token.")
    gone = session.execute(delete(Token).where(Token.id == token_id, Token.person_id == person.id))
    if gone.rowcount == 0:  # type: ignore[attr-defined]
        raise NotFound("You have no such token.")
