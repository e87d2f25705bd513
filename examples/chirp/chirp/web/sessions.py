"""Where sessions are kept: in a signed cookie, or in Redis where that is configured.

In Redis a log-out ends the session for good, even for one who has copied the cookie.
"""

from __future__ import annotations

import redis

from erlen import Erlen
from erlen.sessions.redis_store import RedisStore
from erlen.sessions.server_side import ServerSideSessionInterface


def init_app(app: Erlen) -> None:
    url = app.config["REDIS_URL"]
    if url:
        # A page waits a second for Redis at most, and then says that it is away.
        client = redis.Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1)
        app.session_interface = ServerSideSessionInterface(RedisStore(client), namespace="chirp")
