"""The group of ``erlen``, with the commands of the application and of plug-ins."""

from __future__ import annotations

import os
from contextlib import redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from ..app.failures import format_failure
from ..app.locate import AppImportFailed, NoAppException
from ..app.script_info import ScriptInfo
from ..context.contexts import current_context, has_app_context
from ..logging import wanted_colours
from .excepthook import install_hook
from .groups import AppGroup
from .openapi import openapi_command
from .options import APP_OPTION, app_option, debug_option, env_file_option, flask_option
from .routes import routes_command
from .run import run_command
from .serve import serve_command
from .shell import shell_command
from .version import version_option

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..app.application import Erlen


_COMMANDS = (run_command, serve_command, shell_command, routes_command, openapi_command)


class ErlenGroup(AppGroup):
    """The group of ``erlen``: the built-in commands, the application's, and those of plug-ins.

    :param add_default_commands: add ``run``, ``serve``, ``shell``, ``routes`` and ``openapi``
    :param create_app: a function that makes the application
    :param add_version_option: add ``--version``
    :param load_dotenv: read ``.env`` and ``.flaskenv``
    :param set_debug_flag: switch debug mode as the environment says
    """

    def __init__(
        self,
        add_default_commands: bool = True,
        create_app: Callable[..., Erlen] | None = None,
        add_version_option: bool = True,
        load_dotenv: bool = True,
        set_debug_flag: bool = True,
        **extra: Any,
    ) -> None:
        params: list[click.Parameter] = list(extra.pop("params", None) or ())
        # Before --app: the names must be there when the application is imported.
        params.extend((flask_option(), env_file_option(), app_option(), debug_option()))
        if add_version_option:
            params.append(version_option())
        extra.setdefault("context_settings", {}).setdefault("auto_envvar_prefix", "FLASK")
        super().__init__(params=params, **extra)
        self.create_app = create_app
        self.load_dotenv = load_dotenv
        self.set_debug_flag = set_debug_flag
        if add_default_commands:
            for command in _COMMANDS:
                self.add_command(command)
        self._loaded_plugin_commands = False

    def _load_plugin_commands(self) -> None:
        if self._loaded_plugin_commands:
            return
        from importlib.metadata import entry_points

        for group in ("flask.commands", "erlen.commands"):
            for entry in entry_points(group=group):
                self.add_command(entry.load(), entry.name)
        self._loaded_plugin_commands = True

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name, rest = args[0], args[1:]
        if name.endswith(".py") and super().get_command(ctx, name) is None:
            ctx.fail(f"{name!r} is no command. To serve it: {ctx.command_path} run {name}")
        app, others = take_app(rest)
        if app is not None and self._takes_app(ctx, name, rest):
            info = ctx.ensure_object(ScriptInfo)
            info.name_app(app)
            args = [name, *others]
        return super().resolve_command(ctx, args)

    def _takes_app(self, ctx: click.Context, name: str, args: list[str]) -> bool:
        """Whether ``--app`` behind a command is meant for this group: not where it was named in
        front, or where the command has such an option of its own."""
        if self.create_app is not None or ctx.get_parameter_source("app") is (
            ParameterSource.COMMANDLINE
        ):
            return False
        self._load_plugin_commands()
        command = super().get_command(ctx, name)
        if command is None and ctx.ensure_object(ScriptInfo).app_import_path:
            # An application of the environment knows its commands.
            command = self.get_command(ctx, name)
        return command is None or not _has_option(command, args)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        self._load_plugin_commands()
        # Built-in commands and plug-ins work without an application.
        command = super().get_command(ctx, name)
        if command is not None:
            return command
        try:
            app = _load_app(ctx)
        except Exception as error:
            if ctx.resilient_parsing:
                # A shell completes the line, which the person is still writing.
                return None
            if not isinstance(error, NoAppException) or isinstance(error, AppImportFailed):
                raise
            click.secho(f"Error: {error.format_message()}\n", err=True, fg="red")
            return None
        # Its commands may want the context while they are looked up.
        if not has_app_context() or current_context().app is not app:
            ctx.with_resource(app.app_context())
        return app.cli.get_command(ctx, name)

    def list_commands(self, ctx: click.Context) -> list[str]:
        self._load_plugin_commands()
        names = set(super().list_commands(ctx))
        try:
            names.update(_load_app(ctx).cli.list_commands(ctx))
        except Exception as error:
            # The help of the built-in commands is worth showing all the same.
            if not ctx.resilient_parsing:
                is_told = isinstance(error, NoAppException)
                told = f"Error: {error}" if is_told else format_failure(error)
                click.secho(f"{told}\n", err=True, fg="red")
        return sorted(names)

    def main(self, *args: Any, **kwargs: Any) -> Any:
        install_hook()
        return super().main(*args, **kwargs)

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        # app.run() at module level must not serve while the application is imported.
        os.environ["FLASK_RUN_FROM_CLI"] = "true"
        if "obj" not in extra and "obj" not in self.context_settings:
            extra["obj"] = ScriptInfo(
                create_app=self.create_app,
                set_debug_flag=self.set_debug_flag,
                load_dotenv_defaults=self.load_dotenv,
            )
        _take_own_variables()
        extra.setdefault("color", wanted_colours())
        return super().make_context(info_name, args, parent=parent, **extra)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if (not args and self.no_args_is_help) or (
            len(args) == 1 and args[0] in self.get_help_option_names(ctx)
        ):
            # The help lists the application's commands, so it has to be found first.
            for option in self.params:
                if option.name in ("env_file", "app") and isinstance(option, click.Option):
                    option.handle_parse_result(ctx, {}, [])
        return super().parse_args(ctx, args)


def _load_app(ctx: click.Context) -> Erlen:
    info = ctx.ensure_object(ScriptInfo)
    if not ctx.resilient_parsing:
        return info.load_app()
    # A shell would take for words what the application prints.
    with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
        return info.load_app()


def take_app(args: list[str]) -> tuple[str | None, list[str]]:
    """``--app`` among the arguments of a command.

    >>> take_app(["users", "--app", "shop", "--all"])
    ("shop", ["users", "--all"])
    """
    for number, arg in enumerate(args):
        if arg == "--":
            break
        if arg in APP_OPTION and number + 1 < len(args):
            return args[number + 1], args[:number] + args[number + 2 :]
        if arg.startswith("--app="):
            return arg.removeprefix("--app="), args[:number] + args[number + 1 :]
    return None, args


def _has_option(command: click.Command, args: list[str]) -> bool:
    """Whether a command, or the one below it that the arguments name, takes ``--app`` itself."""
    for arg in ("", *args):
        if isinstance(command, click.Group):
            command = command.commands.get(arg, command)
        if command.context_settings.get("ignore_unknown_options") or any(
            name in APP_OPTION for param in command.params for name in param.opts
        ):
            return True
    return False


def _take_own_variables() -> None:
    """``ERLEN_APP``, ``ERLEN_RUN_PORT`` … are read where ``FLASK_…`` is not set."""
    for name, value in list(os.environ.items()):
        if name.startswith("ERLEN_"):
            os.environ.setdefault(f"FLASK_{name.removeprefix('ERLEN_')}", value)
