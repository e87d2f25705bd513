"""Flask-Script's commands, for programs that end in ``manager.run()``.

``python hello.py runserver`` and ``python hello.py shell`` work as its users know them.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from typing import Any

import click

from ..app.application import Erlen
from ..app.script_info import ScriptInfo
from .groups import with_appcontext
from .shell import shell_command


class Manager:
    """The commands of an application.

    :param app: the application, or a function that makes it
    """

    def __init__(self, app: Erlen | Callable[..., Erlen]) -> None:
        self.app = app
        self.group: click.Group = click.Group("manager")
        self.group.add_command(_runserver)
        self.group.add_command(shell_command)

    def _load(self) -> Erlen:
        return self.app if isinstance(self.app, Erlen) else self.app()

    def command(self, f: Callable[..., Any]) -> Callable[..., Any]:
        """Decorate a command: its parameters become arguments, or options where they have a
        default."""
        wrapped: Any = with_appcontext(f)
        for name, parameter in reversed(list(inspect.signature(f).parameters.items())):
            default = parameter.default
            if default is inspect.Parameter.empty:
                wrapped = click.argument(name)(wrapped)
            elif isinstance(default, bool):
                wrapped = click.option(
                    f"--{name}", f"-{name[0]}", name, is_flag=True, default=default
                )(wrapped)
            else:
                wrapped = click.option(f"--{name}", f"-{name[0]}", name, default=default)(wrapped)
        self.group.add_command(click.command(f.__name__, help=f.__doc__)(wrapped))
        return f

    def option(self, *names: str, **settings: Any) -> Callable[..., Any]:
        """Decorate a command with one option; several may stand above each other.

        :param names: ``"-n", "--name"``
        :param settings: ``dest``, ``default`` and ``help``
        """

        def decorator(f: Callable[..., Any]) -> Callable[..., Any]:
            options = [*getattr(f, "_script_options", ()), (names, settings)]
            f.__dict__["_script_options"] = options
            wrapped: Any = with_appcontext(f)
            for option_names, option_settings in options:
                declared = [*option_names]
                if "dest" in option_settings:
                    declared.append(option_settings["dest"])
                wrapped = click.option(
                    *declared,
                    default=option_settings.get("default"),
                    help=option_settings.get("help"),
                )(wrapped)
            self.group.add_command(click.command(f.__name__, help=f.__doc__)(wrapped))
            return f

        return decorator

    def add_command(self, name: str, command: click.Command) -> None:
        """Add a Click command."""
        self.group.add_command(command, name)

    def shell(self, f: Callable[[], dict[str, Any]]) -> Callable[[], dict[str, Any]]:
        """Decorate the function whose dictionary the shell sees."""
        self._load().shell_context_processor(f)
        return f

    def run(self) -> None:
        """Run the command that the command line names."""
        self.group.main(
            args=sys.argv[1:], prog_name=sys.argv[0], obj=ScriptInfo(create_app=self._load)
        )


@click.command("runserver")
@click.option("-h", "--host", default="127.0.0.1", help="The interface to bind to.")
@click.option("-p", "--port", default=5000, help="The port to bind to.")
@click.option("-d", "--debug/--no-debug", default=False, help="Set debug mode.")
@click.option("-r", "--reload/--no-reload", default=False, help="Restart when a file changes.")
@click.option("--threaded/--no-threaded", default=True, help="Serve requests in threads.")
@click.pass_obj
def _runserver(
    info: ScriptInfo, host: str, port: int, debug: bool, reload: bool, threaded: bool
) -> None:
    """Run the development server."""
    app = info.load_app()
    app.run(host, port, debug, use_reloader=reload, threaded=threaded)
