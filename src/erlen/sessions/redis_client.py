"""A client of Redis that waits no longer than it may, however the given one was made."""

from __future__ import annotations

from typing import Any

# What a pool adds to the arguments of its connections for itself, and what is not taken over.
_OF_THE_POOL = ("maint_notifications_", "orig_", "himport_registry", "retry_on_timeout")


def limited(client: Any, seconds: float) -> Any:
    """A client of the same Redis that has connections of its own, on which connecting and each
    answer takes ``seconds`` at most.

    redis-py waits for five seconds and tries ten times, or for ever, if it is not told otherwise.
    What has been told a shorter time keeps it. A lost connection is made anew once, because those
    of a Redis that was started again are all lost.

    :param client: a ``redis.Redis``; one of Sentinel's or of a cluster is given back as it is, and
        so is what only looks like a client: how long these wait is theirs to be told
    """
    try:
        from redis import BlockingConnectionPool, ConnectionPool, Redis
        from redis.backoff import NoBackoff
        from redis.exceptions import ConnectionError as RedisConnectionError
        from redis.retry import Retry
    except ImportError:
        return client
    pool: Any = client.connection_pool if isinstance(client, Redis) else None
    if type(pool) not in (ConnectionPool, BlockingConnectionPool):
        return client
    told: dict[str, Any] = {
        name: value
        for name, value in pool.connection_kwargs.items()
        if not name.startswith(_OF_THE_POOL)
    }
    for name in ("socket_timeout", "socket_connect_timeout"):
        told[name] = min(told.get(name) or seconds, seconds)
    told |= {
        "retry": Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,)),
        "retry_on_error": [],
        "decode_responses": False,
    }
    if type(pool) is BlockingConnectionPool:
        told["timeout"] = min(pool.timeout or seconds, seconds)
    own = type(pool)(
        connection_class=pool.connection_class, max_connections=pool.max_connections, **told
    )
    made = Redis(connection_pool=own)
    # Whoever drops the client closes its connections.
    made.auto_close_connection_pool = True
    return made
