"""The group of ``erlen``, with the commands of the application and of plug-ins."""

from __future__ import annotations

import os
import traceback
from typing import TYPE_CHECKING, Any

import click

from ..app.locate import NoAppException
from ..app.script_info import ScriptInfo
from ..context.contexts import current_context, has_app_context
from .groups import AppGroup
from .options import app_option, debug_option, env_file_option, flask_option
from .routes import routes_command
from .run import run_command
from .serve import serve_command
from .shell import shell_command
from .version import version_option

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..app.application import Erlen


class ErlenGroup(AppGroup):
    """The group of ``erlen``: the built-in commands, the application's, and those of plug-ins.

    :param add_default_commands: add ``run``, ``serve``, ``shell`` and ``routes``
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
            for command in (run_command, serve_command, shell_command, routes_command):
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

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        self._load_plugin_commands()
        # Built-in commands and plug-ins work without an application.
        command = super().get_command(ctx, name)
        if command is not None:
            return command
        info = ctx.ensure_object(ScriptInfo)
        try:
            app = info.load_app()
        except NoAppException as error:
            click.secho(f"Error: {error.format_message()}\n", err=True, fg="red")
            return None
        # Its commands may want the context while they are looked up.
        if not has_app_context() or current_context().app is not app:
            ctx.with_resource(app.app_context())
        return app.cli.get_command(ctx, name)

    def list_commands(self, ctx: click.Context) -> list[str]:
        self._load_plugin_commands()
        names = set(super().list_commands(ctx))
        info = ctx.ensure_object(ScriptInfo)
        try:
            names.update(info.load_app().cli.list_commands(ctx))
        except NoAppException as error:
            # The help of the built-in commands is worth showing all the same.
            click.secho(f"Error: {error.format_message()}\n", err=True, fg="red")
        except Exception:
            click.secho(f"{traceback.format_exc()}\n", err=True, fg="red")
        return sorted(names)

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


def _take_own_variables() -> None:
    """``ERLEN_APP``, ``ERLEN_RUN_PORT`` … are read where ``FLASK_…`` is not set."""
    for name, value in list(os.environ.items()):
        if name.startswith("ERLEN_"):
            os.environ.setdefault(f"FLASK_{name.removeprefix('ERLEN_')}", value)
