"""``erlen serve``: the production server."""

from __future__ import annotations

import os

import click

from .groups import ScriptInfo, pass_script_info


@click.command("serve", short_help="Run a production server.")
@click.option(
    "--host", "-h", default="127.0.0.1", show_default=True, help="The interface to bind to."
)
@click.option("--port", "-p", default=8000, show_default=True, help="The port to bind to.")
@click.option("--workers", "-w", default=1, show_default=True, help="How many processes.")
@click.option(
    "--threads",
    "-t",
    type=click.IntRange(1),
    help="How many threads run views in each process.  [default: 2 for each core]",
)
@pass_script_info
def serve_command(
    info: ScriptInfo, host: str, port: int, workers: int, threads: int | None
) -> None:
    """Serve the application with Granian."""
    # Loaded here first: an error is told at once, not by every worker.
    info.load_app()
    from ..serve import serve

    serve(info, host=host, port=port, workers=workers, threads=threads or 2 * (os.cpu_count() or 1))
