"""What an operator can set, each by an environment variable of the same name.

``SECRET_KEY``
    Signs sessions; all workers need the same. Without it one is made once, in
    ``instance/secret_key``.
``CHIRP_DATABASE_URL``
    SQLAlchemy's address of the database. Without it: SQLite, in ``instance/chirp.sqlite3``.
``REDIS_URL``
    A Redis that keeps sessions and carries live updates between workers. Without it sessions are
    signed cookies, and an update reaches the pages of its own worker at once and those of others
    with their next one.
``CHIRP_AVATARS``
    ``generated`` pictures alone (the default), or ``gravatar``, whose server then learns who looks.
``CHIRP_HTTPS``
    ``1`` behind HTTPS: cookies are Secure, and browsers are told to stay there.
``CHIRP_HOSTS``
    The host names to answer for, with commas; without it any.
``CHIRP_PROXIES``
    How many proxies stand in front, of those that append to ``X-Forwarded-For``: 0.
``CHIRP_POLL_SECONDS``
    How often a page asks where it has no live connection: 15.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

from erlen import Erlen

#: The most bytes of a request: a form of Chirp has a few thousand.
LARGEST_BODY = 256 * 1024

_DEFAULTS: dict[str, str] = {
    "CHIRP_AVATARS": "generated",
    "CHIRP_HTTPS": "0",
    "CHIRP_HOSTS": "",
    "CHIRP_PROXIES": "0",
    "CHIRP_POLL_SECONDS": "15",
    "REDIS_URL": "",
}


def load(app: Erlen, config: Mapping[str, Any] | None) -> None:
    """Fill ``app.config`` from the environment, and from ``config`` where that says more.

    :raises ValueError: for a value that means nothing
    """
    given: dict[str, Any] = dict(_DEFAULTS)
    for name in (*_DEFAULTS, "SECRET_KEY", "CHIRP_DATABASE_URL"):
        if value := os.environ.get(name):
            given[name] = value
    given.update(config or {})
    if given["CHIRP_AVATARS"] not in ("gravatar", "generated"):
        raise ValueError("CHIRP_AVATARS is 'gravatar' or 'generated'.")
    given["CHIRP_POLL_SECONDS"] = float(given["CHIRP_POLL_SECONDS"])
    given["CHIRP_PROXIES"] = int(given["CHIRP_PROXIES"])
    https = given["CHIRP_HTTPS"] = str(given["CHIRP_HTTPS"]) == "1"
    hosts = [host.strip() for host in given["CHIRP_HOSTS"].split(",") if host.strip()]

    instance = Path(app.instance_path)
    if not given.get("CHIRP_DATABASE_URL"):
        instance.mkdir(parents=True, exist_ok=True)
        given["CHIRP_DATABASE_URL"] = f"sqlite:///{instance / 'chirp.sqlite3'}"
    if not given.get("SECRET_KEY"):
        given["SECRET_KEY"] = _kept_key(instance / "secret_key")

    app.config.update(
        MAX_CONTENT_LENGTH=LARGEST_BODY,
        MAX_FORM_MEMORY_SIZE=LARGEST_BODY,
        MAX_FORM_PARTS=50,
        # A page of another site sends nothing in a person's name, even where its form slips by.
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=https,
        # A browser takes such a cookie from this host alone, and over HTTPS alone.
        SESSION_COOKIE_NAME="__Host-chirp" if https else "chirp",
        # "Remember me"; without it the session ends with the browser.
        PERMANENT_SESSION_LIFETIME=timedelta(days=30),
        PREFERRED_URL_SCHEME="https" if https else "http",
        TRUSTED_HOSTS=hosts or None,
        # A token in each form, whatever the browser says of the page it comes from.
        CSRF_REQUIRE_TOKEN="always",
    )
    app.config.update(given)


def _kept_key(path: Path) -> str:
    """The key of this installation, made at the first start; several workers may start at once."""
    with suppress(FileNotFoundError):
        return path.read_text().strip()
    path.parent.mkdir(parents=True, exist_ok=True)
    made = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    made.touch(mode=0o600)
    made.write_text(secrets.token_hex(32))
    try:
        # Fails if another worker was first, and never shows half a key.
        os.link(made, path)
    except FileExistsError:
        pass
    finally:
        made.unlink()
    return path.read_text().strip()
