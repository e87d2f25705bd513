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

    The mark is that of the module that servers ask; one that is not imported yet is not imported
    for that.
    """
    # Built-in functions and some objects take no marks.
    with suppress(AttributeError, TypeError):
        if sys.version_info >= (3, 12):
            # asyncio asks it, too.
            if "inspect" in sys.modules:
                sys.modules["inspect"].markcoroutinefunction(function)
        elif "asyncio.coroutines" in sys.modules:
            function._is_coroutine = sys.modules["asyncio.coroutines"]._is_coroutine
