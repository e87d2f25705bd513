"""Where an application's files are."""

from __future__ import annotations

import os
import sys
from typing import Any, cast


def get_root_path(import_name: str) -> str:
    """The folder of the module ``import_name``, or the working directory if it has none.

    :raises RuntimeError: for a namespace package, which has several folders
    """
    module = sys.modules.get(import_name)
    file: str | None = getattr(module, "__file__", None)
    if file is not None:
        return os.path.dirname(os.path.abspath(file))
    from importlib.util import find_spec

    try:
        spec = find_spec(import_name)
    except (ImportError, ValueError):
        spec = None
    loader: Any = None if spec is None else spec.loader
    # Interactive sessions and __main__ have no loader.
    if loader is None:
        return os.getcwd()
    if hasattr(loader, "get_filename"):
        filename: str = loader.get_filename(import_name)
        return os.path.dirname(os.path.abspath(filename))
    __import__(import_name)
    file = cast("str | None", getattr(sys.modules[import_name], "__file__", None))
    if file is None:
        raise RuntimeError(
            f"No root path can be found for the provided module {import_name!r}. It is a"
            " namespace package or comes from an import hook that does not tell its folder:"
            " pass root_path to the constructor."
        )
    return os.path.dirname(os.path.abspath(file))


def find_package(import_name: str) -> tuple[str | None, str]:
    """The installation prefix of a package, or ``None`` if it is not installed, and the folder
    from which it is imported."""
    folder = _package_folder(import_name)
    prefix = os.path.abspath(sys.prefix)
    if _is_below(folder, prefix):
        return prefix, folder
    parent, name = os.path.split(folder)
    if name.lower() == "site-packages":
        above, lib = os.path.split(parent)
        if lib.lower() == "lib":
            # Windows: prefix\\Lib\\site-packages
            return above, folder
        if os.path.basename(above).lower() == "lib":
            # POSIX: prefix/lib/pythonX.Y/site-packages
            return os.path.dirname(above), folder
        return parent, folder
    return None, folder


def _package_folder(import_name: str) -> str:
    from importlib.util import find_spec

    root_name = import_name.partition(".")[0]
    try:
        spec = find_spec(root_name)
    except (ImportError, ValueError):
        spec = None
    if spec is None:
        return os.getcwd()
    if spec.submodule_search_locations:
        if spec.origin is None or spec.origin == "namespace":
            # A namespace package has several folders: take that of the sub-package.
            sub = find_spec(import_name)
            folders = list(spec.submodule_search_locations)
            if sub is not None and sub.submodule_search_locations:
                package = os.path.commonpath(list(sub.submodule_search_locations))
                location = next((f for f in folders if _is_below(package, f)), folders[0])
            elif sub is not None and sub.origin:
                location = next((f for f in folders if _is_below(sub.origin, f)), folders[0])
            else:
                location = folders[0]
            return os.path.dirname(location)
        return os.path.dirname(os.path.dirname(spec.origin))
    return os.path.dirname(spec.origin or os.getcwd())


def _is_below(path: str, folder: str) -> bool:
    path, folder = os.path.realpath(path), os.path.realpath(folder)
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def find_instance_path(import_name: str) -> str:
    """The default folder of an application's instance files: beside an uninstalled package or
    module, or in ``PREFIX/var`` for an installed one."""
    prefix, folder = find_package(import_name)
    if prefix is None:
        return os.path.join(folder, "instance")
    return os.path.join(prefix, "var", f"{import_name}-instance")
