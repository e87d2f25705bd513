"""Code that is not the person's own."""

from __future__ import annotations

import os
import site
import sysconfig
from functools import cache


@cache
def _library_folders() -> tuple[str, ...]:
    """Where the interpreter and what pip installs are."""
    paths = sysconfig.get_paths()
    names = ("stdlib", "platstdlib", "purelib", "platlib", "scripts")
    found = {paths[name] for name in names if name in paths}
    # Neither is there in some embedded interpreters.
    found.update(getattr(site, "getsitepackages", list)())
    if site.ENABLE_USER_SITE:
        found.add(site.getusersitepackages())
    return tuple(os.path.realpath(path) + os.sep for path in found)


def is_library(path: str) -> bool:
    """Whether a file or folder is the interpreter's, or was installed beside it."""
    return (path + os.sep).startswith(_library_folders())
