"""Hooks that an event loop calls itself."""

from __future__ import annotations

import threading

import pytest

from erlen import Erlen, g, request
from erlen.protection.csrf import CSRF, csrf_token
from erlen.protection.rate_limits import RateLimits
from erlen.sessions.server_side import ServerSideSessionInterface
from erlen.sessions.stores import MemoryStore
from erlen.walk.desk import desk_of
from erlen.walk.places import ThreadPlan
from erlen.walk.plan import plan_of
from erlen.workers.colours import is_coroutine_function
from erlen.workers.light_hooks import LightHook


def name():
    return threading.current_thread().name


@pytest.fixture
def app():
    """Tells which threads the hooks ran on, beside that of the view."""
    app = Erlen(__name__)
    app.ran = []

    @app.get("/async")
    async def asynchronous():
        return name()

    app.add_url_rule("/sync", "sync", name)
    return app


def ran(app, path="/async", interface="asgi"):
    app.ran.clear()
    view = app.test_client(interface=interface).get(path).text
    return [where == view for where in app.ran]


def note(app):
    def run(*args):
        app.ran.append(name())
        return args[0] if args else None

    return run


@pytest.mark.parametrize("needs", [False, True])
def test_before_an_async_view_it_runs_on_the_loop_unless_it_says_no(app, needs):
    app.before_request(LightHook(note(app), lambda: needs))
    app.after_request(LightHook(note(app), lambda: needs))
    assert ran(app) == [not needs] * 2
    assert ran(app, "/sync") == [True, True]
    for path in ("/async", "/sync"):
        assert len(ran(app, path, "wsgi")) == 2


def test_without_a_word_it_needs_none(app):
    app.before_request(LightHook(note(app)))
    assert ran(app) == [True]


def test_another_hook_runs_on_a_thread_and_takes_its_neighbours_along(app):
    app.before_request(LightHook(note(app)))
    app.before_request(note(app))
    app.before_request(LightHook(note(app)))
    # One change of threads for the three of them.
    assert ran(app) == [False] * 3
    assert len(set(app.ran)) == 1


def test_neighbours_stay_on_the_loop_if_none_needs_a_thread(app):
    needs = [False, False]
    for number in (0, 1):
        app.before_request(LightHook(note(app), lambda number=number: needs[number]))
    assert ran(app) == [True, True]
    needs[1] = True
    assert ran(app) == [False, False]


def test_the_first_answer_wins_and_errors_are_handled(app):
    app.before_request(LightHook(lambda: request.args.get("answer")))
    app.before_request(LightHook(lambda: 1 / int(request.args.get("zero", 1)) and None))
    app.register_error_handler(ZeroDivisionError, lambda error: "handled")
    client = app.test_client(interface="asgi")
    assert client.get("/async?answer=early").text == "early"
    assert client.get("/async?zero=0").text == "handled"


def test_what_it_puts_into_g_is_seen(app):
    app.before_request(LightHook(lambda: setattr(g, "mark", 5)))

    @app.get("/g")
    async def view():
        return str(g.mark)

    assert app.test_client(interface="asgi").get("/g").text == "5"


def test_it_has_the_name_of_its_function(app):
    def greet():
        """Says hello."""

    hook = LightHook(greet)
    assert (hook.__name__, hook.__module__, hook.__doc__) == ("greet", __name__, "Says hello.")
    CSRF(app)
    assert app.before_request_funcs[None][0].__qualname__ == "CSRF._protect"


def test_it_is_no_coroutine_function(app):
    app.before_request(LightHook(note(app)))
    desk = desk_of(app)
    assert not plan_of(app, desk, "sync", ThreadPlan).is_async
    assert not is_coroutine_function(app.before_request_funcs[None][0])


class NotingStore(MemoryStore):
    def __init__(self, notes):
        super().__init__()
        self.notes = notes

    def get(self, key, lifetime=None):
        self.notes.append(name())
        return super().get(key, lifetime)


def test_the_csrf_check_waits_for_a_session_on_a_thread(app):
    app.session_interface = ServerSideSessionInterface(NotingStore(app.ran))
    CSRF(app)
    app.add_url_rule("/token", "token", csrf_token)

    @app.post("/other", endpoint="other")
    @app.post("/act")
    async def act():
        return name()

    client = app.test_client(interface="asgi")
    token = client.get("/token").text
    app.ran.clear()
    response = client.post("/act", data={"csrf_token": token})
    assert response.status_code == 200
    assert app.ran
    assert response.text not in app.ran
    # And does not ask for the session where the browser has said enough.
    app.ran.clear()
    client.post("/other", data={"csrf_token": token}, headers={"Sec-Fetch-Site": "same-origin"})
    assert app.ran == []


@pytest.mark.parametrize("has_function", [False, True])
def test_who_is_counted_is_asked_on_a_thread(app, has_function):
    limits = RateLimits(app)

    def who():
        app.ran.append(name())
        return "x"

    limits.limit("5 per day", by=who if has_function else None)("asynchronous")
    app.before_request(LightHook(note(app)))
    # The hooks beside it tell where it ran.
    assert set(ran(app)) == {not has_function}


class SlowCounters:
    def __init__(self, notes):
        self.notes = notes

    def count(self, key, rate):
        from erlen.protection.rates import Verdict

        self.notes.append(name())
        return Verdict(True, 1, 0)


def test_counters_that_may_wait_are_asked_on_a_thread(app):
    app.config["RATE_LIMIT_DEFAULT"] = "5 per day"
    RateLimits(app, counters=SlowCounters(app.ran))
    assert ran(app) == [False]
