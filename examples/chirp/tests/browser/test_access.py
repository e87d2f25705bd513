"""Everybody gets in: axe-core on every page, the keyboard, a phone."""

from __future__ import annotations

import json

import pytest

WAYS_NEEDED = 1
ADA = ("ada", "the engine weaves")
# What a stranger sees, and what Ada sees.
OPEN_PAGES = [
    "/",
    "/everyone",
    "/login",
    "/register",
    "/@grace",
    "/search",
    "/chirps/3",
    "/nowhere",
]
PAGES = [
    "/",
    "/everyone",
    "/@ada",
    "/@grace",
    "/@ada/following",
    "/search?q=ada",
    "/chirps/3",
    "/chirps/4/delete",
    "/settings/",
    "/settings/password",
    "/settings/tokens",
    "/settings/delete",
]
RUN_AXE = """
const done = arguments[arguments.length - 1];
axe.run(document, {resultTypes: ["violations"]}).then(
  (found) => done(JSON.stringify(found.violations)),
  (error) => done(JSON.stringify([{id: "axe", impact: "serious", nodes: [], help: `${error}`}])),
);
"""


@pytest.fixture
def chromium(window):
    return window()


@pytest.fixture
def findings(axe):
    """What axe-core finds serious or critical on the page that is open."""

    def look(chromium):
        # The policy of the page lets no script in; the driver's own are not the page's.
        chromium.run(axe + "; window.axe = axe;")
        found = json.loads(chromium.send("/execute/async", script=RUN_AXE, args=[]))
        return [
            f"{chromium.where}: {one['id']}: {one['help']}: {[n['html'] for n in one['nodes']]}"
            for one in found
            if one["impact"] in ("serious", "critical")
        ]

    return look


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("device", ["desk", "phone"])
def test_axe_has_no_serious_findings(chromium, findings, theme, device):
    scheme = {"name": "prefers-color-scheme", "value": theme}
    chromium.cdp("Emulation.setEmulatedMedia", features=[scheme])
    if device == "phone":
        chromium.resize(390, 844, 2, phone=True)
    found = []
    for path in OPEN_PAGES:
        chromium.open(path)
        assert chromium.run("return document.documentElement.dataset.bsTheme") == theme
        found += findings(chromium)
    # With errors at the fields.
    chromium.open("/register")
    chromium.click("main form button")
    chromium.wait("#name-error", "Choose a name.")
    found += findings(chromium)
    chromium.log_in(*ADA)
    found += findings(chromium)
    for path in PAGES:
        chromium.open(path)
        found += findings(chromium)
    assert found == []


def test_axe_finds_what_is_wrong(chromium, findings):
    """The test above can fail."""
    chromium.open("/login")
    chromium.run("document.querySelector('label[for=password]').remove()")
    assert any("label" in one for one in findings(chromium))


def test_no_page_complains_or_is_wider_than_a_phone(chromium):
    chromium.resize(360, 740, 2, phone=True)
    chromium.log_in(*ADA)
    for path in PAGES:
        chromium.open(path)
        assert chromium.run("return document.documentElement.scrollWidth") <= 360, path
    assert chromium.complaints() == []


def test_by_keyboard_alone(chromium):
    chromium.open("/login")
    chromium.press("tab")
    assert chromium.focused() == "Skip to the page"
    chromium.press("enter", "tab")
    assert chromium.focused() == "login"
    chromium.press(*ADA[0], "tab", *ADA[1], "enter")
    chromium.wait(".alert-success", "Hello, ada!")
    # The address still ends with #main, so that the next key is past the rail already.
    chromium.press("tab")
    assert chromium.focused() == "text"
    chromium.press(*"By keyboard", "tab")
    assert chromium.focused() == "Chirp"
    chromium.press("enter")
    chromium.wait(".feed .chirp:first-child .chirp-text", "By keyboard")
    # Past the form to the first chirp: name, time, reply, like.
    chromium.open("/")
    chromium.press("tab", "enter", *["tab"] * 6)
    chromium.wait_until("document.activeElement.classList.contains('like')")
    assert chromium.run("return getComputedStyle(document.activeElement).outlineStyle") == "solid"
    chromium.press("enter")
    chromium.wait(".feed .chirp:first-child .like", "1")


def test_the_characters_that_are_left(chromium):
    chromium.log_in(*ADA)
    assert chromium.text("[data-left]") == "280"
    chromium.run(
        "const area = document.querySelector('#text');"
        "area.value = '👩‍👩‍👧‍👦'.repeat(3) + 'é';"
        "area.dispatchEvent(new Event('input', {bubbles: true}));"
    )
    assert chromium.text("[data-left]") == "276"
    assert chromium.run("return document.querySelector('[data-left-told]').textContent") == ""
    chromium.run(
        "const area = document.querySelector('#text'); area.value = 'x'.repeat(281);"
        "area.dispatchEvent(new Event('input', {bubbles: true}));"
    )
    assert chromium.text("[data-left]") == "-1"
    told = chromium.run("return document.querySelector('[data-left-told]').textContent")
    assert told == "1 characters too many"


def test_times_are_local(chromium):
    chromium.cdp("Emulation.setTimezoneOverride", timezoneId="Asia/Tokyo")
    chromium.open("/chirps/3")
    written = chromium.attribute(".chirp-large time", "datetime")
    assert written.endswith("+00:00")
    hour = (int(written[11:13]) + 9) % 24
    assert f"{hour % 12 or 12}:{written[14:16]}" in chromium.text(".chirp-large time")
