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
    attempt, wait = _begin(session, login, address)
    if attempt is None:
        raise TooManyAttempts(wait)
    return attempt


@transaction
def _begin(session: Session, login: str, address: str) -> tuple[Attempt | None, int]:
    moment = now()
    session.execute(delete(LoginAttempt).where(LoginAttempt.at < moment - WINDOW))
    subjects = (
        (_subject("both", login, address), LIMITS["both"]),
        (_subject("login", login), LIMITS["login"]),
        (_subject("address", address), LIMITS["address"]),
    )
    ids: list[int] = []
    for subject, _ in subjects:
        row = LoginAttempt(subject=subject, at=moment)
        session.add(row)
        session.flush()
        ids.append(row.id)
    wait = 0.0
    for subject, limit in subjects:
        count, oldest = session.execute(
            select(func.count(), func.min(LoginAttempt.at)).where(
                LoginAttempt.subject == subject, LoginAttempt.at >= moment - WINDOW
            )
        ).one()
        if count > limit:
            wait = max(wait, (oldest + WINDOW - moment).total_seconds(), 1)
    if wait:
        session.execute(delete(LoginAttempt).where(LoginAttempt.id.in_(ids)))
        return None, math.ceil(wait)
    return Attempt(subjects, tuple(ids)), 0


@transaction
def succeeded(session: Session, attempt: Attempt) -> None:
    """Forget an attempt, and all earlier ones of the same login from the same address."""
    session.execute(delete(LoginAttempt).where(LoginAttempt.id.in_(attempt.ids)))
    session.execute(delete(LoginAttempt).where(LoginAttempt.subject == attempt.subjects[0][0]))
