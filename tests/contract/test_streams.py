"""Streams behind a WSGI middleware do not stop other pages: a body of Erlen's own is sent from the
loop, a wrapped one counts against a limit of its own."""

from __future__ import annotations

import asyncio
import threading

import pytest

from erlen import Erlen, Response, request, stream_with_context

STREAMS = 32


def make(passing_on, wraps):
    app = Erlen("streams")
    app.extensions.update(waiting=[], open=threading.Event(), closed=[])

    @app.route("/async-stream")
    async def async_stream():
        opens = app.extensions.setdefault("async open", asyncio.Event())

        async def events():
            try:
                yield "data: first\n\n"
                app.extensions["waiting"].append("async")
                await opens.wait()
                yield "data: last\n\n"
            finally:
                app.extensions["closed"].append("async")

        return Response(events(), mimetype="text/event-stream")

    @app.route("/sync-stream")
    def sync_stream():
        def events():
            try:
                yield "data: first\n\n"
                app.extensions["waiting"].append("sync")
                app.extensions["open"].wait(20)
                yield "data: last\n\n"
            finally:
                app.extensions["closed"].append("sync")

        return Response(events(), mimetype="text/event-stream")

    @app.route("/page")
    def page():
        return "page"

    @app.route("/async-page")
    async def async_page():
        return "page"

    app.wsgi_app = passing_on(app.wsgi_app, wraps)
    return app


async def settled(app, tasks):
    """Until as many streams wait, or have ended, as were asked for, or no more begin to."""
    for _ in range(200):
        if len(app.extensions["waiting"]) + sum(task.done() for task in tasks) >= len(tasks):
            return
        await asyncio.sleep(0.005)


@pytest.mark.parametrize("wraps", [False, True], ids=["passes on", "wraps"])
@pytest.mark.parametrize("kind", ["async", "sync"])
def test_other_pages_are_answered(asgi, kind, wraps, passing_on):
    app = make(passing_on, wraps)

    async def main():
        assert (await asgi.serve_here(app, "/page")).text == "page"
        streams = [
            asyncio.create_task(asgi.serve_here(app, f"/{kind}-stream")) for _ in range(STREAMS)
        ]
        await settled(app, streams)
        assert app.extensions["waiting"]
        try:
            for path in ("/page", "/async-page", "/nowhere") * 3:
                answer = await asyncio.wait_for(asgi.serve_here(app, path), 5)
                assert answer.status in (200, 404)
        finally:
            app.extensions["open"].set()
            if "async open" in app.extensions:
                app.extensions["async open"].set()
        answers = await asyncio.wait_for(asyncio.gather(*streams), 20)
        # Those that were too many were told so, or waited for their turn.
        for answer in answers:
            if answer.status == 200:
                assert answer.text == "data: first\n\ndata: last\n\n"
                assert answer.is_complete
            else:
                assert answer.status == 503
        served = [answer for answer in answers if answer.status == 200]
        assert len(served) >= STREAMS // 4
        if not wraps and kind == "async":
            assert len(served) == STREAMS
        # And then there is room again.
        again = await asyncio.wait_for(asgi.serve_here(app, f"/{kind}-stream"), 5)
        assert again.text == "data: first\n\ndata: last\n\n"
        return len(served)

    served = asyncio.run(main())
    assert len(app.extensions["closed"]) == served + 1


def test_a_body_of_erlens_own_is_sent_from_the_loop(asgi):
    """An async generator behind a middleware that passes it on runs on the server's loop."""
    app = Erlen("x")
    ran = []

    @app.route("/")
    async def index():
        async def pieces():
            for _ in range(2):
                ran.append((threading.get_ident(), asyncio.get_running_loop()))
                yield "piece"

        return Response(pieces())

    inner = app.wsgi_app
    app.wsgi_app = lambda environ, start_response: inner(environ, start_response)

    async def main():
        here = threading.get_ident(), asyncio.get_running_loop()
        assert (await asgi.serve_here(app)).text == "piecepiece"
        assert ran == [here, here]

    asyncio.run(main())


@pytest.mark.parametrize("wraps", [False, True], ids=["passes on", "wraps"])
@pytest.mark.parametrize("kind", ["async", "sync"])
def test_clients_that_leave_give_their_place_back(asgi, kind, wraps, passing_on):
    """More streams than there are places, one after the other, each left by its client."""
    app = make(passing_on, wraps)
    app.extensions["open"].set()

    async def leaves():
        gone = asyncio.Event()

        async def leave():
            await gone.wait()
            return {"type": "http.disconnect"}

        def seen(message):
            if message.get("body"):
                gone.set()

        end = {"type": "http.request", "body": b"", "more_body": False}
        await asgi.serve_here(app, f"/{kind}-stream", messages=[end, leave], seen=seen)

    async def main():
        for _ in range(4):
            await asyncio.wait_for(asyncio.gather(*(leaves() for _ in range(STREAMS))), 20)
        assert (await asyncio.wait_for(asgi.serve_here(app, "/page"), 5)).text == "page"

    asyncio.run(main())
    assert len(app.extensions["closed"]) <= 4 * STREAMS


SMALL = {"THREAD_POOL_SIZE": 1, "THREAD_POOL_MAX_WAITING": 1}


@pytest.fixture
def small_pool(monkeypatch):
    """One thread, and one that waits for it, for the applications that :data:`SMALL` configures."""
    from erlen.workers import pool

    monkeypatch.setattr(pool, "_pool", pool.ThreadPool(1, 1))
    monkeypatch.setattr(pool, "_streams", None)


async def blocked(way, app, path, count=2):
    tasks = [asyncio.create_task(way.serve_here(app, path)) for _ in range(count)]
    for _ in range(20):
        await asyncio.sleep(0.005)
    return tasks


@pytest.mark.parametrize("way", ["asgi-async"], indirect=True)
def test_a_full_pool_lets_requests_end_that_were_begun(way, small_pool):
    """Their synchronous hooks and teardowns wait for a thread; a new request is refused."""
    app = Erlen("full")
    app.config.update(SMALL)
    goes_on = threading.Event()
    calls = []

    @app.route("/block")
    def block():
        goes_on.wait(20)
        return "block"

    @app.route("/hooked")
    async def hooked():
        calls.append("view")
        while not calls.count("blocked"):
            await asyncio.sleep(0.001)
        return "hooked"

    # Blocking calls in its code: it goes to a thread.
    @app.after_request
    def after(response):
        threading.Event().wait(0)
        calls.append(f"after {request.path}")
        return response

    @app.teardown_request
    def teardown(error):
        threading.Event().wait(0)
        calls.append((request.path, error))

    async def main():
        begun = asyncio.create_task(way.serve_here(app, "/hooked"))
        while "view" not in calls:
            await asyncio.sleep(0.001)
        tasks = await blocked(way, app, "/block")
        assert (await way.serve_here(app, "/block")).status == 503
        calls.append("blocked")
        await asyncio.sleep(0.05)
        goes_on.set()
        answer = await begun
        assert (answer.status, answer.text) == (200, "hooked")
        await asyncio.gather(*tasks)

    asyncio.run(main())
    assert "after /hooked" in calls
    assert ("/hooked", None) in calls


@pytest.mark.parametrize("way", ["asgi", "asgi-async"], indirect=True)
@pytest.mark.parametrize("is_wrapped", [False, True], ids=["plain", "behind middleware"])
def test_a_stream_that_no_thread_can_make_is_refused_before_its_head(way, small_pool, is_wrapped):
    app = Erlen("full")
    app.config.update(SMALL)
    goes_on = threading.Event()
    closed, torn = [], []

    @app.route("/stream")
    @way.colour
    def stream():
        @stream_with_context
        def pieces():
            try:
                yield "first "
                goes_on.wait(20)
                yield "last"
            finally:
                closed.append(request.path)

        return Response(pieces())

    @app.teardown_request
    def teardown(error):
        torn.append(request.path)

    if is_wrapped:
        inner = app.wsgi_app

        class Wrapper:
            def __init__(self, body):
                self.body = body
                self.close = body.close

            def __iter__(self):
                yield from self.body

        app.wsgi_app = lambda environ, start_response: Wrapper(inner(environ, start_response))

    async def main():
        tasks = await blocked(way, app, "/stream")
        refused = await way.serve_here(app, "/stream")
        assert (refused.status, refused.starts, refused.is_complete) == (503, 1, True)
        goes_on.set()
        answers = await asyncio.gather(*tasks)
        assert [(answer.status, answer.text) for answer in answers] == [(200, "first last")] * 2

    asyncio.run(main())
    # One was never begun.
    assert (len(closed), len(torn)) == (2, 3)
