"""``werkzeug._reloader``: the private name that extensions import all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...serving import _log

if TYPE_CHECKING:
    from collections.abc import Callable


def run_with_reloader(main_func: Callable[[], None], *args: Any, **kwargs: Any) -> None:
    """Run ``main_func``; the reloader is not available yet, and that is said."""
    _log("info", " * The reloader is not available yet: restart the program after a change")
    main_func()
