"""Where rate limits count: in this process, or in Redis for all processes and machines."""

from __future__ import annotations

from logging import getLogger
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Any, Protocol

from ..sessions.breaker import Breaker
from ..sessions.redis_client import limited
from .rates import Rate, Verdict, fits, judge

if TYPE_CHECKING:
    from logging import Logger

# Seconds: what a request waits for Redis, and for how long it is left alone after it has failed.
_REDIS_TIMEOUT = 0.3
_REDIS_PAUSE = 5.0


class Counters(Protocol):
    """Counts by key; several threads use it at once."""

    def count(self, key: str, rate: Rate) -> Verdict:
        """Count once under a key, if the rate allows it."""
        ...


class MemoryCounters:
    """Counts in this process: each worker of a server allows the whole rate.

    :param most: the most keys; beyond it those that were counted first are forgotten
    """

    def __init__(self, most: int = 100_000) -> None:
        self._most = most
        # The number of the window, its count, and that of the window before.
        self._counts: dict[tuple[str, int, int], tuple[int, int, int]] = {}
        self._lock = Lock()

    def count(self, key: str, rate: Rate) -> Verdict:
        """See :class:`Counters`."""
        seconds = rate.seconds
        # Not that of the wall, which is set back now and then.
        window, over = divmod(monotonic(), seconds)
        now, fraction = int(window), over / seconds
        entry = key, rate.times, seconds
        with self._lock:
            # Out and in again: the oldest are first.
            known, current, previous = self._counts.pop(entry, (now, 0, 0))
            if known != now:
                current, previous = 0, current if known == now - 1 else 0
            is_allowed = fits(rate, previous, current, fraction)
            if is_allowed:
                current += 1
            self._counts[entry] = now, current, previous
            if len(self._counts) > self._most:
                del self._counts[next(iter(self._counts))]
        return judge(rate, is_allowed, previous, current, fraction)


# The same on the server, in one step and by its clock.  Redis cuts fractions off what a script
# returns.
_SCRIPT = """
local times, seconds = tonumber(ARGV[1]), tonumber(ARGV[2])
local clock = redis.call('TIME')
local now = clock[1] + clock[2] / 1000000
local window = math.floor(now / seconds)
local fraction = now / seconds - window
local kept = redis.call('HMGET', KEYS[1], 'w', 'c', 'p')
local known = tonumber(kept[1]) or window
local current, previous = tonumber(kept[2]) or 0, tonumber(kept[3]) or 0
if known > window then
  -- The clock was set back. What was counted stays.
  known = window
elseif known < window then
  if known == window - 1 then previous = current else previous = 0 end
  current = 0
end
local allowed = 0
if previous * (1 - fraction) + current + 1 <= times then
  allowed = 1
  current = current + 1
end
redis.call('HSET', KEYS[1], 'w', window, 'c', current, 'p', previous)
redis.call('EXPIRE', KEYS[1], 2 * seconds)
return {allowed, previous, current, math.floor(fraction * 1000000)}
"""


class RedisCounters:
    """Counts in Redis 5 or newer, so that all processes and machines share a rate.

    While Redis does not answer, this process counts by itself: a request waits for at most a third
    of a second, the next ones not at all, and the rate is never off.

    :param url: ``redis://localhost:6379/0``
    :param prefix: what keys begin with
    :param client: a ``redis.Redis`` to use in place of the URL: connections are made like its, with
        the time-outs of this
    :param logger: what is told when Redis fails
    """

    def __init__(
        self,
        url: str | None = None,
        prefix: str = "erlen:rate",
        client: Any = None,
        logger: Logger | None = None,
    ) -> None:
        try:
            import redis
        except ImportError:
            raise RuntimeError(
                "Rate limits in Redis need its client: pip install 'erlen[redis]'."
            ) from None
        if client is None:
            if url is None:
                raise TypeError("RedisCounters needs the URL of Redis, or a client.")
            client = redis.Redis.from_url(url)
        self._script = limited(client, _REDIS_TIMEOUT).register_script(_SCRIPT)
        self._errors: tuple[type[Exception], ...] = (redis.RedisError, OSError)
        self._prefix = prefix
        self._logger = getLogger("erlen.rate_limits") if logger is None else logger
        self._local = MemoryCounters()
        self._breaker = Breaker("Rate limits: Redis", _REDIS_PAUSE, "this process counts by itself")

    def count(self, key: str, rate: Rate) -> Verdict:
        """See :class:`Counters`."""
        if not self._breaker.lets_through():
            return self._local.count(key, rate)
        name = f"{self._prefix}:{key}:{rate.times}/{rate.seconds}"
        try:
            answer: list[int] = self._script(keys=[name], args=[rate.times, rate.seconds])
        except self._errors as error:
            self._breaker.failed(error, self._logger)
            return self._local.count(key, rate)
        self._breaker.succeeded()
        is_allowed, previous, current, micros = answer
        return judge(rate, bool(is_allowed), previous, current, micros / 1_000_000)
