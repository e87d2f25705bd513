"""People: they register, log in, describe themselves and leave."""

from __future__ import annotations

import hashlib

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import case, func, select, update
from sqlalchemy import delete as sql_delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import InstrumentedAttribute, Session

from ..models import EMAIL_LENGTH, Chirp, Like, Person
from . import attempts, names, passwords, text
from .errors import Invalid, Mistakes, NotFound
from .transactions import transaction

LONGEST_BIOGRAPHY = 500


def register(session: Session, name: str, email: str, password: str) -> Person:
    """A new person.

    :raises Invalid: at ``"name"``, ``"email"`` or ``"password"``; also for the one of two people
        who is late by a moment
    """
    name, email, email_key = check(session, name, email, password)
    # Takes a while, and no transaction is open meanwhile.
    session.commit()
    password_hash = passwords.hashed(password)
    try:
        return _insert(session, name, email, email_key, password_hash)
    except IntegrityError:
        mistakes = Mistakes()
        mistakes.found += _taken(session, names.key(name), email_key)
        mistakes.tell()
        raise


def check(session: Session, name: str, email: str, password: str) -> tuple[str, str, str]:
    """Look at all that a new person says of themselves.

    :returns: the name and the address as they are stored, and the key of the address
    :raises Invalid: with all that is wrong
    """
    mistakes = Mistakes()
    clean_name = mistakes.check(names.clean, name)
    clean_email, email_key = mistakes.check(_clean_email, email) or (None, None)
    mistakes.check(passwords.check_new, password, name=name, email=email)
    name_key = None if clean_name is None else names.key(clean_name)
    mistakes.found += _taken(session, name_key, email_key)
    mistakes.tell()
    assert clean_name is not None and clean_email is not None and email_key is not None
    return clean_name, clean_email, email_key


@transaction
def _insert(session: Session, name: str, email: str, email_key: str, password_hash: str) -> Person:
    person = Person(
        name=name,
        name_key=names.key(name),
        email=email,
        email_key=email_key,
        password_hash=password_hash,
    )
    session.add(person)
    session.flush()
    return person


def _taken(session: Session, name_key: str | None, email_key: str | None) -> list[Invalid]:
    """What somebody else has already; ``None`` is nobody's."""
    query = select(Person.name_key, Person.email_key).where(
        (Person.name_key == name_key) | (Person.email_key == email_key)
    )
    found = session.execute(query).all()
    taken = []
    if any(row.name_key == name_key for row in found):
        taken.append(Invalid("name", "This name is taken."))
    if any(row.email_key == email_key for row in found):
        taken.append(Invalid("email", "This e-mail address is taken."))
    return taken


def _clean_email(email: str) -> tuple[str, str]:
    try:
        found = validate_email(email.strip()[: EMAIL_LENGTH * 2], check_deliverability=False)
    except EmailNotValidError:
        raise Invalid("email", "Write an e-mail address like name@example.org.") from None
    if len(found.normalized) > EMAIL_LENGTH:
        raise Invalid("email", "This e-mail address is too long.")
    return found.normalized, _email_key(found.normalized)


def _email_key(email: str) -> str:
    return names.storable(email).strip().casefold()[:EMAIL_LENGTH]


def email_hash(email: str) -> str:
    """What Gravatar knows an e-mail address by: SHA-256, in hex."""
    return hashlib.sha256(_email_key(email).encode()).hexdigest()


def authenticate(session: Session, login: str, password: str, address: str) -> Person | None:
    """The person with a name or e-mail address, if the password is theirs.

    Unknown people take as long as known ones.

    :param address: where the attempt comes from, for the limit
    :raises TooManyAttempts: then the password was not looked at
    """
    login = login[: EMAIL_LENGTH * 2]
    name_key, email_key = names.key(login.strip()), _email_key(login)
    attempt = attempts.begin(session, email_key if "@" in login else name_key, address)
    # "@" is in every address and in no name, so that this finds one person at most.
    person = session.scalars(
        select(Person).where((Person.name_key == name_key) | (Person.email_key == email_key))
    ).first()
    stored = None if person is None else person.password_hash
    # Comparing takes a while, and no transaction is open meanwhile.
    session.commit()
    if not passwords.fits(stored, password):
        return None
    attempts.succeeded(session, attempt)
    return person


def get(session: Session, person_id: int) -> Person | None:
    """The person with an id, for a log-in that is kept in a session."""
    return session.get(Person, person_id)


def by_name(session: Session, name: str) -> Person:
    """
    :raises NotFound: if nobody has the name
    """
    person = session.scalars(select(Person).where(Person.name_key == names.key(name))).first()
    if person is None:
        raise NotFound("Nobody has this name.")
    return person


@transaction
def update_profile(session: Session, person: Person, biography: str) -> None:
    """
    :raises Invalid: at ``"biography"``
    """
    person.biography = text.clean(biography, "biography", LONGEST_BIOGRAPHY, empty=True)


def change_password(session: Session, person: Person, old: str, new: str) -> None:
    """Sets a password and ends every log-in: ``session_epoch`` is another afterwards.

    :raises Invalid: at ``"old"`` or ``"new"``
    """
    mistakes = Mistakes()
    mistakes.check(_check_password, session, person, old, "old")
    mistakes.check(check_new_password, person, new)
    mistakes.tell()
    session.commit()
    _set_password(session, person, passwords.hashed(new))


def check_new_password(person: Person, new: str) -> None:
    """
    :raises Invalid: at ``"new"``
    """
    passwords.check_new(new, name=person.name, email=person.email, field="new")


@transaction
def _set_password(session: Session, person: Person, password_hash: str) -> None:
    person.password_hash = password_hash
    person.session_epoch = Person.session_epoch + 1


def _check_password(session: Session, person: Person, password: str, field: str) -> None:
    """Also here, guessing has a limit: who found an open browser has the person's address."""
    attempt = attempts.begin(session, names.key(person.name), "own page")
    stored = person.password_hash
    session.commit()
    if not passwords.fits(stored, password):
        raise Invalid(field, "This is not your password.")
    attempts.succeeded(session, attempt)


def delete(session: Session, person: Person, password: str) -> None:
    """Takes a person away with all that is theirs.

    :raises Invalid: at ``"password"``
    """
    _check_password(session, person, password, "password")
    _delete(session, person)


@transaction
def _delete(session: Session, person: Person) -> None:
    person_id = person.id
    # The chirps of others that stay count one less.
    liked = select(Like.chirp_id).where(Like.person_id == person_id)
    _lower(session, Chirp.likes_count, dict.fromkeys(session.scalars(liked), 1))
    replied = (
        select(Chirp.reply_to_id, func.count())
        .where(Chirp.author_id == person_id, Chirp.reply_to_id.is_not(None))
        .group_by(Chirp.reply_to_id)
    )
    _lower(session, Chirp.replies_count, dict(session.execute(replied).all()))
    session.execute(sql_delete(Person).where(Person.id == person_id))
    session.expunge(person)


def _lower(session: Session, column: InstrumentedAttribute[int], by: dict[int | None, int]) -> None:
    """Take from a count of many chirps, in the order of their ids so that no two such wait."""
    pairs = sorted((chirp_id, n) for chirp_id, n in by.items() if chirp_id is not None)
    for start in range(0, len(pairs), 500):
        part = dict(pairs[start : start + 500])
        session.execute(
            update(Chirp)
            .where(Chirp.id.in_(part))
            .values({column.key: column - case(part, value=Chirp.id)})
            .execution_options(synchronize_session=False)
        )
