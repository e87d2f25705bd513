"""Who is to be told that its time is up, with one timer of the loop for all of them."""

from __future__ import annotations

from contextvars import Context
from math import inf
from threading import local
from time import monotonic
from typing import TYPE_CHECKING
from weakref import ref

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop


class Alarm:
    """What is told, once; a subclass says what that means."""

    __slots__ = ("at",)

    #: When, by the monotonic clock.
    at: float

    def ring(self) -> None:
        """Its time is up."""
        raise NotImplementedError


class Alarms:
    """The alarms of one event loop.

    PERF: nearly all are taken back long before their time, and a timer of the loop's for each would
    cost as much as a request. One that was taken back leaves the timer as it is.
    """

    def __init__(self, loop: AbstractEventLoop) -> None:
        self.loop: ref[AbstractEventLoop] = ref(loop)
        self._alarms: set[Alarm] = set()
        # When the timer ends.
        self._next = inf

    def set(self, alarm: Alarm, seconds: float) -> None:
        """Let ``alarm`` ring in so many seconds."""
        at = alarm.at = monotonic() + seconds
        self._alarms.add(alarm)
        if at < self._next:
            self._start(seconds, at)

    def take_back(self, alarm: Alarm) -> None:
        """``alarm`` is not to ring any more, if it has not."""
        self._alarms.discard(alarm)

    def _start(self, seconds: float, at: float) -> None:
        loop = self.loop()
        if loop is not None:
            self._next = at
            # The loop keeps the Context of who asks, which would be a request's.
            loop.call_later(seconds, self._ring, at, context=Context())

    def _ring(self, at: float) -> None:
        if at != self._next:
            # Another timer ends sooner, or has ended since.
            return
        self._next = inf
        now = monotonic()
        for alarm in [alarm for alarm in self._alarms if alarm.at <= now]:
            self._alarms.discard(alarm)
            alarm.ring()
        at = min((alarm.at for alarm in self._alarms), default=inf)
        if at < self._next:
            self._start(at - now, at)


class _Here(local):
    #: Those of the loop that this thread runs.
    alarms: Alarms | None = None


_here = _Here()


def alarms_of(loop: AbstractEventLoop) -> Alarms:
    """Those of ``loop``, which runs."""
    alarms = _here.alarms
    if alarms is None or alarms.loop() is not loop:
        alarms = _here.alarms = Alarms(loop)
    return alarms
