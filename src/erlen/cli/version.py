"""``--version``."""

from __future__ import annotations

import platform
import sys
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, metadata
from typing import Any

import click

from ..version import __version__


def _version_of(name: str) -> str:
    try:
        return str(metadata(name)["Version"])
    except PackageNotFoundError:
        return f"is not installed: pip install {name}"


def get_version(ctx: click.Context, param: click.Parameter | None, value: Any) -> None:
    """Print the versions and leave."""
    if not value or ctx.resilient_parsing:
        return
    lines = [
        f"Erlen {__version__}",
        f"Python {platform.python_version()} ({sys.executable})",
        f"Granian {_version_of('granian')}",
    ]
    for name in ("Flask", "Werkzeug"):
        # Those that are installed do not run here: the names that Erlen answers for do.
        with suppress(PackageNotFoundError):
            found = metadata(name)
            if found["Summary"] == "Provided by Erlen":
                lines.append(f"{name} {found['Version']} (its names, by Erlen)")
    click.echo("\n".join(lines), color=ctx.color)
    ctx.exit()


def version_option() -> click.Option:
    """``--version``."""
    return click.Option(
        ["--version"],
        help="Show the versions of Erlen, Python and the server.",
        expose_value=False,
        callback=get_version,
        is_flag=True,
        is_eager=True,
    )
