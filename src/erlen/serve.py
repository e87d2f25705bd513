"""The production server: Granian."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .cli.groups import ScriptInfo

# The workers are processes of their own: they learn from the environment what to load.
_TARGET = "ERLEN_SERVE_TARGET"
_FLASK = "ERLEN_SERVE_FLASK"


def application() -> Any:
    """The WSGI application of a worker."""
    from .cli.groups import ScriptInfo

    if os.environ.get(_FLASK):
        from .compat import install

        install()
    return ScriptInfo(app_import_path=os.environ.get(_TARGET) or None).load_app()


def serve(
    info: ScriptInfo,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    workers: int = 1,
    threads: int = 8,
) -> None:
    """Serve an application until it is stopped; requests in flight are finished first.

    :param info: what names the application
    :param workers: how many processes
    :param threads: how many threads run views in each process
    """
    import click
    from granian import Granian
    from granian.constants import Interfaces

    from .compat import is_installed

    os.environ[_TARGET] = info.app_import_path or ""
    os.environ[_FLASK] = "1" if is_installed() else ""
    shown = f"[{host}]" if ":" in host else host
    name = info.load_app().name
    click.echo(f" * Serving Erlen app '{name}' with Granian on http://{shown}:{port}")
    processes = "1 process" if workers == 1 else f"{workers} processes"
    click.echo(f" * {processes}, {threads} threads each (WSGI). Press CTRL+C to quit")
    Granian(
        target="erlen.serve:application",
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        respawn_failed_workers=True,
        workers_kill_timeout=30,
        log_enabled=True,
        websockets=False,
    ).serve()
