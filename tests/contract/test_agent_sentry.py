"""Sentry's integration for Flask, as it is, with a transport in memory: the data of requests are
never mixed."""

from __future__ import annotations

import pytest

REQUESTS = 200


@pytest.mark.parametrize("interface", ["wsgi", "asgi"])
@pytest.mark.parametrize("colour", ["sync", "async"])
def test_two_hundred_requests_at_once_are_not_mixed(program, interface, colour):
    found = program("sentry.py", interface, colour, str(REQUESTS), needs=["sentry_sdk"])
    assert found["answers"] == REQUESTS
    assert found["patched calls"] == REQUESTS
    # An error of each request, with the tag that its own hook and its own view have set.
    assert found["errors"] == REQUESTS
    assert found["mixed errors"] == []
    # A transaction of each, under the name of its rule.
    assert found["transactions"] == REQUESTS
    assert found["mixed transactions"] == []
    assert found["names"] == ["index"]
