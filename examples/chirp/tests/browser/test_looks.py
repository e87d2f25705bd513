"""How pages look, with scripts and without them."""

from __future__ import annotations

import re

import pytest

WAYS_NEEDED = 1
ADA = ("ada", "the engine weaves")


@pytest.fixture
def chromium(window):
    return window()


def test_without_scripts_no_counter_stands_still(chromium):
    chromium.log_in(*ADA)
    chromium.open("/")
    chromium.type("#text", "abc")
    chromium.wait_until("document.querySelector('[data-left]').textContent === '277'")
    assert chromium.run("return document.querySelector('[data-left]').checkVisibility()") is True
    chromium.cdp("Emulation.setScriptExecutionDisabled", value=True)
    chromium.open("/")
    assert chromium.text(".composer .form-text") == "At most 280 characters."


def test_dates_agree_with_scripts_and_without(chromium):
    chromium.cdp("Emulation.setTimezoneOverride", timezoneId="UTC")
    chromium.cdp("Emulation.setLocaleOverride", locale="de-DE")
    shown = {}
    for is_off in (False, True):
        chromium.cdp("Emulation.setScriptExecutionDisabled", value=is_off)
        for path, css in (("/@grace", ".facts time"), ("/chirps/3", ".chirp-large time")):
            chromium.open(path)
            shown[path, is_off] = chromium.text(css)
    day = r"\d{1,2} [A-Z][a-z]{2} 20\d\d"
    assert re.fullmatch(day, shown["/@grace", False])
    assert shown["/@grace", False] == shown["/@grace", True]
    assert re.fullmatch(day + r", \d\d:\d\d", shown["/chirps/3", False])
    assert shown["/chirps/3", False] + " UTC" == shown["/chirps/3", True]


@pytest.mark.parametrize("width", [320, 400, 1200])
def test_no_name_breaks_in_its_middle(chromium, width):
    name = "w" * 31 + str(width)[0]
    chromium.register(name)
    chromium.chirp("I have a long name")
    chromium.resize(width, 800, phone=width < 1000)
    for path in ("/", f"/@{name}", f"/search?q={name}", "/everyone"):
        chromium.open(path)
        broken = chromium.run(
            "return [...document.querySelectorAll('.name')]"
            ".filter((name) => name.getClientRects().length > 1 ||"
            " name.offsetHeight > 1.9 * parseFloat(getComputedStyle(name).fontSize))"
            ".map((name) => name.textContent)"
        )
        assert broken == [], path
        wide = chromium.run(
            "return [...document.querySelectorAll('body *')]"
            ".filter((e) => e.getBoundingClientRect().right > document.documentElement.clientWidth)"
            ".map((e) => `${e.tagName} ${e.className} ${e.textContent.trim().slice(0, 40)}`)"
        )
        assert wide == [], path
