"""A request that is cancelled at each await, or whose client leaves at each message: every teardown
runs, the context is left clean, and the tokens of context variables reset."""

from __future__ import annotations

import asyncio
import contextvars
import threading
import weakref

import pytest

from erlen import (
    Erlen,
    Response,
    g,
    has_app_context,
    has_request_context,
    request,
    stream_request_body,
    stream_with_context,
)

variable = contextvars.ContextVar("variable", default="unset")
GONE = {"type": "http.disconnect"}


@pytest.fixture(params=["asgi", "asgi-async"])
def way(request, asgi):
    """Servers cancel on ASGI alone."""
    return type(asgi)(request.param)


class Interrupted:
    """A coroutine that is awaited, and cancelled at some of the moments when it waits.

    :param at: the numbers of these moments, from 1
    """

    def __init__(self, coroutine, at):
        self.coroutine = coroutine
        self.at = at
        self.moments = 0

    def __await__(self):
        iterator = self.coroutine.__await__()
        step, argument = iterator.send, None
        while True:
            try:
                waited = step(argument)
            except StopIteration as done:
                return done.value
            finally:
                # An error must not be kept by this frame, which is on its traceback.
                argument = None
            self.moments += 1
            if self.moments in self.at:
                # It is thrown in where the coroutine waits now.
                asyncio.current_task().cancel()
            try:
                argument = yield waited
                step = iterator.send
            except BaseException as error:
                step, argument = iterator.throw, error


def make(way):
    """An application with all kinds of steps, each of which waits for a moment."""
    app = Erlen("cancelled")
    app.secret_key = "test"
    calls = app.extensions["calls"] = []
    refs = app.extensions["refs"] = []
    failures = app.extensions["failures"] = []

    @app.before_request
    def sync_before():
        calls.append("sync before")
        g.sync_token = variable.set("sync")
        refs.append(weakref.ref(g._get_current_object()))

    @app.before_request
    async def async_before():
        await asyncio.sleep(0)
        calls.append("async before")
        g.async_token = variable.set("async")

    @app.route("/")
    @way.colour
    def index():
        calls.append("view")
        return "index"

    @app.route("/waits")
    async def waits():
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        calls.append("view")
        return "waits"

    @app.route("/stream")
    @way.colour
    def stream():
        calls.append("view")

        async def pieces():
            try:
                for _ in range(3):
                    await asyncio.sleep(0)
                    yield "piece"
            finally:
                calls.append("closed")

        response = Response(stream_with_context(pieces()))
        response.call_on_close(lambda: calls.append("response closed"))
        return response

    @app.route("/sync-stream")
    @way.colour
    def sync_stream():
        calls.append("view")

        def pieces():
            try:
                for _ in range(3):
                    yield "piece"
            finally:
                calls.append("closed")

        response = Response(pieces())
        response.call_on_close(lambda: calls.append("response closed"))
        return response

    @app.post("/body")
    @way.colour
    def body():
        calls.append("view")
        return request.get_data()

    @app.after_request
    def sync_after(response):
        calls.append("sync after")
        return response

    @app.after_request
    async def async_after(response):
        await asyncio.sleep(0)
        calls.append("async after")
        return response

    def reset(name):
        if name in g:
            try:
                variable.reset(g.pop(name))
            except ValueError as error:
                failures.append(error)

    @app.teardown_request
    def first(error):
        calls.append("first")

    @app.teardown_request
    def sync_teardown(error):
        calls.append("sync teardown")
        reset("sync_token")

    @app.teardown_request
    async def async_teardown(error):
        calls.append("async teardown")
        await asyncio.sleep(0)
        reset("async_token")

    @app.teardown_appcontext
    async def app_teardown(error):
        # A function that is cancelled ends where it waits.
        calls.append("app teardown")
        await asyncio.sleep(0)

    return app


TEARDOWNS = ["async teardown", "sync teardown", "first", "app teardown"]


@pytest.mark.parametrize("times", [1, 2, 3], ids=["once", "twice", "three times"])
@pytest.mark.parametrize("path", ["/", "/waits", "/stream", "/sync-stream", "/body", "/nowhere"])
def test_at_each_await(way, path, times, caplog):
    app = make(way)
    calls = app.extensions["calls"]
    method, body = ("POST", b"body") if path == "/body" else ("GET", b"")

    async def serve(at):
        """Whether it was cancelled so late that it had ended."""
        before = asyncio.current_task().cancelling()
        client = way.serve_here(app, path, method, body)
        interrupted = Interrupted(client, at)
        answer = await interrupted
        # The server asked for it, and it is told that it was done.
        if isinstance(answer.error, asyncio.CancelledError):
            for _ in range(asyncio.current_task().cancelling() - before):
                asyncio.current_task().uncancel()
        assert not has_app_context() and not has_request_context()
        return answer, interrupted.moments

    async def main():
        answer, moments = await asyncio.create_task(serve(()))
        assert answer.error is None, repr(answer.error)
        assert calls.count("sync before") == 1
        assert [name for name in calls if name in TEARDOWNS] == TEARDOWNS
        at = 0
        while at <= moments:
            at += 1
            calls.clear()
            where = tuple(range(at, at + times))
            answer, moments = await asyncio.create_task(serve(where))
            assert app.extensions["failures"] == []
            torn_down = [name for name in calls if name in TEARDOWNS]
            if len(torn_down) < len(TEARDOWNS):
                # All or none, and none only where nothing had begun.
                assert torn_down == [] and calls == [], (where, calls)
            assert torn_down in ([], TEARDOWNS), (where, calls)
            assert calls.count("closed") <= 1 and calls.count("response closed") <= 1
            if "stream" in path and answer.starts:
                assert calls.count("response closed") == 1, (where, calls)
            if "stream" in path and answer.body:
                assert calls.count("closed") == 1, (where, calls)
            if moments >= at:
                assert isinstance(answer.error, asyncio.CancelledError), (where, answer)
            else:
                assert answer.error is None and answer.is_complete

    asyncio.run(asyncio.wait_for(main(), 60))
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == []


def test_nothing_is_kept_by_a_cancelled_request(way, uncollected, soon):
    app = make(way)
    refs = app.extensions["refs"]

    async def serve(at):
        interrupted = Interrupted(way.serve_here(app, "/waits"), (at,))
        await interrupted
        return interrupted.moments

    async def main():
        moments = await asyncio.create_task(serve(0))
        for at in range(1, moments + 1):
            await asyncio.create_task(serve(at))

    asyncio.run(main())
    assert refs
    assert soon(lambda: all(ref() is None for ref in refs), 2)


# -- while a synchronous function is on its thread -------------------------------------------


@pytest.mark.parametrize("where", ["before", "view", "after", "teardown", "handler", "signal"])
def test_while_a_thread_is_inside(way, where):
    """The function runs to its end; then the teardown, in the same context variables."""
    import erlen

    app = Erlen("x")
    inside, goes_on = threading.Event(), threading.Event()
    calls, failures = [], []

    def block(name):
        calls.append(name)
        if name == where:
            inside.set()
            assert goes_on.wait(20)
            calls.append(f"{name} ended")

    @app.before_request
    def before():
        g.token = variable.set("set")
        block("before")

    if where == "view":
        app.add_url_rule("/", "index", lambda: block("view") or "index")
    else:

        @app.route("/")
        @way.colour
        def index():
            if where == "handler":
                raise KeyError
            return "index"

    @app.errorhandler(KeyError)
    def handler(error):
        block("handler")
        return "handled"

    @app.after_request
    def after(response):
        block("after")
        return response

    @app.teardown_request
    def last(error):
        calls.append("last")
        try:
            if "token" in g:
                variable.reset(g.token)
        except ValueError as failure:
            failures.append(failure)

    @app.teardown_request
    def teardown(error):
        block("teardown")

    def receiver(sender, **values):
        block("signal")

    async def main():
        # So that the start is over.
        task = asyncio.create_task(way.serve_here(app))
        assert await asyncio.to_thread(inside.wait, 20)
        task.cancel()
        # Time for whoever would not wait.
        for _ in range(10):
            await asyncio.sleep(0)
        assert f"{where} ended" not in calls and "last" not in calls
        goes_on.set()
        answer = await task
        assert isinstance(answer.error, asyncio.CancelledError)
        limit = asyncio.get_running_loop().time() + 10
        while "last" not in calls and asyncio.get_running_loop().time() < limit:
            await asyncio.sleep(0.001)

    with erlen.request_started.connected_to(receiver, app):
        asyncio.run(main())
    assert failures == []
    assert calls.index(f"{where} ended") < calls.index("last")
    assert calls.count("teardown") == calls.count("last") == 1


def test_a_teardown_on_the_loop_is_not_cut_short(asgi):
    """An async teardown that is cancelled in its middle: the others run all the same."""
    app = Erlen("x")
    calls, inside, goes_on = [], [], []

    @app.route("/")
    async def index():
        return "index"

    @app.teardown_request
    def sync_last(error):
        calls.append("sync last")

    @app.teardown_request
    async def last(error):
        await asyncio.sleep(0)
        calls.append("last")

    @app.teardown_request
    async def waits(error):
        inside[0].set()
        try:
            await goes_on[0].wait()
        finally:
            calls.append("waits")

    @app.teardown_appcontext
    async def app_last(error):
        await asyncio.sleep(0)
        calls.append("app last")

    async def main():
        inside.append(asyncio.Event())
        goes_on.append(asyncio.Event())
        task = asyncio.create_task(asgi.serve_here(app))
        await inside[0].wait()
        task.cancel()
        await asyncio.sleep(0)
        # It may have been cancelled itself, or go on to its end.
        goes_on[0].set()
        answer = await task
        assert isinstance(answer.error, asyncio.CancelledError)
        assert not has_app_context()

    asyncio.run(main())
    assert calls == ["waits", "last", "sync last", "app last"]


# -- a client that leaves at each message ----------------------------------------------------

PIECES = [
    {"type": "http.request", "body": b"one", "more_body": True},
    {"type": "http.request", "body": b"two", "more_body": True},
    {"type": "http.request", "body": b"", "more_body": False},
]


@pytest.mark.parametrize("streams", [False, True], ids=["received", "streamed"])
@pytest.mark.parametrize("leaves_at", range(4))
def test_a_client_that_leaves_while_it_sends(way, leaves_at, streams, caplog):
    if streams and not way.is_async:
        pytest.skip("a synchronous view does not stream")
    app = Erlen("x")
    calls = []

    def view():
        return request.get_data()

    async def stream():
        return b"".join([piece async for piece in request.stream])

    app.add_url_rule(
        "/", "view", stream_request_body(stream) if streams else way.colour(view), methods=["POST"]
    )
    app.before_request(lambda: calls.append("before"))
    app.teardown_request(lambda error: calls.append("teardown"))

    async def main():
        messages = [*PIECES[:leaves_at], GONE]
        task = asyncio.create_task(way.serve_here(app, method="POST", messages=messages, body=b"x"))
        answer = await task
        assert answer.error is None, repr(answer.error)
        if leaves_at == 3:
            assert answer.body == b"onetwo"
        else:
            assert not answer.is_complete or answer.status >= 400
        # It is over on its thread, too.
        for _ in range(1000):
            if calls.count("before") <= calls.count("teardown"):
                break
            await asyncio.sleep(0.001)

    asyncio.run(asyncio.wait_for(main(), 20))
    # A body that did not come may end a request before its first hook.
    assert calls in ([], ["teardown"], ["before", "teardown"])
    if leaves_at == 3:
        assert calls == ["before", "teardown"]
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


@pytest.mark.parametrize("how", ["disconnect", "send fails"])
@pytest.mark.parametrize("message", range(5))
@pytest.mark.parametrize("path", ["/", "/stream", "/sync-stream"])
def test_a_client_that_leaves_while_it_is_answered(way, path, message, how, caplog):
    app = make(way)
    calls = app.extensions["calls"]

    async def main():
        gone = asyncio.Event()
        sent = []

        async def leave():
            await gone.wait()
            return GONE

        async def seen(told):
            sent.append(told)
            if len(sent) > message:
                gone.set()
                if how == "send fails":
                    raise OSError("the client is gone")
                # Whoever watches has a chance to be told.
                await asyncio.sleep(0)

        end = {"type": "http.request", "body": b"", "more_body": False}
        answer = await way.serve_here(app, path, messages=[end, leave], seen=seen)
        assert not has_app_context() and not has_request_context()
        assert answer.error is None or isinstance(answer.error, OSError)

    asyncio.run(asyncio.wait_for(main(), 20))
    assert [name for name in calls if name in TEARDOWNS] == TEARDOWNS
    assert app.extensions["failures"] == []
    if path != "/":
        assert calls.count("closed") <= 1
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


def test_a_client_that_leaves_while_the_view_waits(asgi):
    app = make(asgi)
    calls = app.extensions["calls"]

    @app.route("/forever")
    async def forever():
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            calls.append("cancelled")
            raise

    async def main():
        end = {"type": "http.request", "body": b"", "more_body": False}
        answer = await asgi.serve_here(app, "/forever", messages=[end, GONE])
        # Nothing is left of the cancellation for what the server does next.
        assert answer.error is None and answer.starts == 0
        assert asyncio.current_task().cancelling() == 0
        assert not has_app_context()
        assert (await asgi.serve_here(app, "/waits")).text == "waits"

    asyncio.run(asyncio.wait_for(main(), 20))
    assert calls[2] == "cancelled"
    assert [name for name in calls[:7] if name in TEARDOWNS] == TEARDOWNS
    assert app.extensions["failures"] == []


@pytest.mark.parametrize("way", ["asgi"], indirect=True)
@pytest.mark.parametrize("kind", ["plain", "behind middleware", "with a body"])
def test_a_stream_that_a_thread_makes_for_a_cancelled_request_is_torn_down(way, kind):
    """Its context is left where it was entered: on a thread, in the Context of the walk."""
    app = Erlen("cancelled")
    began, goes_on = threading.Event(), threading.Event()
    torn, reports = [], []

    @app.before_request
    def before():
        g.token = variable.set("set")

    @app.route("/", methods=["GET", "POST"])
    def index():
        began.set()
        goes_on.wait(20)
        return stream_with_context(iter("abc"))

    @app.teardown_request
    def teardown(error):
        variable.reset(g.token)
        torn.append(
            (request.path, type(error), threading.current_thread() is threading.main_thread())
        )

    if kind == "behind middleware":
        inner = app.wsgi_app
        app.wsgi_app = lambda environ, start_response: inner(environ, start_response)

    async def main():
        asyncio.get_running_loop().set_exception_handler(
            lambda loop, report: reports.append(report["exception"])
        )
        body = {"method": "POST", "body": b"x"} if kind == "with a body" else {}
        task = asyncio.create_task(way.serve_here(app, "/", **body))
        while not began.is_set():
            await asyncio.sleep(0.001)
        task.cancel()
        assert isinstance((await task).error, asyncio.CancelledError)
        goes_on.set()
        for _ in range(400):
            if torn or reports:
                break
            await asyncio.sleep(0.005)

    asyncio.run(main())
    # As for every generator that is closed before its end.
    assert torn == [("/", GeneratorExit, False)]
    assert reports == []


def test_a_context_that_is_popped_in_another_place_is_torn_down_all_the_same():
    """The error says so; the teardown has run, with its request."""
    app = Erlen("popped")
    torn = []
    app.teardown_request(lambda error: torn.append(request.path))
    ctx = app.test_request_context("/elsewhere")
    contextvars.copy_context().run(ctx.push)
    with pytest.raises(AssertionError, match="wrong context"):
        ctx.pop()
    assert torn == ["/elsewhere"]
    assert not has_request_context()
