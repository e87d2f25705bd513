"""The files of a running program, and the news that one of them changed."""

from __future__ import annotations

import logging
import os
import sys
import time
from collections import deque
from fnmatch import fnmatch
from typing import TYPE_CHECKING

from ...app.libraries import is_library

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from watchfiles.main import FileChange

# A program has fewer folders; a home directory on sys.path has more.
_MOST_FOLDERS = 2000
# The time of a file is that of the system's last tick, up to 10 ms ago.
_TICK = 0.01
_NEVER_ENTERED = {"node_modules", "site-packages", "dist-packages"}


def _real(path: str) -> str:
    return os.path.realpath(path or ".")


def _written_at(status: os.stat_result) -> float:
    """When a file got its contents; one that was moved here counts, although it keeps its time."""
    return status.st_mtime if os.name == "nt" else status.st_ctime


def _subfolders(root: str) -> Iterator[str]:
    """A folder and those below it, the nearest first; no hidden ones, no environments."""
    waiting = deque([root])
    for _ in range(_MOST_FOLDERS):
        if not waiting:
            return
        folder = waiting.popleft()
        yield folder
        try:
            with os.scandir(folder) as entries:
                below = [entry for entry in entries if entry.is_dir(follow_symlinks=False)]
        except OSError:
            continue
        for entry in below:
            name = entry.name
            if name[0] == "." or name.startswith("__") or name in _NEVER_ENTERED:
                continue
            if not os.path.exists(os.path.join(entry.path, "pyvenv.cfg")):
                waiting.append(entry.path)


class _Over:
    """What watchfiles asks whether to end, made of a function."""

    def __init__(self, is_over: Callable[[], bool]) -> None:
        self.is_set = is_over


class Sources:
    """What is watched: Python files below the folders of ``sys.path`` and beside loaded modules,
    but for the standard library's and those of installed packages; and extra files.

    :param extra_files: more files, and folders with all that is in them
    :param exclude_patterns: what ``fnmatch`` finds in these is not watched
    :param interval: after how many seconds to look whether more modules were loaded
    :param polling: look at the files that often, rather than to be told by the system
    """

    def __init__(
        self,
        extra_files: Iterable[str] | None = None,
        exclude_patterns: Iterable[str] | None = None,
        interval: float = 1,
        polling: bool = False,
    ) -> None:
        self._excluded = tuple(exclude_patterns or ())
        self._interval = max(int(interval * 1000), 50)
        self._polling = polling
        # As they are written, and where links lead: an editor replaces the one or the other.
        self._extra: set[str] = set()
        for path in extra_files or ():
            self._extra |= {os.path.abspath(path), _real(path)}
        self._extra_folders = tuple(path + os.sep for path in self._extra if os.path.isdir(path))

    @property
    def how(self) -> str:
        """What looks at the files, for the log."""
        return "stat" if self._polling else "watchfiles"

    # -- what is watched -----------------------------------------------------------------

    def _module_folders(self) -> set[str]:
        found = set()
        for module in list(sys.modules.values()):
            file = getattr(module, "__file__", None)
            if isinstance(file, str):
                folder = os.path.dirname(_real(file))
                if not is_library(folder):
                    found.add(folder)
        return found

    def folders(self) -> set[str]:
        """All folders that are watched."""
        found = self._module_folders()
        for root in {_real(entry) for entry in sys.path}:
            if not os.path.isdir(root) or is_library(root):
                continue
            # All that a machine has is not the program.
            found.update((root,) if os.path.dirname(root) == root else _subfolders(root))
        for path in self._extra:
            found.update(_subfolders(path) if os.path.isdir(path) else (os.path.dirname(path),))
        return {
            folder
            for folder in found
            if os.path.isdir(folder)
            and not any(fnmatch(folder, pattern) for pattern in self._excluded)
        }

    def concerns(self, path: str) -> bool:
        """Whether a change of this file is a reason to reload."""
        if any(fnmatch(path, pattern) for pattern in self._excluded):
            return False
        if path in self._extra or path.startswith(self._extra_folders):
            return os.sep + "__pycache__" + os.sep not in path
        # Editors keep hidden files beside the real one.
        return path.endswith(".py") and os.path.basename(path)[0] != "."

    # -- changes -------------------------------------------------------------------------

    def changed_since(self, since: float, folders: Iterable[str]) -> str | None:
        """A file that was written after ``since``; one from the future is not told every time."""
        now = time.time()
        for folder in folders:
            try:
                with os.scandir(folder) as entries:
                    for entry in entries:
                        if (
                            self.concerns(entry.path)
                            and since - _TICK < _written_at(entry.stat()) <= now
                            and entry.is_file()
                        ):
                            return entry.path
            except OSError:
                continue
        return None

    def wait(self, since: float, is_over: Callable[[], bool] | None = None) -> str | None:
        """Wait for a change, and return the file.

        :param since: a time; a file that was written later has changed already
        :param is_over: asked many times a second; ``None`` is returned when it says so
        """
        from watchfiles import watch

        over = None if is_over is None else _Over(is_over)
        logger = logging.getLogger("watchfiles")
        if not logger.level:
            # It would tell of each event where the application logs everything.
            logger.setLevel(logging.WARNING)
        while True:
            started = time.time()
            folders = self.folders()
            modules = len(sys.modules)
            if early := self.changed_since(since, folders):
                return early
            changes = watch(
                *folders,
                watch_filter=None,
                debounce=400,
                rust_timeout=self._interval,
                yield_on_timeout=True,
                force_polling=self._polling or None,
                poll_delay_ms=self._interval,
                recursive=False,
                ignore_permission_denied=True,
                stop_event=over,
            )
            try:
                for number, batch in enumerate(changes):
                    # What changed between the look above and the beginning of the watch.
                    if number == 0 and (early := self.changed_since(since, folders)):
                        return early
                    since = max(since, started)
                    for path in sorted(path for _, path in batch):
                        if self.concerns(path):
                            return path
                    # The first time also for folders that were made before the watch began.
                    if self._must_look_again(folders, modules, batch) or (
                        number == 0 and not self.folders() <= folders
                    ):
                        break
                    modules = len(sys.modules)
                else:
                    # The watch ends only when it is over.
                    return None
            except OSError:
                if folders == self.folders():
                    if self._polling:
                        raise
                    # More folders than the system is ready to tell of.
                    self._polling = True
            finally:
                changes.close()

    def _must_look_again(self, folders: set[str], modules: int, batch: set[FileChange]) -> bool:
        """Whether there are more folders than were watched so far."""
        if any(os.path.isdir(path) and path not in folders for _, path in batch):
            return True
        return len(sys.modules) != modules and not self._module_folders() <= folders
