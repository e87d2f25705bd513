"""Whether the client is still there is looked for once a view takes time."""

from __future__ import annotations

import asyncio

import pytest

from erlen import Erlen
from erlen.testing.asgi import make_scope
from erlen.testing.builder import create_environ
from erlen.workers import attend


def serve(app, path, gone_after=None):
    """What is sent, and how often the server was asked for a message."""
    sent, asked = [], []

    async def receive():
        asked.append(None)
        await asyncio.sleep(60 if gone_after is None else gone_after)
        return {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    async def main():
        async with asyncio.timeout(20):
            await app(make_scope(create_environ(path)), receive, send)
            # What was cancelled needs a turn or two to end.
            left = asyncio.all_tasks() - {asyncio.current_task()}
            await asyncio.gather(*left, return_exceptions=True)

    asyncio.run(main())
    return sent, len(asked)


@pytest.fixture
def app():
    app = Erlen("watched")
    app.extensions["calls"] = calls = []

    @app.route("/<float:seconds>")
    async def wait(seconds):
        try:
            await asyncio.sleep(seconds)
        except asyncio.CancelledError:
            calls.append("cancelled")
            raise
        return "answer"

    @app.teardown_request
    def teardown(error):
        calls.append("teardown")

    return app


def test_nobody_is_asked_for_a_view_that_waits_a_moment(app):
    sent, asked = serve(app, "/0.0")
    assert sent[1]["body"] == b"answer"
    assert asked == 0


def test_a_view_that_takes_time_is_watched_and_ends(app, monkeypatch):
    monkeypatch.setattr(attend, "_GRACE", 0.01)
    sent, asked = serve(app, "/0.1")
    assert sent[1]["body"] == b"answer"
    assert asked == 1


@pytest.mark.parametrize("gone_after", [0.0, 0.1])
def test_a_client_that_goes_away_cancels_the_view(app, gone_after):
    sent, asked = serve(app, "/30.0", gone_after)
    assert (sent, asked) == ([], 1)
    assert app.extensions["calls"] == ["cancelled", "teardown"]
