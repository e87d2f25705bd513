from __future__ import annotations

import pytest

from erlen import Erlen, flash, get_flashed_messages, message_flashed, redirect, session
from erlen.templating.render import render_template_string


@pytest.fixture
def app():
    app = Erlen(__name__)
    app.secret_key = "test"

    @app.route("/save")
    def save():
        flash("saved")
        flash("careful <b>", "warning")
        flash("failed", "error")
        return redirect("/show")

    @app.route("/show")
    def show():
        return [get_flashed_messages(with_categories=True)]

    app.add_url_rule("/plain", "plain", lambda: "")
    return app


ALL = [["message", "saved"], ["warning", "careful <b>"], ["error", "failed"]]


def test_messages_wait_for_the_page_that_shows_them(app):
    client = app.test_client()
    client.get("/save")
    client.get("/plain")
    assert client.get("/show").json == [ALL]
    assert client.get("/show").json == [[]]


def test_messages_pile_up_until_they_are_shown(app):
    client = app.test_client()
    client.get("/save")
    client.get("/save")
    assert client.get("/show").json == [ALL + ALL]


def test_messages_are_shown_in_the_same_request_too(app):
    with app.test_request_context():
        flash("now")
        assert get_flashed_messages() == ["now"]
        assert get_flashed_messages() == ["now"]
        assert "_flashes" not in session


def test_a_message_behind_the_first_look_waits(app):
    with app.test_request_context():
        assert get_flashed_messages() == []
        flash("later")
        assert get_flashed_messages() == []
        assert session["_flashes"] == [("message", "later")]


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ({}, ["saved", "careful <b>", "failed"]),
        ({"category_filter": ["error"]}, ["failed"]),
        ({"category_filter": ["error", "message"]}, ["saved", "failed"]),
        ({"category_filter": ["error"], "with_categories": True}, [("error", "failed")]),
        ({"category_filter": ["none"]}, []),
    ],
)
def test_what_is_asked_for(app, arguments, found):
    with app.test_request_context():
        flash("saved")
        flash("careful <b>", "warning")
        flash("failed", "error")
        got = get_flashed_messages(**arguments)
        assert [tuple(item) if not isinstance(item, str) else item for item in got] == found


def test_the_template_that_documents_show(app):
    source = (
        "{% with messages = get_flashed_messages(with_categories=true) %}{% if messages %}"
        "{% for category, message in messages %}<li class={{ category }}>{{ message }}</li>"
        "{% endfor %}{% endif %}{% endwith %}"
    )
    app.add_url_rule("/page", "page", lambda: render_template_string(source))
    client = app.test_client()
    client.get("/save")
    assert "<li class=warning>careful &lt;b&gt;</li>" in client.get("/page").text


def test_the_signal(app):
    seen = []

    def listen(sender, message, category, **extra):
        seen.append((sender, message, category))

    with message_flashed.connected_to(listen, app):
        app.test_client().get("/save")
    assert seen[0] == (app, "saved", "message")
    assert [category for _, _, category in seen] == ["message", "warning", "error"]


@pytest.mark.parametrize("call", [lambda: flash("x"), get_flashed_messages])
def test_messages_need_a_request(app, call):
    with pytest.raises(RuntimeError, match="outside of request context"):
        call()
    with app.app_context(), pytest.raises(RuntimeError, match="outside of request context"):
        call()
