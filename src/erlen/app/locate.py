"""Finding the application that a module has."""

from __future__ import annotations

import ast
import inspect
import os
import re
import sys
from typing import IO, TYPE_CHECKING, Any

import click

from ..context import real_flask
from .application import Erlen

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import ModuleType

#: The files that are tried where no application is named.
DEFAULT_FILES = ("wsgi.py", "app.py")


class NoAppException(click.UsageError):
    """There is no application, or it cannot be loaded; the message says what to write."""


class AppImportFailed(NoAppException):
    """The application's module is there, but one of its own imports failed: the cause."""

    def show(self, file: IO[Any] | None = None) -> None:
        # How to use the command line is not what has to be told.
        click.ClickException.show(self, file)


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """A question behind an error, if one of ``names`` is near enough to the one that was written.

    >>> did_you_mean("ap", ["app", "other"])
    " Did you mean 'app'?"
    """
    from difflib import get_close_matches

    found = get_close_matches(name, names, 1)
    return f" Did you mean {found[0]!r}?" if found else ""


def find_best_app(module: ModuleType) -> Erlen:
    """The application of a module: ``app`` or ``application``, the only instance, or what
    ``create_app`` or ``make_app`` returns.

    :raises NoAppException: if there is none, or several
    """
    for name in ("app", "application"):
        app = getattr(module, name, None)
        if isinstance(app, Erlen):
            return app
    found = [value for value in module.__dict__.values() if isinstance(value, Erlen)]
    if len(found) == 1:
        return found[0]
    if len(found) > 1:
        raise NoAppException(
            f"Detected multiple applications in module '{module.__name__}'. Use"
            f" '{module.__name__}:name' to specify the correct one."
        )
    for name in ("create_app", "make_app"):
        factory = getattr(module, name, None)
        if not inspect.isfunction(factory):
            continue
        try:
            app = factory()
        except TypeError as error:
            if not _called_with_wrong_args(factory):
                raise
            raise NoAppException(
                f"Detected factory '{name}' in module '{module.__name__}', but could not call it"
                f" without arguments. Use '{module.__name__}:{name}(args)' to specify arguments."
            ) from error
        if isinstance(app, Erlen):
            return app
    for name, value in vars(module).items():
        if real_flask.is_real(value) and hasattr(type(value), "wsgi_app"):
            raise NoAppException(_of_the_real_flask(f"{module.__name__}:{name}"))
    raise NoAppException(
        "Failed to find an application or factory in module"
        f" '{module.__name__}': no 'app', 'application', 'create_app' or 'make_app'. Use"
        f" '{module.__name__}:name' to specify one."
    )


def _of_the_real_flask(where: str) -> str:
    return (
        f"'{where}' is of the real Flask. Write --flask before the command, so that its names mean"
        f" Erlen: erlen --flask --app {where} run."
    )


def _called_with_wrong_args(f: Any) -> bool:
    """Whether the ``TypeError`` being handled comes from the call itself, not from inside."""
    tb = sys.exc_info()[2]
    try:
        while tb is not None:
            if tb.tb_frame.f_code is f.__code__:
                return False
            tb = tb.tb_next
        return True
    finally:
        # The frame would keep itself alive.
        del tb


def find_app_by_string(module: ModuleType, app_name: str) -> Erlen:
    """The application of an expression: a name, or a call with literal arguments.

    :raises NoAppException: for another expression, or if the result is none
    """
    try:
        expression = ast.parse(app_name.strip(), mode="eval").body
    except SyntaxError:
        raise NoAppException(
            f"Failed to parse {app_name!r} as an attribute name or function call."
        ) from None
    args: list[Any] = []
    kwargs: dict[str, Any] = {}
    if isinstance(expression, ast.Name):
        name = expression.id
    elif isinstance(expression, ast.Call):
        if not isinstance(expression.func, ast.Name):
            raise NoAppException(f"Function reference must be a simple name: {app_name!r}.")
        name = expression.func.id
        try:
            args = [ast.literal_eval(arg) for arg in expression.args]
            kwargs = {str(kw.arg): ast.literal_eval(kw.value) for kw in expression.keywords}
        except ValueError:
            raise NoAppException(
                f"Failed to parse arguments as literal values: {app_name!r}."
            ) from None
    else:
        raise NoAppException(f"Failed to parse {app_name!r} as an attribute name or function call.")
    try:
        attribute = getattr(module, name)
    except AttributeError as error:
        likely = [
            known
            for known, value in vars(module).items()
            if isinstance(value, Erlen) or inspect.isfunction(value)
        ]
        raise NoAppException(
            f"Failed to find attribute {name!r} in {module.__name__!r}."
            + did_you_mean(name, likely)
        ) from error
    app = attribute
    if inspect.isfunction(attribute):
        try:
            app = attribute(*args, **kwargs)
        except TypeError as error:
            if not _called_with_wrong_args(attribute):
                raise
            raise NoAppException(
                f"The factory {app_name!r} in module {module.__name__!r} could not be called with"
                " the specified arguments."
            ) from error
    if isinstance(app, Erlen):
        return app
    if real_flask.is_real(app):
        raise NoAppException(_of_the_real_flask(f"{module.__name__}:{app_name}"))
    raise NoAppException(
        f"A valid application was not obtained from '{module.__name__}:{app_name}': it is a"
        f" {type(app).__name__}."
    )


def prepare_import(path: str) -> str:
    """The import name of a file; its folder (that of the top package) goes onto ``sys.path``."""
    path = os.path.realpath(path)
    root, extension = os.path.splitext(path)
    if extension == ".py":
        path = root
    if os.path.basename(path) == "__init__":
        path = os.path.dirname(path)
    names: list[str] = []
    while True:
        path, name = os.path.split(path)
        names.append(name)
        if not os.path.exists(os.path.join(path, "__init__.py")):
            break
    if sys.path[0] != path:
        sys.path.insert(0, path)
    return ".".join(reversed(names))


def locate_app(
    module_name: str, app_name: str | None, raise_if_not_found: bool = True
) -> Erlen | None:
    """The application of a module.

    :param app_name: a name or call in it; ``None`` takes the best
    :param raise_if_not_found: whether a missing module is an error
    :raises NoAppException: if it cannot be imported, or has no application
    """
    try:
        __import__(module_name)
    except ImportError as error:
        # An import inside of the module that fails is another matter than a missing module.
        tb = sys.exc_info()[2]
        if tb is not None and tb.tb_next is not None:
            from .failures import format_failure

            raise AppImportFailed(
                f"While importing {module_name!r}, an ImportError was raised:"
                f"\n\n{format_failure(error)}"
            ) from error
        if raise_if_not_found:
            raise NoAppException(
                f"Could not import {module_name!r}: {error}." + _nearest_module(module_name)
            ) from None
        return None
    module = sys.modules[module_name]
    _check_that_it_is_the_file(module)
    return find_best_app(module) if app_name is None else find_app_by_string(module, app_name)


def _nearest_module(name: str) -> str:
    """The question whether another module was meant, of those where this one was looked for."""
    package = name.rpartition(".")[0]
    try:
        entries = list(os.scandir(os.path.join(sys.path[0], *package.split("."))))
    except OSError:
        return _nearest_module(package) if package else ""
    names = [entry.name.removesuffix(".py") for entry in entries if _is_module(entry)]
    return did_you_mean(name, [f"{package}.{found}" if package else found for found in names])


def _is_module(entry: os.DirEntry[str]) -> bool:
    if entry.name.endswith(".py"):
        return True
    return os.path.exists(os.path.join(entry.path, "__init__.py"))


def _check_that_it_is_the_file(module: ModuleType) -> None:
    """See that a file of the program, as ``code.py``, is not hidden by a module of Python's.

    :raises NoAppException: if it is
    """
    from .libraries import is_library

    name, loaded = module.__name__, getattr(module, "__file__", None)
    wanted = os.path.join(sys.path[0], f"{name}.py")
    if (loaded is None or is_library(loaded)) and os.path.isfile(wanted) and wanted != loaded:
        raise NoAppException(
            f"{name!r} is a module of Python's own, which hides {wanted!r}: give the file another"
            " name."
        )


def split_import_path(path: str) -> tuple[str, str | None]:
    """``module:name`` cut in two; a Windows drive is no module."""
    module, name = (*re.split(r":(?![\\/])", path, maxsplit=1), None)[:2]
    return str(module), name
