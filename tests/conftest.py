"""What all tests share."""

from __future__ import annotations

import os

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
