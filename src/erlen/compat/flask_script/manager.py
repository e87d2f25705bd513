"""The manager: the commands of a program, and what they need the application for."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, ClassVar

import click

from erlen.app.application import Erlen
from erlen.app.script_info import ScriptInfo

from .commands import HELP_ARGS, Command, InvalidCommand, Option, Server, Shell, make_parser

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable

    from .commands import Group


class Manager:
    """The commands of an application; one may be a command of another.

    :param app: the application, or a function that makes it of the options of :meth:`add_option`;
        a manager below another has that one's
    :param with_default_commands: whether there are ``runserver`` and ``shell``; by default those of
        the manager that is run
    :param usage: what its help shows for it, and ``help`` what that of the manager above does
    :param description: what its help begins with
    """

    help_args: ClassVar[tuple[str, ...]] = HELP_ARGS

    def __init__(
        self,
        app: Erlen | Callable[..., Erlen] | None = None,
        with_default_commands: bool | None = None,
        usage: str | None = None,
        help: str | None = None,
        description: str | None = None,
        disable_argcomplete: bool = False,
    ) -> None:
        self.app = app
        self.usage = usage
        self.help: str | None = help if help is not None else usage
        self.description: str | None = description if description is not None else usage
        self.disable_argcomplete = disable_argcomplete
        self.with_default_commands = with_default_commands
        self.parent: Manager | None = None
        self._commands: dict[str, Any] = {}
        self._options: list[Option | Group] = []
        if with_default_commands:
            self.add_default_commands()

    # -- commands ------------------------------------------------------------------------

    def add_default_commands(self) -> None:
        """Add ``runserver`` and ``shell``, unless there are commands of these names."""
        for name, command in (("shell", Shell), ("runserver", Server)):
            if name not in self._commands:
                self.add_command(name, command())

    def add_option(self, *args: Any, **settings: Any) -> None:
        """Add an option that stands before the command, for the function that makes the
        application."""
        self._options.append(Option(*args, **settings))

    def get_options(self) -> Iterable[Option | Group]:
        """The options that stand before the command."""
        return self._options

    def add_command(self, *args: Any, **settings: Any) -> None:
        """Add a command, another manager, or a command of Click's.

        :param args: the name and the command; the command alone has the name of its class
        """
        command = args[-1]
        name = args[0] if len(args) > 1 else settings.get("name", getattr(command, "name", None))
        if isinstance(command, type):
            command = command()
        if name is None:
            name = getattr(command, "namespace", None) or type(command).__name__.lower()
        if isinstance(command, (Command, Manager)):
            command.parent = self
            for setting in ("help", "description"):
                if setting in settings:
                    setattr(command, setting, settings[setting])
        self._commands[name] = command

    def command(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Decorate a function: it is a command of its name."""
        self.add_command(func.__name__, Command(func))
        return func

    def option(self, *args: Any, **settings: Any) -> Callable[..., Any]:
        """Decorate a function with one option of its command; several stand above each other."""

        def decorator(func: Callable[..., Any]) -> Callable[..., Any]:
            name = func.__name__
            command = self._commands.get(name)
            if command is None:
                command = Command()
                command.run = func  # type: ignore[method-assign]
                command.__doc__ = func.__doc__
                self.add_command(name, command)
            command.add_option(Option(*args, **settings))
            return func

        return decorator

    def shell(self, func: Callable[[], dict[str, Any]]) -> Callable[[], dict[str, Any]]:
        """Decorate the function whose names the shell has."""
        self.add_command("shell", Shell(make_context=func))
        return func

    # -- the application -----------------------------------------------------------------

    def create_app(self, *args: Any, **kwargs: Any) -> Erlen:
        """The application; override it to make it in another way."""
        if self.app is None:
            raise TypeError("Manager(app) needs the application, or a function that makes it.")
        return self.app if isinstance(self.app, Erlen) else self.app(*args, **kwargs)

    def __call__(self, app: Erlen | None = None, **kwargs: Any) -> Erlen:
        """The application for the commands: its own, or that of the manager above."""
        return app if self.app is None and app is not None else self.create_app(**kwargs)

    # -- the command line ----------------------------------------------------------------

    def create_parser(
        self, prog: str, func_stack: tuple[Any, ...] = (), parent: Any = None
    ) -> argparse.ArgumentParser:
        """What reads the command line."""
        settings = {} if self.usage is None else {"usage": self.usage}
        parser = make_parser(self, prog, func_stack, self.description, **settings)
        stack = parser.get_default("func_stack")
        # argparse makes a parser by itself, but for this.
        take: Any = lambda made, **_: made  # noqa: E731
        below: Any = parser.add_subparsers(metavar="command", parser_class=take)
        for name, command in self._commands.items():
            of_click = isinstance(command, click.Command)
            text = command.get_short_help_str() if of_click else command.help
            if text is None:
                text = command.description or ""
            if of_click:
                made = make_parser(_OfClick(name, command), f"{prog} {name}", stack, None)
            else:
                made = command.create_parser(f"{prog} {name}", stack, self)
            below.add_parser(name, made=made, help=text.partition("\n")[0].replace("%", "%%"))
        return parser

    def set_defaults(self) -> None:
        """Add the usual commands to the manager that is run."""
        if self.with_default_commands is None and self.parent is None:
            self.add_default_commands()
        self.with_default_commands = True

    def handle(self, prog: str, args: list[str] | None = None) -> Any:
        """Run what a command line says, and return what the command does."""
        self.set_defaults()
        parser = self.create_parser(prog)
        given, others = parser.parse_known_args(args)
        *managers, (command, dests) = given.func_stack
        if isinstance(command, Manager):
            parser.error(f"a command is needed: {', '.join(command._commands)}")
        front: list[Any] = []
        if getattr(command, "capture_all_args", False):
            front = [others]
        elif others:
            parser.error(f"unrecognized arguments: {' '.join(others)}")
        app: Any = None
        for manager, names in managers:
            app = manager(app, **{name: getattr(given, name) for name in names})
        values = {name: getattr(given, name) for name in dests}
        try:
            return command(app, *front, **values)
        except InvalidCommand as error:
            print(error, file=sys.stderr)
            return 1

    def run(
        self, commands: dict[str, Any] | None = None, default_command: str | None = None
    ) -> None:
        """Run what the command line of the program says, and end it.

        :param commands: more commands
        :param default_command: the one where the command line names none
        """
        for name, command in (commands or {}).items():
            self.add_command(name, command)
        args = sys.argv[1:]
        if default_command is not None and not args:
            args = [default_command]
        result = self.handle(sys.argv[0], args)
        sys.exit(result if isinstance(result, int) else 0)


class _OfClick:
    """A command of Click's, which reads what stands behind its name by itself."""

    help_args: ClassVar[tuple[str, ...]] = ()
    capture_all_args = True

    def __init__(self, name: str, command: click.Command) -> None:
        self.name = name
        self.command = command

    def get_options(self) -> Iterable[Option | Group]:
        return []

    def __call__(self, app: Erlen, args: list[str]) -> Any:
        info = ScriptInfo(create_app=lambda: app)
        return self.command.main(args, prog_name=self.name, obj=info)
