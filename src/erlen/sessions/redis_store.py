"""Sessions in Redis, for several machines."""

from __future__ import annotations

from logging import getLogger
from typing import Any, Protocol

from .breaker import Breaker
from .redis_client import limited
from .stores import SessionsUnavailable as SessionsUnavailable

_logger = getLogger("erlen.sessions")
# Seconds: what a request waits for one answer of Redis, and for how long Redis is left alone after
# it has not answered.
_TIMEOUT = 0.3
_PAUSE = 1.0

# The same on the server, in one step.
_SWAP = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if ARGV[3] == '0' then
  redis.call('DEL', KEYS[1])
else
  redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
end
return 1
"""


class Client(Protocol):
    """What is used of ``redis.Redis``."""

    def get(self, name: Any, /) -> Any:
        """``GET``."""

    def getex(self, name: Any, /, *, ex: Any = None) -> Any:
        """``GETEX name EX ex``."""

    def set(self, name: Any, value: Any, /, *, ex: Any = None) -> Any:
        """``SET name value EX ex``."""

    def delete(self, *names: Any) -> Any:
        """``DEL``."""

    def eval(self, script: str, numkeys: int, /, *keys_and_args: Any) -> Any:
        """``EVAL``."""


class RedisStore:
    """Keeps sessions in Redis, which forgets them when their time is over.

    >>> client = redis.Redis.from_url(url)
    >>> app.session_interface = ServerSideSessionInterface(RedisStore(client))

    A request waits for a third of a second where Redis does not answer, whatever time-outs the
    client has, and is answered with 503.  The requests of the next second do not wait.

    :param client: a ``redis.Redis``; the store makes connections of its own, to the same Redis. One
        of Sentinel's or of a cluster is used as it is: give it a ``socket_timeout``.
    :param prefix: what the keys begin with
    """

    def __init__(self, client: Client, prefix: str = "session:") -> None:
        self._client: Any = limited(client, _TIMEOUT)
        self._prefix = prefix
        self._breaker = Breaker(
            "The Redis of the sessions", _PAUSE, "requests that need a session are answered 503"
        )

    def get(self, key: str, lifetime: int | None = None) -> bytes | None:
        """See :class:`~erlen.sessions.stores.Store`.  A ``lifetime`` needs Redis 6.2.

        :raises SessionsUnavailable: as all methods do, if Redis does not answer or refuses
        """
        data: bytes | None
        if lifetime is None or lifetime <= 0:
            data = self._ask("get", self._prefix + key)
        else:
            data = self._ask("getex", self._prefix + key, ex=lifetime)
        return data

    def set(self, key: str, data: bytes, lifetime: int) -> None:
        """See :class:`~erlen.sessions.stores.Store`."""
        if lifetime <= 0:
            # Redis takes no time that is over.
            self.delete(key)
        else:
            self._ask("set", self._prefix + key, data, ex=lifetime)

    def swap(self, key: str, seen: bytes, data: bytes | None, lifetime: int) -> bool:
        """See :class:`~erlen.sessions.stores.Store`."""
        seconds = 0 if data is None else max(0, lifetime)
        return bool(self._ask("eval", _SWAP, 1, self._prefix + key, seen, data or b"", seconds))

    def delete(self, key: str) -> bool:
        """See :class:`~erlen.sessions.stores.Store`."""
        return bool(self._ask("delete", self._prefix + key))

    def _ask(self, command: str, *args: Any, **options: Any) -> Any:
        breaker = self._breaker
        if not breaker.lets_through():
            raise SessionsUnavailable
        try:
            answer = getattr(self._client, command)(*args, **options)
        except Exception as error:
            if _is_answer(error):
                # Redis is there and refuses: it may be out of memory for writes alone.
                breaker.succeeded()
            else:
                breaker.failed(error, _logger)
            raise SessionsUnavailable from error
        breaker.succeeded()
        return answer


def _is_answer(error: Exception) -> bool:
    try:
        from redis.exceptions import ResponseError
    except ImportError:
        return False
    return isinstance(error, ResponseError)
