"""The options of all commands: what is loaded, and in which environment."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from ..app.script_info import ScriptInfo
from .dotenv import load_dotenv

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

#: How the application is named; it may stand behind any command.
APP_OPTION = ("-A", "--app")


def _set_app(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    if value is not None:
        ctx.ensure_object(ScriptInfo).name_app(value)
    return value


def _complete_file(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    # The shell looks for it.
    return [CompletionItem(incomplete, type="file")]


def _set_debug(ctx: click.Context, param: click.Option, value: bool) -> bool | None:
    # Without the option the environment decides.
    source = ctx.get_parameter_source(param.name)
    if source is not None and source in (ParameterSource.DEFAULT, ParameterSource.DEFAULT_MAP):
        return None
    # Set early: the application may read it while it is made.
    os.environ["FLASK_DEBUG"] = "1" if value else "0"
    return value


def _read_env_file(ctx: click.Context, param: click.Option, value: str | None) -> str | None:
    try:
        import dotenv  # noqa: F401
    except ImportError:
        if value is not None:
            raise click.BadParameter(
                'python-dotenv must be installed to load an env file: pip install "erlen[dotenv]".',
                ctx=ctx,
                param=param,
            ) from None
        return None
    if value is not None or ctx.ensure_object(ScriptInfo).load_dotenv_defaults:
        load_dotenv(value, load_defaults=ctx.ensure_object(ScriptInfo).load_dotenv_defaults)
    return value


def _use_flask_names(ctx: click.Context, param: click.Option, value: bool) -> bool:
    if value:
        from ..compat import install

        install()
    return value


def app_option() -> click.Option:
    """``--app``."""
    return click.Option(
        APP_OPTION,
        metavar="IMPORT",
        help="The application or factory to load: 'module:name', or a file. The module can be a"
        " dotted import or a path; the name is not required if it is 'app', 'application',"
        " 'create_app' or 'make_app', and can be 'name(args)' to pass arguments.",
        is_eager=True,
        expose_value=False,
        callback=_set_app,
        shell_complete=_complete_file,
    )


def app_argument() -> click.Argument:
    """The application, without ``--app``."""
    return click.Argument(
        ["application"],
        required=False,
        expose_value=False,
        callback=_set_app,
        shell_complete=_complete_file,
    )


def debug_option() -> click.Option:
    """``--debug``."""
    return click.Option(
        ["--debug/--no-debug"],
        help="Set debug mode.",
        expose_value=False,
        callback=_set_debug,
    )


def env_file_option() -> click.Option:
    return click.Option(
        ["-e", "--env-file"],
        type=click.Path(exists=True, dir_okay=False),
        help="Load environment variables from this file, taking precedence over those set by"
        " '.env' and '.flaskenv'. Needs python-dotenv.",
        is_eager=True,
        expose_value=False,
        callback=_read_env_file,
    )


def flask_option() -> click.Option:
    return click.Option(
        ["--flask"],
        is_flag=True,
        help="Let the names 'flask' and 'werkzeug' mean Erlen, for an existing application.",
        is_eager=True,
        expose_value=False,
        callback=_use_flask_names,
    )
