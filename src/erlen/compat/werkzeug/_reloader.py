"""The one name of ``werkzeug._reloader`` that extensions import."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def run_with_reloader(
    main_func: Callable[[], None],
    extra_files: Iterable[str] | None = None,
    exclude_patterns: Iterable[str] | None = None,
    interval: float = 1,
    reloader_type: str = "auto",
) -> None:
    """Run ``main_func``.  It is not run again when files change, and the log says so: a server
    that an extension brings along is restarted by hand."""
    from ._internal import _log

    _log("warning", " * Files are not watched here: restart the program after a change.")
    main_func()


__all__ = ["run_with_reloader"]
