"""``--version``."""

from __future__ import annotations

import importlib.metadata
import platform
from typing import Any

import click


def get_version(ctx: click.Context, param: click.Parameter | None, value: Any) -> None:
    """Print the versions and leave."""
    if not value or ctx.resilient_parsing:
        return
    lines = [f"Python {platform.python_version()}"]
    for name in ("Erlen", "Flask", "Werkzeug"):
        try:
            lines.append(f"{name} {importlib.metadata.version(name.lower())}")
        except importlib.metadata.PackageNotFoundError:
            continue
    click.echo("\n".join(lines), color=ctx.color)
    ctx.exit()


def version_option() -> click.Option:
    """``--version``."""
    return click.Option(
        ["--version"],
        help="Show the version of Erlen.",
        expose_value=False,
        callback=get_version,
        is_flag=True,
        is_eager=True,
    )
