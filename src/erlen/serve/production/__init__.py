"""The production server: what is served, where, and within which limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from .address import claim
from .https import check_https
from .options import Options, ServeError
from .preflight import look_at
from .servers import SERVERS
from .worker import tell_workers

if TYPE_CHECKING:
    from ...app.script_info import ScriptInfo

__all__ = ["SERVERS", "Options", "ServeError", "serve"]


def serve(info: ScriptInfo, options: Options, prepare: str | None = None) -> None:
    """Serve an application until it is stopped; requests in flight are finished first.

    :param info: what names the application
    :param prepare: the import path of a function that each worker calls before it loads it
    :raises ServeError: for a server that is not installed, or cannot do what is asked
    """
    check_https(options)
    start, interfaces = SERVERS[options.server]
    if options.interface not in interfaces:
        others = [name for name, (_, known) in SERVERS.items() if options.interface in known]
        raise ServeError(
            f"{options.server} has no {options.interface.upper()} interface:"
            f" use --interface {interfaces[0]}, or --server {' or '.join(others)}."
        )
    if options.request_timeout is not None and options.interface == "wsgi":
        raise ServeError(
            "A WSGI server hands bodies over in a way that cannot be timed: use --interface asgi,"
            " or leave --request-timeout out."
        )
    facts = look_at(info)
    if facts["has_websockets"] and options.interface == "wsgi":
        click.secho(
            " * This application has WebSockets, which WSGI cannot serve: use --interface asgi",
            fg="yellow",
            err=True,
        )
    if facts["debug"]:
        click.secho(
            " * Debug mode is on, which shows strangers what the application is made of:"
            " switch it off where others can reach it",
            fg="yellow",
            err=True,
        )
    claim(options)
    tell_workers(info, options, prepare)
    if options.interface == "asgi":
        threads = options.threads or facts["threads"]
    else:
        threads = options.count_threads()
    processes = "1 process" if options.workers == 1 else f"{options.workers} processes"

    def announce(version: str) -> None:
        click.echo(
            f" * Serving Erlen app '{facts['name']}' on {options.address}"
            f" ({options.server} {version}, {options.interface.upper()},"
            f" {processes} with {threads} threads each). Press CTRL+C to quit"
        )

    try:
        start(options, announce)
    except ImportError as error:
        if error.name is None or error.name.partition(".")[0] != options.server:
            raise
        raise ServeError(
            f"{options.server} is not installed: pip install {options.server}"
        ) from None
