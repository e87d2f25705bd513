"""The names ``flask`` and ``werkzeug`` for type checkers and editors, which import nothing."""

from __future__ import annotations

import os

from .names import module_names, target_of


def write_stubs(folder: str | os.PathLike[str]) -> None:
    """Write a stub for each module that is answered, which leads to Erlen's.

    :param folder: what ``mypy_path`` of mypy or ``stubPath`` of pyright names; it may exist
    """
    for name in module_names():
        place = os.path.join(folder, *name.split("."))
        os.makedirs(place, exist_ok=True)
        with open(os.path.join(place, "__init__.pyi"), "w", encoding="utf-8") as file:
            file.write(f"from {target_of(name)} import *\n")
