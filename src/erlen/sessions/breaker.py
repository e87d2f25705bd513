"""Leaving alone for a while what does not answer."""

from __future__ import annotations

from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from logging import Logger


class Breaker:
    """Knows whether something is away, so that one request finds out for all: the others go on
    without it and do not wait.

    :param name: what it is, for the log
    :param pause: for how many seconds it is left alone, before one asks again
    :param consequence: what happens meanwhile, for the log
    """

    def __init__(self, name: str, pause: float, consequence: str) -> None:
        self._name = name
        self._pause = pause
        self._consequence = consequence
        self._lock = Lock()
        # When it may be asked again; 0 while it answers.
        self._until = 0.0

    def lets_through(self) -> bool:
        """Whether to ask: always while it answers, and otherwise once after each pause."""
        if not self._until:
            return True
        with self._lock:
            now = monotonic()
            if now < self._until:
                return False
            self._until = now + self._pause
            return True

    def succeeded(self) -> None:
        """It has answered."""
        if self._until:
            self._until = 0.0

    def failed(self, error: BaseException, logger: Logger) -> None:
        """It has not answered; the first time is logged."""
        with self._lock:
            is_first = not self._until
            self._until = monotonic() + self._pause
        if is_first:
            logger.warning(
                "%s failed (%s: %s); %s, and it is tried again after %g seconds.",
                self._name,
                type(error).__name__,
                error,
                self._consequence,
                self._pause,
            )
