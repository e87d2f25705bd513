"""Fault 14: functions that raise, wherever they stand; the rest of the request goes on."""

from __future__ import annotations

import pytest
from exchange import Connection, request

PLACES = ["before", "async-before", "view", "after", "async-after", "handler", "teardown"]
TEARDOWNS = ["first", "second", "third", "application's"]


@pytest.mark.parametrize("view", ["sync", "async"])
@pytest.mark.parametrize("place", PLACES)
def test_fault_14_one_500_and_all_teardowns(server, place, view):
    before, logged = server.counts(), len(server.log())
    with Connection(server.port) as connection:
        connection.send(request(f"/failures/{view}/{place}"))
        answer = connection.answer()
        # An answer that is there when a teardown function fails stands.
        assert answer.status == (200 if place == "teardown" else 500)
        assert b"Failed" not in answer.body
        # One answer, and then the next request's.
        connection.send(request("/probe"))
        assert connection.answer().text == "probe"
    counts = server.counts_since(before, **{"teardown: application's": 1, "teardowns": 2})
    assert [counts[f"teardown: {name}"] for name in TEARDOWNS] == [1, 1, 1, 1]
    assert f"Failed: {place}" in server.log()[logged:]


@pytest.mark.parametrize("view", ["sync", "async"])
def test_fault_14_the_next_request_is_well(server, view):
    for place in PLACES:
        with Connection(server.port) as connection:
            connection.send(request(f"/failures/{view}/{place}"))
            assert connection.answer().status == (200 if place == "teardown" else 500)
        with Connection(server.port) as connection:
            connection.send(request(f"/failures/{view}/nowhere"))
            assert connection.answer().text == "ok"


def test_fault_14_cancelled_in_a_hook_and_in_a_view(start):
    """A client goes away; teardown functions run to their end."""
    with start("asgi") as server:
        before = server.counts()
        with Connection(server.port) as connection:
            connection.send(request("/failures/waiting/view"))
            server.counts_since(before, waiting=1)
        counts = server.counts_since(before, **{"teardown: application's": 1})
        assert [counts[f"teardown: {name}"] for name in TEARDOWNS] == [1, 1, 1, 1]
        assert (counts["cancelled"], counts["teardowns"]) == (1, 1)
        with Connection(server.port) as connection:
            connection.send(request("/failures/async/waiting-hook"))
            server.counts_since(before, waiting=2)
        counts = server.counts_since(before, **{"teardown: application's": 2})
        assert [counts[f"teardown: {name}"] for name in TEARDOWNS] == [2, 2, 2, 2]
        assert (counts["cancelled"], counts["teardowns"]) == (2, 2)
