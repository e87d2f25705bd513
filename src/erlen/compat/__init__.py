"""The names ``flask`` and ``werkzeug``, answered by Erlen.

>>> import erlen.compat
>>> erlen.compat.install()
>>> from flask import Flask

After :func:`install`, imports of ``flask``, ``werkzeug`` and their modules resolve to modules that
re-export Erlen's objects, for the application and for every extension that it imports.
``python -m erlen.compat app.py`` does it for a program, ``pytest -p erlen.compat.pytest_plugin``
for its tests, and ``ERLEN_COMPAT=1`` in the environment for whatever Python starts.
"""

from __future__ import annotations

import sys
from importlib.machinery import PathFinder

from erlen.context import real_flask

from .exception_names import give_names, take_names
from .finder import AliasFinder, FallbackFinder
from .names import is_alias, is_answered, root_of, target_of

_first = AliasFinder()
_last = FallbackFinder()


class AlreadyImportedError(RuntimeError):
    """The real Flask or Werkzeug was imported before :func:`install`.

    :param names: the modules that were found
    """

    def __init__(self, names: list[str]) -> None:
        self.names = names
        module = sys.modules[names[0]]
        origin = getattr(module, "__file__", None) or "a module without a file"
        users = real_flask.users()
        by = f" by {', '.join(users)}" if users else ""
        super().__init__(
            f"{names[0]!r} is imported already{by}, from {origin}, so part of the program would go"
            " on with the real one. Move these two lines before the first import of flask,"
            " werkzeug or an extension of them:\n\n"
            "    import erlen.compat\n"
            "    erlen.compat.install()\n\n"
            "or start the program by one of these, which do it first:\n\n"
            "    erlen --flask --app app.py run\n"
            "    python -m erlen.compat app.py"
        )


def install(*, flask_script: bool = False) -> None:
    """Let ``flask``, ``werkzeug`` and their modules be Erlen's.  Calling it again does nothing.

    :param flask_script: also answer for ``flask_script``, where it is not installed: on Flask its
        import fails, and programs that try it are right to go on without
    :raises AlreadyImportedError: if the real ones were imported before
    """
    _last.has_flask_script = flask_script or _last.has_flask_script
    if is_installed():
        return
    foreign = sorted(
        name for name in sys.modules if is_answered(name) and not is_alias(name, sys.modules[name])
    )
    if foreign:
        raise AlreadyImportedError(foreign)
    place = sys.meta_path.index(PathFinder) if PathFinder in sys.meta_path else 0
    sys.meta_path.insert(place, _first)
    sys.meta_path.append(_last)
    give_names()


def uninstall() -> None:
    """Take :func:`install` back: later imports find the real modules, if there are any."""
    for finder in (_first, _last):
        if finder in sys.meta_path:
            sys.meta_path.remove(finder)
    take_names()
    _last.has_flask_script = False
    for name, module in list(sys.modules.items()):
        if root_of(name) is not None and is_alias(name, module):
            del sys.modules[name]


def is_installed() -> bool:
    """Whether the names are answered by Erlen now."""
    return _first in sys.meta_path


__all__ = ["AlreadyImportedError", "install", "is_installed", "target_of", "uninstall"]
