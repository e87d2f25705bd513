"""The names of ``werkzeug._reloader`` that extensions and tests import."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Any, Self

from erlen.logging import log_server
from erlen.serve.development.reloading import RELOAD_STATUS, _restore_terminal
from erlen.serve.development.reloading import reloading_command as _get_args_for_reloading
from erlen.serve.development.reloading import run_with_reloader as run_with_reloader
from erlen.serve.development.sources import Sources

if TYPE_CHECKING:
    from collections.abc import Iterable


class ReloaderLoop:
    """Watches for changes, in programs that run a reloader of their own.

    Erlen's servers do not use it.  A subclass overrides :meth:`run_step`, and says by
    :meth:`trigger_reload` that a file has changed.

    :param extra_files: watched beside Python files
    :param exclude_patterns: ``fnmatch`` patterns of paths that are not watched
    :param interval: the seconds between two steps
    """

    name = ""

    def __init__(
        self,
        extra_files: Iterable[str] | None = None,
        exclude_patterns: Iterable[str] | None = None,
        interval: int | float = 1,
    ) -> None:
        self.extra_files = {os.path.abspath(path) for path in extra_files or ()}
        self.exclude_patterns = set(exclude_patterns or ())
        self.interval = interval
        self._sources = Sources(self.extra_files, self.exclude_patterns, interval)
        self._since = time.time()

    def __enter__(self) -> Self:
        """Begin to watch: what changes from here on counts."""
        self._since = time.time()
        return self

    def __exit__(self, *exc_info: object) -> None:
        """Stop to watch."""

    def run(self) -> None:
        """Take a step, wait, and so on, until one ends the process."""
        while True:
            self.run_step()
            time.sleep(self.interval)

    def run_step(self) -> None:
        """Look once whether something has changed."""

    def restart_with_reloader(self) -> int:
        """Run the program again as long as it ends by :meth:`trigger_reload`, and return the
        status of its last end."""
        from subprocess import call

        while True:
            log_server("info", f" * Restarting with {self.name}")
            environ = {**os.environ, "WERKZEUG_RUN_MAIN": "true"}
            status = call(_get_args_for_reloading(), env=environ, close_fds=False)
            if status != RELOAD_STATUS:
                return status

    def trigger_reload(self, filename: str) -> None:
        """End the process so that it is started again."""
        self.log_reload(filename)
        sys.exit(RELOAD_STATUS)

    def log_reload(self, filename: str | bytes) -> None:
        """Say which file has changed."""
        log_server("info", f" * Detected change in {os.path.abspath(filename)!r}, reloading")


class StatReloaderLoop(ReloaderLoop):
    """Compares the times of the files at each step."""

    name = "stat"

    def run_step(self) -> None:
        """Look at the files, and reload if one was written since the watch began."""
        changed = self._sources.changed_since(self._since, self._sources.folders())
        if changed is not None:
            self.trigger_reload(changed)


class WatchdogReloaderLoop(StatReloaderLoop):
    """The same, under the name of one that lets the system tell of changes."""

    name = "watchdog"


#: The loops by name, for who chooses one; ``app.run`` and ``run_simple`` do not read it.
reloader_loops: dict[str, Any] = {
    "auto": StatReloaderLoop,
    "stat": StatReloaderLoop,
    "watchdog": WatchdogReloaderLoop,
}


def ensure_echo_on() -> None:
    """Let the terminal show what is typed, which a debugger's prompt may have left off."""
    try:
        import termios

        settings = termios.tcgetattr(sys.stdin)
    except Exception:
        # No terminal, no standard input, or Windows.
        return
    settings[3] |= termios.ECHO
    _restore_terminal(settings)


def _find_watched_paths(extra_files: Iterable[str], exclude_patterns: Iterable[str]) -> set[str]:
    """The folders that are watched."""
    return Sources(extra_files, exclude_patterns).folders()


_find_stat_paths = _find_watchdog_paths = _find_watched_paths

__all__ = [
    "ReloaderLoop",
    "StatReloaderLoop",
    "WatchdogReloaderLoop",
    "_find_stat_paths",
    "_find_watchdog_paths",
    "_get_args_for_reloading",
    "ensure_echo_on",
    "reloader_loops",
    "run_with_reloader",
]
