"""Receivers of signals see the request's context, and run in its context variables."""

from __future__ import annotations

import asyncio
import contextvars

import pytest

import erlen
from erlen import (
    Erlen,
    current_app,
    flash,
    g,
    has_app_context,
    has_request_context,
    render_template_string,
    request,
)

variable = contextvars.ContextVar("variable", default=())

SIGNALS = {
    "appcontext_pushed": ("/", False),
    "request_started": ("/", True),
    "template_rendered": ("/template", True),
    "before_render_template": ("/template", True),
    "message_flashed": ("/flash", True),
    "request_finished": ("/", True),
    "got_request_exception": ("/fail", True),
    "request_tearing_down": ("/", True),
    "appcontext_tearing_down": ("/", False),
}


def make(way):
    app = Erlen("signals")
    app.secret_key = "test"
    app.logger.disabled = True

    @app.before_request
    @way.colour
    def before():
        g.x = request.path

    @app.route("/")
    @way.colour
    def index():
        return "index"

    app.add_url_rule("/fail", "fail", way.colour(lambda: 1 / 0))
    app.add_url_rule("/template", "template", way.colour(lambda: render_template_string("text")))

    @app.route("/flash")
    @way.colour
    def flashes():
        flash("message")
        return "flashed"

    return app


@pytest.mark.parametrize("is_async", [False, True], ids=["sync receiver", "async receiver"])
@pytest.mark.parametrize("is_warm", [False, True], ids=["first", "later"])
@pytest.mark.parametrize("name", SIGNALS)
def test_a_receiver_sees_the_context(way, name, is_warm, is_async):
    if is_async and name in ("template_rendered", "before_render_template", "message_flashed"):
        pytest.skip("Flask sends it with a wrapper for async receivers, and templates with none")
    app = make(way)
    path, has_request = SIGNALS[name]
    if is_warm:
        way.ask(app, path)
        way.ask(app)
    seen = []

    def look(sender):
        seen.append((sender is app, current_app.name, has_request_context(), g.get("x")))
        if has_request:
            assert request.path == path

    if is_async:

        async def receiver(sender, **values):
            await asyncio.sleep(0)
            look(sender)
    else:

        def receiver(sender, **values):
            look(sender)

    with getattr(erlen, name).connected_to(receiver, app):
        for _ in range(2):
            way.ask(app, path)
    own = None if name in ("appcontext_pushed", "request_started") else path
    assert len(seen) == 2
    for one in seen:
        assert one[:2] == (True, "signals")
        if has_request:
            assert one[2]
        assert one[3] == own
    way.ask(app, path)
    assert len(seen) == 2


def test_each_signal_is_sent_once_in_flasks_order(way):
    app = make(way)
    order = []
    names = [*SIGNALS, "appcontext_popped"]

    def receiver_of(name):
        def receiver(sender, **values):
            order.append(name)

        return receiver

    receivers = {name: receiver_of(name) for name in names}
    app.before_request(lambda: order.append("before"))
    app.teardown_request(lambda error: order.append("teardown"))
    app.teardown_appcontext(lambda error: order.append("teardown app"))
    for name, receiver in receivers.items():
        getattr(erlen, name).connect(receiver, app)
    try:
        for path, inside in (("/", []), ("/fail", ["got_request_exception"])):
            for _ in range(2):
                order.clear()
                way.ask(app, path)
                assert order == [
                    "appcontext_pushed",
                    "request_started",
                    "before",
                    *inside,
                    "request_finished",
                    "teardown",
                    "request_tearing_down",
                    "teardown app",
                    "appcontext_tearing_down",
                    "appcontext_popped",
                ]
    finally:
        for name, receiver in receivers.items():
            getattr(erlen, name).disconnect(receiver, app)


def test_popped_comes_when_no_context_is_left(way):
    app = make(way)
    seen = []

    def receiver(sender, **values):
        seen.append((has_app_context(), has_request_context()))

    with erlen.appcontext_popped.connected_to(receiver, app):
        way.ask(app)
        way.ask(app)
    assert seen == [(False, False)] * 2


def test_what_is_set_is_seen_between_receivers_and_functions(way):
    app = Erlen("x")
    seen = []

    def add(name):
        variable.set((*variable.get(), name))

    def started(sender, **values):
        add("started")

    def finished(sender, **values):
        add("finished")

    def tearing_down(sender, **values):
        add("tearing down")
        seen.append(variable.get())

    @app.route("/")
    @way.colour
    def index():
        add("view")
        return "index"

    with (
        erlen.request_started.connected_to(started, app),
        erlen.request_finished.connected_to(finished, app),
        erlen.request_tearing_down.connected_to(tearing_down, app),
    ):
        contextvars.copy_context().run(way.ask, app)
    assert seen == [("started", "view", "finished", "tearing down")]


def test_a_receiver_can_change_the_response(way):
    app = make(way)

    def finished(sender, response, **values):
        response.headers["X-Signal"] = "yes"

    way.ask(app)
    with erlen.request_finished.connected_to(finished, app):
        for path in ("/", "/fail", "/nowhere"):
            assert way.ask(app, path).get("X-Signal") == "yes"
    assert way.ask(app).get("X-Signal") is None


def test_receivers_of_any_sender_are_told(way):
    app = make(way)
    seen = []

    def receiver(sender, **values):
        seen.append(sender)

    erlen.request_finished.connect(receiver)
    try:
        way.ask(app)
        way.ask(app)
    finally:
        erlen.request_finished.disconnect(receiver)
    assert seen == [app, app]
