"""Hooks that an event loop may call itself."""

from __future__ import annotations

from functools import update_wrapper
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


class LightHook:
    """A synchronous hook that mostly neither waits nor computes for long.

    Before an async view a synchronous hook runs on a thread, which takes longer than most hooks do;
    this one runs on the loop while ``needs_thread`` says ``False``.

    :param function: the hook
    :param needs_thread: asked before each call; without it the answer is no
    """

    def __init__(
        self, function: Callable[..., Any], needs_thread: Callable[[], bool] = lambda: False
    ) -> None:
        # Tools show hooks by their names.
        update_wrapper(self, function)
        self._function = function
        self.needs_thread = needs_thread

    def __call__(self, *args: Any) -> Any:
        return self._function(*args)
