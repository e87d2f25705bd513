"""How servers see that an object is an ASGI application, and how it knows what they called."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import Any

#: In the scope of a request that came to a ``__call__`` of two arguments: the application, and what
#: its bridge is to call.
CALL = "erlen.call"


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
            # Built-in functions and some objects take no marks.
            with suppress(AttributeError, TypeError):
                setattr(function, name, mark)
