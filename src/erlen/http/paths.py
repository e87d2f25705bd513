"""Paths that stay in their folder, whatever a client asks for."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Sequence
from os import fspath

OTHER_SEPARATORS = [s for s in (os.sep, os.path.altsep) if s and s != "/"]
# Names that Windows takes for devices, whatever the extension.
WINDOWS_DEVICES = frozenset(
    {
        "AUX", "CON", "CONIN$", "CONOUT$", "NUL", "PRN",
        *(f"COM{c}" for c in "0123456789¹²³"), *(f"LPT{c}" for c in "0123456789¹²³"),
    }
)  # fmt: skip


def _is_special_on_windows(name: str) -> bool:
    # A colon names a drive or a stream of another file.
    if ":" in name:
        return True
    return any(
        part.partition(".")[0].strip().upper() in WINDOWS_DEVICES
        # Windows drops dots and spaces at the end, so that nothing or ".." may be left.
        or (part != "." and not part.strip(". "))
        for part in name.split("/")
    )


def safe_join(
    directory: str, *pathnames: str, separators: Sequence[str] | None = None
) -> str | None:
    """A path inside of ``directory``, or ``None`` for one that leads out of it.

    On Windows, drives, alternate separators and device names are refused too.

    :param directory: the folder; ``""`` is the working directory
    :param pathnames: what comes from outside
    :param separators: what separates names beside the slash, by default what this system has
    """
    if separators is None:
        separators = OTHER_SEPARATORS
    path = fspath(directory) or "."
    for name in pathnames:
        # PERF: most names have nothing to normalise or to refuse.
        is_plain = (
            os.name == "posix"
            and not separators
            and name.__class__ is str
            and name[:1] not in "./"
            and name[-1] != "/"
            and "/." not in name
            and "//" not in name
            and "\0" not in name
        )
        if name != "" and not is_plain:
            name = posixpath.normpath(name)
        if not is_plain and (
            # ntpath takes "/x" for relative since Python 3.13.
            name.startswith(("/", "../"))
            or name == ".."
            or "\0" in name
            # PERF: on POSIX an absolute path begins with a slash, and there is no other separator.
            or (separators and any(separator in name for separator in separators))
            or (
                os.name != "posix"
                and (os.path.isabs(name) or (os.name == "nt" and _is_special_on_windows(name)))
            )
        ):
            return None
        # None is absolute, so that the rest of posixpath.join() is this.
        path = path + name if path.endswith("/") else f"{path}/{name}"
    return path


def is_inside(directory: str, path: str) -> bool:
    """Whether no symbolic link between a folder and a path in it leads out of the folder.

    :param directory: the folder; it may be a link itself
    :param path: what :func:`safe_join` made of it
    """
    end = len(directory)
    while end < len(path):
        end = path.find("/", end + 1)
        if end == -1:
            end = len(path)
        if os.path.islink(path[:end]):
            folder = os.path.realpath(directory).rstrip(os.sep) + os.sep
            return os.path.realpath(path).startswith(folder)
    return True
