"""Password hashes, and paths that stay in their folder."""

from __future__ import annotations

from .http import paths
from .http.paths import is_inside as is_inside

SALT_CHARS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
DEFAULT_PBKDF2_ITERATIONS = 1_000_000
# More than any person types; hashing much more is a way to keep a server busy.
_LONGEST_PASSWORD = 64 * 1024
# What a stored hash may ask for: four times the strongest default in memory.
_MOST_SCRYPT_MEMORY = 1024 * 1024 * 1024


# Werkzeug's name, which its users set for paths of another system.
_os_alt_seps = paths.OTHER_SEPARATORS


def gen_salt(length: int) -> str:
    """A random salt of letters and digits.

    :raises ValueError: for a length under one
    """
    if length <= 0:
        raise ValueError("Salt length must be at least 1.")
    import secrets

    return "".join(secrets.choice(SALT_CHARS) for _ in range(length))


def _hash(method: str, salt: str, password: str) -> tuple[str, str]:
    """The hash in hex, and the method with all its parameters."""
    import hashlib

    name, *args = method.split(":")
    salt_bytes = salt.encode()
    raw = password.encode()
    if len(raw) > _LONGEST_PASSWORD:
        raise ValueError(f"The password is longer than {_LONGEST_PASSWORD} bytes.")
    if name == "scrypt":
        if not args:
            n, r, p = 2**15, 8, 1
        else:
            try:
                n, r, p = map(int, args)
            except ValueError:
                raise ValueError("'scrypt' takes 3 arguments.") from None
        memory = 132 * n * r * p
        if memory > _MOST_SCRYPT_MEMORY:
            raise ValueError("The parameters of scrypt ask for more than 1 GiB of memory.")
        digest = hashlib.scrypt(raw, salt=salt_bytes, n=n, r=r, p=p, maxmem=memory)
        return digest.hex(), f"scrypt:{n}:{r}:{p}"
    if name == "pbkdf2":
        if not args:
            algorithm, iterations = "sha256", DEFAULT_PBKDF2_ITERATIONS
        elif len(args) == 1:
            algorithm, iterations = args[0], DEFAULT_PBKDF2_ITERATIONS
        elif len(args) == 2:
            algorithm, iterations = args[0], int(args[1])
        else:
            raise ValueError("'pbkdf2' takes 2 arguments.")
        digest = hashlib.pbkdf2_hmac(algorithm, raw, salt_bytes, iterations)
        return digest.hex(), f"pbkdf2:{algorithm}:{iterations}"
    raise ValueError(f"Invalid hash method {method!r}: use 'scrypt' or 'pbkdf2'.")


def generate_password_hash(password: str, method: str = "scrypt", salt_length: int = 16) -> str:
    """A hash of a password, to be stored: ``method$salt$hash``.

    :param method: ``scrypt`` or ``scrypt:n:r:p``, or ``pbkdf2`` with ``:algorithm:iterations``
    :raises ValueError: for another method, or a password over 64 KiB
    """
    salt = gen_salt(salt_length)
    digest, method = _hash(method, salt, password)
    return f"{method}${salt}${digest}"


def check_password_hash(pwhash: str, password: str) -> bool:
    """Whether a password fits a stored hash; ``False`` for a hash that is none.

    The comparison takes the same time wherever the two differ.
    """
    import hmac

    try:
        method, salt, digest = pwhash.split("$", 2)
    except ValueError:
        return False
    if len(password) > _LONGEST_PASSWORD:
        return False
    try:
        computed = _hash(method, salt, password)[0]
    except (ValueError, TypeError, OverflowError):
        # The libraries say it in these ways if a parameter is none.
        return False
    return hmac.compare_digest(computed.encode(), digest.encode())


def safe_join(directory: str, *pathnames: str) -> str | None:
    """:func:`erlen.http.paths.safe_join`: a path inside of ``directory``, or ``None`` for one that
    leads out of it."""
    return paths.safe_join(directory, *pathnames, separators=_os_alt_seps)
