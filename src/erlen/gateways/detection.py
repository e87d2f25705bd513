"""How servers see that an object is an ASGI application."""

from __future__ import annotations

import sys
from typing import Any


def mark_as_asgi(function: Any) -> None:
    """Let servers that ask ``iscoroutinefunction(app.__call__)`` see an ASGI application.

    The marks are those of the modules that servers ask; a module that is not imported yet is not
    imported for that.
    """
    for module, name in (
        ("asyncio.coroutines", "_is_coroutine"),
        ("inspect", "_is_coroutine_mark"),
    ):
        mark = getattr(sys.modules.get(module), name, None)
        if mark is not None:
            setattr(function, name, mark)
