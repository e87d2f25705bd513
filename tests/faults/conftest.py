"""Applications under the server that ``erlen serve`` starts."""

from __future__ import annotations

from pathlib import Path

import pytest
import results
from exchange import exchange, request
from processes import eventually
from servers import BUNDLED, Server

HERE = Path(__file__).resolve().parent


def pytest_configure(config):
    results.register(config)


class Faulty(Server):
    """A server of the application that counts."""

    def __init__(self, interface, *options, environ=None):
        super().__init__(interface, HERE, *options, environ=environ)

    @property
    def worker(self):
        [worker] = self.workers
        return worker

    def counts(self):
        """What was counted so far."""
        return Counted(exchange(self.port, request("/counts")).json)

    def settled_counts(self):
        """What was counted, once all that has begun has ended."""
        counts = eventually(self.counts, _has_settled)
        assert _has_settled(counts), f"something does not end: {counts}"
        return counts

    def counts_since(self, before, **wanted):
        """What was counted since, once it is what is wanted or some seconds have gone by."""

        def read():
            now = self.counts()
            return Counted({name: now[name] - before[name] for name in now})

        return eventually(read, lambda counts: all(counts[name] == n for name, n in wanted.items()))


class Counted(dict):
    def __missing__(self, name):
        return 0


def _has_settled(counts):
    return counts["opened"] == counts["closed"] and counts["requests"] == counts["ended"]


@pytest.fixture(scope="session")
def start():
    """Start a server of one's own: ``with start("asgi", *options) as server``."""
    return Faulty


@pytest.fixture(scope="module", params=BUNDLED)
def interface(request):
    return request.param


@pytest.fixture(scope="module")
def server(interface):
    """The bundled server, on each interface in turn."""
    with Faulty(interface) as server:
        yield server


@pytest.fixture(autouse=True)
def _note_server(request, record_property):
    """Whose result it is, for the table in the documentation."""
    if "interface" in request.fixturenames:
        record_property("interface", request.getfixturevalue("interface"))
    elif "start" in request.fixturenames:
        # What cannot be on WSGI, or is the same there.
        record_property("interface", "asgi")
