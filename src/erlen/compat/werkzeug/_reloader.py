"""The names of ``werkzeug._reloader`` that extensions and tests import."""

from __future__ import annotations

from typing import TYPE_CHECKING

from erlen.serve.development.reloading import reloading_command as _get_args_for_reloading
from erlen.serve.development.reloading import run_with_reloader as run_with_reloader
from erlen.serve.development.sources import Sources

if TYPE_CHECKING:
    from collections.abc import Iterable

# Here one object watches, whoever tells it of changes.
WatchdogReloaderLoop = Sources


def _find_watched_paths(extra_files: Iterable[str], exclude_patterns: Iterable[str]) -> set[str]:
    """The folders that are watched."""
    return Sources(extra_files, exclude_patterns).folders()


_find_stat_paths = _find_watchdog_paths = _find_watched_paths

__all__ = [
    "WatchdogReloaderLoop",
    "_find_stat_paths",
    "_find_watchdog_paths",
    "_get_args_for_reloading",
    "run_with_reloader",
]
