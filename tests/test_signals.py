from __future__ import annotations

import pytest

from erlen import (
    Erlen,
    appcontext_popped,
    appcontext_pushed,
    appcontext_tearing_down,
    got_request_exception,
    request_finished,
    request_started,
    request_tearing_down,
    signals,
)


@pytest.fixture
def app():
    app = Erlen(__name__)
    app.add_url_rule("/", "index", lambda: "index")
    app.add_url_rule("/fail", "fail", lambda: 1 / 0)
    return app


@pytest.fixture
def listen(app):
    """Listen to a signal of the application, and return what it sends."""
    connected = []

    def start(signal, sender=app):
        seen = []

        def receiver(sender, **values):
            values.pop("_async_wrapper", None)
            seen.append((sender, values))

        signal.connect(receiver, sender)
        connected.append((signal, receiver))
        return seen

    yield start
    for signal, receiver in connected:
        signal.disconnect(receiver)


def test_each_signal_has_its_name():
    assert sorted(signals.__all__) == sorted(
        [
            "Namespace", "appcontext_popped", "appcontext_pushed", "appcontext_tearing_down",
            "before_render_template", "got_request_exception", "message_flashed",
            "request_finished", "request_started", "request_tearing_down", "template_rendered",
        ]
    )  # fmt: skip
    for name in signals.__all__:
        if name != "Namespace":
            assert getattr(signals, name).name == name.replace("_", "-")


def test_what_a_request_sends(app, listen):
    started, finished = listen(request_started), listen(request_finished)
    tearing, app_tearing = listen(request_tearing_down), listen(appcontext_tearing_down)
    pushed, popped = listen(appcontext_pushed), listen(appcontext_popped)
    app.test_client().get("/")
    assert started == pushed == popped == [(app, {})]
    assert tearing == app_tearing == [(app, {"exc": None})]
    [(sender, values)] = finished
    assert sender is app
    assert values["response"].get_data() == b"index"


def test_an_exception_is_told_to_three_of_them(app, listen):
    got, tearing = listen(got_request_exception), listen(request_tearing_down)
    finished = listen(request_finished)
    assert app.test_client().get("/fail").status_code == 500
    assert type(got[0][1]["exception"]) is ZeroDivisionError
    assert type(tearing[0][1]["exc"]) is ZeroDivisionError
    assert finished[0][1]["response"].status_code == 500


def test_an_exception_that_is_handled_is_not_told(app, listen):
    got = listen(got_request_exception)
    app.register_error_handler(ZeroDivisionError, lambda error: "handled")
    assert app.test_client().get("/fail").text == "handled"
    assert got == []


def test_other_applications_are_not_heard(app, listen):
    started = listen(request_started)
    of_all = listen(request_started, sender=signals.request_started.ANY)
    other = Erlen("other")
    other.test_client().get("/")
    assert started == []
    assert of_all == [(other, {})]


def test_connected_for_the_length_of_a_block(app):
    seen = []

    def receiver(sender, **extra):
        seen.append(sender)

    with request_started.connected_to(receiver, app):
        app.test_client().get("/")
    app.test_client().get("/")
    assert seen == [app]


def test_a_dropped_listener_hears_nothing_more(app):
    seen = []

    def receiver(sender, **extra):
        seen.append(sender)

    request_started.connect(receiver, app)
    del receiver
    app.test_client().get("/")
    assert seen == []


def test_a_listener_may_be_async(app):
    seen = []

    async def receiver(sender, **extra):
        seen.append("async")

    with request_started.connected_to(receiver, app):
        assert app.test_client().get("/").text == "index"
    assert seen == ["async"]


def test_an_application_context_sends_four(app, listen):
    pushed, popped = listen(appcontext_pushed), listen(appcontext_popped)
    tearing = listen(appcontext_tearing_down)
    error = KeyError("x")
    with pytest.raises(KeyError), app.app_context():
        assert pushed == [(app, {})]
        assert popped == []
        raise error
    assert tearing == [(app, {"exc": error})]
    assert popped == [(app, {})]


def test_applications_make_signals_of_their_own(app):
    model_saved = signals.Namespace().signal("model-saved")
    seen = []

    @model_saved.connect_via(app)
    def saved(sender, model, **extra):
        seen.append(model)

    model_saved.send(app, model="m")
    assert seen == ["m"]
