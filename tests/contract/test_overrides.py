"""Overriding one of Flask's methods replaces that step and no other, wherever and whenever it is
done; on ASGI an async view stays on the loop."""

from __future__ import annotations

import asyncio
import threading
import types

import pytest

from erlen import Erlen, Response, abort, g, has_request_context, request, session

#: The name of the method: the request that calls it, and how often.
OVERRIDABLE = {
    "async_to_sync": ("GET", "/"),
    "create_url_adapter": ("GET", "/"),
    "dispatch_request": ("GET", "/"),
    "do_teardown_appcontext": ("GET", "/"),
    "do_teardown_request": ("GET", "/"),
    "ensure_sync": ("GET", "/"),
    "finalize_request": ("GET", "/"),
    "full_dispatch_request": ("GET", "/"),
    "handle_http_exception": ("GET", "/abort"),
    "handle_user_exception": ("GET", "/fail"),
    "make_default_options_response": ("OPTIONS", "/"),
    "make_response": ("GET", "/"),
    "preprocess_request": ("GET", "/"),
    "process_response": ("GET", "/"),
    "raise_routing_exception": ("GET", "/nowhere"),
    "request_context": ("GET", "/"),
    "trap_http_exception": ("GET", "/abort"),
    # Not of the seventeen, and called all the same.
    "_find_error_handler": ("GET", "/abort"),
    "handle_exception": ("GET", "/fail"),
    "log_exception": ("GET", "/fail"),
    "wsgi_app": ("GET", "/"),
}
STATUS = {"/": 200, "/abort": 418, "/fail": 500, "/nowhere": 404}
# What stands around the view, so that an async view is awaited from a thread.
AROUND_THE_VIEW = {"wsgi_app", "full_dispatch_request", "dispatch_request", "ensure_sync"}


def make(way, cls, calls):
    app = cls("overrides")
    app.extensions["calls"] = calls

    @app.before_request
    @way.colour
    def before():
        calls.append("before")
        g.x = 1

    @app.after_request
    @way.colour
    def after(response):
        calls.append("after")
        response.headers["X-After"] = str(g.get("x"))
        return response

    @app.teardown_request
    @way.colour
    def teardown(error):
        calls.append("teardown")

    @app.teardown_appcontext
    @way.colour
    def teardown_app(error):
        calls.append("teardown app")

    @app.route("/")
    @way.colour
    def index():
        calls.append("view")
        here = threading.get_ident()
        loop = asyncio.get_running_loop() if way.is_async else None
        task = asyncio.current_task() if way.is_async else None
        app.extensions["ran"] = here, loop, task
        return f"index {g.x}"

    app.add_url_rule("/abort", "abort", way.colour(lambda: abort(418)))
    app.add_url_rule("/fail", "fail", way.colour(lambda: 1 / 0))
    app.logger.disabled = True
    return app


def is_called(way, name):
    """Whether this way asks the method at all."""
    if name == "async_to_sync":
        return way.name == "wsgi-async"
    # On the loop nothing has to be made synchronous.
    return not (name == "ensure_sync" and way.is_on_loop)


def put(target, name, calls):
    """Put a method around the one that is there."""
    original = getattr(target, name)

    def override(*args, **kwargs):
        calls.append(name)
        return original(*args, **kwargs)

    setattr(target, name, override)


PLACES = ["subclass", "class", "class later", "instance", "instance later", "grandparent later"]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", OVERRIDABLE)
def test_it_is_called_and_everything_else_goes_on(way, name, place):
    method, path = OVERRIDABLE[name]
    calls, overridden = [], []

    if place == "subclass":

        def override(self, *args, **kwargs):
            overridden.append(name)
            return getattr(super(cls, self), name)(*args, **kwargs)

        cls = type("App", (Erlen,), {name: override})
    else:
        parent = type("Parent", (Erlen,), {})
        cls = type("App", (parent,), {})
    if place == "class":
        put(cls, name, overridden)
    app = make(way, cls, calls)
    if place == "instance":
        put(app, name, overridden)
    if place.endswith("later"):
        for _ in range(2):
            way.ask(app, path, method)
        way.ask(app)
        calls.clear()
        put({"c": cls, "i": app, "g": parent}[place[0]], name, overridden)
    overridden.clear()
    answer = way.ask(app, path, method)
    assert answer.status == STATUS[path]
    if is_called(way, name):
        assert name in overridden
        if name not in ("ensure_sync", "async_to_sync", "create_url_adapter"):
            assert overridden == [name]
    view = ["view"] if (method, path) == ("GET", "/") else []
    assert calls == ["before", *view, "after", "teardown", "teardown app"]
    assert answer.get("X-After") == "1"
    # And again, as nothing is learnt that skips it.
    overridden.clear()
    way.ask(app, path, method)
    assert bool(overridden) is is_called(way, name) or name in ("ensure_sync", "async_to_sync")


@pytest.mark.parametrize("name", [name for name in OVERRIDABLE if name != "wsgi_app"])
def test_an_async_view_stays_on_the_loop(asgi, name):
    calls = []
    cls = type("App", (Erlen,), {})
    app = make(asgi, cls, calls)
    put(cls, name, [])

    async def main():
        here, loop, task = threading.get_ident(), asyncio.get_running_loop(), asyncio.current_task()
        for _ in range(2):
            assert (await asgi.serve_here(app)).text == "index 1"
            ran = app.extensions["ran"]
            assert ran[:2] == (here, loop)
            if name not in AROUND_THE_VIEW:
                # The step costs itself alone: the view is where it would be without it.
                assert ran[2] is task

    asyncio.run(main())


def test_an_override_is_taken_back(way):
    calls, overridden = [], []
    app = make(way, Erlen, calls)
    for name in ("dispatch_request", "make_response", "do_teardown_request"):
        put(app, name, overridden)
    way.ask(app)
    assert overridden == ["dispatch_request", "make_response", "do_teardown_request"]
    for name in ("dispatch_request", "make_response", "do_teardown_request"):
        delattr(app, name)
    way.ask(app)
    assert len(overridden) == 3


# -- without super() -------------------------------------------------------------------------


def serve_with(way, name, function, path="/", method="GET"):
    """The answer, and what was called."""
    calls = []
    cls = type("App", (Erlen,), {name: function})
    app = make(way, cls, calls)
    way.ask(app, path, method)
    calls.clear()
    return way.ask(app, path, method), calls


def test_dispatch_request_answers_in_place_of_the_view(way):
    answer, calls = serve_with(way, "dispatch_request", lambda self: ("own", 201))
    assert (answer.status, answer.text) == (201, "own")
    assert calls == ["before", "after", "teardown", "teardown app"]


def test_dispatch_request_gets_the_result_of_an_async_view(way):
    def override(self):
        rv = Erlen.dispatch_request(self)
        assert rv == "index 1", rv
        return rv.upper()

    answer, _ = serve_with(way, "dispatch_request", override)
    assert answer.text == "INDEX 1"


def test_an_error_goes_through_dispatch_request(way):
    def override(self):
        try:
            return Erlen.dispatch_request(self)
        except ZeroDivisionError:
            return "caught"

    answer, _ = serve_with(way, "dispatch_request", override, "/fail")
    assert answer.text == "caught"


def test_preprocess_request_answers_in_place_of_the_hooks(way):
    answer, calls = serve_with(way, "preprocess_request", lambda self: "stopped")
    assert answer.text == "stopped"
    assert calls == ["after", "teardown", "teardown app"]


def test_full_dispatch_request_is_all_of_it(way):
    answer, calls = serve_with(way, "full_dispatch_request", lambda self: Response("own"))
    assert answer.text == "own"
    assert calls == ["teardown", "teardown app"]


def test_finalize_request_makes_the_response(way):
    def override(self, rv, from_error_handler=False):
        return Response(f"finalized {rv}")

    answer, calls = serve_with(way, "finalize_request", override)
    assert answer.text == "finalized index 1"
    assert calls == ["before", "view", "teardown", "teardown app"]


def test_make_response_makes_it_of_anything(way):
    answer, calls = serve_with(way, "make_response", lambda self, rv: Response(f"made of {rv}"))
    assert answer.text == "made of index 1"
    assert "after" in calls


def test_make_response_is_asked_for_errors_too(way):
    def override(self, rv):
        return Response("made", 499)

    assert serve_with(way, "make_response", override, "/nowhere")[0].status == 499
    assert serve_with(way, "make_response", override, "/abort")[0].status == 499
    assert serve_with(way, "make_response", override, "/fail")[0].status == 499


def test_process_response_replaces_the_after_hooks(way):
    answer, calls = serve_with(way, "process_response", lambda self, response: Response("own"))
    assert answer.text == "own"
    assert calls == ["before", "view", "teardown", "teardown app"]


def test_handle_user_exception_answers(way):
    def override(self, error):
        return f"user {type(error).__name__}", 409

    answer, calls = serve_with(way, "handle_user_exception", override, "/fail")
    assert (answer.status, answer.text) == (409, "user ZeroDivisionError")
    assert calls == ["before", "after", "teardown", "teardown app"]
    assert serve_with(way, "handle_user_exception", override, "/nowhere")[0].status == 409


def test_handle_http_exception_answers(way):
    answer, _ = serve_with(
        way, "handle_http_exception", lambda self, error: (f"http {error.code}", 200), "/abort"
    )
    assert answer.text == "http 418"


def test_trap_http_exception_makes_an_error_of_it(way):
    def override(self, error):
        return True

    assert serve_with(way, "trap_http_exception", override, "/abort")[0].status == 500


def test_handle_exception_answers(way):
    def override(self, error):
        return Response(f"last {type(error).__name__}", 599)

    answer, calls = serve_with(way, "handle_exception", override, "/fail")
    assert (answer.status, answer.text) == (599, "last ZeroDivisionError")
    assert calls == ["before", "teardown", "teardown app"]


def test_raise_routing_exception_may_raise_another(way):
    def override(self, request):
        abort(410)

    assert serve_with(way, "raise_routing_exception", override, "/nowhere")[0].status == 410


def test_make_default_options_response_answers(way):
    answer, _ = serve_with(
        way, "make_default_options_response", lambda self: Response("options"), "/", "OPTIONS"
    )
    assert answer.text == "options"


@pytest.mark.parametrize(
    ("name", "left"),
    [
        ("do_teardown_request", ["teardown app"]),
        ("do_teardown_appcontext", ["teardown"]),
    ],
)
def test_teardown_methods_replace_what_they_do(way, name, left):
    seen = []

    def override(self, *args):
        seen.append(has_request_context())

    answer, calls = serve_with(way, name, override)
    assert answer.text == "index 1"
    assert calls == ["before", "view", "after", *left]
    assert seen == [name == "do_teardown_request"] * 2


def test_teardown_methods_are_told_of_the_error(way):
    told = []

    class App(Erlen):
        def do_teardown_request(self, *args):
            told.append(args)
            super().do_teardown_request(*args)

        def do_teardown_appcontext(self, *args):
            told.append(args)
            super().do_teardown_appcontext(*args)

    app = make(way, App, [])
    app.config["PROPAGATE_EXCEPTIONS"] = False
    way.ask(app)
    assert [args[0] for args in told] == [None, None]
    told.clear()
    way.ask(app, "/fail")
    assert [type(args[0]) for args in told] == [ZeroDivisionError] * 2


def test_request_context_makes_the_context(way):
    """One of the application's own is the one that the request has."""
    seen = []

    class App(Erlen):
        def request_context(self, environ):
            ctx = super().request_context(environ)
            ctx.mark = environ["PATH_INFO"]
            return ctx

    app = App("x")

    @app.route("/")
    @way.colour
    def index():
        from erlen.compat import target_of

        module = __import__(target_of("flask.globals"), fromlist=["request_ctx"])
        seen.append(module.request_ctx.mark)
        return request.path

    for _ in range(2):
        assert way.ask(app).text == "/"
    assert seen == ["/", "/"]


def test_create_url_adapter_decides_about_the_rule(way):
    class App(Erlen):
        def create_url_adapter(self, request):
            if request is not None:
                request.environ["PATH_INFO"] = "/moved"
            return super().create_url_adapter(request)

    app = App("x")
    app.add_url_rule("/moved", "moved", way.colour(lambda: "moved"))
    for _ in range(2):
        assert way.ask(app, "/").text == "moved"


def test_ensure_sync_is_asked_about_each_function(way):
    if way.is_on_loop:
        pytest.skip("on the loop nothing has to be made synchronous")
    asked = []

    class App(Erlen):
        def ensure_sync(self, func):
            asked.append(func.__name__)
            return super().ensure_sync(func)

    app = make(way, App, [])
    way.ask(app)
    asked.clear()
    assert way.ask(app).text == "index 1"
    # Once each; some may be known from before.
    assert set(asked) <= {"before", "index", "after", "teardown", "teardown_app"}
    assert "index" in asked


def test_what_ensure_sync_returns_is_called(way):
    if way.is_on_loop:
        pytest.skip("on the loop nothing has to be made synchronous")

    class App(Erlen):
        def ensure_sync(self, func):
            inner = super().ensure_sync(func)

            def run(*args, **kwargs):
                self.extensions["wrapped"] = self.extensions.get("wrapped", 0) + 1
                return inner(*args, **kwargs)

            return run

    app = make(way, App, [])
    way.ask(app)
    first = app.extensions["wrapped"]
    assert first == 5
    way.ask(app)
    assert app.extensions["wrapped"] == 2 * first


@pytest.mark.parametrize("way", ["wsgi-async"], indirect=True)
def test_async_to_sync_decides_how_async_functions_run(way):
    ran = []

    class App(Erlen):
        def async_to_sync(self, func):
            def run(*args, **kwargs):
                ran.append(func.__name__)
                return asyncio.run(func(*args, **kwargs))

            return run

    app = make(way, App, [])
    for _ in range(2):
        assert way.ask(app).text == "index 1"
        assert ran == ["before", "index", "after", "teardown", "teardown_app"]
        ran.clear()


def test_should_ignore_error_is_asked_at_the_end(way):
    told = []

    class App(Erlen):
        def should_ignore_error(self, error):
            return isinstance(error, ZeroDivisionError)

    app = make(way, App, [])
    app.teardown_request(told.append)
    app.teardown_appcontext(told.append)
    way.ask(app, "/fail")
    assert told == [None, None]


def test_an_override_that_fails_is_an_error_like_any_other(way):
    calls = []

    class App(Erlen):
        def make_response(self, rv):
            if not isinstance(rv, Exception):
                raise ZeroDivisionError("override")
            return super().make_response(rv)

    app = make(way, App, calls)
    answer = way.ask(app)
    assert answer.status == 500
    assert calls[-2:] == ["teardown", "teardown app"]
    assert calls.count("teardown") == 1


def test_an_override_as_a_callable_object(way):
    class Replacement:
        def __init__(self, inner):
            self.inner = inner
            self.calls = 0

        def __call__(self, *args):
            self.calls += 1
            return self.inner(*args)

    app = make(way, Erlen, [])
    way.ask(app)
    app.process_response = replacement = Replacement(app.process_response)
    way.ask(app)
    assert replacement.calls == 1


def test_a_bound_method_of_another_object(way):
    class Agent:
        def __init__(self):
            self.calls = 0

        def dispatch(self, app):
            self.calls += 1
            return Erlen.dispatch_request(app)

    agent = Agent()
    app = make(way, Erlen, [])
    way.ask(app)
    app.dispatch_request = types.MethodType(agent.dispatch, app)
    assert way.ask(app).text == "index 1"
    assert agent.calls == 1


# -- what else an application overrides -----------------------------------------------------


def test_url_defaults_of_an_override(way):
    from erlen import url_for

    class App(Erlen):
        def inject_url_defaults(self, endpoint, values):
            values.setdefault("lang", "en")
            super().inject_url_defaults(endpoint, values)

    app = App("x")
    app.add_url_rule("/i", "i", way.colour(lambda: url_for("i")))
    for _ in range(2):
        assert way.ask(app, "/i").text == "/i?lang=en"


def test_an_application_context_of_an_override(way, flask_name):
    AppContext = flask_name("flask.ctx.AppContext")
    app_ctx = flask_name("flask.globals.app_ctx")

    class Own(AppContext):
        pass

    class App(Erlen):
        def app_context(self):
            return Own(self)

    app = App("x", static_folder=None)

    @app.route("/")
    @way.colour
    def index():
        return str(isinstance(app_ctx._get_current_object(), Own))

    for _ in range(2):
        assert way.ask(app).text == "True"


def test_a_rule_that_builds_in_its_own_way(way, flask_name):
    from erlen import url_for

    Rule = flask_name("werkzeug.routing.Rule")

    class Own(Rule):
        def build(self, values, append_unknown=True):
            return "", "/built"

    class App(Erlen):
        url_rule_class = Own

    app = App("x", static_folder=None)
    app.add_url_rule("/i", "i", way.colour(lambda: url_for("i")))
    for _ in range(2):
        assert way.ask(app, "/i").text == "/built"


def test_what_a_subclass_sets_before_the_class_is_initialised(way):
    from erlen.sessions.secure_cookie import SecureCookieSessionInterface

    class Own(SecureCookieSessionInterface):
        def get_cookie_name(self, app):
            return "own"

    class App(Erlen):
        def __init__(self, name):
            self.session_interface = Own()
            # As in Flask, the class makes its tables anew.
            self.before_request_funcs = {None: [lambda: "never"]}
            self.make_response = lambda rv: Response("never")
            del self.make_response
            super().__init__(name)

    app = App("x")
    app.secret_key = "k"

    @app.route("/")
    @way.colour
    def index():
        session["a"] = 1
        return "index"

    answer = way.ask(app)
    assert answer.text == "index"
    assert any("own=" in str(pair) for pair in answer.headers)


# -- what costs nothing ----------------------------------------------------------------------


@pytest.mark.parametrize("is_later", [False, True])
def test_another_attribute_changes_nothing(way, is_later):
    """A view that counts on the application itself."""
    app = make(way, Erlen, [])
    app.counter = 0

    @app.route("/count")
    @way.colour
    def count():
        app.counter += 1
        if is_later:
            setattr(app, f"own_{app.counter}", 1)
        return str(app.counter)

    assert [way.ask(app, "/count").text for _ in range(3)] == ["1", "2", "3"]
