"""Sessions in Redis, for several machines."""

from __future__ import annotations

from typing import Any, Protocol

from ..http.exceptions import ServiceUnavailable


class Client(Protocol):
    """What is used of ``redis.Redis``."""

    def get(self, name: Any, /) -> Any:
        """``GET``."""

    def set(self, name: Any, value: Any, /, *, ex: Any = None, xx: bool = False) -> Any:
        """``SET name value EX ex [XX]``."""

    def delete(self, *names: Any) -> Any:
        """``DEL``."""


class SessionsUnavailable(ServiceUnavailable):
    """503: Redis does not answer. Nobody is taken for a stranger because of that."""

    description = "The server cannot reach its sessions at the moment. Please try again soon."


class RedisStore:
    """Keeps sessions in Redis, which forgets them when their time is over.

    >>> client = redis.Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1)
    >>> app.session_interface = ServerSideSessionInterface(RedisStore(client))

    :param client: a ``redis.Redis`` that gives bytes; its time-outs are how long a request waits
        where Redis does not answer
    :param prefix: what the keys begin with
    """

    def __init__(self, client: Client, prefix: str = "session:") -> None:
        self._client = client
        self._prefix = prefix

    def get(self, key: str) -> bytes | None:
        """See :class:`~erlen.sessions.stores.Store`.

        :raises SessionsUnavailable: as all methods do, if Redis does not answer or refuses
        """
        data: bytes | None = self._ask("get", self._prefix + key)
        return data

    def set(self, key: str, data: bytes, lifetime: int) -> None:
        """See :class:`~erlen.sessions.stores.Store`."""
        if lifetime <= 0:
            # Redis takes no time that is over.
            self.delete(key)
        else:
            self._ask("set", self._prefix + key, data, ex=lifetime)

    def replace(self, key: str, data: bytes, lifetime: int) -> bool:
        """See :class:`~erlen.sessions.stores.Store`."""
        if lifetime <= 0:
            return bool(self._ask("delete", self._prefix + key))
        return bool(self._ask("set", self._prefix + key, data, ex=lifetime, xx=True))

    def delete(self, key: str) -> None:
        """See :class:`~erlen.sessions.stores.Store`."""
        self._ask("delete", self._prefix + key)

    def _ask(self, command: str, *args: Any, **options: Any) -> Any:
        try:
            return getattr(self._client, command)(*args, **options)
        except Exception as error:
            raise SessionsUnavailable from error
