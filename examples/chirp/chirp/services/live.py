"""News for open pages: who posts something tells it to everyone who listens.

    broadcaster.publish({"type": "chirp", "id": 7, "author_id": 1})

    async with broadcaster.subscribe() as events:
        async for event in events:
            ...

In one process the events go from thread to event loop.  With a Redis address they go through Redis
first, so that every worker hears them.  News are a courtesy: publishing never fails and never waits
for a listener, and one who was too slow or cut off gets ``{"type": "resync"}``, which says "look
again".
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import secrets
import threading
import time
from collections.abc import AsyncIterator, Mapping
from types import TracebackType
from typing import Any, Protocol

import redis

Event = Mapping[str, Any]

RESYNC: Event = {"type": "resync"}
CHANNEL = "chirp:live"
#: How many events wait for a listener that is busy.
WAITING = 100

log = logging.getLogger(__name__)


class Subscription:
    """What one listener has not heard yet. Made by :meth:`Broadcaster.subscribe`."""

    def __init__(self, broadcaster: Broadcaster, waiting: int) -> None:
        self._broadcaster = broadcaster
        self._queue: asyncio.Queue[Event] = asyncio.Queue(waiting)
        self._loop: asyncio.AbstractEventLoop | None = None

    async def __aenter__(self) -> Subscription:
        self._loop = asyncio.get_running_loop()
        await self._broadcaster._add(self)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._broadcaster._remove(self)

    def __aiter__(self) -> AsyncIterator[Event]:
        return self

    async def __anext__(self) -> Event:
        return await self._queue.get()

    async def next(self, timeout: float) -> Event | None:
        """The next event, or ``None`` if there is none for some seconds."""
        try:
            return await asyncio.wait_for(self._queue.get(), timeout)
        except TimeoutError:
            return None

    def _tell(self, event: Event) -> bool:
        """Called on any thread; false when the listener's loop is gone."""
        assert self._loop is not None
        try:
            self._loop.call_soon_threadsafe(self._put, event)
        except RuntimeError:
            return False
        return True

    def _put(self, event: Event) -> None:
        if self._queue.full():
            while not self._queue.empty():
                self._queue.get_nowait()
            event = RESYNC
        self._queue.put_nowait(event)


class Broadcaster:
    """Tells the listeners of this process."""

    def __init__(self, waiting: int = WAITING) -> None:
        self._waiting = waiting
        self._subscriptions: set[Subscription] = set()
        self._lock = threading.Lock()

    def publish(self, event: Event) -> None:
        """Tell everyone; may be called on any thread."""
        self._deliver(event)

    def subscribe(self) -> Subscription:
        return Subscription(self, self._waiting)

    def close(self) -> None:
        """Stop what runs in the background."""

    def _deliver(self, event: Event) -> None:
        with self._lock:
            subscriptions = list(self._subscriptions)
        for subscription in subscriptions:
            if not subscription._tell(event):
                self._remove(subscription)

    async def _add(self, subscription: Subscription) -> None:
        with self._lock:
            self._subscriptions.add(subscription)

    def _remove(self, subscription: Subscription) -> None:
        with self._lock:
            self._subscriptions.discard(subscription)


class _PubSub(Protocol):
    def subscribe(self, channel: str) -> None: ...
    def get_message(self, timeout: float) -> dict[str, Any] | None: ...
    def close(self) -> None: ...


class RedisBroadcaster(Broadcaster):
    """Tells the listeners of every process on one Redis.

    One thread listens to Redis for the whole process, from the first subscription on.  While Redis
    is away the listeners of this process still hear each other.
    """

    #: Seconds until Redis is asked again after it did not answer.
    PAUSE = 1.0

    def __init__(self, url: str, channel: str = CHANNEL, waiting: int = WAITING) -> None:
        super().__init__(waiting)
        self._channel = channel
        #: What Redis calls the connections of this process (CLIENT LIST).
        self.name = f"chirp-{os.getpid()}-{secrets.token_hex(4)}"
        self._redis = redis.Redis.from_url(
            url, socket_timeout=2, socket_connect_timeout=1, client_name=self.name
        )
        self._thread: threading.Thread | None = None
        self._ready = threading.Event()
        self._closed = threading.Event()
        self._away_until = 0.0

    def publish(self, event: Event) -> None:
        if time.monotonic() >= self._away_until:
            try:
                self._redis.publish(self._channel, json.dumps(event))
                return
            except redis.RedisError as error:
                self._away_until = time.monotonic() + self.PAUSE
                log.warning("Live updates stay in this process: Redis is away: %s", error)
        self._deliver(event)

    def close(self) -> None:
        self._closed.set()
        if self._thread is not None:
            self._thread.join(5)
        self._redis.close()

    async def _add(self, subscription: Subscription) -> None:
        await super()._add(subscription)
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._listen, name="chirp-live", daemon=True)
                self._thread.start()
        # What is published after this is heard, unless Redis is away.
        if not self._ready.is_set():
            await asyncio.to_thread(self._ready.wait, 2)

    def _listen(self) -> None:
        missed = False
        while not self._closed.is_set():
            pubsub: _PubSub = self._redis.pubsub(ignore_subscribe_messages=False)
            try:
                pubsub.subscribe(self._channel)
                self._hear(pubsub, missed)
            except (redis.RedisError, OSError) as error:
                log.warning("Live updates of other processes are not heard: %s", error)
                self._ready.clear()
                missed = True
                self._closed.wait(self.PAUSE)
            finally:
                pubsub.close()

    def _hear(self, pubsub: _PubSub, missed: bool) -> None:
        while not self._closed.is_set():
            message = pubsub.get_message(timeout=0.5)
            if message is None:
                continue
            if message["type"] == "subscribe":
                self._ready.set()
                if missed:
                    self._deliver(RESYNC)
            elif message["type"] == "message":
                try:
                    event = json.loads(message["data"])
                except ValueError:
                    continue
                if isinstance(event, dict):
                    self._deliver(event)


def broadcaster_for(redis_url: str | None) -> Broadcaster:
    return RedisBroadcaster(redis_url) if redis_url else Broadcaster()
