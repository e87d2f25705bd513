"""What a request has to know of its application is made while requests come: a request that begins
meanwhile waits for nothing and loses nothing, and what cannot be made is an error that says so."""

from __future__ import annotations

import gc
import threading
import weakref

import pytest

from erlen import Erlen, current_app, g, render_template_string, request, session, url_for

# -- an application that is dropped ----------------------------------------------------------


def make(way):
    """Nothing that is registered refers to the application."""
    app = Erlen("dropped")
    app.secret_key = "test"
    app.logger.disabled = True

    @app.before_request
    @way.colour
    def before():
        g.x = 1

    app.after_request(way.colour(lambda response: response))
    app.teardown_request(way.colour(lambda error: None))
    app.teardown_appcontext(way.colour(lambda error: None))

    @app.route("/")
    @way.colour
    def index():
        session["a"] = 1
        return f"{g.x} {request.path} {current_app.name} {url_for('index')}"

    app.add_url_rule("/fail", "fail", way.colour(lambda: 1 / 0))
    app.add_url_rule(
        "/template", "template", way.colour(lambda: render_template_string("{{ g.x }}"))
    )
    app.errorhandler(404)(way.colour(lambda error: "none"))
    return app


@pytest.mark.parametrize(
    "paths",
    [[], ["/"], ["/", "/"], ["/nowhere"], ["/fail", "/fail"], ["/template", "/template"]],
    ids=["never asked", "once", "twice", "not found", "failed", "template"],
)
def test_an_application_is_freed_at_once(way, paths, uncollected, soon):
    app = make(way)
    for path in paths:
        way.ask(app, path)
    died = weakref.ref(app)
    del app
    # A thread of the pool may be about to let go of it.
    assert soon(lambda: died() is None, 1), gc.get_referrers(died())


def test_one_with_overrides_is_freed_at_once(way, uncollected, soon):
    class App(Erlen):
        def make_response(self, rv):
            return super().make_response(rv)

        def dispatch_request(self):
            return super().dispatch_request()

        def do_teardown_request(self, *args):
            super().do_teardown_request(*args)

    app = App("dropped")
    app.add_url_rule("/", "index", way.colour(lambda: "index"))
    for _ in range(2):
        way.ask(app)
    died = weakref.ref(app)
    del app
    assert soon(lambda: died() is None, 1), gc.get_referrers(died())


def test_one_that_was_changed_is_freed_at_once(way, uncollected, soon):
    app = make(way)
    for n in range(5):
        way.ask(app)
        app.before_request_funcs[None].append(lambda: None)
        app.config["OWN"] = n
        app.own = n
    died = weakref.ref(app)
    del app
    assert soon(lambda: died() is None, 1), gc.get_referrers(died())


# -- what cannot be made ---------------------------------------------------------------------


def error_of(way, app, errors, path="/"):
    """What a request's failure says, to the server or the log."""
    before = len(errors())
    answer = way.serve(app, path)
    texts = [f"{record.getMessage()} {record.exc_text or record.exc_info}" for record in errors()]
    if answer.error is None:
        assert answer.status == 500, f"{answer.status} {answer.body}"
        assert answer.starts == 1
    return " ".join([*texts[before:], repr(answer.error)])


@pytest.mark.parametrize("is_warm", [False, True], ids=["first", "later"])
def test_a_setting_of_the_wrong_type_is_an_error_that_names_it(way, errors, is_warm):
    app = Erlen("x")
    app.add_url_rule("/", "index", way.colour(lambda: "index"))
    if is_warm:
        way.ask(app)
    app.config["TRUSTED_HOSTS"] = 5
    for _ in range(2):
        assert "TRUSTED_HOSTS" in error_of(way, app, errors)
    app.config["TRUSTED_HOSTS"] = None
    assert way.ask(app).text == "index"


@pytest.mark.parametrize("name", ["TRUSTED_HOSTS", "TRAP_HTTP_EXCEPTIONS", "DEBUG"])
def test_a_setting_that_is_missing_is_an_error_that_names_it(way, errors, name):
    app = Erlen("x")
    app.logger.disabled = False
    app.add_url_rule("/", "index", way.colour(lambda: "index"))
    way.ask(app)
    app.view_functions["index"] = way.colour(lambda: app.aborter(418))
    value = app.config.pop(name)
    for _ in range(2):
        answer = way.serve(app)
        # One that nobody needs for this request need not fail it.
        assert answer.status in (418, 500) or answer.error is not None
        if answer.status == 500 or answer.error is not None:
            said = " ".join(str(r.exc_info) for r in errors()) + repr(answer.error)
            assert name in said
    app.config[name] = value
    assert way.ask(app).status == 418


@pytest.mark.parametrize("is_warm", [False, True], ids=["first", "later"])
@pytest.mark.parametrize("name", ["make_response", "session_interface", "request_class"])
def test_a_broken_override_is_an_error_and_the_next_request_tries_again(way, errors, name, is_warm):
    broken = []

    class App(Erlen):
        pass

    original = getattr(Erlen, name)

    def look(self):
        if broken:
            raise RuntimeError(f"{name} is broken")
        found = self.__dict__.get(f"_own_{name}", original)
        return found.__get__(self) if name == "make_response" else found

    def store(self, value):
        self.__dict__[f"_own_{name}"] = value

    setattr(App, name, property(look, store))
    app = App("x")
    app.add_url_rule("/", "index", way.colour(lambda: f"index {request.path} {session.get('a')}"))
    if is_warm:
        way.ask(app)
    broken.append(True)
    # A change, so that what was made before is thrown away.
    app.before_request_funcs.setdefault(None, []).append(lambda: None)
    for _ in range(2):
        assert f"{name} is broken" in error_of(way, app, errors)
    broken.clear()
    assert way.ask(app).text == "index / None"


def test_a_hook_that_is_no_function_is_an_error_that_names_it(way, errors):
    app = Erlen("x")
    app.add_url_rule("/", "index", way.colour(lambda: "index"))
    way.ask(app)
    app.before_request_funcs.setdefault(None, []).append("no function")
    for _ in range(2):
        assert "str" in error_of(way, app, errors)
    app.before_request_funcs[None].clear()
    assert way.ask(app).text == "index"


def test_a_view_that_is_no_function_is_an_error_of_its_own_endpoint(way, errors):
    app = Erlen("x")
    app.add_url_rule("/", "index", way.colour(lambda: "index"))
    app.add_url_rule("/other", "other", way.colour(lambda: "other"))
    way.ask(app)
    app.view_functions["index"] = 5
    for _ in range(2):
        assert "int" in error_of(way, app, errors)
        assert way.ask(app, "/other").text == "other"
    app.view_functions["index"] = way.colour(lambda: "again")
    assert way.ask(app).text == "again"


def test_an_endpoint_without_a_view_is_an_error_that_names_it(way, errors):
    app = Erlen("x")
    app.add_url_rule("/", "nothing")
    for _ in range(2):
        assert "nothing" in error_of(way, app, errors)
    app.view_functions["nothing"] = way.colour(lambda: "there")
    assert way.ask(app).text == "there"


# -- while it is made ------------------------------------------------------------------------


class Gate:
    """Holds the first one who comes, once it is armed."""

    def __init__(self):
        self.armed = threading.Lock()
        self.armed.acquire()
        self.is_inside = threading.Event()
        self.opens = threading.Event()

    def arm(self):
        self.armed.release()

    def pass_by(self):
        if self.armed.acquire(blocking=False):
            self.is_inside.set()
            assert self.opens.wait(20)


def slow_app(gate):
    """An application, something of which takes long to look at."""

    class App(Erlen):
        @property
        def session_interface(self):
            gate.pass_by()
            return Erlen.session_interface

        @session_interface.setter
        def session_interface(self, value):
            raise AssertionError

        @property
        def response_class(self):
            gate.pass_by()
            return Erlen.response_class

        @response_class.setter
        def response_class(self, value):
            raise AssertionError

    return App("slow")


@pytest.fixture
def gate():
    gate = Gate()
    yield gate
    gate.opens.set()


def test_a_request_that_begins_while_a_desk_is_made_waits_for_nothing(way, gate, threads):
    app = slow_app(gate)
    app.secret_key = "test"
    app.add_url_rule("/", "index", way.colour(lambda: f"index {g.get('new')}"))
    way.ask(app)
    answers = {}
    app.before_request_funcs.setdefault(None, []).append(lambda: setattr(g, "new", 1))
    gate.arm()

    def first():
        answers["first"] = way.ask(app).text

    def second():
        assert gate.is_inside.wait(20)
        # The first one is inside, and stays there until these are answered.
        for n in range(3):
            answers[n] = way.ask(app).text
        # And a change is seen by the one who comes next.
        app.before_request_funcs[None].append(lambda: setattr(g, "new", 2))
        answers["changed"] = way.ask(app).text
        gate.opens.set()

    threads(2, lambda n: (first, second)[n]())
    assert [answers[n] for n in range(3)] == ["index 1"] * 3
    assert answers["changed"] == "index 2"
    assert answers["first"] in ("index 1", "index 2")
    # What the first one made was thrown away, as it did not know of the change.
    for _ in range(2):
        assert way.ask(app).text == "index 2"


class SlowView:
    """A view that takes long to look at."""

    def __init__(self, gate):
        object.__setattr__(self, "gate", gate)

    def __getattribute__(self, name):
        if name == "gate":
            return object.__getattribute__(self, name)
        self.gate.pass_by()
        return object.__getattribute__(self, name)

    def __call__(self, **values):
        return f"index {g.get('new')}"


def test_a_change_while_a_plan_is_made_is_not_lost(interface, gate, threads):
    way = interface
    app = Erlen("x")
    app.add_url_rule("/other", "other", lambda: "other")
    view = SlowView(gate)
    app.add_url_rule("/", "index", view)
    way.ask(app, "/other")
    answers = []
    gate.arm()

    def first():
        answers.append(way.ask(app).text)

    def second():
        if gate.is_inside.wait(2):
            app.before_request_funcs.setdefault(None, []).append(lambda: setattr(g, "new", 1))
            assert way.ask(app).text == "index 1"
        gate.opens.set()

    threads(2, lambda n: (first, second)[n]())
    assert gate.is_inside.is_set(), "nobody looked at the view"
    for _ in range(2):
        assert way.ask(app).text == "index 1"


def test_many_first_requests_at_once(way, threads):
    """Each hook of the start runs once, and each request is answered."""
    app = Erlen("x")
    began = []

    @app.before_request
    def before():
        g.x = 1

    if hasattr(app, "before_serving"):
        app.before_serving(lambda: began.append(1))
    app.add_url_rule("/", "index", way.colour(lambda: f"index {g.x}"))
    together = threading.Barrier(8)

    def ask(n):
        together.wait(20)
        for _ in range(3):
            assert way.ask(app).text == "index 1"

    if way.is_asgi:
        # On one loop, as a server has it: the first requests begin before the start has ended.
        import asyncio

        async def main():
            found = await asyncio.gather(*(way.serve_here(app) for _ in range(24)))
            assert [answer.text for answer in found] == ["index 1"] * 24

        asyncio.run(main())
    else:
        threads(8, ask)
    assert len(began) <= 1
