"""Limits on attempts to log in.

An attempt is written down before the password is compared, so that many at the same moment do not
slip through together.  One that succeeds is taken off the list again.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from ..models import LoginAttempt, now
from .errors import TooManyAttempts
from .transactions import transaction

WINDOW = timedelta(minutes=15)
#: Of one login from one address; of one login from anywhere; from one address for any login.
LIMITS = {"both": 5, "login": 50, "address": 50}


@dataclass(frozen=True, slots=True)
class Attempt:
    subjects: tuple[tuple[str, int], ...]
    ids: tuple[int, ...]


def _subject(kind: str, *parts: str) -> str:
    return hashlib.sha256("\0".join((kind, *parts)).encode(errors="replace")).hexdigest()


def begin(session: Session, login: str, address: str) -> Attempt:
    """Write an attempt down.

    :param login: what the person typed, in the form that is compared
    :param address: where the attempt comes from
    :raises TooManyAttempts: when there were too many; this one does not count then
    """
    attempt = _write(session, login, address)
    # It is stored, and only now are all of them counted: of many at the same moment each sees at
    # least those that were stored before its own count.
    wait = _wait(session, attempt)
    if wait:
        _take_back(session, attempt)
        raise TooManyAttempts(math.ceil(wait))
    return attempt


@transaction
def _write(session: Session, login: str, address: str) -> Attempt:
    moment = now()
    session.execute(delete(LoginAttempt).where(LoginAttempt.at < moment - WINDOW))
    subjects = (
        (_subject("both", login, address), LIMITS["both"]),
        (_subject("login", login), LIMITS["login"]),
        (_subject("address", address), LIMITS["address"]),
    )
    rows = [LoginAttempt(subject=subject, at=moment) for subject, _ in subjects]
    session.add_all(rows)
    session.flush()
    return Attempt(subjects, tuple(row.id for row in rows))


def _wait(session: Session, attempt: Attempt) -> float:
    """The seconds to wait; none if the attempt may be made."""
    moment = now()
    wait = 0.0
    for subject, limit in attempt.subjects:
        count, oldest = session.execute(
            select(func.count(), func.min(LoginAttempt.at)).where(
                LoginAttempt.subject == subject, LoginAttempt.at >= moment - WINDOW
            )
        ).one()
        if count > limit:
            wait = max(wait, (oldest + WINDOW - moment).total_seconds(), 1)
    return wait


@transaction
def _take_back(session: Session, attempt: Attempt) -> None:
    session.execute(delete(LoginAttempt).where(LoginAttempt.id.in_(attempt.ids)))


@transaction
def succeeded(session: Session, attempt: Attempt) -> None:
    """Forget an attempt, and all earlier ones of the same login from the same address."""
    session.execute(delete(LoginAttempt).where(LoginAttempt.id.in_(attempt.ids)))
    session.execute(delete(LoginAttempt).where(LoginAttempt.subject == attempt.subjects[0][0]))
