"""Environment variables from files."""

from __future__ import annotations

import os

import click


def load_dotenv(path: str | os.PathLike[str] | None = None, load_defaults: bool = True) -> bool:
    """Set the variables of ``path``, then those of ``.env`` and ``.flaskenv``, as far as they are
    not set: files never override the environment, nor a later file an earlier one.

    :param path: a file
    :param load_defaults: look for the two in this folder and those above
    :returns: whether a file was read; ``False`` without python-dotenv
    """
    try:
        import dotenv
    except ImportError:
        if path or os.path.isfile(".env") or os.path.isfile(".flaskenv"):
            click.secho(
                " * Tip: There are .env files present. Install python-dotenv to use them:"
                ' pip install "erlen[dotenv]".',
                fg="yellow",
                err=True,
            )
        return False
    values: dict[str, str | None] = {}
    if load_defaults:
        for name in (".flaskenv", ".env"):
            found = dotenv.find_dotenv(name, usecwd=True)
            if found:
                values.update(dotenv.dotenv_values(found, encoding="utf-8"))
    if path is not None and os.path.isfile(path):
        values.update(dotenv.dotenv_values(path, encoding="utf-8"))
    for key, value in values.items():
        if key not in os.environ and value is not None:
            os.environ[key] = value
    return bool(values)
