"""``erlen run``: the development server."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from ..app.debugflag import get_debug_flag
from ..app.locate import AppImportFailed, NoAppException
from .certificates import CertParamType, validate_key
from .groups import pass_script_info
from .options import app_argument, app_option, debug_option

if TYPE_CHECKING:
    import ssl

    from ..app.script_info import ScriptInfo


def show_server_banner(debug: bool, app_import_path: str | None) -> None:
    """Say what is served, before the server starts."""
    if os.environ.get("WERKZEUG_RUN_MAIN") == "true":
        # The reloader's child says nothing again.
        return
    if app_import_path is not None:
        click.echo(f" * Serving Erlen app '{app_import_path}'")
    click.echo(f" * Debug mode: {'on' if debug else 'off'}")


def warn_ignored_run() -> None:
    """Say that ``app.run()`` does nothing under the command line."""
    if os.environ.get("WERKZEUG_RUN_MAIN") != "true":
        click.secho(
            " * Ignoring a call to 'app.run()' that would block the current 'erlen' command.\n"
            "   Only call 'app.run()' in an 'if __name__ == \"__main__\"' guard.",
            fg="red",
        )


class SeparatedPathType(click.Path):
    """Several paths, separated as ``PATH`` is."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        items = self.split_envvar_value(value)
        return [super(SeparatedPathType, self).convert(item, param, ctx) for item in items]


def _load_or_show(info: ScriptInfo) -> Any:
    """The application; if it does not load, one that raises the error for each request, until a
    file changes and the reloader tries again.

    :raises NoAppException: if there is none to load
    """
    try:
        return info.load_app()
    except Exception as error:
        if isinstance(error, NoAppException) and not isinstance(error, AppImportFailed):
            raise
        from ..app.failures import describe_failure, format_failure, own_traceback

        click.echo(format_failure(error), err=True)
        where = describe_failure(error)
        click.secho(f" * The application did not load: {where}", fg="red", err=True)
        failure = (error.__cause__ if isinstance(error, AppImportFailed) else None) or error
        traceback = own_traceback(failure)

        def failed(environ: Any, start_response: Any) -> Any:
            __traceback_hide__ = True  # noqa: F841
            raise failure.with_traceback(traceback) from None

        return failed


# The options of the group are taken behind the command too, where people write them.
@click.command(
    "run",
    short_help="Run a development server.",
    params=[app_argument(), app_option(), debug_option()],
)
@click.option("--host", "-h", default="127.0.0.1", help="The interface to bind to.")
@click.option("--port", "-p", default=5000, show_default=True, help="The port to bind to.")
@click.option(
    "--cert",
    type=CertParamType(),
    help="Specify a certificate file to use HTTPS.",
    is_eager=True,
)
@click.option(
    "--key",
    type=click.Path(readable=False, resolve_path=True),
    callback=validate_key,
    expose_value=False,
    help="The key file to use when specifying a certificate.",
)
@click.option(
    "--reload/--no-reload",
    default=None,
    help="Restart when a file changes.  [default: in debug mode]",
)
@click.option(
    "--debugger/--no-debugger",
    default=None,
    help="Show errors in the browser, with a console.  [default: in debug mode]",
)
@click.option(
    "--with-threads/--without-threads", default=True, help="Enable or disable multithreading."
)
@click.option(
    "--extra-files",
    default=None,
    type=SeparatedPathType(),
    help=f"Extra files that trigger a reload on change, separated by {os.path.pathsep!r}.",
)
@click.option(
    "--exclude-patterns",
    default=None,
    type=SeparatedPathType(),
    help=f"Files matching these patterns do not trigger a reload, separated by"
    f" {os.path.pathsep!r}.",
)
@pass_script_info
def run_command(
    info: ScriptInfo,
    host: str,
    port: int,
    reload: bool | None,
    debugger: bool | None,
    with_threads: bool,
    cert: ssl.SSLContext | tuple[str, str | None] | str | None,
    extra_files: list[str] | None,
    exclude_patterns: list[str] | None,
) -> None:
    """Run a local development server.

    It is for development alone: 'erlen serve' is for production.
    """
    debug = get_debug_flag()
    if reload is None:
        reload = debug
    if debugger is None:
        debugger = debug
    from ..serve import development

    app: Any = None
    with development.interrupts_kill():
        if not reload:
            app = info.load_app()
        elif development.is_running_from_reloader():
            app = _load_or_show(info)
    show_server_banner(debug, info.app_import_path)
    development.run_simple(
        host,
        port,
        app,
        use_reloader=reload,
        use_debugger=debugger,
        threaded=with_threads,
        ssl_context=cert,
        extra_files=extra_files,
        exclude_patterns=exclude_patterns,
    )
