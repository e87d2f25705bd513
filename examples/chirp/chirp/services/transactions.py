"""One change, stored whole or not at all."""

from __future__ import annotations

import functools
import random
import time
from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

P = ParamSpec("P")
T = TypeVar("T")

_ATTEMPTS = 6
#: Two transactions got in each other's way and one had to give up: MySQL's deadlock and lock wait.
_MYSQL_CONFLICTS = frozenset({1205, 1213})
#: The same on PostgreSQL: serialization_failure, deadlock_detected.
_POSTGRESQL_CONFLICTS = frozenset({"40001", "40P01"})


def is_conflict(error: DBAPIError) -> bool:
    """Whether the same transaction may well succeed when it is tried again."""
    original = error.orig
    if getattr(original, "sqlstate", None) in _POSTGRESQL_CONFLICTS:
        return True
    arguments = getattr(original, "args", ())
    return bool(arguments) and arguments[0] in _MYSQL_CONFLICTS


def transaction(
    function: Callable[Concatenate[Session, P], T],
) -> Callable[Concatenate[Session, P], T]:
    """Commit what a function does; roll it back if it raises; try again after a conflict.

    The function may therefore run more than once, and does nothing outside of the database.
    """

    @functools.wraps(function)
    def wrapped(session: Session, /, *args: P.args, **kwargs: P.kwargs) -> T:
        attempt = 1
        while True:
            try:
                result = function(session, *args, **kwargs)
                session.commit()
                return result
            except DBAPIError as error:
                session.rollback()
                if attempt == _ATTEMPTS or not is_conflict(error):
                    raise
            except BaseException:
                session.rollback()
                raise
            # The two should not meet again at the same moment.
            time.sleep(random.uniform(0, 0.01 * 2**attempt))
            attempt += 1

    return wrapped
