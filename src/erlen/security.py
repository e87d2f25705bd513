"""Password hashes, and paths that stay in their folder."""

from __future__ import annotations

import os
import posixpath
from os import fspath

SALT_CHARS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
DEFAULT_PBKDF2_ITERATIONS = 1_000_000
# More than any person types; hashing much more is a way to keep a server busy.
_LONGEST_PASSWORD = 64 * 1024
# What a stored hash may ask for: four times the strongest default in memory.
_MOST_SCRYPT_MEMORY = 1024 * 1024 * 1024

_os_alt_seps = [s for s in (os.sep, os.path.altsep) if s and s != "/"]
_DEVICES = frozenset(
    {
        "AUX", "CON", "CONIN$", "CONOUT$", "NUL", "PRN",
        *(f"COM{c}" for c in "0123456789¹²³"), *(f"LPT{c}" for c in "0123456789¹²³"),
    }
)  # fmt: skip


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


def _is_special_on_windows(name: str) -> bool:
    # A colon names a drive or a stream of another file.
    if ":" in name:
        return True
    return any(
        part.partition(".")[0].strip().upper() in _DEVICES
        # Windows drops dots and spaces at the end, so that nothing or ".." may be left.
        or (part != "." and not part.strip(". "))
        for part in name.split("/")
    )


def safe_join(directory: str, *pathnames: str) -> str | None:
    """A path inside of ``directory``, or ``None`` for one that leads out of it.

    On Windows, drives, alternate separators and device names are refused too.

    :param directory: the folder; ``""`` is the working directory
    :param pathnames: what comes from outside
    """
    path = fspath(directory) or "."
    for name in pathnames:
        if name != "":
            name = posixpath.normpath(name)
        if (
            # ntpath takes "/x" for relative since Python 3.13.
            name.startswith(("/", "../"))
            or name == ".."
            or "\0" in name
            # PERF: on POSIX an absolute path begins with a slash, and there is no other separator.
            or (_os_alt_seps and any(separator in name for separator in _os_alt_seps))
            or (
                os.name != "posix"
                and (os.path.isabs(name) or (os.name == "nt" and _is_special_on_windows(name)))
            )
        ):
            return None
        # None is absolute, so that the rest of posixpath.join() is this.
        path = path + name if path.endswith("/") else f"{path}/{name}"
    return path


def is_inside(directory: str, path: str) -> bool:
    """Whether no symbolic link between a folder and a path in it leads out of the folder.

    :param directory: the folder; it may be a link itself
    :param path: what :func:`safe_join` made of it
    """
    end = len(directory)
    while end < len(path):
        end = path.find("/", end + 1)
        if end == -1:
            end = len(path)
        if os.path.islink(path[:end]):
            folder = os.path.realpath(directory).rstrip(os.sep) + os.sep
            return os.path.realpath(path).startswith(folder)
    return True
