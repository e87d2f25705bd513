"""The pictures of the documents, of the Chirp that a first start shows.

``ERLEN_SCREENSHOTS=1`` writes them to docs/images.
"""

from __future__ import annotations

WAYS_NEEDED = 1


def size_of(picture):
    """Width and height, from the head of a PNG file."""
    return int.from_bytes(picture[16:20], "big"), int.from_bytes(picture[20:24], "big")


def show(chromium, theme):
    scheme = {"name": "prefers-color-scheme", "value": theme}
    chromium.cdp("Emulation.setEmulatedMedia", features=[scheme])


def test_the_pictures_of_the_documents(window):
    chromium = window()
    chromium.resize(1280, 860)
    show(chromium, "light")
    chromium.open("/")
    chromium.wait_for_live("websocket")
    assert size_of(chromium.screenshot("chirp-welcome.png")) == (1280, 860)
    chromium.log_in("ada", "the engine weaves")
    chromium.open("/")
    chromium.wait_for_live("websocket")
    assert size_of(chromium.screenshot("chirp-home.png")) == (1280, 860)
    show(chromium, "dark")
    chromium.open("/chirps/3")
    chromium.wait_until("getComputedStyle(document.body).backgroundColor === 'rgb(14, 20, 19)'")
    assert size_of(chromium.screenshot("chirp-dark.png")) == (1280, 860)
    show(chromium, "light")
    chromium.resize(390, 844, 2, phone=True)
    chromium.open("/@hedy")
    # The navigation is at the foot, in reach of a thumb.
    assert (
        chromium.run("return document.querySelector('.rail nav').getBoundingClientRect().bottom")
        == 844
    )
    assert size_of(chromium.screenshot("chirp-phone.png")) == (780, 1688)
    assert chromium.complaints() == []
