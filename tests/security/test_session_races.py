"""SECURITY 100, 104 and 105: requests that overlap with a log-in, with a log-out, or with another
one that writes the session."""

from __future__ import annotations

import threading
import time
from http.cookies import SimpleCookie

import pytest

from erlen import Erlen, flash, get_flashed_messages, request, session
from erlen.sessions.server_side import ServerSideSessionInterface
from erlen.sessions.stores import MemoryStore

# What a request does with its session, before it waits and after.
DOES = {
    "writes": lambda: session.update(seen=1),
    "reads": lambda: session.get("cart"),
    "empties": lambda: [session.pop(key) for key in list(session)],
    "takes its flashes": lambda: get_flashed_messages(),
    "flashes": lambda: flash("again"),
    "clears": lambda: session.clear(),
    "is permanent": lambda: setattr(session, "permanent", True),
    "changes in place": lambda: (session["cart"].append("tea"), setattr(session, "modified", True)),
}


def make_app(interface):
    app = Erlen("races")
    app.secret_key = "key"
    if interface is not None:
        app.session_interface = interface
    app.waits, app.goes_on = threading.Event(), threading.Event()
    app.waits_for = None

    @app.before_request
    def be_permanent():
        if "permanent" in request.args:
            session.permanent = True

    @app.get("/visit")
    def visit():
        session["cart"] = ["milk"]
        flash("hello")
        return ""

    @app.get("/login")
    def login():
        session.regenerate()
        session["user"] = "ada"
        return ""

    @app.get("/tutorial-login")
    def tutorial_login():
        # As Flask's tutorial does it.
        session.clear()
        session["user"] = "ada"
        return ""

    @app.get("/logout")
    def logout():
        session.clear()
        return ""

    @app.get("/goodbye")
    def goodbye():
        session.clear()
        flash("bye")
        return ""

    @app.get("/slow")
    def slow():
        dict(session)
        app.waits.set()
        assert app.goes_on.wait(10)
        does = request.args["does"]
        if does == "regenerates":
            session.regenerate()
        elif does == "logs in":
            session.regenerate()
            session["user"] = "bob"
        else:
            DOES[does]()
        return ""

    @app.get("/async-slow")
    async def async_slow():
        import asyncio

        dict(session)
        app.waits.set()
        await asyncio.to_thread(app.goes_on.wait, 10)
        DOES[request.args["does"]]()
        return ""

    @app.get("/does")
    def do():
        DOES[request.args["does"]]()
        return ""

    @app.get("/set")
    def set_it():
        session.update(request.args)
        return ""

    @app.get("/get")
    def get():
        return {key: value for key, value in session.items() if key != "_flashes"}

    return app


def overlap(app, client, path, *meanwhile):
    """Send a request with the cookies of a client, and others of that client while it runs; the
    client takes the answer of the first one at last, as a browser does.

    :return: the answer that was late
    """
    other = app.test_client()
    for name in ("session", "session-ended"):
        cookie = client.get_cookie(name)
        if cookie is not None:
            other.set_cookie(name, cookie.value)
    answers = []
    thread = threading.Thread(target=lambda: answers.append(other.get(path)))
    app.waits.clear()
    app.goes_on.clear()
    thread.start()
    assert app.waits.wait(10)
    for one in meanwhile:
        assert client.get(one).status_code == 200
    app.goes_on.set()
    thread.join(10)
    take(client, answers[0])
    return answers[0]


def take(client, answer):
    for header in answer.headers.getlist("Set-Cookie"):
        for name, cookie in SimpleCookie(header).items():
            if cookie["max-age"] == "0":
                client.delete_cookie(name)
            else:
                client.set_cookie(name, cookie.value)


# -- 100: a log-in -----------------------------------------------------------------------------


def end_late(store, login, does, path="/slow", permanent=""):
    app = make_app(ServerSideSessionInterface(store))
    client = app.test_client()
    client.get("/visit")
    old = client.get_cookie("session").value
    late = overlap(app, client, f"{path}?does={does}{permanent}", login)
    assert late.status_code == 200
    assert "Set-Cookie" not in late.headers
    assert client.get_cookie("session").value != old
    assert client.get("/get").json["user"] == "ada"


@pytest.mark.parametrize("login", ["/login", "/tutorial-login"])
@pytest.mark.parametrize("does", DOES)
def test_100_a_request_with_the_old_id_ends_after_a_log_in(interface, store, login, does):
    end_late(store, login, does)


@pytest.mark.parametrize("does", DOES)
@pytest.mark.parametrize(("path", "permanent"), [("/async-slow", ""), ("/slow", "&permanent=1")])
def test_100_of_each_colour_and_a_permanent_one(interface, does, path, permanent):
    end_late(MemoryStore(), "/login", does, path, permanent)


@pytest.mark.parametrize("does", [name for name in DOES if name != "changes in place"])
@pytest.mark.parametrize("permanent", ["", "&permanent=1"])
def test_100_a_request_with_the_old_id_begins_after_a_log_in(interface, does, permanent):
    store = MemoryStore()
    app = make_app(ServerSideSessionInterface(store))
    client, other = app.test_client(), app.test_client()
    client.get("/visit")
    other.set_cookie("session", client.get_cookie("session").value)
    client.get("/login")
    late = other.get(f"/does?does={does}{permanent}")
    # It was sent before the new cookie arrived, and knows nothing of the person who logged in.
    take(client, late)
    assert client.get("/get").json == {"cart": ["milk"], "user": "ada"}
    assert other.get("/get").json == {}


def test_100_of_two_log_ins_at_once_both_hold(interface, store):
    app = make_app(ServerSideSessionInterface(store))
    client = app.test_client()
    client.get("/visit")
    late = overlap(app, client, "/slow?does=logs in", "/login")
    assert "session=" in late.headers["Set-Cookie"]
    # The later cookie wins, with what was in the session before.
    assert client.get("/get").json == {"cart": ["milk"], "user": "bob"}


def test_100_a_log_in_while_the_old_id_is_known_to_have_moved_holds(interface, store):
    app = make_app(ServerSideSessionInterface(store))
    client, other = app.test_client(), app.test_client()
    client.get("/visit")
    other.set_cookie("session", client.get_cookie("session").value)
    client.get("/login")
    # A browser that never got the answer sends the form again.
    other.get("/login")
    assert other.get("/get").json == {"user": "ada"}


@pytest.mark.parametrize("idle", [None, 60])
def test_100_the_old_id_is_an_unknown_one_after_a_moment(interface, monkeypatch, idle):
    app = make_app(ServerSideSessionInterface(MemoryStore()))
    app.config["SESSION_IDLE_TIMEOUT"] = idle
    client, other = app.test_client(), app.test_client()
    client.get("/visit")
    other.set_cookie("session", client.get_cookie("session").value)
    client.get("/login")
    now = time.time()
    for seconds in (3, 6, 9):
        monkeypatch.setattr("erlen.sessions.server_side.time", lambda s=seconds: now + s)
        # However often it is asked for in the meantime.
        assert "Set-Cookie" not in other.get("/set?a=1").headers
    monkeypatch.setattr("erlen.sessions.server_side.time", lambda: now + 11)
    other.get("/set?a=1")
    assert other.get("/get").json == {"a": "1"}
    assert client.get("/get").json == {"cart": ["milk"], "user": "ada"}


@pytest.mark.parametrize("end", ["/logout", "/goodbye"])
@pytest.mark.parametrize("does", [*DOES, "regenerates"])
def test_100_a_log_out_lasts_too(interface, store, end, does):
    app = make_app(ServerSideSessionInterface(store))
    client = app.test_client()
    client.get("/visit")
    client.get("/login")
    overlap(app, client, f"/slow?does={does}", end)
    assert client.get("/get").json == {}


def test_100_what_the_log_out_of_another_tab_ended_does_not_undo_a_log_in(interface, store):
    app = make_app(ServerSideSessionInterface(store))
    client = app.test_client()
    client.get("/visit")
    overlap(app, client, "/slow?does=logs in", "/logout")
    assert client.get("/get").json == {"user": "bob"}


# -- 104: two that write -----------------------------------------------------------------------


def test_104_two_tabs_that_write_different_keys_are_merged(interface, store):
    app = make_app(ServerSideSessionInterface(store))
    client = app.test_client()
    client.get("/visit")
    late = overlap(app, client, "/slow?does=writes", "/set?a=1&b=2")
    assert late.status_code == 200
    assert client.get("/get").json == {"cart": ["milk"], "a": "1", "b": "2", "seen": 1}


def test_104_of_one_key_the_later_one_wins(interface, store):
    app = make_app(ServerSideSessionInterface(store))
    client = app.test_client()
    client.get("/visit")
    overlap(app, client, "/slow?does=writes", "/set?seen=0&a=1")
    assert client.get("/get").json == {"cart": ["milk"], "a": "1", "seen": 1}


def test_104_what_was_changed_in_place_and_what_was_removed_is_merged(interface, store):
    app = make_app(ServerSideSessionInterface(store))
    client = app.test_client()
    client.get("/visit")
    overlap(app, client, "/slow?does=changes in place", "/set?a=1", "/does?does=takes its flashes")
    assert client.get("/get").json == {"cart": ["milk", "tea"], "a": "1"}
    # The removal of one and the writing of the other.
    overlap(app, client, "/slow?does=empties", "/set?c=3")
    assert client.get("/get").json == {"c": "3"}
    overlap(app, client, "/slow?does=writes", "/does?does=empties")
    assert client.get("/get").json == {}


def test_104_a_log_in_is_merged_with_what_is_written_meanwhile(interface, store):
    app = make_app(ServerSideSessionInterface(store))
    client = app.test_client()
    client.get("/visit")
    overlap(app, client, "/slow?does=logs in", "/set?a=1")
    assert client.get("/get").json == {"cart": ["milk"], "a": "1", "user": "bob"}


def test_104_many_at_once_are_all_merged(store):
    app = make_app(ServerSideSessionInterface(store))
    client = app.test_client()
    client.get("/visit")
    cookie = client.get_cookie("session").value
    together = threading.Barrier(8)

    def write(number):
        one = app.test_client()
        one.set_cookie("session", cookie)
        together.wait()
        assert one.get(f"/set?k{number}=1").status_code == 200

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(client.get("/get").json) == 9


@pytest.mark.parametrize("does", ["writes", "empties", "is permanent", "logs in"])
def test_104_the_later_one_is_refused_where_that_is_asked_for(interface, store, does):
    app = make_app(ServerSideSessionInterface(store, conflicts="refuse"))
    client = app.test_client()
    client.get("/visit")
    late = overlap(app, client, f"/slow?does={does}", "/set?a=1")
    assert late.status_code == 409
    assert "Another request has changed the session" in late.text
    assert "Set-Cookie" not in late.headers
    assert client.get("/get").json == {"cart": ["milk"], "a": "1"}
    # Those that only read, and those that come one after the other, are never refused.
    assert overlap(app, client, "/slow?does=reads", "/set?b=2").status_code == 200
    assert client.get("/set?c=3").status_code == 200


def test_104_another_word_is_an_error():
    with pytest.raises(ValueError, match="write 'merge' or 'refuse'"):
        ServerSideSessionInterface(MemoryStore(), conflicts="ignore")


# -- 105: a session that is the cookie ---------------------------------------------------------


@pytest.mark.parametrize("end", ["/logout", "/goodbye"])
@pytest.mark.parametrize("does", ["reads", "writes", "flashes", "is permanent"])
@pytest.mark.parametrize("path", ["/slow", "/async-slow"])
def test_105_a_permanent_session_does_not_come_back_after_a_log_out(interface, path, does, end):
    app = make_app(None)
    client = app.test_client()
    client.get("/set?user=ada&permanent=1")
    late = overlap(app, client, f"{path}?does={does}&permanent=1", f"{end}?permanent=1")
    assert late.status_code == 200
    assert "user" not in client.get("/get").json
    # Nor on the next page, which prolongs what it has.
    client.get("/visit?permanent=1")
    assert "user" not in client.get("/get").json


def test_105_a_log_in_after_the_log_out_holds(interface):
    app = make_app(None)
    client = app.test_client()
    for name in ("ada", "bob", "eve"):
        client.get(f"/set?user={name}&permanent=1")
        assert client.get("/get").json["user"] == name
        assert client.get("/visit?permanent=1").status_code == 200
        assert client.get("/get").json["user"] == name
        client.get("/logout")
        assert client.get("/get").json == {}
    # Also one that is not permanent.
    client.get("/set?user=ada")
    assert client.get("/get").json == {"user": "ada"}


def test_105_a_mark_of_the_clients_choice_brings_nothing_back(interface):
    app = make_app(None)
    client = app.test_client()
    client.get("/set?user=ada&permanent=1")
    client.get("/logout")
    for planted in ("", "x", "x" * 5_000, "ä" * 16, "../../../../../../"):
        client.set_cookie("session-ended", planted)
        client.get("/set?user=bob&permanent=1")
        assert client.get("/get").json["user"] == "bob"
        assert len(client.get_cookie("session").value) < 300


def test_105_only_a_log_out_from_a_permanent_session_sets_the_mark(interface):
    app = make_app(None)
    client = app.test_client()
    client.get("/set?user=ada")
    assert "session-ended" not in str(client.get("/logout").headers)
    client.get("/set?user=ada&permanent=1")
    [deleted, mark] = sorted(client.get("/logout").headers.getlist("Set-Cookie"))
    assert mark.startswith("session=;") or deleted.startswith("session-ended=")
    assert "HttpOnly" in deleted
