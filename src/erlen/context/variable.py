"""The context variable that holds the current context."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

# Its values are those of erlen.context.contexts, which says so.
context_var: ContextVar[Any] = ContextVar("erlen.context")
