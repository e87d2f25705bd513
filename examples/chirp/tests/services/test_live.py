"""services.live: news from whoever posts to whoever listens."""

from __future__ import annotations

import asyncio
import logging
import secrets
import threading

import pytest
from chirp.services import live
from chirp.services.live import RESYNC, Broadcaster, RedisBroadcaster, broadcaster_for


def event(number):
    return {"type": "chirp", "id": number, "author": 1, "reply_to": None}


@pytest.fixture
def channel():
    return f"chirp:test:{secrets.token_hex(6)}"


@pytest.fixture
def on_redis(redis_url, channel):
    """Makes broadcasters that share a channel, as workers do."""
    made = []

    def make():
        made.append(RedisBroadcaster(redis_url, channel))
        return made[-1]

    yield make
    for broadcaster in made:
        broadcaster.close()


async def heard(subscription, number, seconds=5):
    found = []
    for _ in range(number):
        found.append(await subscription.next(seconds))
    return found


def test_everyone_who_listens_hears():
    async def run():
        broadcaster = Broadcaster()
        broadcaster.publish(event(0))
        async with broadcaster.subscribe() as one, broadcaster.subscribe() as other:
            broadcaster.publish(event(1))
            broadcaster.publish(event(2))
            expected = [event(1), event(2), None]
            assert await heard(one, 3, 0.2) == expected
            assert await heard(other, 3, 0.2) == expected
        assert broadcaster._subscriptions == set()

    asyncio.run(run())


def test_from_any_thread_in_order():
    async def run():
        broadcaster = Broadcaster(waiting=1000)
        async with broadcaster.subscribe() as events:
            threads = [
                threading.Thread(
                    target=lambda n=n: [broadcaster.publish(event(1000 * n + i)) for i in range(50)]
                )
                for n in range(4)
            ]
            for thread in threads:
                thread.start()
            numbers = [found["id"] for found in await heard(events, 200)]
            for thread in threads:
                thread.join()
        for n in range(4):
            assert [i for i in numbers if i // 1000 == n] == [1000 * n + i for i in range(50)]

    asyncio.run(run())


def test_who_is_too_slow_is_told_to_look_again():
    async def run():
        broadcaster = Broadcaster(waiting=3)
        async with broadcaster.subscribe() as slow:
            for number in range(5):
                broadcaster.publish(event(number))
            await asyncio.sleep(0)
            assert await heard(slow, 3, 0.2) == [RESYNC, event(4), None]

    asyncio.run(run())


def test_iterates():
    async def run():
        broadcaster = Broadcaster()
        async with broadcaster.subscribe() as events:
            broadcaster.publish(event(1))
            async for found in events:
                assert found == event(1)
                return
        pytest.fail("nothing was heard")

    asyncio.run(run())


def test_a_loop_that_is_gone_is_forgotten():
    broadcaster = Broadcaster()

    async def listen_and_leave_without_goodbye():
        await broadcaster.subscribe().__aenter__()

    asyncio.run(listen_and_leave_without_goodbye())
    assert len(broadcaster._subscriptions) == 1
    broadcaster.publish(event(1))
    assert broadcaster._subscriptions == set()


def test_the_address_decides():
    assert type(broadcaster_for(None)) is type(broadcaster_for("")) is Broadcaster
    other = broadcaster_for("redis://127.0.0.1:1/0")
    assert isinstance(other, RedisBroadcaster)
    other.close()


class TestRedis:
    def test_other_workers_hear_and_so_does_ones_own(self, on_redis):
        async def run():
            one, other = on_redis(), on_redis()
            async with one.subscribe() as here, other.subscribe() as there:
                for number in range(20):
                    one.publish(event(number))
                expected = [event(number) for number in range(20)]
                assert await heard(here, 20) == expected
                assert await heard(there, 20) == expected
                assert await here.next(0.2) is None

        asyncio.run(run())

    def test_what_is_no_event_is_passed_over(self, on_redis, redis_url, channel):
        import redis

        async def run():
            async with on_redis().subscribe() as events:
                with redis.Redis.from_url(redis_url) as client:
                    for data in ("{", "[]", "1", b"\xff", '{"type": "chirp", "id": 1}'):
                        client.publish(channel, data)
                assert await events.next(5) == {"type": "chirp", "id": 1}

        asyncio.run(run())

    def test_after_a_lost_connection_they_look_again(self, on_redis, redis_url, monkeypatch):
        import redis

        monkeypatch.setattr(RedisBroadcaster, "PAUSE", 0.1)

        async def run():
            broadcaster = on_redis()
            async with broadcaster.subscribe() as events:
                with redis.Redis.from_url(redis_url) as client:
                    mine = [
                        found["id"]
                        for found in client.client_list(_type="pubsub")
                        if found["name"] == broadcaster.name
                    ]
                    assert len(mine) == 1
                    client.client_kill_filter(_id=mine[0])
                assert await events.next(5) == RESYNC
                broadcaster.publish(event(1))
                assert await events.next(5) == event(1)

        asyncio.run(run())

    def test_while_it_is_away_this_process_hears(self, caplog, monkeypatch):
        async def run():
            broadcaster = RedisBroadcaster("redis://127.0.0.1:1/0")
            monkeypatch.setattr(broadcaster._ready, "wait", lambda seconds: False)
            try:
                async with broadcaster.subscribe() as events:
                    broadcaster.publish(event(1))
                    broadcaster.publish(event(2))
                    assert await heard(events, 2) == [event(1), event(2)]
            finally:
                broadcaster.close()

        with caplog.at_level(logging.WARNING, logger=live.__name__):
            asyncio.run(run())
        assert "Redis is away" in caplog.text
