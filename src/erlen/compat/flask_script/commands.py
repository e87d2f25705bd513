"""The commands that a manager runs."""

from __future__ import annotations

import argparse
import inspect
import os
from textwrap import dedent
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from erlen.app.application import Erlen

# "-h" is the host of runserver.
HELP_ARGS = ("-?", "--help")


class InvalidCommand(Exception):
    """A command that ends the program: its text is shown without a traceback."""


class Option:
    """An argument of a command.

    :param args: its names, and ``settings`` what else ``add_argument()`` of :mod:`argparse` takes
    """

    def __init__(self, *args: Any, **settings: Any) -> None:
        self.args = args
        self.kwargs = settings


class Group:
    """Options that are shown together, or of which one may be given.

    :param options: the options
    :param settings: ``title`` and ``description``, or ``exclusive`` and ``required``
    """

    def __init__(self, *options: Option, **settings: Any) -> None:
        self.option_list = options
        self.title: str | None = settings.pop("title", None)
        self.description: str | None = settings.pop("description", None)
        self.exclusive: bool | None = settings.pop("exclusive", None)
        self.required: bool = settings.pop("required", False)
        if self.title or self.description:
            if self.required or self.exclusive:
                raise TypeError("title and/or description cannot be used with exclusive/required.")
        elif not self.exclusive and self.required:
            raise TypeError("required is for groups with exclusive=True.")

    def get_options(self) -> Iterable[Option]:
        """Its options."""
        return self.option_list


def make_parser(
    owner: Any, prog: str, func_stack: tuple[Any, ...], description: str | None, **settings: Any
) -> argparse.ArgumentParser:
    """A parser with the options of ``owner``, which tells by ``func_stack`` who is to be called."""
    parser = argparse.ArgumentParser(
        prog=prog, description=description, add_help=False, allow_abbrev=False, **settings
    )
    taken = {name for option in _flat(owner.get_options()) for name in option.args}
    names = [name for name in owner.help_args if name not in taken]
    if names:
        parser.add_argument(*names, action="help", help="show this help message and exit")
    dests: list[str] = []
    for option in owner.get_options():
        place: Any = parser
        if isinstance(option, Group):
            if option.exclusive:
                place = parser.add_mutually_exclusive_group(required=option.required)
            else:
                place = parser.add_argument_group(option.title, option.description)
        for each in _flat([option]):
            dests.append(place.add_argument(*each.args, **each.kwargs).dest)
    parser.set_defaults(func_stack=(*func_stack, (owner, dests)))
    return parser


def _flat(options: Iterable[Option | Group]) -> Iterable[Option]:
    for option in options:
        if isinstance(option, Group):
            yield from option.get_options()
        else:
            yield option


class Command:
    """A command; a subclass has ``run()``, and its options in ``option_list``.

    :param func: what it runs: parameters without a default are arguments, the others options
    """

    option_list: Iterable[Option | Group] = ()
    help_args: ClassVar[tuple[str, ...]] = HELP_ARGS
    #: Whether ``run()`` gets what no option takes, as a list, in front of the others.
    capture_all_args = False
    parent: Any = None
    help: str | None = None

    def __init__(self, func: Callable[..., Any] | None = None) -> None:
        if func is None:
            if not list(self.option_list):
                self.option_list = []
            return
        options: list[Option | Group] = []
        taken = {"h"}
        for name, parameter in inspect.signature(func).parameters.items():
            default = parameter.default
            if default is inspect.Parameter.empty:
                options.append(Option(name))
                continue
            names = [f"--{name.replace('_', '-')}"]
            if "_" in name:
                names.append(f"--{name}")
            if name[0] not in taken:
                taken.add(name[0])
                names.insert(0, f"-{name[0]}")
            settings: dict[str, Any] = {"dest": name, "default": default}
            if isinstance(default, bool):
                settings["action"] = "store_false" if default else "store_true"
            elif default is not None:
                settings["type"] = type(default)
            options.append(Option(*names, **settings))
        self.run = func  # type: ignore[method-assign]
        self.__doc__ = func.__doc__
        self.option_list = options

    @property
    def description(self) -> str:
        """What its help begins with."""
        return dedent(self.__doc__ or "").strip()

    def add_option(self, option: Option | Group) -> None:
        """Add an option."""
        self.option_list = [*self.option_list, option]

    def get_options(self) -> Iterable[Option | Group]:
        """Its options; override it for some that are known late."""
        return self.option_list

    def create_parser(
        self, prog: str, func_stack: tuple[Any, ...] = (), parent: Any = None
    ) -> argparse.ArgumentParser:
        """What reads its command line."""
        return make_parser(self, prog, func_stack, self.description)

    def __call__(self, app: Erlen | None = None, *args: Any, **kwargs: Any) -> Any:
        """Run it inside of a request of the application, as its users expect."""
        if app is None:
            return self.run(*args, **kwargs)
        with app.test_request_context():
            return app.ensure_sync(self.run)(*args, **kwargs)

    def run(self, *args: Any, **kwargs: Any) -> Any:
        """What it does."""
        raise NotImplementedError(f"{type(self).__name__} has no run().")


class Shell(Command):
    """Runs a Python shell inside of the application context.

    :param banner: what is shown first
    :param make_context: gives the names that the shell has
    :param use_ipython: whether IPython is taken where it is installed, and ``use_bpython`` bpython
    """

    banner: str = ""
    help: str | None = "Runs a Python shell inside of the application context."
    description: Any = help  # pyright: ignore[reportAssignmentType]

    def __init__(
        self,
        banner: str = "",
        make_context: Callable[[], dict[str, Any]] | None = None,
        use_ipython: bool = True,
        use_bpython: bool = True,
        use_ptipython: bool = True,
        use_ptpython: bool = True,
    ) -> None:
        super().__init__()
        self.banner = banner or self.banner
        self.make_context = make_context
        self.use_ipython = use_ipython
        self.use_bpython = use_bpython
        self.use_ptipython = use_ptipython
        self.use_ptpython = use_ptpython

    def get_options(self) -> Iterable[Option | Group]:
        names = ("ipython", "bpython", "ptipython", "ptpython")
        return [
            Option(
                f"--no-{name}",
                dest=f"no_{name}",
                action="store_true",
                default=not getattr(self, f"use_{name}"),
                help=f"do not use {name}",
            )
            for name in names
        ]

    def get_context(self) -> dict[str, Any]:
        """The names that the shell has."""
        if self.make_context is not None:
            return self.make_context()
        from erlen.context.contexts import current_context

        context: dict[str, Any] = current_context().app.make_shell_context()
        return context

    def run(
        self,
        no_ipython: bool = False,
        no_bpython: bool = False,
        no_ptipython: bool = False,
        no_ptpython: bool = False,
    ) -> None:
        """Start the first shell that is installed and wanted."""
        from importlib import import_module

        context = self.get_context()
        shells: tuple[tuple[bool, str, dict[str, Any]], ...] = (
            (no_ptipython, "ptpython.ipython", {"user_ns": context}),
            (no_ptpython, "ptpython.repl", {"globals": context}),
            (no_bpython, "bpython", {"banner": self.banner, "locals_": context}),
            (no_ipython, "IPython", {"banner1": self.banner, "user_ns": context}),
        )
        for is_off, module, options in shells:
            if is_off:
                continue
            try:
                found = import_module(module)
            except ImportError:
                continue
            found.embed(**options)
            return
        from code import interact

        interact(self.banner, local=context)


class Server(Command):
    """Runs the development server: ``app.run()``.

    :param host: the address to listen on
    :param port: the port
    :param use_debugger: whether debug mode is on, by default where the application has it
    :param use_reloader: whether it restarts when a file changes, by default in debug mode
    :param options: what ``app.run()`` takes besides
    """

    help: str | None = "Runs the development server."
    description: Any = help  # pyright: ignore[reportAssignmentType]

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 5000,
        use_debugger: bool | None = None,
        use_reloader: bool | None = None,
        threaded: bool = True,
        processes: int = 1,
        passthrough_errors: bool = False,
        ssl_crt: str | None = None,
        ssl_key: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__()
        self.host = host
        self.port = port
        self.use_debugger = use_debugger
        self.use_reloader = use_reloader
        self.threaded = threaded
        self.processes = processes
        self.passthrough_errors = passthrough_errors
        self.ssl_crt = ssl_crt
        self.ssl_key = ssl_key
        self.server_options = options

    def get_options(self) -> Iterable[Option | Group]:
        def flag(on: str, off: str, name: str, default: bool | None, text: str) -> list[Option]:
            return [
                Option(*on.split(), action="store_true", dest=name, default=default, help=text),
                Option(
                    *off.split(), action="store_false", dest=name, default=default,
                    help=f"do not {text}",
                ),
            ]  # fmt: skip

        return [
            Option("-h", "--host", default=self.host, help="the address to listen on"),
            Option("-p", "--port", type=int, default=self.port, help="the port to listen on"),
            *flag("--threaded", "--no-threaded", "threaded", self.threaded, "use threads"),
            Option("--processes", type=int, default=self.processes, help="how many processes"),
            Option(
                "--passthrough-errors",
                action="store_true",
                default=self.passthrough_errors,
                help="let errors end the server",
            ),
            *flag("-d --debug", "-D --no-debug", "use_debugger", self.use_debugger, "debug"),
            *flag("-r --reload", "-R --no-reload", "use_reloader", self.use_reloader, "reload"),
            Option("--ssl-crt", default=self.ssl_crt, help="the certificate, for HTTPS"),
            Option("--ssl-key", default=self.ssl_key, help="its key"),
        ]

    def __call__(  # type: ignore[override]
        self,
        app: Erlen,
        host: str,
        port: int,
        use_debugger: bool | None,
        use_reloader: bool | None,
        threaded: bool,
        processes: int,
        passthrough_errors: bool,
        ssl_crt: str | None,
        ssl_key: str | None,
    ) -> None:
        """Serve; no context is open."""
        if use_debugger is None:
            use_debugger = app.debug
        if use_reloader is None:
            use_reloader = use_debugger
        options = dict(self.server_options)
        if ssl_crt is not None and ssl_key is not None:
            options["ssl_context"] = (ssl_crt, ssl_key)
        if processes > 1:
            options["processes"] = processes
        if passthrough_errors:
            options["passthrough_errors"] = True
        app.run(host, port, use_debugger, use_reloader=use_reloader, threaded=threaded, **options)


class Clean(Command):
    """Removes compiled Python files below the working directory."""

    def run(self) -> None:
        for folder, _, files in os.walk("."):
            for name in files:
                if name.endswith((".pyc", ".pyo")):
                    path = os.path.join(folder, name)
                    print(f"Removing {path}")
                    os.remove(path)


class ShowUrls(Command):
    """Shows the rules of the application, or the one that a URL leads to.

    :param order: the attribute by which rules are sorted
    """

    def __init__(self, order: str = "rule") -> None:
        super().__init__()
        self.order = order

    def get_options(self) -> Iterable[Option | Group]:
        return [
            Option("url", nargs="?", help="a URL of the application"),
            Option("--order", dest="order", default=self.order, help="rule or endpoint"),
        ]

    def run(self, url: str | None, order: str) -> None:
        from erlen.context.contexts import current_context
        from erlen.http.exceptions import MethodNotAllowed, NotFound

        url_map = current_context().app.url_map
        heads = ["Rule", "Endpoint", "Arguments"]
        rows: list[list[str]]
        if url:
            try:
                rule, values = url_map.bind("localhost").match(url, return_rule=True)
                rows = [[rule.rule, rule.endpoint, str(values)]]
            except (NotFound, MethodNotAllowed) as error:
                rows = [[f"<{error.name}>", "", ""]]
        else:
            rules = sorted(url_map.iter_rules(), key=lambda rule: str(getattr(rule, order)))
            heads = heads[:2]
            rows = [[rule.rule, rule.endpoint] for rule in rules]
        widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
        for row in [heads, ["-" * width for width in widths], *rows]:
            cells = zip(row, widths, strict=True)
            print("  ".join(text.ljust(width) for text, width in cells).rstrip())
