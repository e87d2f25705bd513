"""Where Gravatar is not reachable, the generated picture shows; no script has to help."""

from __future__ import annotations

WAYS_NEEDED = 1
SETTINGS = {"CHIRP_AVATARS": "gravatar"}
FAILED = "[...document.querySelectorAll('.avatar img:not(.generated)')]"


def test_a_picture_that_fails_leaves_the_generated_one_in_sight(window):
    chromium = window()
    chromium.cdp("Network.enable")
    chromium.cdp("Network.setBlockedURLs", urls=["*://gravatar.com/*"])
    chromium.open("/chirps/3")
    chromium.wait_until(f"{FAILED}.every((img) => img.complete && img.naturalWidth === 0)")
    assert chromium.run(f"return {FAILED}.length") >= 2

    def look():
        element = chromium.find(".chirp-large .avatar")
        return chromium.send(f"/element/{element}/screenshot", "GET")

    seen = look()
    chromium.run(f"for (const img of {FAILED}) img.remove()")
    assert look() == seen
    chromium.run("document.querySelector('.chirp-large .generated').remove()")
    assert look() != seen
    # The policy lets Gravatar in: what failed is the network.
    assert all("ERR_BLOCKED_BY_CLIENT" in said for said in chromium.complaints())
