"""An application that does not load, told without the frames of who loads it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from ..app.failures import format_failure
from ..app.script_info import ScriptInfo

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    Hook = Callable[[type[BaseException], BaseException, TracebackType | None], object]


def install_hook() -> None:
    """From now on, what is raised while an application is loaded, and not caught, is shown from
    the application's first frame on."""
    if getattr(sys.excepthook, "__module__", None) != __name__:
        sys.excepthook = _showing_failures(sys.excepthook)


def _showing_failures(otherwise: Hook) -> Hook:
    def show(kind: type[BaseException], error: BaseException, tb: TracebackType | None) -> None:
        loading = _loading(tb)
        if isinstance(error, Exception) and loading is not None:
            sys.stderr.write(format_failure(error.with_traceback(loading)))
        else:
            otherwise(kind, error, tb)

    return show


def _loading(tb: TracebackType | None) -> TracebackType | None:
    """The part of a traceback that is the loading of an application."""
    while tb is not None and tb.tb_frame.f_code is not ScriptInfo.load_app.__code__:
        tb = tb.tb_next
    return tb
