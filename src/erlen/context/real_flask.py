"""The real Flask beside Erlen: an extension that imported it knows nothing of this application."""

from __future__ import annotations

import sys
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAMES = ("flask", "werkzeug")
_ALIASES = "erlen.compat."

WHAT_TO_WRITE = """\
Start the program by 'erlen --flask --app …' or 'python -m erlen.compat', or begin it with these
two lines, so that 'flask' is Erlen for everybody:

    import erlen.compat
    erlen.compat.install()
"""


def _is_of(name: Any) -> bool:
    """Whether a module of this name is one of the two packages'."""
    return isinstance(name, str) and name.partition(".")[0] in _NAMES


def is_imported() -> bool:
    """Whether one of the real packages is imported, and not Erlen under its name."""
    found = [(sys.modules.get(name), sys.modules.get(_ALIASES + name)) for name in _NAMES]
    return any(module is not None and module is not alias for module, alias in found)


def is_real(value: Any) -> bool:
    """Whether an object's class, or one that it is derived from, is the real Flask's."""
    return is_imported() and any(_is_of(cls.__module__) for cls in type(value).__mro__)


def users() -> list[str]:
    """The top-level modules, but for the two themselves, that hold something of the real ones."""
    found = {
        name.partition(".")[0]
        for name, module in list(sys.modules.items())
        if not _is_of(name) and name != "__main__" and _holds_it(module)
    }
    return sorted(found - {"erlen"})


def _holds_it(module: Any) -> bool:
    if not isinstance(module, ModuleType):
        return False
    return any(_is_of(_home_of(value)) for value in list(vars(module).values()))


def _home_of(value: Any) -> Any:
    """The name of the module that something is from: a module itself, a class, a function, or an
    object, of which only the class is asked, as it may be a proxy."""
    cls = type(value)
    if cls is ModuleType:
        return value.__name__
    if cls is FunctionType or issubclass(cls, type):
        return value.__module__
    return cls.__module__


def explain(error: BaseException) -> None:
    """Add a note to an error that came out of the real Flask: whose it is, and what to write. An
    import of Flask where there is none has a note too."""
    if not is_imported():
        _explain_missing(error)
        return
    user = _user_in(error)
    if user is None or getattr(error, "__notes__", None):
        return
    whose = "The program" if user == "__main__" else user
    error.add_note(
        f"{whose} uses the real Flask, which is imported beside Erlen and knows nothing of this"
        f" application.\n{WHAT_TO_WRITE}"
    )


def _explain_missing(error: BaseException) -> None:
    if not isinstance(error, ModuleNotFoundError) or error.name not in _NAMES:
        return
    if not getattr(error, "__notes__", None):
        error.add_note(
            f"{error.name!r} is not installed. Erlen answers for it where it is told to.\n"
            + WHAT_TO_WRITE
        )


def _user_in(error: BaseException) -> str | None:
    """Who called into the real Flask, or raised an error of its."""
    last = None
    for name in _modules_of(error):
        if _is_of(name):
            return last or "The program"
        top = name.partition(".")[0]
        last = last if top == "erlen" else top
    return last if is_real(error) else None


def _modules_of(error: BaseException) -> Iterator[str]:
    tb = error.__traceback__
    while tb is not None:
        yield str(tb.tb_frame.f_globals.get("__name__"))
        tb = tb.tb_next
