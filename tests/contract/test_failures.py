"""An exception in every step gives one answer, one log entry and every teardown; the context is
left clean, nothing is kept alive by a frame, and nothing is left to the garbage collector."""

from __future__ import annotations

import asyncio
import gc
import threading
import weakref

import pytest
from freeing import IS_FREE_THREADED

import erlen
from erlen import (
    Blueprint,
    Erlen,
    Response,
    abort,
    after_this_request,
    g,
    has_app_context,
    has_request_context,
    session,
)
from erlen.workers import attend


class Quit(BaseException):
    """What no handler takes."""


class Marker:
    """Something that a frame may keep."""


# The step, and whether what fails there leaves the answer as it was; ``None`` where it is the
# gateway's affair: an answer of Erlen's, or a failed one of the server's.
STEPS = {
    "appcontext_pushed": False,
    "open session": False,
    "request_started": False,
    "values": False,
    "before": False,
    "part before": False,
    "view": False,
    "make response": False,
    "handler": False,
    "http handler": False,
    "after this": False,
    "part after": False,
    "after": False,
    "save session": False,
    "request_finished": False,
    "first piece": None,
    "part teardown": True,
    "teardown": True,
    "request_tearing_down": True,
    "teardown app": True,
    "appcontext_tearing_down": True,
    "appcontext_popped": True,
}
TEARDOWNS = ["part teardown", "teardown", "teardown app"]
PATHS = {"handler": "/part/key", "http handler": "/part/abort", "first piece": "/part/stream"}


class Failing:
    """An application that fails once in one step.

    :param error: makes what is raised
    """

    def __init__(self, way, step, error=ZeroDivisionError, always=False):
        self.way, self.step, self.error, self.always = way, step, error, always
        self.calls, self.refs = [], []
        self.raised = 0
        self.armed = False
        self.path = PATHS.get(step, "/part/")
        self.app = self._make()

    def visit(self, name):
        self.calls.append(name)
        marker = Marker()
        self.refs.append(weakref.ref(marker))
        if name == self.step and self.armed and (self.always or not self.raised):
            self.raised += 1
            raise self.error(name)
        # The frame has it to its end.
        return marker and None

    def _make(self):
        visit, way = self.visit, self.way
        app = Erlen("failing")
        app.secret_key = "test"
        part = Blueprint("part", __name__, url_prefix="/part")

        app.url_value_preprocessor(lambda endpoint, values: visit("values"))

        @app.before_request
        @way.colour
        def before():
            visit("before")
            g.x = 1
            self.refs.append(weakref.ref(g._get_current_object()))

            def after_this(response):
                visit("after this")
                return response

            after_this_request(after_this)

        part.before_request(way.colour(lambda: visit("part before")))

        def index():
            visit("view")
            session["a"] = 1
            # None is no answer.
            failing = self.step == "make response" and self.armed and not self.raised
            if failing:
                self.raised += 1
                return None
            return "index"

        def stream():
            def pieces():
                visit("first piece")
                yield b"piece"

            return Response(pieces())

        def key():
            raise KeyError("key")

        part.add_url_rule("/", "index", way.colour(index))
        part.add_url_rule("/stream", "stream", way.colour(stream))
        part.add_url_rule("/key", "key", way.colour(key))
        part.add_url_rule("/abort", "abort", way.colour(lambda: abort(418)))

        @app.errorhandler(KeyError)
        @way.colour
        def handler(error):
            visit("handler")
            return "handled"

        @app.errorhandler(418)
        @way.colour
        def http_handler(error):
            visit("http handler")
            return "handled"

        def after(name):
            def run(response):
                visit(name)
                return response

            return way.colour(run)

        app.after_request(after("after"))
        part.after_request(after("part after"))
        app.teardown_request(way.colour(lambda error: visit("teardown")))
        part.teardown_request(way.colour(lambda error: visit("part teardown")))
        app.teardown_appcontext(way.colour(lambda error: visit("teardown app")))
        app.register_blueprint(part)
        if "session" in self.step:
            app.session_interface = self._interface(app.session_interface)
        signal = getattr(erlen, self.step, None) if "_" in self.step else None
        if signal is not None:

            def receiver(sender, **values):
                visit(self.step)

            app.extensions["receiver"] = receiver
            signal.connect(receiver, app)
        return app

    def _interface(self, inner):
        visit = self.visit

        class Interface(type(inner)):
            def open_session(self, app, request):
                visit("open session")
                return super().open_session(app, request)

            def save_session(self, app, session, response):
                visit("save session")
                super().save_session(app, session, response)

        return Interface()


@pytest.fixture
def failing(way):
    """Makes an application; it has answered two requests."""

    def make(step, error=ZeroDivisionError, is_warm=True, always=False):
        made = Failing(way, step, error, always)
        if is_warm:
            for _ in range(2):
                way.ask(made.app, made.path)
        made.calls.clear()
        made.refs.clear()
        made.armed = True
        return made

    return make


steps = pytest.mark.parametrize("step", STEPS)


@steps
@pytest.mark.parametrize("is_warm", [False, True], ids=["first", "later"])
def test_one_answer_one_log_entry_and_every_teardown(way, failing, step, is_warm, errors):
    made = failing(step, is_warm=is_warm)
    answer = way.serve(made.app, made.path)
    assert made.raised == 1, "it did not fail"
    if STEPS[step] is None and answer.error is not None:
        assert isinstance(answer.error, ZeroDivisionError)
        assert answer.starts <= 1 and not answer.body and not answer.is_complete
        assert [name for name in made.calls if name in TEARDOWNS] == TEARDOWNS
        return
    assert answer.error is None, repr(answer.error)
    assert answer.starts == 1 and answer.is_complete
    assert answer.status == (200 if STEPS[step] else 500)
    logged = [(record.getMessage(), record.exc_info) for record in errors()]
    assert len(logged) == 1, logged
    assert issubclass(logged[0][1][0], TypeError if step == "make response" else ZeroDivisionError)
    if step not in ("appcontext_pushed", "open session"):
        # Before the match nobody knows of a blueprint. Behind an error of the first piece, the
        # handlers have a context of their own.
        times = 2 if step == "first piece" else 1
        assert [name for name in made.calls if name in TEARDOWNS] == TEARDOWNS * times
    else:
        assert [made.calls.count(name) for name in TEARDOWNS[1:]] == [1, 1]
    # And the next request is as any other.
    made.calls.clear()
    assert way.ask(made.app, made.path).status == 200
    assert [name for name in made.calls if name in TEARDOWNS] == TEARDOWNS


@pytest.mark.parametrize("step", ["after", "part after", "after this", "save session"])
def test_a_step_that_always_fails_gives_one_answer(way, failing, step, errors):
    """It fails for the answer to its own error, too, which stands."""
    made = failing(step, always=True)
    answer = way.serve(made.app, made.path)
    assert answer.error is None and answer.starts == 1
    assert answer.status == 500
    assert len(errors()) == made.raised
    assert [name for name in made.calls if name in TEARDOWNS] == TEARDOWNS


@steps
def test_a_base_exception_goes_to_the_server(way, failing, step):
    if step == "make response":
        pytest.skip("it raises by itself")
    made = failing(step, Quit)
    answer = way.serve(made.app, made.path)
    assert made.raised == 1
    assert isinstance(answer.error, Quit), answer
    assert answer.body == b""
    assert [made.calls.count(name) for name in TEARDOWNS[1:]] == [1, 1]
    made.calls.clear()
    assert way.ask(made.app, made.path).status == 200


@steps
@pytest.mark.parametrize("error", [ZeroDivisionError, Quit])
def test_the_context_is_left_clean(way, failing, step, error):
    made = failing(step, error)

    def check():
        assert not has_app_context() and not has_request_context()

    if way.is_asgi:

        async def main():
            await way.serve_here(made.app, made.path)
            # In the task of the server.
            check()

        asyncio.run(main())
    else:
        way.serve(made.app, made.path)
        check()


@steps
@pytest.mark.parametrize("error", [ZeroDivisionError, Quit])
def test_nothing_is_kept_alive_by_a_frame(way, failing, step, error, uncollected, soon, caplog):
    made = failing(step, error)
    made.app.logger.disabled = True

    # Nobody takes the answer, which has the error.
    if way.is_asgi:

        async def main():
            await way.serve_here(made.app, made.path)

        asyncio.run(main())
    else:
        way.serve(made.app, made.path)
    caplog.clear()
    assert made.refs
    # A thread of the pool may be about to let go of it.
    assert soon(lambda: all(ref() is None for ref in made.refs), 5), [
        (ref(), gc.get_referrers(ref())) for ref in made.refs if ref() is not None
    ]


async def garbage_of(way, made):
    """How many objects are left to the collector, on ASGI."""

    async def serve():
        for _ in range(5):
            made.raised = 0
            await way.serve_here(made.app, made.path)

    await serve()
    gc.collect()
    gc.disable()
    try:
        await serve()
        return gc.collect()
    finally:
        gc.enable()


@steps
def test_no_garbage_is_left_where_the_client_was_watched(way, failing, step, monkeypatch):
    """What takes a moment is watched, and is never in the tests above."""
    if not way.is_asgi or not (way.is_async or step == "first piece"):
        pytest.skip("nobody is watched there")
    monkeypatch.setattr(attend, "_GRACE", 0)
    made = failing(step)
    # The watcher comes at once or in the next round of the loop.
    for _ in range(5):
        assert asyncio.run(garbage_of(way, made)) == 0


@steps
def test_no_garbage_is_left(way, failing, step):
    if IS_FREE_THREADED and way.name != "wsgi":
        pytest.skip("there the collector counts what waits for the thread that made it")
    made = failing(step, always=step != "make response")
    made.app.logger.disabled = True

    def collected(serve):
        gc.collect()
        gc.disable()
        try:
            serve()
            return gc.collect()
        finally:
            gc.enable()

    if way.is_asgi:
        assert asyncio.run(garbage_of(way, made)) == 0
        return

    def many():
        for _ in range(5):
            made.raised = 0
            way.serve(made.app, made.path)

    many()
    assert collected(many) == 0


# -- errors of a special kind ----------------------------------------------------------------


@pytest.mark.parametrize(
    "error", [StopIteration, StopAsyncIteration, RecursionError, MemoryError, OSError]
)
@pytest.mark.parametrize("step", ["before", "view", "after", "teardown", "handler"])
def test_errors_that_mean_something_to_python(way, failing, step, error, errors):
    made = failing(step, error)
    answer = way.serve(made.app, made.path)
    assert answer.error is None
    assert answer.status == (200 if STEPS[step] else 500)
    assert answer.starts == 1 and len(errors()) == 1
    assert [name for name in made.calls if name in TEARDOWNS] == TEARDOWNS


@pytest.mark.parametrize("error", [GeneratorExit, SystemExit])
@pytest.mark.parametrize("step", ["before", "view", "after"])
def test_base_exceptions_that_mean_something_to_python(way, failing, step, error):
    if way.is_asgi and (error is SystemExit or not way.is_async):
        pytest.skip("SystemExit ends its request there; Python closes what GeneratorExit passes")
    made = failing(step, error)
    answers = []
    # On a thread of its own: it must not hang, and not end the loop that others' functions run on.
    server = threading.Thread(
        target=lambda: answers.append(way.serve(made.app, made.path)), daemon=True
    )
    server.start()
    server.join(5)
    assert answers, "it hangs"
    assert isinstance(answers[0].error, BaseException)
    assert [name for name in made.calls if name in TEARDOWNS] == TEARDOWNS
    assert way.ask(made.app, made.path).status == 200


EXITS = [SystemExit, KeyboardInterrupt]


@pytest.mark.parametrize("error", EXITS)
@pytest.mark.parametrize("step", [step for step in STEPS if step != "make response"])
def test_an_exit_on_a_loop_ends_its_request_alone(way, failing, step, error, errors):
    """SECURITY 97; a WSGI server is told of it, and does as it likes."""
    if not way.is_asgi:
        pytest.skip("test_base_exceptions_that_mean_something_to_python has WSGI")
    made = failing(step, error)

    async def main():
        others = [asyncio.create_task(asyncio.sleep(0.05, n)) for n in range(3)]
        answer = await way.serve_here(made.app, made.path)
        # The loop runs on, with what others do there.
        assert await asyncio.gather(*others) == [0, 1, 2]
        return answer

    answer = asyncio.run(main())
    assert made.raised == 1
    if STEPS[step] is None and answer.error is not None:
        # Some of the body may have been sent.
        assert isinstance(answer.error, RuntimeError)
        assert isinstance(answer.error.__cause__, error)
    else:
        assert answer.error is None, repr(answer.error)
        assert answer.status == (200 if STEPS[step] else 500)
        [logged] = [record.exc_info[1] for record in errors()]
        assert isinstance(logged.__cause__, error) and "SIGTERM" in str(logged)
    if step not in ("appcontext_pushed", "open session"):
        times = 2 if step == "first piece" else 1
        assert [name for name in made.calls if name in TEARDOWNS] == TEARDOWNS * times
    made.calls.clear()
    assert way.ask(made.app, made.path).status == 200


def test_an_error_that_raises_when_it_is_shown(way, errors):
    class Rude(Exception):
        def __str__(self):
            raise ZeroDivisionError

        __repr__ = __str__

    app = Erlen("x")

    @app.route("/")
    @way.colour
    def index():
        raise Rude

    answer = way.serve(app)
    assert answer.error is None and answer.status == 500


def test_an_error_handler_of_500_that_fails(way):
    app = Erlen("x")
    app.logger.disabled = True
    ends = []
    app.teardown_request(way.colour(lambda error: ends.append(type(error).__name__)))
    app.add_url_rule("/", "index", way.colour(lambda: 1 / 0))

    @app.errorhandler(500)
    @way.colour
    def handler(error):
        raise KeyError("handler")

    answer = way.serve(app)
    # The server answers for it, or Erlen does: not both, and nothing hangs.
    assert isinstance(answer.error, KeyError) or answer.status == 500
    assert len(ends) == 1


def test_a_receiver_of_exceptions_that_fails(way):
    app = Erlen("x")
    app.logger.disabled = True
    ends = []
    app.teardown_request(way.colour(lambda error: ends.append(1)))
    app.add_url_rule("/", "index", way.colour(lambda: 1 / 0))

    def receiver(sender, **values):
        raise KeyError("receiver")

    with erlen.got_request_exception.connected_to(receiver, app):
        answer = way.serve(app)
    assert isinstance(answer.error, KeyError) or answer.status == 500
    assert ends == [1]


@pytest.mark.parametrize("propagates", [False, True])
def test_the_traceback_shows_the_view(way, propagates, errors):
    """The walk's own frames may be there; those of the application have to."""
    import traceback

    app = Erlen("x")
    app.config["PROPAGATE_EXCEPTIONS"] = propagates

    def deep():
        raise ZeroDivisionError("deep")

    @app.route("/")
    @way.colour
    def index():
        deep()

    answer = way.serve(app)
    error = answer.error if propagates else errors()[0].exc_info[1]
    names = [frame.name for frame in traceback.extract_tb(error.__traceback__)]
    assert names[-2:] == ["index", "deep"]
    # Each frame once: nobody raised it anew in between.
    assert names.count("index") == 1


def test_one_error_that_is_raised_in_many_requests(way, uncollected, soon):
    """A module's constant: it must keep no request."""
    app = Erlen("x")
    app.logger.disabled = True
    the_error = ZeroDivisionError("the one")
    refs = []

    @app.route("/")
    @way.colour
    def index():
        refs.append(weakref.ref(g._get_current_object()))
        raise the_error

    @app.errorhandler(ZeroDivisionError)
    @way.colour
    def handler(error):
        return "handled"

    for _ in range(3):
        assert way.ask(app).text == "handled"
    # The last traceback may be on the error, as Python puts it there.
    the_error.__traceback__ = None
    assert soon(lambda: all(ref() is None for ref in refs), 2)
