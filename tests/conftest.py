"""What all tests share."""

from __future__ import annotations

import asyncio
import os
import weakref

import pytest

# Every answer of a test client passes wsgiref.validate.
os.environ.setdefault("ERLEN_VALIDATE_WSGI", "1")
# The suite must not depend on the shell that starts it.
for _name in [n for n in os.environ if n.startswith("FLASK_")]:
    del os.environ[_name]


def require_or_skip(reason: str) -> None:
    """Skip the test, or fail it where ``ERLEN_REQUIRE_SERVICES=1`` says that nothing may be
    missing."""
    if os.environ.get("ERLEN_REQUIRE_SERVICES") == "1":
        pytest.fail(f"{reason}, and ERLEN_REQUIRE_SERVICES=1 says that it must be there")
    pytest.skip(f"{reason} (set ERLEN_REQUIRE_SERVICES=1 to fail instead)")


@pytest.fixture(scope="session")
def missing():
    """:func:`require_or_skip`, for tests that need something from outside."""
    return require_or_skip


@pytest.fixture(autouse=True)
def _no_leaked_context():
    """A test leaves no context behind."""
    yield
    from erlen.context.contexts import context_var

    left = context_var.get(None)
    assert left is None, f"the test left a context pushed: {left!r}"


@pytest.fixture(autouse=True)
def _own_environment():
    """Commands set variables of their process: a test leaves none."""
    before = dict(os.environ)
    yield
    for name in os.environ.keys() - before.keys():
        del os.environ[name]
    os.environ.update(before)


_loops: weakref.WeakSet[asyncio.BaseEventLoop] = weakref.WeakSet()
_make_loop = asyncio.BaseEventLoop.__init__


def _make_known_loop(loop: asyncio.BaseEventLoop) -> None:
    _make_loop(loop)
    _loops.add(loop)


asyncio.BaseEventLoop.__init__ = _make_known_loop


@pytest.fixture(autouse=True)
def _no_open_loop():
    """A test closes its event loops: one that the collector finds later fails another test."""
    before = set(_loops)
    yield
    # The loop that Erlen has in the background for WSGI runs on.
    left = [x for x in set(_loops) - before if not x.is_closed() and not x.is_running()]
    for loop in left:
        loop.close()
    assert not left, "the test left an event loop open"


@pytest.fixture(autouse=True)
def _own_receivers():
    """A test's receivers of signals end with it, also where its application lives on in a cycle:
    a signal that somebody listens to is sent for each application."""
    from blinker import Signal

    from erlen import signals

    every = [value for value in vars(signals).values() if isinstance(value, Signal)]
    before = [dict(signal.receivers) for signal in every]
    yield
    for signal, receivers in zip(every, before, strict=True):
        for key in signal.receivers.keys() - receivers.keys():
            receiver = signal.receivers[key]
            strong = receiver() if isinstance(receiver, weakref.ref) else receiver
            if strong is not None:
                signal.disconnect(strong)
