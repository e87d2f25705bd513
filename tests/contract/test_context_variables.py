"""Context variables: what is set is seen by all that runs later in the request, and a token made in
one kind of function, synchronous or asynchronous, resets in the same kind."""

from __future__ import annotations

import asyncio
import contextvars
import threading

import pytest

from erlen import (
    Erlen,
    Response,
    after_this_request,
    g,
    request_finished,
    request_started,
    request_tearing_down,
    stream_with_context,
)

variable = contextvars.ContextVar("variable", default="unset")


def in_colour(is_async, function):
    if not is_async:
        return function

    async def run(*args, **kwargs):
        await asyncio.sleep(0)
        return function(*args, **kwargs)

    return run


def set_token():
    g.token = variable.set("set")


def reset_token(*args):
    variable.reset(g.token)


SETTERS = ["before", "preprocessor", "view", "handler", "after", "signal"]
RESETTERS = ["teardown", "teardown app", "after", "after this", "signal", "finished"]


@pytest.mark.parametrize("path", ["/", "/fail"])
@pytest.mark.parametrize("is_async", [False, True], ids=["sync hooks", "async hooks"])
def test_a_token_of_before_request_is_reset_in_teardown(way, is_async, path):
    """The commonest: agents, log contexts, database sessions."""
    app = Erlen("x")
    app.logger.disabled = True
    seen, failures = [], []
    app.before_request(in_colour(is_async, set_token))

    @app.route("/")
    @way.colour
    def index():
        seen.append(variable.get())
        return "index"

    app.add_url_rule("/fail", "fail", way.colour(lambda: 1 / 0))

    def reset(error):
        try:
            seen.append(variable.get())
            reset_token()
            seen.append(variable.get())
        except ValueError as failure:
            failures.append(failure)

    app.teardown_request(in_colour(is_async, reset))
    for _ in range(3):
        seen.clear()
        way.ask(app, path)
        assert failures == []
        assert seen == (["set"] if path == "/" else []) + ["set", "unset"]


@pytest.mark.parametrize("resetter", RESETTERS)
@pytest.mark.parametrize("setter", SETTERS)
def test_synchronous_functions_share_a_context(way, setter, resetter):
    """Every synchronous function of a request, around a view of either colour."""
    if setter == "view" and way.is_async:
        pytest.skip("the view is asynchronous")
    if setter == "after" and resetter in ("after", "after this"):
        pytest.skip("it comes first")
    app = Erlen("x")
    failures, seen = [], []

    def sets(*args):
        set_token()

    def resets(*args):
        seen.append(variable.get())
        try:
            reset_token()
        except ValueError as failure:
            failures.append(failure)

    def receives(sender, **values):
        (sets if values.get("step") == "sets" else resets)()

    if setter == "before":
        app.before_request(sets)
    if setter == "preprocessor":
        app.url_value_preprocessor(sets)
    if resetter == "after this":

        @app.before_request
        def before():
            def last(response):
                resets()
                return response

            after_this_request(last)

    def view():
        if setter == "view":
            sets()
        if setter == "handler":
            raise KeyError
        return "index"

    app.add_url_rule("/", "index", view if setter == "view" else way.colour(view))

    @app.errorhandler(KeyError)
    def handler(error):
        sets()
        return "handled"

    def after(response):
        if setter == "after":
            sets()
        elif resetter == "after":
            resets()
        return response

    app.after_request(after)
    if resetter == "teardown":
        app.teardown_request(resets)
    if resetter == "teardown app":
        app.teardown_appcontext(resets)

    def on_start(sender, **values):
        if setter == "signal":
            sets()

    def on_end(sender, **values):
        if resetter == "signal":
            resets()

    def on_finish(sender, **values):
        if resetter == "finished":
            resets()

    with (
        request_started.connected_to(on_start, app),
        request_tearing_down.connected_to(on_end, app),
        request_finished.connected_to(on_finish, app),
    ):
        for _ in range(2):
            seen.clear()
            way.ask(app)
            assert failures == []
            assert seen == ["set"]


@pytest.mark.parametrize("resetter", ["teardown", "teardown app", "after"])
@pytest.mark.parametrize("setter", ["before", "view", "handler"])
def test_asynchronous_functions_share_the_context_of_the_task(way, setter, resetter):
    if setter == "view" and not way.is_async:
        pytest.skip("the view is synchronous")
    app = Erlen("x")
    failures, seen = [], []

    async def sets(*args):
        set_token()

    async def resets(*args):
        seen.append(variable.get())
        try:
            reset_token()
        except ValueError as failure:
            failures.append(failure)

    if setter == "before":
        app.before_request(sets)

    def plain():
        if setter == "handler":
            raise KeyError
        return "index"

    async def index():
        await sets()
        return "index"

    app.add_url_rule("/", "index", index if setter == "view" else way.colour(plain))

    @app.errorhandler(KeyError)
    async def handler(error):
        await sets()
        return "handled"

    @app.after_request
    async def after(response):
        if resetter == "after":
            await resets()
        return response

    # Synchronous ones between, as there mostly are.
    app.before_request(lambda: None)
    app.teardown_request(lambda error: None)
    if resetter == "teardown":
        app.teardown_request(resets)
    if resetter == "teardown app":
        app.teardown_appcontext(resets)
    for _ in range(2):
        seen.clear()
        way.ask(app)
        assert failures == []
        assert seen == ["set"]


trail = contextvars.ContextVar("trail", default=())


@pytest.mark.parametrize("first_is_async", [False, True])
@pytest.mark.parametrize("path", ["/", "/fail", "/stream"])
def test_what_is_set_is_seen_by_all_that_comes_later(way, path, first_is_async):
    """The colours alternate, so that each value is carried over to the other kind."""
    app = Erlen("x")
    last = []
    colours = [first_is_async]

    def add(name):
        trail.set((*trail.get(), name))
        last[:] = trail.get()

    def step(name, returns=False):
        colours[0] = not colours[0]

        def run(*args):
            add(name)
            return args[0] if returns else None

        return in_colour(colours[0], run)

    app.url_value_preprocessor(lambda endpoint, values: add("values"))
    app.before_request(step("before 1"))
    app.before_request(step("before 2"))
    app.before_request(step("before 3"))

    @app.route("/")
    @way.colour
    def index():
        add("view")
        return "index"

    @app.route("/fail")
    @way.colour
    def fail():
        add("view")
        raise KeyError

    @app.route("/stream")
    @way.colour
    def stream():
        add("view")

        def pieces():
            add("stream")
            yield "piece"

        return stream_with_context(pieces())

    def handler(error):
        add("handler")
        return "handled"

    app.register_error_handler(KeyError, in_colour(not first_is_async, handler))
    app.after_request(step("after 2", True))
    app.after_request(step("after 1", True))
    app.teardown_request(step("teardown 2"))
    app.teardown_request(step("teardown 1"))
    app.teardown_appcontext(step("teardown app"))
    wanted = ["values", "before 1", "before 2", "before 3", "view"]
    wanted += ["handler"] if path == "/fail" else []
    wanted += ["after 1", "after 2"]
    wanted += ["stream"] if path == "/stream" else []
    wanted += ["teardown 1", "teardown 2", "teardown app"]
    for _ in range(2):
        # What an earlier request has left on the thread of a WSGI server is its own affair.
        contextvars.copy_context().run(way.ask, app, path)
        assert last == wanted
        assert trail.get() == ()


@pytest.mark.parametrize("body_is_async", [False, True])
@pytest.mark.parametrize("keeps_context", [False, True])
def test_a_stream_sees_what_was_set_and_its_steps_share_a_context(
    way, body_is_async, keeps_context
):
    app = Erlen("x")
    own = contextvars.ContextVar("own", default="unset")
    failures, closed = [], []

    def sync_body():
        token = own.set("in the stream")
        yield variable.get() + " "
        yield own.get()
        try:
            own.reset(token)
        except ValueError as error:
            failures.append(error)

    async def async_body():
        token = own.set("in the stream")
        yield variable.get() + " "
        await asyncio.sleep(0)
        yield own.get()
        try:
            own.reset(token)
        except ValueError as error:
            failures.append(error)

    @app.route("/")
    @way.colour
    def index():
        variable.set("set")
        body = async_body() if body_is_async else sync_body()
        response = Response(stream_with_context(body) if keeps_context else body)
        response.call_on_close(lambda: closed.append(variable.get()))
        return response

    for _ in range(2):
        closed.clear()
        answer = contextvars.copy_context().run(way.ask, app)
        assert answer.text == "set in the stream"
        assert failures == []
        assert closed == ["set"]


def test_requests_do_not_see_each_others_values(way, threads):
    app = Erlen("x")
    together = threading.Barrier(2)
    own_loop = []

    @app.before_request
    def before():
        from erlen import request

        variable.set(request.args["n"])

    async def meet():
        # Both are inside at once, on the loop too.
        await asyncio.to_thread(together.wait, 10)

    if way.is_async:

        @app.route("/")
        async def index():
            await meet()
            return variable.get()
    else:

        @app.route("/")
        def index():
            together.wait(10)
            return variable.get()

    assert own_loop == []
    if way.is_asgi:

        async def main():
            asked = [way.serve_here(app, f"/?n={n}") for n in (1, 2)]
            assert [answer.text for answer in await asyncio.gather(*asked)] == ["1", "2"]

        asyncio.run(main())
    else:
        found = {}

        def ask(n):
            found[n] = way.ask(app, f"/?n={n}").text

        threads(2, ask)
        assert found == {0: "0", 1: "1"}


@pytest.mark.parametrize("way", ["asgi", "asgi-async"], indirect=True)
def test_what_the_server_has_set_is_seen_and_nothing_is_left_there(way):
    app = Erlen("x")
    app.before_request(lambda: None)

    @app.route("/")
    @way.colour
    def index():
        before = variable.get()
        variable.set("set by the view")
        return before

    async def main():
        variable.set("set by the server")
        # As servers do: a task for each request.
        for _ in range(2):
            answer = await asyncio.create_task(way.serve_here(app))
            assert answer.text == "set by the server"
        return variable.get()

    assert asyncio.run(main()) == "set by the server"


def test_a_synchronous_function_of_an_async_view_sees_the_values(asgi):
    """What the view gives to a thread of its own."""
    app = Erlen("x")

    @app.before_request
    def before():
        variable.set("set")

    @app.route("/")
    async def index():
        return await asyncio.to_thread(variable.get)

    assert asgi.ask(app).text == "set"


def test_a_token_of_another_kind_is_carried_as_a_value(asgi):
    """A token does not reset in the other kind; its value is there all the same."""
    app = Erlen("x")
    seen = []

    @app.before_request
    def before():
        variable.set("sync")

    @app.route("/")
    async def index():
        seen.append(variable.get())
        variable.set("async")
        return "index"

    app.teardown_request(lambda error: seen.append(variable.get()))
    asgi.ask(app)
    assert seen == ["sync", "async"]


@pytest.mark.parametrize("is_async", [False, True], ids=["sync first", "async first"])
def test_what_one_colour_resets_is_reset_for_the_other_and_for_the_next_request(way, is_async):
    """A user who logs in for one request: nobody after it is that user."""
    app = Erlen("x")
    user = contextvars.ContextVar("user", default="nobody")
    seen = []

    def log_in():
        g.token = user.set("alice")

    def log_out(*args):
        user.reset(g.token)

    def look(*args):
        seen.append(user.get())

    own, other = in_colour(is_async, log_in), in_colour(not is_async, look)
    app.before_request(own)
    app.before_request(other)
    app.before_request(in_colour(is_async, log_out))
    app.before_request(other)
    app.before_request(own)
    app.before_request(other)
    app.teardown_request(other)
    app.teardown_request(in_colour(is_async, log_out))
    app.teardown_request(other)

    @app.route("/")
    @way.colour
    def index():
        return user.get()

    for _ in range(2):
        seen.clear()
        assert way.ask(app).text == "alice"
        assert seen == ["alice", "nobody", "alice", "alice", "nobody"]
        assert user.get() == "nobody"


def test_a_value_that_was_shadowed_and_unset_does_not_come_back(way):
    """The tokens of carrying are of an order of their own."""
    app = Erlen("x")
    user = contextvars.ContextVar("user", default="nobody")
    seen = []

    def sync_set():
        g.sync_token = user.set("sync")

    async def async_set():
        g.async_token = user.set("async")

    def sync_reset():
        user.reset(g.sync_token)

    async def async_reset():
        user.reset(g.async_token)

    def look():
        seen.append(user.get())

    for step in (sync_set, async_set, async_reset, sync_reset, async_set, async_reset):
        app.before_request(step)
        app.before_request(look)
    app.add_url_rule("/", "index", way.colour(lambda: user.get()))
    for _ in range(2):
        seen.clear()
        assert way.ask(app).text == "nobody"
        assert seen == ["sync", "async", "sync", "nobody", "async", "nobody"]
        assert user.get() == "nobody"
