"""The quickstart in headless Chromium."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path

import chromium as browser
import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def chromium(tmp_path, missing):
    if not browser.is_installed():
        missing("Chromium and its driver are not installed (packages chromium, chromium-driver)")
    with (
        browser.driver() as driver,
        closing(browser.Chromium(driver, tmp_path / "profile")) as window,
    ):
        yield window


def test_a_person_logs_in_and_signs_the_book(chromium, address):
    host, port = address
    chromium.open(f"http://{host}:{port}/login")
    chromium.type("#name", "ada")
    chromium.type("#password", "wrong")
    chromium.click("main button")
    chromium.wait(".flash.error", "do not fit")
    chromium.type("#password", "lovelace")
    chromium.click("main button")
    chromium.wait(".flash.success", "Hello, ada!")
    chromium.type("#text", "The engine weaves <algebraic> patterns.")
    chromium.click("main button")
    chromium.wait(".flash.success", "Thank you for your entry.")
    chromium.wait("article", "weaves <algebraic> patterns")
    picture = chromium.screenshot()
    assert picture.startswith(b"\x89PNG")
    # The README shows it; a test run does not change a file of the repository unasked.
    if os.environ.get("ERLEN_SCREENSHOTS") == "1":
        (ROOT / "docs/images/quickstart.png").write_bytes(picture)
