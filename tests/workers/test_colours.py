"""Whether calling a function gives something to await."""

from __future__ import annotations

import asyncio
import inspect
import sys
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


async def later(value):
    await asyncio.sleep(0)
    return value


def marked(kind, value):
    """What returns something to await, and says so by the mark of :mod:`inspect`."""

    def function():
        return later(value)

    class Callable:
        def method(self):
            return later(value)

        __call__ = method

    kinds = {"function": function, "method": Callable().method, "object": Callable()}
    return partial(kinds["function"]) if kind == "partial" else kinds[kind]


@pytest.mark.skipif(sys.version_info < (3, 12), reason="Python has the mark since 3.12")
@pytest.mark.parametrize("interface", ["wsgi", "asgi"])
@pytest.mark.parametrize("kind", ["function", "method", "object", "partial"])
def test_what_is_marked_as_asynchronous_is_awaited(monkeypatch, interface, kind):
    monkeypatch.setenv("ERLEN_TEST_INTERFACE", interface)
    hook, view = marked(kind, None), marked(kind, "answer")
    for function in (hook, view):
        inspect.markcoroutinefunction(getattr(function, "func", function))
        assert is_coroutine_function(function)
    app = Erlen(__name__)
    app.before_request(hook)
    app.add_url_rule("/", "view", view)
    assert app.test_client().get("/").text == "answer"


def test_a_function_with_other_attributes_has_no_mark():
    def function():
        pass

    function.colour = "red"
    assert not is_coroutine_function(function)
