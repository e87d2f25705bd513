"""``erlen serve``: the production server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from .groups import pass_script_info
from .options import app_argument, app_option

if TYPE_CHECKING:
    from ..app.script_info import ScriptInfo


@click.command(
    "serve", short_help="Run a production server.", params=[app_argument(), app_option()]
)
@click.option(
    "--server",
    type=click.Choice(["granian", "uvicorn", "hypercorn", "gunicorn", "waitress"]),
    default="granian",
    show_default=True,
    help="The server; others than Granian must be installed.",
)
@click.option(
    "--interface",
    type=click.Choice(["asgi", "wsgi"]),
    help="The interface between server and application.  [default: asgi, where the server has it]",
)
@click.option(
    "--host", "-h", default="127.0.0.1", show_default=True, help="The address to listen on."
)
@click.option("--port", "-p", default=8000, show_default=True, help="The port to listen on.")
@click.option("--uds", type=click.Path(), help="A Unix socket to listen on, in place of a port.")
@click.option(
    "--workers", "-w", type=click.IntRange(1), default=1, show_default=True,
    help="How many processes.",
)  # fmt: skip
@click.option(
    "--threads",
    "-t",
    type=click.IntRange(1),
    help="How many threads run synchronous views in each process."
    "  [default: THREAD_POOL_SIZE on ASGI, 2 for each core on WSGI]",
)
# serve() reads them, and tells what is wrong with them.
@click.option("--certfile", type=click.Path(readable=False), help="A certificate, to serve HTTPS.")
@click.option("--keyfile", type=click.Path(readable=False), help="The key of the certificate.")
@click.option(
    "--http2", is_flag=True,
    help="Speak HTTP/2 too, with browsers by HTTPS (Granian and hypercorn).",
)  # fmt: skip
@click.option("--access-log/--no-access-log", default=False, help="Write a line for each request.")
@click.option(
    "--max-body",
    type=click.IntRange(0),
    metavar="BYTES",
    help="The longest request body, where MAX_CONTENT_LENGTH is not set.  [default: no limit]",
)
@click.option(
    "--header-timeout", type=click.FloatRange(0, min_open=True), default=30, show_default=True,
    metavar="SECONDS", help="How long a client may take for the headers of a request.",
)  # fmt: skip
@click.option(
    "--request-timeout", type=click.IntRange(1), metavar="SECONDS",
    help="How long a client may take for the body of a request, beside the time that its length"
    " gives it; ASGI alone has it.  [default: BODY_TIMEOUT, 60]",
)  # fmt: skip
@click.option(
    "--graceful-timeout", type=click.IntRange(1), default=30, show_default=True,
    metavar="SECONDS", help="How long requests in flight may take when the server is stopped.",
)  # fmt: skip
@click.option("--backlog", default=1024, show_default=True, help="How many connections may wait.")
@click.option(
    "--respawn/--no-respawn", default=True, show_default=True,
    help="Start a worker anew that has died.",
)  # fmt: skip
@click.option(
    "--worker-lifetime", type=click.IntRange(60), metavar="SECONDS",
    help="Replace workers at this age.  [default: never]",
)  # fmt: skip
@click.option(
    "--worker-memory", type=click.IntRange(1), metavar="MIB",
    help="Replace workers that take more memory.  [default: never]",
)  # fmt: skip
@click.option(
    "--max-requests", type=click.IntRange(1), metavar="COUNT",
    help="Replace workers after so many requests (not Granian).  [default: never]",
)  # fmt: skip
@pass_script_info
def serve_command(info: ScriptInfo, /, interface: str | None, server: str, **options: Any) -> None:
    """Serve the application, on ASGI with Granian unless told otherwise.

    SIGTERM and SIGINT stop it: no new connections are taken, and requests in flight are finished
    first. SIGHUP loads the application anew, worker by worker.
    """
    from ..compat import is_installed
    from ..serve.production import SERVERS, Options, ServeError, serve

    if interface is None:
        interface = SERVERS[server][1][0]
    try:
        # Workers are new processes, where the names must be Erlen's again.
        prepare = "erlen.compat:install" if is_installed() else None
        serve(info, Options(server=server, interface=interface, **options), prepare)
    except ServeError as error:
        raise click.ClickException(str(error)) from None
