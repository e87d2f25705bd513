"""Whether calling a function gives something to await."""

from __future__ import annotations

import asyncio
from functools import partial
from unittest.mock import AsyncMock, MagicMock, Mock

import pytest

from erlen import Erlen, request
from erlen.workers.colours import is_coroutine_function, may_suspend


async def waits():
    await asyncio.sleep(0)


async def never_waits():
    return 1


@pytest.mark.parametrize(
    ("function", "is_async", "suspends"),
    [
        (waits, True, True),
        (never_waits, True, False),
        (partial(waits), True, True),
        (len, False, True),
        (AsyncMock(), True, True),
        (Mock(), False, True),
        (MagicMock(), False, True),
    ],
)
def test_colours(function, is_async, suspends):
    assert is_coroutine_function(function) is is_async
    assert may_suspend(function) is suspends


@pytest.mark.parametrize("interface", ["wsgi", "asgi"])
@pytest.mark.parametrize("kind", [AsyncMock, Mock, MagicMock])
@pytest.mark.parametrize("view_kind", [None, AsyncMock, Mock, MagicMock])
def test_a_mock_is_a_hook_or_a_view(monkeypatch, interface, kind, view_kind):
    monkeypatch.setenv("ERLEN_TEST_INTERFACE", interface)
    app = Erlen(__name__)
    before, after, teardown = kind(return_value=None), kind(), kind(return_value=None)
    after.side_effect = lambda response: response
    app.before_request(before)
    app.after_request(after)
    app.teardown_request(teardown)
    app.add_url_rule("/", "view", lambda: request.get_data(), methods=["POST"])
    if view_kind is not None:
        app.view_functions["view"] = view_kind(side_effect=lambda: request.get_data())
    assert app.test_client().post("/", data=b"sent").data == b"sent"
    for hook in (before, after, teardown):
        hook.assert_called_once()
