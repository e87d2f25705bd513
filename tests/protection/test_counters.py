"""Counters in memory and in Redis: one contract."""

from __future__ import annotations

import logging
import shutil
import socket
import subprocess
import sys
import threading
import time

import pytest

import erlen.protection.counters
import erlen.sessions.breaker
from erlen.protection.counters import MemoryCounters, RedisCounters
from erlen.protection.rates import Rate


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A Redis of the test's own."""

    def __init__(self, folder):
        self.folder, self.port, self.process = folder, free_port(), None
        self.url = f"redis://127.0.0.1:{self.port}/0"

    def start(self):
        self.process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "",
             "--appendonly", "no", "--dir", str(self.folder)],
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.02)
        raise AssertionError("Redis does not start")

    def stop(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


@pytest.fixture(scope="module")
def redis(tmp_path_factory, missing):
    pytest.importorskip("redis")
    if shutil.which("redis-server") is None:
        missing("redis-server is not installed")
    server = Server(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(params=["memory", "redis"])
def counters(request):
    if request.param == "memory":
        yield MemoryCounters()
        return
    server = request.getfixturevalue("redis")
    counters = RedisCounters(server.url, prefix=f"test-{time.time()}")
    yield counters
    close(counters)


def close(counters):
    counters._script.registered_client.close()


# Longer than any run of these tests.
DAY = Rate(5, 86_400)


def test_a_rate_is_counted_by_key(counters):
    assert [counters.count("a", DAY).remaining for _ in range(5)] == [4, 3, 2, 1, 0]
    verdict = counters.count("a", DAY)
    assert (verdict.is_allowed, verdict.remaining) == (False, 0)
    assert 1 <= verdict.wait <= 2 * 86_400
    assert counters.count("b", DAY).remaining == 4
    # Another rate for the same key counts by itself.
    assert counters.count("a", Rate(7, 86_400)).remaining == 6


def test_a_refused_attempt_does_not_count(counters):
    rate = Rate(2, 1)
    deadline = time.time() + 2.2
    allowed = 0
    while time.time() < deadline:
        allowed += counters.count("a", rate).is_allowed
        time.sleep(0.01)
    # Who keeps asking gets the rate, not nothing; and no more than it in each of the windows.
    assert 3 <= allowed <= 8


def test_waiting_as_told_is_enough(counters):
    rate = Rate(3, 1)
    while (verdict := counters.count("a", rate)).is_allowed:
        pass
    time.sleep(verdict.wait + 0.01)
    assert counters.count("a", rate).is_allowed


def test_threads_share_a_rate(counters):
    rate, allowed = Rate(50, 86_400), []

    def ask():
        for _ in range(20):
            allowed.append(counters.count("t", rate).is_allowed)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(allowed), sum(allowed)) == (160, 50)


def at(monkeypatch, now):
    monkeypatch.setattr(erlen.protection.counters, "monotonic", lambda: now)


def test_memory_slides(monkeypatch):
    counters, rate = MemoryCounters(), Rate(10, 60)

    def ask(now):
        at(monkeypatch, now)
        return sum(counters.count("a", rate).is_allowed for _ in range(20))

    assert [ask(now) for now in (59.9, 60.1, 90.0, 120.0, 300.0)] == [10, 0, 5, 5, 10]


def test_memory_has_a_bound(monkeypatch):
    counters = MemoryCounters(most=100)
    rate = Rate(1, 86_400)
    assert counters.count("first", rate).is_allowed
    for number in range(1_000):
        counters.count(f"key {number}", rate)
        # What is in use is kept.
        assert not counters.count("first", rate).is_allowed
    assert len(counters._counts) <= 100


# -- Redis alone -----------------------------------------------------------------------------


def test_processes_share_a_rate_in_redis(redis):
    prefix = f"shared-{time.time()}"
    counters = RedisCounters(redis.url, prefix=prefix)
    code = (
        "import sys; from erlen.protection.counters import *;"
        "from erlen.protection.rates import Rate;"
        "c = RedisCounters(sys.argv[1], prefix=sys.argv[2]);"
        "print(sum(c.count('a', Rate(5, 86400)).is_allowed for _ in range(4)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, redis.url, prefix],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert done.stdout == "4\n"
    assert [counters.count("a", DAY).is_allowed for _ in range(3)] == [True, False, False]
    close(counters)


def test_keys_end_in_redis(redis):
    import redis as client_module

    client = client_module.Redis.from_url(redis.url)
    counters = RedisCounters(client=client, prefix="ends")
    counters.count("a", Rate(5, 60))
    assert 100 < client.ttl("ends:a:5/60") <= 120
    # Another server forgets its scripts; they are loaded again.
    client.script_flush()
    assert counters.count("a", Rate(5, 60)).is_allowed
    client.close()


def test_the_windows_of_redis_slide(redis):
    counters = RedisCounters(redis.url, prefix=f"slide-{time.time()}")
    rate = Rate(10, 1)
    # To the end of a window, by the clock that Redis has too.
    time.sleep(1.85 - time.time() % 1)
    assert sum(counters.count("a", rate).is_allowed for _ in range(20)) == 10
    time.sleep(0.25)
    assert sum(counters.count("a", rate).is_allowed for _ in range(20)) <= 3
    close(counters)


@pytest.fixture
def told(caplog):
    caplog.set_level(logging.WARNING, "counters")
    return lambda: [record.getMessage() for record in caplog.records]


def test_without_redis_this_process_counts(tmp_path, missing, told, monkeypatch):
    if shutil.which("redis-server") is None:
        missing("redis-server is not installed")
    pytest.importorskip("redis")
    server = Server(tmp_path)
    server.start()
    try:
        counters = RedisCounters(server.url, logger=logging.getLogger("counters"))
        assert [counters.count("a", DAY).remaining for _ in range(3)] == [4, 3, 2]
        server.stop()
        began = time.monotonic()
        # The rate is never off.
        assert [counters.count("a", DAY).is_allowed for _ in range(7)] == [True] * 5 + [False] * 2
        assert time.monotonic() - began < 1
        assert len(told()) == 1
        assert "Redis failed" in told()[0]
        # It is found again by itself.
        server.start()
        monkeypatch.setattr(erlen.sessions.breaker, "monotonic", lambda: time.monotonic() + 6)
        assert counters.count("a", DAY).remaining == 4
        close(counters)
    finally:
        server.stop()


def test_a_redis_that_does_not_answer_costs_a_third_of_a_second_once(told):
    pytest.importorskip("redis")
    with socket.create_server(("127.0.0.1", 0)) as hole:
        url = f"redis://127.0.0.1:{hole.getsockname()[1]}/0"
        counters = RedisCounters(url, logger=logging.getLogger("counters"))
        began = time.monotonic()
        assert counters.count("a", DAY).is_allowed
        assert 0.2 < time.monotonic() - began < 1
        began = time.monotonic()
        assert all(counters.count("a", DAY).is_allowed for _ in range(4))
        # Less than one time-out.
        assert time.monotonic() - began < 0.25
        close(counters)
    assert len(told()) == 1


def test_without_the_client_the_error_tells_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "redis", None)
    with pytest.raises(RuntimeError, match=r"pip install 'erlen\[redis\]'"):
        RedisCounters("redis://localhost")


def test_a_url_or_a_client_is_needed():
    pytest.importorskip("redis")
    with pytest.raises(TypeError, match="needs the URL of Redis, or a client"):
        RedisCounters()
