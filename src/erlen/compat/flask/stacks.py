"""The context stacks that old extensions look at: their top is the current context."""

from __future__ import annotations

from typing import Any

from ...globals import _cv_app, _cv_request


class _Stack:
    def __init__(self, view: Any) -> None:
        self._view = view

    @property
    def top(self) -> Any:
        """The current context, or ``None``."""
        return self._view.get(None)


_request_ctx_stack = _Stack(_cv_request)
_app_ctx_stack = _Stack(_cv_app)
