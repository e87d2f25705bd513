"""Passwords: which are taken, and how they are kept and compared."""

from __future__ import annotations

import functools

from erlen.security import check_password_hash, generate_password_hash

from .errors import Invalid

SHORTEST = 8
LONGEST = 1000
#: Erlen's strong default. Tests, and nothing else, choose a cheaper one.
METHOD = "scrypt"


def check_new(password: str, *, name: str, email: str, field: str = "password") -> None:
    """
    :raises Invalid: if it is too short, too long, or what everybody would try first
    """
    if len(password) < SHORTEST:
        raise Invalid(field, f"Use at least {SHORTEST} characters.")
    if len(password) > LONGEST:
        raise Invalid(field, f"Use at most {LONGEST} characters.")
    if password.casefold() in (name.casefold(), email.casefold()):
        raise Invalid(field, "Use a password that is not your name or e-mail address.")
    if not _is_text(password):
        raise Invalid(field, "Use letters, digits and signs.")
    if len(set(password)) < 3:
        raise Invalid(field, "Use more than two different characters.")


def hashed(password: str) -> str:
    return generate_password_hash(password, METHOD)


def fits(stored: str | None, password: str) -> bool:
    """Whether a password is the stored one; takes as long if there is none stored."""
    if len(password) > LONGEST or not _is_text(password):
        return False
    fit = check_password_hash(stored or _of_nobody(METHOD), password)
    return fit and stored is not None


def _is_text(password: str) -> bool:
    """Whether it has bytes to be hashed: not with half a character, as JSON can bring."""
    try:
        password.encode()
    except UnicodeEncodeError:
        return False
    return True


@functools.cache
def _of_nobody(method: str) -> str:
    return generate_password_hash("nobody has this password", method)
