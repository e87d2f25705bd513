"""Two people meet on Chirp: on each interface, with one worker and with two."""

from __future__ import annotations

import contextlib
import urllib.error
from uuid import uuid4


def name_of(role):
    """Another one for each test: they share the site."""
    return f"{role}_{uuid4().hex[:8]}"


def test_one_follows_the_other_who_writes_and_it_appears_at_once(window, way):
    writer, reader = name_of("writer"), name_of("reader")
    at_desk, at_home = window(), window()
    at_desk.register(writer)
    at_home.register(reader)
    at_home.open(f"/@{writer}")
    at_home.click(".profile-head form button")
    at_home.wait(".alert-success", f"You follow {writer} now.")
    at_home.open("/")
    at_home.wait(".empty", "Here you will read whom you follow.")
    at_home.wait_for_live(way.live)
    at_home.run("window.stayed = true")
    # With two workers, the one that hears the chirp is not always the one that tells the page.
    for n in range(3):
        text = f"Hello <b>number</b> {n} & you"
        at_desk.chirp(text)
        at_home.wait(".feed .chirp:first-child .chirp-text", text)
    assert at_home.run("return window.stayed") is True
    assert len(at_home.all(".feed .chirp")) == 3
    # The nearer one is deleted, and goes there as well.
    if way.live == "websocket":
        at_desk.click(".feed .chirp:first-child .bin")
        at_desk.wait("main h1", "Delete this chirp?")
        at_desk.click("main .btn-danger")
        at_desk.wait(".alert-info", "The chirp is deleted.")
        at_home.wait_until("document.querySelectorAll('.feed .chirp').length === 2")
    assert at_desk.complaints() == at_home.complaints() == []


def test_nothing_moves_under_a_person_who_reads(window, way):
    writer = name_of("writer")
    at_desk, at_home = window(), window()
    at_desk.register(writer)
    at_home.open("/everyone")
    at_home.wait_for_live(way.live)
    at_home.resize(400, 500)
    at_home.run("scrollTo(0, 900)")
    first = at_home.text(".feed .chirp:first-child .chirp-text")
    at_desk.chirp("Breaking news")
    at_home.wait(".fresh", "Show 1 new chirp")
    assert at_home.text(".feed .chirp:first-child .chirp-text") == first
    at_home.click(".fresh")
    at_home.wait(".feed .chirp:first-child .chirp-text", "Breaking news")
    at_home.wait_until("scrollY === 0")


def test_a_like_stays_on_its_page_and_a_reload_shows_it(window):
    chromium = window()
    chromium.register(name_of("fan"))
    chromium.chirp("I like this")
    chromium.run("window.stayed = true")
    button = ".feed .chirp:first-child .like"
    assert chromium.attribute(button, "aria-pressed") == "false"
    chromium.click(button)
    chromium.wait_until(f"document.querySelector('{button}').ariaPressed === 'true'")
    chromium.wait(button, "1")
    assert chromium.run("return window.stayed") is True
    assert chromium.run("return document.activeElement.classList.contains('like')") is True
    chromium.open("/")
    assert chromium.attribute(button, "aria-pressed") == "true"


def test_log_out_and_a_wrong_password(window):
    name = name_of("person")
    chromium = window()
    chromium.register(name)
    chromium.click(".rail form button")
    chromium.wait(".alert-info", "You are logged out.")
    chromium.open("/settings/")
    chromium.wait(".alert-warning", "Please log in first.")
    chromium.type("#login", name)
    chromium.type("#password", "not the password")
    chromium.click("main form button")
    chromium.wait(".alert-danger", "That name and password do not fit.")
    assert chromium.property("#login", "value") == name
    assert chromium.property("#password", "value") == ""
    chromium.type("#password", "a long way to Tipperary")
    chromium.click("main form button")
    # Back to where the person wanted to go.
    chromium.wait("main h1", "Settings")
    assert chromium.where == "/settings/"


def test_a_form_error_keeps_what_was_typed(window):
    chromium = window()
    chromium.open("/register")
    chromium.type("#name", "grace")
    chromium.type("#email", "grace.two@chirp.example")
    chromium.type("#password", "a long way to Tipperary")
    chromium.click("main form button")
    chromium.wait("#name-error", "This name is taken.")
    assert chromium.property("#name", "value") == "grace"
    assert chromium.property("#email", "value") == "grace.two@chirp.example"
    assert chromium.attribute("#name", "aria-invalid") == "true"
    assert "name-error" in chromium.attribute("#name", "aria-describedby")


def test_all_of_it_without_javascript(window):
    name = name_of("plain")
    chromium = window()
    chromium.cdp("Emulation.setScriptExecutionDisabled", value=True)
    chromium.register(name)
    chromium.chirp("No script was needed")
    assert "UTC" in chromium.text(".feed .chirp:first-child time")
    chromium.click(".feed .chirp:first-child .like")
    chromium.wait(".feed .chirp:first-child .like", "1")
    chromium.click(".feed .chirp:first-child .when")
    chromium.wait("main h1", "Chirp")
    chromium.type("#text", "Nor for this reply")
    chromium.click(".composer button")
    chromium.wait(".feed .chirp:first-child .chirp-text", "Nor for this reply")
    chromium.open("/@ada")
    chromium.click(".profile-head form button")
    chromium.wait(".alert-success", "You follow ada now.")
    chromium.open("/")
    chromium.wait(".feed", "Note G is done")
    chromium.click(".feed .chirp .bin")
    chromium.wait("main h1", "Delete this chirp?")
    chromium.click("main .btn-danger")
    chromium.wait(".alert-info", "The chirp is deleted.")
    chromium.click(".rail form button")
    chromium.wait(".alert-info", "You are logged out.")


def test_a_page_whose_sockets_are_closed_gets_server_sent_events(window, way):
    writer = name_of("writer")
    at_desk, at_home = window(), window()
    at_desk.register(writer)
    # What a proxy does that knows no WebSockets.
    at_home.cdp(
        "Page.addScriptToEvaluateOnNewDocument",
        source="window.WebSocket = class { constructor() { setTimeout(() => this.onclose()); } };",
    )
    at_home.open("/everyone")
    at_home.wait_for_live("polling" if way.interface == "wsgi" else "events")
    for n in range(2):
        at_desk.chirp(f"Event number {n}")
        at_home.wait(".feed .chirp:first-child .chirp-text", f"Event number {n}")
    with contextlib.suppress(urllib.error.HTTPError):
        at_home.open("about:blank")
