"""What servers ask of an application to know its interface."""

from __future__ import annotations

import asyncio
import inspect
import sys

# Python 3.11 has marks in asyncio alone; from 3.14 on, that module's question is deprecated.
is_async = (
    asyncio.iscoroutinefunction if sys.version_info < (3, 12) else inspect.iscoroutinefunction
)
